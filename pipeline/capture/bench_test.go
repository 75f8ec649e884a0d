package capture_test

import (
	"fmt"
	"math/rand/v2"
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
