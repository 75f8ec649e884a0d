package remote

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-adbc/go/adbc"
	"github.com/apache/arrow-adbc/go/adbc/driver/flightsql"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/buildscope/buildscope/model"
)

// The rows of a large result over loopback: read by the driver alone, by a session, and
// by a session that writes them as Parquet. Each round does all three, and the fastest
// of each counts: other load on the machine only adds.
func BenchmarkStream(b *testing.B) {
	const batches, size = 400, 8192 // 26 MB
	values := make([]int64, size)
	for i := range values {
		values[i] = int64(i) * 7919
	}
	f := &fake{rows: func(_ context.Context, sql string, send func(...int64) error) error {
		if !strings.Contains(sql, "large") {
			return send(1)
		}
		for range batches {
			if err := send(values...); err != nil {
				return err
			}
		}
		return nil
	}}
	endpoint, _ := serve(b, f, "127.0.0.1:0")
	const sql = "SELECT 1 AS n /* large */"
	count := func(r array.RecordReader) error {
		n := int64(0)
		for r.Next() {
			n += r.RecordBatch().NumRows()
		}
		if n != batches*size {
			b.Fatalf("%d rows", n)
		}
		return r.Err()
	}
	db, err := flightsql.NewDriver(memory.DefaultAllocator).NewDatabase(map[string]string{adbc.OptionKeyURI: endpoint})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	c, err := db.Open(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	driver := func() error {
		st, err := c.NewStatement()
		if err != nil {
			return err
		}
		defer st.Close()
		if err := st.SetSqlQuery(sql); err != nil {
			return err
		}
		r, _, err := st.ExecuteQuery(b.Context())
		if err != nil {
			return err
		}
		defer r.Release()
		return count(r)
	}
	s := open(b, endpoint, Options{})
	path := filepath.Join(b.TempDir(), "n.parquet")
	ways := []func() error{driver,
		func() error { return s.run(b.Context(), sql, count) },
		func() error {
			_, err := s.Materialize(b.Context(), model.Query{Node: "n", SQL: sql, Path: path})
			return err
		}}
	least := make([]time.Duration, len(ways))
	for b.Loop() {
		for i, f := range ways {
			start := time.Now()
			if err := f(); err != nil {
				b.Fatal(err)
			}
			if took := time.Since(start); least[i] == 0 || took < least[i] {
				least[i] = took
			}
		}
	}
	b.ReportMetric(float64(8*batches*size)/1e6/least[0].Seconds(), "MB/s-driver")
	b.ReportMetric(float64(least[1])/float64(least[0]), "session/driver")
	b.ReportMetric(float64(least[2])/float64(least[0]), "Parquet/driver")
}
