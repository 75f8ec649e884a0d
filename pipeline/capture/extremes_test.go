package capture_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/buildscope/buildscope/pipeline/capture"
)

// A table of ten thousand columns is counted whole, from batches and from its file.
func TestTenThousandColumns(t *testing.T) {
	fields := make([]arrow.Field, 10_000)
	for i := range fields {
		fields[i] = arrow.Field{Name: fmt.Sprintf("c%d", i), Type: arrow.PrimitiveTypes.Int32, Nullable: true}
	}
	rec := record(t, fields, 3, func(col, row int, b array.Builder) {
		if row == 2 {
			b.AppendNull()
		} else {
			b.(*array.Int32Builder).Append(int32(col + row))
		}
	})
	c := capture.New(rec.Schema(), stored)
	if err := c.Write(rec); err != nil {
		t.Fatal(err)
	}
	fromFile, err := files(t.Context(), "t", []string{writeParquet(t, "wide", rec)}, stored)
	if err != nil {
		t.Fatal(err)
	}
	for _, columns := range []int{0, 5000, 9999} {
		for _, got := range []capture.Sketch{*readSketch(t, c.Stats("t").Columns[columns]), *readSketch(t, fromFile.Columns[columns])} {
			s := got.Stats()
			if s.Name != fmt.Sprintf("c%d", columns) || s.Count != 3 || s.Nulls != 1 || *s.Min != float64(columns) || *s.Max != float64(columns+1) {
				t.Errorf("%v", text(s))
			}
		}
	}
}

// Texts of ten megabytes are counted in full and kept in part, cut between characters.
func TestLongTexts(t *testing.T) {
	long := strings.Repeat("é", 5<<20)
	rec := record(t, []arrow.Field{{Name: "c", Type: arrow.BinaryTypes.LargeString}}, 3, func(_, row int, b array.Builder) {
		b.(*array.LargeStringBuilder).Append(long + []string{"", "x", "x"}[row])
	})
	s := stats(t, rec, stored)
	if *s.LenMin != 10<<20 || *s.LenMax != 10<<20+1 || *s.Distinct != 2 || len(s.MinText) > 128 || !utf8.ValidString(s.MinText) || len(s.Top) != 2 || len(s.Sketch) > 4096 {
		t.Errorf("%d to %d bytes, %d different, smallest %q, %d listed, a sketch of %d bytes", *s.LenMin, *s.LenMax, *s.Distinct, s.MinText, len(s.Top), len(s.Sketch))
	}
}

// What a collector holds does not grow with the rows.
func TestMemoryDoesNotGrowWithRows(t *testing.T) {
	rec := func(from int) arrow.RecordBatch {
		return record(t, []arrow.Field{{Name: "i", Type: arrow.PrimitiveTypes.Int64}, {Name: "f", Type: arrow.PrimitiveTypes.Float64}, {Name: "s", Type: arrow.BinaryTypes.String}}, 5000, func(col, row int, b array.Builder) {
			switch v := from + row; b := b.(type) {
			case *array.Int64Builder:
				b.Append(int64(v))
			case *array.Float64Builder:
				b.Append(float64(v) * 1.7)
			case *array.StringBuilder:
				b.Append(fmt.Sprintf("value number %d", v))
			}
		})
	}
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	first := rec(0)
	c := capture.New(first.Schema(), full)
	write := func(batches int) {
		for i := range batches {
			part := rec(i * 5000)
			if err := c.Write(part); err != nil {
				t.Fatal(err)
			}
			part.Release()
		}
	}
	write(4)
	before := heap()
	write(60)
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("%d bytes more after 300,000 rows", grown)
	}
	runtime.KeepAlive(c)
}
