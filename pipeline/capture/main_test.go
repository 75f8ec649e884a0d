package capture_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/capture"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// full captures everything.
var full = capture.Options{MaxListLength: 200, MaxDictLength: 200, Quantiles: true}

// batch makes a batch of one column "c", from texts that Arrow can read; "∅" is null.
func batch(t testing.TB, typ arrow.DataType, values ...string) arrow.RecordBatch {
	t.Helper()
	return record(t, []arrow.Field{{Name: "c", Type: typ, Nullable: true}}, len(values), func(_, row int, b array.Builder) {
		if values[row] == "∅" {
			b.AppendNull()
		} else if err := b.AppendValueFromString(values[row]); err != nil {
			t.Fatal(err)
		}
	})
}

// record makes a batch whose cells are appended by put.
func record(t testing.TB, fields []arrow.Field, rows int, put func(col, row int, b array.Builder)) arrow.RecordBatch {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for col := range fields {
		for row := range rows {
			put(col, row, b.Field(col))
		}
	}
	return b.NewRecordBatch()
}

// stats captures one batch and returns its first column.
func stats(t testing.TB, rec arrow.RecordBatch, o capture.Options) model.ColumnStats {
	t.Helper()
	c := capture.New(rec.Schema(), o)
	if err := c.Write(rec); err != nil {
		t.Fatal(err)
	}
	return c.Stats("t").Columns[0]
}

// files captures a table of Parquet files, two columns at a time.
func files(ctx context.Context, table string, paths []string, o capture.Options) (model.TableStats, error) {
	r, err := capture.Open(paths, o)
	if err != nil {
		return model.TableStats{}, err
	}
	defer r.Close()
	t := r.Table(table)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for i := range t.Columns {
		g.Go(func() (err error) {
			t.Columns[i], err = r.Column(ctx, i)
			return err
		})
	}
	return t, g.Wait()
}

// writeParquet writes a batch into row groups of 1,000 rows and returns the path.
func writeParquet(t testing.TB, name string, rec arrow.RecordBatch, props ...parquet.WriterProperty) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".parquet")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := pqarrow.NewFileWriter(rec.Schema(), f, parquet.NewWriterProperties(append(props, parquet.WithMaxRowGroupLength(1000))...), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteBuffered(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// near says whether two figures agree within a relative error.
func near(a, b, relative float64) bool {
	return a == b || math.Abs(a-b) <= relative*max(math.Abs(a), math.Abs(b))
}

// shape makes a column of one kind of values, for the tests that go over many.
type shape struct {
	name string
	typ  arrow.DataType
	put  func(r *rand.Rand, b array.Builder)
}

func shapes() []shape {
	f64, i64, str := arrow.PrimitiveTypes.Float64, arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String
	number := func(f func(*rand.Rand) float64) func(*rand.Rand, array.Builder) {
		return func(r *rand.Rand, b array.Builder) { b.(*array.Float64Builder).Append(f(r)) }
	}
	whole := func(f func(*rand.Rand) int64) func(*rand.Rand, array.Builder) {
		return func(r *rand.Rand, b array.Builder) { b.(*array.Int64Builder).Append(f(r)) }
	}
	text := func(f func(*rand.Rand) string) func(*rand.Rand, array.Builder) {
		return func(r *rand.Rand, b array.Builder) { b.(array.StringLikeBuilder).Append(f(r)) }
	}
	return []shape{
		{"normal", f64, number((*rand.Rand).NormFloat64)},
		{"uniform", f64, number((*rand.Rand).Float64)},
		{"sizes", f64, number(func(r *rand.Rand) float64 { return math.Exp(5 * r.NormFloat64()) })},
		{"both_signs", f64, number(func(r *rand.Rand) float64 { return math.Exp(3*r.NormFloat64()) - math.Exp(3*r.NormFloat64()) })},
		{"negative", f64, number(func(r *rand.Rand) float64 { return -1 - r.ExpFloat64() })},
		{"few_floats", f64, number(func(r *rand.Rand) float64 { return float64(r.IntN(50)) / 8 })},
		{"constant", f64, number(func(*rand.Rand) float64 { return 0.1 })},
		{"counts", i64, whole(func(r *rand.Rand) int64 { return int64(math.Exp(2 * r.NormFloat64())) })},
		{"steps", i64, whole(func(r *rand.Rand) int64 { return int64(r.IntN(5000)) - 2500 })},
		{"ids", i64, whole(func(r *rand.Rand) int64 { return r.Int64N(1 << 50) })},
		{"int32s", arrow.PrimitiveTypes.Int32, func(r *rand.Rand, b array.Builder) { b.(*array.Int32Builder).Append(r.Int32N(1e6)) }},
		{"int8s", arrow.PrimitiveTypes.Int8, func(r *rand.Rand, b array.Builder) { b.(*array.Int8Builder).Append(int8(r.IntN(256) - 128)) }},
		{"uint16s", arrow.PrimitiveTypes.Uint16, func(r *rand.Rand, b array.Builder) { b.(*array.Uint16Builder).Append(uint16(r.IntN(1 << 16))) }},
		{"float32s", arrow.PrimitiveTypes.Float32, func(r *rand.Rand, b array.Builder) { b.(*array.Float32Builder).Append(r.Float32()) }},
		{"times", &arrow.TimestampType{Unit: arrow.Microsecond}, func(r *rand.Rand, b array.Builder) {
			b.(*array.TimestampBuilder).Append(arrow.Timestamp(1.7e15 + 1e12*r.Float64()))
		}},
		{"days", arrow.FixedWidthTypes.Date32, func(r *rand.Rand, b array.Builder) {
			b.(*array.Date32Builder).Append(arrow.Date32(19000 + r.IntN(900)))
		}},
		{"words", str, text(func(r *rand.Rand) string { return fmt.Sprint("word é ", r.IntN(300)) })},
		{"names", str, text(func(r *rand.Rand) string { return fmt.Sprintf("%x", r.Uint64()>>(8*r.IntN(8))) })},
		{"flags", arrow.FixedWidthTypes.Boolean, func(r *rand.Rand, b array.Builder) { b.(*array.BooleanBuilder).Append(r.IntN(3) == 0) }},
		{"bytes", arrow.BinaryTypes.Binary, func(r *rand.Rand, b array.Builder) {
			b.(*array.BinaryBuilder).Append([]byte{byte(r.Uint32()), byte(r.Uint32())}[:r.IntN(3)])
		}},
	}
}

// table makes rows of all shapes; a tenth of the values is null.
func table(t testing.TB, seed uint64, rows int) arrow.RecordBatch {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	var fields []arrow.Field
	for _, s := range shapes() {
		fields = append(fields, arrow.Field{Name: s.name, Type: s.typ, Nullable: true})
	}
	return record(t, fields, rows, func(col, _ int, b array.Builder) {
		if r.IntN(10) == 0 {
			b.AppendNull()
			return
		}
		shapes()[col].put(r, b)
	})
}
