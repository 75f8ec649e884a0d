package capture_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// Above the rows that are asked for only some row groups are looked at, of all files;
// every column says so, and none has a sketch that would pass for that of all rows.
func TestSample(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for i := range 2 {
		path := filepath.Join(dir, fmt.Sprintf("%d.parquet", i))
		rec := record(t, []arrow.Field{{Name: "i", Type: arrow.PrimitiveTypes.Int64}, {Name: "l", Type: arrow.ListOf(arrow.PrimitiveTypes.Int64)}}, 10_000, func(col, row int, b array.Builder) {
			if col == 0 {
				b.(*array.Int64Builder).Append(int64(i*10_000 + row))
				return
			}
			b.(*array.ListBuilder).Append(true)
		})
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w, err := pqarrow.NewFileWriter(rec.Schema(), f, parquet.NewWriterProperties(parquet.WithMaxRowGroupLength(500)), pqarrow.DefaultWriterProps())
		if err != nil {
			t.Fatal(err)
		}
		for from := int64(0); from < 10_000; from += 500 {
			part := rec.NewSlice(from, from+500)
			if err := w.Write(part); err != nil {
				t.Fatal(err)
			}
			part.Release()
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	for _, c := range []struct {
		rows, counted int64
		mark          string
	}{{0, 20_000, ""}, {20_000, 20_000, ""}, {19_900, 20_000, ""}, {4_000, 4_000, "a sample: 4,000 of 20,000 rows, in 8 of 40 row groups"}, {1, 500, "a sample: 500 of 20,000 rows, in 1 of 40 row groups"}} {
		o := stored
		o.SampleRows = c.rows
		got, err := files(t.Context(), "t", paths, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, col := range got.Columns {
			if got.Rows != 20_000 || col.Count != c.counted || !strings.Contains(col.Truncated, c.mark) || col.Sampled() != (c.mark != "") || (col.Sketch == nil) != col.Sampled() {
				t.Errorf("%d rows asked for: table of %d, column %s of %d, %q, sketch %v", c.rows, got.Rows, col.Name, col.Count, col.Truncated, col.Sketch != nil)
			}
		}
		if i := got.Columns[0]; c.rows == 4_000 && (*i.Min > 3000 || *i.Max < 16_000 || *i.Mean < 8_000 || *i.Mean > 12_000) {
			t.Errorf("the sample is not spread over the table: %v to %v, mean %v", *i.Min, *i.Max, *i.Mean)
		}
	}
}
