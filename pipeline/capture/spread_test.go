package capture_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Quantiles of many values are within the bound that spread documents, for values
// of one magnitude far from 0, of many magnitudes, and with outliers.
func TestQuantilesAreWithinTheirBound(t *testing.T) {
	for name, f := range map[string]func(*rand.Rand) float64{
		"normal":      (*rand.Rand).NormFloat64,
		"uniform":     (*rand.Rand).Float64,
		"log-normal":  func(r *rand.Rand) float64 { return math.Exp(4 * r.NormFloat64()) },
		"negative":    func(r *rand.Rand) float64 { return -math.Exp(4 * r.NormFloat64()) },
		"far from 0":  func(r *rand.Rand) float64 { return 1.7e18 + 1e9*r.Float64() },
		"one ulp":     func(r *rand.Rand) float64 { return 1e300 * (1 + 0x1p-52*float64(r.IntN(5000))) },
		"tiny":        func(r *rand.Rand) float64 { return float64(r.IntN(9000)) * 0x1p-980 },
		"huge":        func(r *rand.Rand) float64 { return math.MaxFloat64 * (2*r.Float64() - 1) },
		"outliers":    func(r *rand.Rand) float64 { return r.NormFloat64() * math.Pow(10, float64(r.IntN(2)*r.IntN(2)*8)) },
		"many zeros":  func(r *rand.Rand) float64 { return max(0, r.NormFloat64()) },
		"whole":       func(r *rand.Rand) float64 { return float64(r.IntN(3000)) },
		"magnitudes":  func(r *rand.Rand) float64 { return math.Pow(2, 2000*r.Float64()-1000) },
		"two numbers": func(r *rand.Rand) float64 { return float64(r.IntN(2)) },
	} {
		r := rand.New(rand.NewPCG(5, 5))
		const n = 20_000
		vals := make([]float64, n)
		rec := record(t, []arrow.Field{{Name: "c", Type: arrow.PrimitiveTypes.Float64}}, n, func(_, row int, b array.Builder) {
			vals[row] = f(r)
			b.(*array.Float64Builder).Append(vals[row])
		})
		c := stats(t, rec, full)
		slices.Sort(vals)
		lo, hi := vals[0], vals[n-1]
		if *c.Min != lo || *c.Max != hi {
			t.Errorf("%s: range is %v to %v, want %v to %v", name, *c.Min, *c.Max, lo, hi)
		}
		// Bits of the fraction that the ratio grid keeps for these magnitudes.
		octaves := math.Log2(max(-lo, hi)) - math.Log2(smallestMagnitude(vals))
		ratio := math.Pow(2, -math.Floor(12-math.Log2(max(16, octaves+1))))
		for _, q := range c.Quantiles {
			at := q.Q * (n - 1)
			a, b := vals[int(at)], vals[int(at)+1]
			want := a + (at-math.Floor(at))*(b-a)
			bound := 0.0
			if !c.DistinctExact {
				// Both neighbours are off by at most the width of a bin.
				bound = min(hi/2047-lo/2047, max(math.Abs(a), math.Abs(b))*ratio)
			}
			if d := math.Abs(q.V/2 - want/2); d > bound/2+1e-12*math.Abs(want) {
				t.Errorf("%s: quantile %v is %v, want %v ± %v", name, q.Q, q.V, want, bound)
			}
		}
		total := int64(0)
		for _, b := range c.Histogram {
			total += b.Count
			if b.Count < 0 || b.Lo > b.Hi {
				t.Errorf("%s: bin %+v", name, b)
			}
		}
		if total != n || len(c.Histogram) != 10 || c.Histogram[0].Lo != lo || c.Histogram[9].Hi != hi {
			t.Errorf("%s: %d values in the histogram %v", name, total, c.Histogram)
		}
	}
}

func smallestMagnitude(vals []float64) float64 {
	least := math.Inf(1)
	for _, v := range vals {
		if v != 0 {
			least = min(least, math.Abs(v))
		}
	}
	return least
}

// The estimate of different values stays within five standard errors, from the
// first value that is not counted exactly.
func TestDistinctIsEstimated(t *testing.T) {
	for _, n := range []int{2049, 3000, 10_000, 100_000, 1_000_000} {
		rec := record(t, []arrow.Field{{Name: "c", Type: arrow.PrimitiveTypes.Int64}}, n, func(_, row int, b array.Builder) {
			b.(*array.Int64Builder).Append(int64(row)) // counting up is what ids do
		})
		c := stats(t, rec, full)
		if c.DistinctExact || !near(float64(*c.Distinct), float64(n), 5*0.0081) {
			t.Errorf("%d different values are estimated as %d", n, *c.Distinct)
		}
	}
}
