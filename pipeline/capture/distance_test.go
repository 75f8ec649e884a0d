package capture_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/buildscope/buildscope/pipeline/capture"
)

// The distance of sketches beside that of the numbers themselves: the same where few
// are different, else not above it and hardly below.
func TestDistanceOfNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	makers := map[string]func() float64{
		"few": func() float64 { return float64(r.IntN(50)) }, "others": func() float64 { return float64(r.IntN(50) + 10) },
		"normal": r.NormFloat64, "shifted": func() float64 { return r.NormFloat64() + 0.5 }, "wide": func() float64 { return 3 * r.NormFloat64() },
		"sizes": func() float64 { return math.Exp(4 * r.NormFloat64()) }, "times": func() float64 { return 1.7e9 + 1000*r.Float64() },
		"ones": func() float64 { return 1 }, "zeros": func() float64 { return float64(r.IntN(2)) * r.Float64() },
	}
	type sample struct {
		values []float64
		sketch *capture.Sketch
	}
	samples := map[string]sample{}
	for name, draw := range makers {
		values := make([]float64, 5000)
		for i := range values {
			values[i] = draw()
		}
		rec := record(t, []arrow.Field{{Name: "c", Type: arrow.PrimitiveTypes.Float64}}, len(values), func(_, row int, b array.Builder) {
			b.(*array.Float64Builder).Append(values[row])
		})
		slices.Sort(values)
		samples[name] = sample{values, readSketch(t, stats(t, rec, stored))}
	}
	for x, a := range samples {
		for y, b := range samples {
			want := farthest(a.values, b.values)
			got, ok := a.sketch.Distance(b.sketch)
			if !ok || got > want+1e-9 || got < want-0.02 {
				t.Errorf("%s and %s: %.4f, %v; the numbers are %.4f apart", x, y, got, ok, want)
			}
		}
	}
}

// farthest is the Kolmogorov-Smirnov distance of sorted numbers.
func farthest(a, b []float64) (most float64) {
	for _, x := range slices.Concat(a, b) {
		for _, at := range []float64{x, math.Nextafter(x, math.Inf(1))} {
			i, _ := slices.BinarySearch(a, at)
			j, _ := slices.BinarySearch(b, at)
			most = max(most, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
		}
	}
	return most
}

func TestDistanceOfOthers(t *testing.T) {
	of := func(typ arrow.DataType, values ...string) *capture.Sketch {
		return readSketch(t, stats(t, batch(t, typ, values...), stored))
	}
	text, yes := arrow.BinaryTypes.String, arrow.FixedWidthTypes.Boolean
	for _, c := range []struct {
		a, b *capture.Sketch
		want float64
		ok   bool
	}{
		{of(text, "a", "b", "∅"), of(text, "b", "a"), 0, true},
		{of(text, "a", "a", "b", "c"), of(text, "a", "d"), 0.5, true},
		{of(text, "a"), of(text, "b"), 1, true},
		{of(text, "a"), of(text, "∅"), 0, false},
		{of(text, "a"), of(yes, "true"), 0, false},
		{of(yes, "true", "false"), of(yes, "true"), 0.5, true},
		{of(&arrow.Decimal128Type{Precision: 9, Scale: 2}, "1.50", "2.50"), of(&arrow.Decimal128Type{Precision: 9, Scale: 2}, "2.50"), 0.5, true},
		{of(arrow.ListOf(text), `["a"]`), of(arrow.ListOf(text), `["b"]`), 0, false},
	} {
		if d, ok := c.a.Distance(c.b); ok != c.ok || math.Abs(d-c.want) > 1e-12 {
			t.Errorf("%v, %v; want %v, %v", d, ok, c.want, c.ok)
		}
	}
}
