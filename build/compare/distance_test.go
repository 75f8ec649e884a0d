package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// figures are the histogram and the quantiles of values, counted one by one.
func figures(values []float64) model.ColumnStats {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	c := model.ColumnStats{Count: int64(n)}
	lo, width := v[0], (v[n-1]-v[0])/10
	for i := range 10 {
		c.Histogram = append(c.Histogram, model.Bin{Lo: lo + float64(i)*width, Hi: lo + float64(i+1)*width})
	}
	for _, x := range v {
		i := 9
		if width > 0 {
			i = min(9, int((x-lo)/width))
		}
		c.Histogram[i].Count++
	}
	for _, q := range []float64{0.1, 0.25, 0.5, 0.75, 0.9} {
		c.Quantiles = append(c.Quantiles, model.Quantile{Q: q, V: v[int(q*float64(n-1))]})
	}
	return c
}

// kolmogorov is the distance of two samples, by all of their values.
func kolmogorov(a, b []float64) float64 {
	share := func(list []float64, v float64) float64 {
		n := 0
		for _, x := range list {
			if x <= v {
				n++
			}
		}
		return float64(n) / float64(len(list))
	}
	var most float64
	for _, v := range slices.Concat(a, b) {
		most = max(most, math.Abs(share(a, v)-share(b, v)))
	}
	return most
}

func TestDistanceAgainstAllValues(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	kinds := map[string]func() float64{
		"normal":      r.NormFloat64,
		"shifted":     func() float64 { return r.NormFloat64() + 0.7 },
		"wide":        func() float64 { return 3 * r.NormFloat64() },
		"uniform":     r.Float64,
		"exponential": r.ExpFloat64,
		"constant":    func() float64 { return 5 },
		"few":         func() float64 { return float64(r.IntN(3)) },
	}
	samples := map[string][]float64{}
	for name, draw := range kinds {
		for range 1500 {
			samples[name] = append(samples[name], draw())
		}
	}
	for x, a := range samples {
		for y, b := range samples {
			got, ok := distance(figures(a), figures(b))
			want := kolmogorov(a, b)
			// Five quantiles and ten bins do not know what happens between them.
			if !ok || math.Abs(got-want) > 0.15 || x == y && got != 0 {
				t.Errorf("%s against %s: %.3f (%t), by all values %.3f", x, y, got, ok, want)
			}
		}
	}
}

func TestDistanceOfFrequentValues(t *testing.T) {
	top := func(count int64, pairs ...any) model.ColumnStats {
		c := model.ColumnStats{Count: count + 10, Nulls: 10}
		for i := 0; i < len(pairs); i += 2 {
			c.Top = append(c.Top, model.TopValue{Value: pairs[i].(string), Count: int64(pairs[i+1].(int))})
		}
		return c
	}
	for _, c := range []struct {
		about string
		a, b  model.ColumnStats
		want  float64
	}{
		{"the same", top(100, "x", 60, "y", 40), top(50, "x", 30, "y", 20), 0},
		{"other shares", top(100, "x", 60, "y", 40), top(100, "x", 20, "y", 80), 0.4},
		{"nothing in common", top(10, "x", 10), top(10, "y", 10), 1},
		{"a value that may be among the rest", top(100, "x", 90), top(100, "x", 90, "y", 10), 0},
		{"a value that cannot be among the rest", top(100, "x", 95), top(100, "x", 75, "y", 25), 0.2},
	} {
		for _, swap := range []bool{false, true} {
			a, b := c.a, c.b
			if swap {
				a, b = b, a
			}
			if got, ok := distance(a, b); !ok || math.Abs(got-c.want) > 1e-9 {
				t.Errorf("%s (swapped %t): %v, %t; want %v", c.about, swap, got, ok, c.want)
			}
		}
	}
	if d, ok := distance(model.ColumnStats{Count: 3}, top(10, "x", 10)); ok {
		t.Errorf("a column that was only counted is %v away", d)
	}
}

// A number of which every value is listed has its exact distribution.
func TestDistanceOfFewNumbers(t *testing.T) {
	list := func(values ...string) model.ColumnStats {
		distinct := int64(len(values))
		c := model.ColumnStats{Count: distinct, Distinct: &distinct, DistinctExact: true, Histogram: []model.Bin{{Lo: 0, Hi: 1, Count: distinct}}}
		for _, v := range values {
			c.Top = append(c.Top, model.TopValue{Value: v, Count: 1})
		}
		return c
	}
	for _, c := range []struct {
		a, b model.ColumnStats
		want float64
	}{
		{list("0"), list("1", "0"), 0.5},
		{list("0", "1"), list("0", "1"), 0},
		{list("0", "1"), list("2", "3", "4"), 1},
		{list("-1", "0.5", "2"), list("-1", "0.5", "3"), 1. / 3},
	} {
		if got, ok := distance(c.a, c.b); !ok || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v against %v: %v, %t; want %v", c.a.Top, c.b.Top, got, ok, c.want)
		}
	}
}
