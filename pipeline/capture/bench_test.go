package capture_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/buildscope/buildscope/pipeline/capture"
)

// benchRows is one batch of a benchmark: larger than the caches near the core.
const benchRows = 1 << 20

// BenchmarkColumn counts one column of a million values; ns/value is what one of
// them costs.
func BenchmarkColumn(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	column := func(t arrow.DataType, add func(array.Builder)) arrow.RecordBatch {
		bld := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "c", Type: t, Nullable: true}}, nil))
		defer bld.Release()
		for range benchRows {
			add(bld.Field(0))
		}
		return bld.NewRecordBatch()
	}
	full := capture.Options{MaxListLength: 200, MaxDictLength: 200, Quantiles: true}
	for _, c := range []struct {
		name string
		opts capture.Options
		rec  arrow.RecordBatch
	}{
		{"float64", full, column(arrow.PrimitiveTypes.Float64, func(b array.Builder) { b.(*array.Float64Builder).Append(r.NormFloat64()) })},
		{"float64 positive", full, column(arrow.PrimitiveTypes.Float64, func(b array.Builder) { b.(*array.Float64Builder).Append(r.ExpFloat64()) })},
		{"float64 without quantiles", capture.Options{}, column(arrow.PrimitiveTypes.Float64, func(b array.Builder) { b.(*array.Float64Builder).Append(r.NormFloat64()) })},
		{"float64 with nulls", full, column(arrow.PrimitiveTypes.Float64, func(b array.Builder) {
			if r.IntN(10) == 0 {
				b.AppendNull()
			} else {
				b.(*array.Float64Builder).Append(r.ExpFloat64())
			}
		})},
		{"float64 of 100 values", full, column(arrow.PrimitiveTypes.Float64, func(b array.Builder) { b.(*array.Float64Builder).Append(float64(r.IntN(100))) })},
		{"int64", full, column(arrow.PrimitiveTypes.Int64, func(b array.Builder) { b.(*array.Int64Builder).Append(r.Int64()) })},
		{"int32", full, column(arrow.PrimitiveTypes.Int32, func(b array.Builder) { b.(*array.Int32Builder).Append(r.Int32N(1e6)) })},
		{"string of 100 values", full, column(arrow.BinaryTypes.String, func(b array.Builder) { b.(*array.StringBuilder).Append(fmt.Sprint("name_", r.IntN(100))) })},
		{"string", full, column(arrow.BinaryTypes.String, func(b array.Builder) { b.(*array.StringBuilder).Append(fmt.Sprint("name_", r.IntN(1e9))) })},
		{"dictionary of 100 strings", full, column(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String},
			func(b array.Builder) {
				_ = b.(*array.BinaryDictionaryBuilder).AppendString(fmt.Sprint("name_", r.IntN(100)))
			})},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			col := capture.New(c.rec.Schema(), c.opts)
			for b.Loop() {
				if err := col.Write(c.rec); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/value")
		})
	}
}

// BenchmarkBesideSummarize does the same work in three ways, each on one core:
// capture of the batches of a table, capture of its Parquet file, and DuckDB's
// SUMMARIZE of that file. ns/value is the time for one value of one column.
func BenchmarkBesideSummarize(b *testing.B) {
	const rows = 1 << 19
	r := rand.New(rand.NewPCG(3, 4))
	fields := []arrow.Field{
		{Name: "float", Type: arrow.PrimitiveTypes.Float64}, {Name: "id", Type: arrow.PrimitiveTypes.Int64},
		{Name: "size", Type: arrow.PrimitiveTypes.Int32, Nullable: true}, {Name: "key", Type: arrow.BinaryTypes.String},
		{Name: "kind", Type: arrow.BinaryTypes.String}, {Name: "share", Type: arrow.PrimitiveTypes.Float64}}
	rec := record(b, fields, rows, func(col, row int, bld array.Builder) {
		switch bld := bld.(type) {
		case *array.Float64Builder:
			if col == 5 {
				bld.Append(float64(r.IntN(100)) / 100)
			} else {
				bld.Append(r.NormFloat64())
			}
		case *array.Int64Builder:
			bld.Append(int64(row))
		case *array.Int32Builder:
			if r.IntN(10) == 0 {
				bld.AppendNull()
			} else {
				bld.Append(r.Int32N(1e6))
			}
		case *array.StringBuilder:
			if col == 3 {
				bld.Append(fmt.Sprintf("node:%016x", r.Uint64()))
			} else {
				bld.Append(fmt.Sprint("kind ", r.IntN(20)))
			}
		}
	})
	db, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	from, path := writeParquet(b, "from", rec), filepath.Join(b.TempDir(), "t.parquet")
	if _, err := db.Exec("SET threads = 1; COPY (FROM '" + from + "') TO '" + path + "' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		run  func() error
	}{
		{"capture of batches", func() error { return capture.New(rec.Schema(), full).Write(rec) }},
		{"capture of a file", func() error {
			f, err := capture.Open([]string{path}, full)
			if err != nil {
				return err
			}
			for i := range fields {
				if _, err := f.Column(b.Context(), i); err != nil {
					return errors.Join(err, f.Close())
				}
			}
			return f.Close()
		}},
		{"DuckDB SUMMARIZE of a file", func() error {
			rows, err := db.Query("SUMMARIZE FROM '" + path + "'")
			if err != nil {
				return err
			}
			for rows.Next() { // the result is small; what counts is that it is there
			}
			return errors.Join(rows.Err(), rows.Close())
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.run(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows*len(fields)), "ns/value")
		})
	}
	b.Run("polars describe of a file", func(b *testing.B) {
		python := os.Getenv("BUILDSCOPE_TEST_POLARS_PYTHON")
		if python == "" {
			b.Skip("BUILDSCOPE_TEST_POLARS_PYTHON names a Python that has polars (pip install polars)")
		}
		var spent float64
		for b.Loop() { // the time is taken in there: starting Python is not part of it
			cmd := exec.CommandContext(b.Context(), python, "-c", `import sys, time, polars
t = time.perf_counter_ns(); polars.read_parquet(sys.argv[1]).describe(); print(time.perf_counter_ns() - t)`, path)
			cmd.Env = append(os.Environ(), "POLARS_MAX_THREADS=1")
			out, err := cmd.Output()
			if err != nil {
				b.Fatal(err)
			}
			ns, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if err != nil {
				b.Fatal(err)
			}
			spent += ns
		}
		b.ReportMetric(spent/float64(b.N)/float64(rows*len(fields)), "ns/value")
	})
}
