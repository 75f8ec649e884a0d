package capture_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/buildscope/buildscope/pipeline/capture"
)

// nested makes a batch with lists of structs, in which everything that may be null
// or empty is so now and then.
func nested(t testing.TB, seed uint64, rows int) arrow.RecordBatch {
	r := rand.New(rand.NewPCG(seed, 9))
	item := arrow.StructOf(
		arrow.Field{Name: "kind", Type: arrow.BinaryTypes.String, Nullable: true},
		arrow.Field{Name: "n", Type: arrow.PrimitiveTypes.Int32},
		arrow.Field{Name: "score", Type: arrow.PrimitiveTypes.Float64, Nullable: true})
	fields := []arrow.Field{
		{Name: "edges", Type: arrow.ListOf(item), Nullable: true},
		{Name: "full", Type: arrow.ListOfNonNullable(item)},
		{Name: "numbers", Type: arrow.ListOf(arrow.PrimitiveTypes.Int64), Nullable: true},
		{Name: "required", Type: arrow.PrimitiveTypes.Int64},
	}
	put := func(b array.Builder, nulls bool) {
		l := b.(*array.ListBuilder)
		if nulls && r.IntN(9) == 0 {
			l.AppendNull()
			return
		}
		l.Append(true)
		for range r.IntN(4) * r.IntN(4) {
			if n, ok := l.ValueBuilder().(*array.Int64Builder); ok {
				n.Append(r.Int64N(9))
				continue
			}
			s := l.ValueBuilder().(*array.StructBuilder)
			if nulls && r.IntN(9) == 0 {
				s.AppendNull()
				continue
			}
			s.Append(true)
			s.FieldBuilder(1).(*array.Int32Builder).Append(r.Int32N(5))
			if nulls && r.IntN(3) == 0 {
				s.FieldBuilder(0).AppendNull()
			} else {
				s.FieldBuilder(0).(*array.StringBuilder).Append(fmt.Sprint("kind ", r.IntN(3)))
			}
			s.FieldBuilder(2).(*array.Float64Builder).Append(1 / float64(1+r.IntN(3)))
		}
	}
	return record(t, fields, rows, func(col, _ int, b array.Builder) {
		if col == 3 {
			b.(*array.Int64Builder).Append(r.Int64N(50))
		} else {
			put(b, col != 1)
		}
	})
}

// A column read from the pages of a file has the statistics of its Arrow batches,
// however the file is written: that is the slow twin of the page reader.
func TestPagesHaveTheStatisticsOfTheirBatches(t *testing.T) {
	writers := map[string][]parquet.WriterProperty{
		"v1 snappy":        {parquet.WithDataPageVersion(parquet.DataPageV1), parquet.WithCompression(compress.Codecs.Snappy)},
		"v2 zstd":          {parquet.WithDataPageVersion(parquet.DataPageV2), parquet.WithCompression(compress.Codecs.Zstd)},
		"no dictionary":    {parquet.WithDictionaryDefault(false), parquet.WithDataPageSize(512)},
		"small dictionary": {parquet.WithDictionaryPageSizeLimit(300), parquet.WithDataPageSize(700)},
		"delta":            {parquet.WithDictionaryDefault(false), parquet.WithEncoding(parquet.Encodings.DeltaBinaryPacked)},
		"no statistics":    {parquet.WithStats(false)},
	}
	for name, props := range writers {
		t.Run(name, func(t *testing.T) {
			for _, rec := range []arrow.RecordBatch{table(t, 3, 6000), nested(t, 4, 3000), nested(t, 5, 0)} {
				if name == "delta" { // an encoding of whole numbers only
					rec = only(rec, arrow.INT32, arrow.INT64)
				}
				for _, o := range []capture.Options{full, {Quantiles: true, MaxListLength: 3, MaxDictLength: 2}, {}} {
					same(t, writeParquet(t, "t", rec, props...), o)
				}
			}
		})
	}
}

// The same holds for files that DuckDB writes, which are most of those that there are.
func TestPagesOfDuckDB(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, rec := range []arrow.RecordBatch{table(t, 3, 6000), nested(t, 4, 3000), nested(t, 5, 0)} {
		from := writeParquet(t, "from", rec)
		to := filepath.Join(t.TempDir(), "to.parquet")
		if _, err := db.Exec(fmt.Sprintf("COPY (FROM '%s') TO '%s' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)", from, to)); err != nil {
			t.Fatal(err)
		}
		for _, o := range []capture.Options{full, {Quantiles: true, MaxListLength: 3, MaxDictLength: 2}} {
			same(t, to, o)
		}
	}
}

// same compares the statistics of a file with those of the batch that Arrow reads
// from it.
func same(t *testing.T, path string, o capture.Options) {
	t.Helper()
	rec := readBack(t, path)
	got, err := files(t.Context(), "t", []string{path}, o)
	if err != nil {
		t.Fatal(err)
	}
	c := capture.New(rec.Schema(), o)
	if err := c.Write(rec); err != nil {
		t.Fatal(err)
	}
	want := c.Stats("t")
	if got.Rows != want.Rows || len(got.Columns) != len(want.Columns) {
		t.Fatalf("table is %+v", got)
	}
	for i, w := range want.Columns {
		g := got.Columns[i]
		closeEnough(t, w.Name+" mean", g.Mean, w.Mean)
		closeEnough(t, w.Name+" std", g.Std, w.Std)
		g.Mean, g.Std = w.Mean, w.Std
		if !w.DistinctExact && w.Family == "string" {
			g.Top, g.Truncated = w.Top, w.Truncated // which of them are kept depends on the order
		}
		compareAttrs(t, fmt.Sprint("column ", w.Name), g, w)
	}
}

func only(rec arrow.RecordBatch, types ...arrow.Type) arrow.RecordBatch {
	var fields []arrow.Field
	var cols []arrow.Array
	for i, f := range rec.Schema().Fields() {
		for _, typ := range types {
			if f.Type.ID() == typ {
				fields, cols = append(fields, f), append(cols, rec.Column(i))
			}
		}
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), cols, rec.NumRows())
}

func readBack(t testing.TB, path string) arrow.RecordBatch {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tbl, err := pqarrow.ReadTable(t.Context(), f, nil, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	defer tbl.Release()
	cols := make([]arrow.Array, tbl.NumCols())
	for i := range cols {
		if cols[i], err = array.Concatenate(tbl.Column(i).Data().Chunks(), memory.DefaultAllocator); err != nil {
			t.Fatal(err)
		}
	}
	return array.NewRecordBatch(tbl.Schema(), cols, tbl.NumRows())
}
