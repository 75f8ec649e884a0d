package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/capture"
)

// driftDistance is the distance of two distributions from which on they are listed:
// a tenth of the rows are elsewhere.
const driftDistance = 0.1

// distance is how far apart the values of a column lie in two runs, from 0, the
// same, to 1, nothing in common; ok is false when one of the runs has not captured
// enough. Of numbers and dates it is the greatest difference of their cumulative
// distributions (Kolmogorov-Smirnov), as histogram and quantiles tell it; of others
// half the sum of the differences of the shares of the frequent values (total
// variation), which is a lower bound where there are values beside them.
//
// Where both runs have stored the sketch of the column, that is exact, or nearly so; else
// it is told from the figures of the artifact.
func distance(a, b model.ColumnStats) (d float64, ok bool) {
	if a.Sketch != nil && b.Sketch != nil {
		x, errX := capture.ReadSketch(a.Sketch)
		y, errY := capture.ReadSketch(b.Sketch)
		if errX == nil && errY == nil {
			if d, ok := x.Distance(y); ok {
				return d, true
			}
		}
	}
	if x, y := cumulative(a), cumulative(b); x != nil && y != nil {
		return x.distance(y), true
	}
	if len(a.Top) > 0 && len(b.Top) > 0 {
		return topDistance(a, b), true
	}
	return 0, false
}

// point says that the share p of the values is not above v.
type point struct{ v, p float64 }

// cdf is a cumulative distribution, linear between its points.
type cdf []point

// cumulative is nil when there is no histogram. A column with one value has one
// point.
func cumulative(c model.ColumnStats) cdf {
	var total float64
	for _, bin := range c.Histogram {
		total += float64(bin.Count)
	}
	if total == 0 {
		return nil
	}
	if f := exact(c); f != nil {
		return f
	}
	f := cdf{{c.Histogram[0].Lo, 0}}
	var below float64
	for _, bin := range c.Histogram {
		below += float64(bin.Count)
		f = append(f, point{bin.Hi, below / total})
	}
	for _, q := range c.Quantiles {
		f = append(f, point{q.V, q.Q})
	}
	slices.SortStableFunc(f, func(x, y point) int { return cmp.Or(cmp.Compare(x.v, y.v), cmp.Compare(x.p, y.p)) })
	for i := 1; i < len(f); i++ { // estimates may contradict each other by a little
		f[i].p = max(f[i].p, f[i-1].p)
	}
	return f
}

// exact is the distribution of a number of which every value is listed; nil when
// not all of them are.
func exact(c model.ColumnStats) cdf {
	if !c.DistinctExact || c.Distinct == nil || int64(len(c.Top)) != *c.Distinct {
		return nil
	}
	values := make([]point, len(c.Top))
	var total float64
	for i, t := range c.Top {
		v, err := strconv.ParseFloat(t.Value, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		values[i] = point{v, float64(t.Count)}
		total += float64(t.Count)
	}
	slices.SortFunc(values, func(x, y point) int { return cmp.Compare(x.v, y.v) })
	var f cdf
	var below float64
	for _, x := range values {
		f = append(f, point{x.v, below / total})
		below += x.p
		f = append(f, point{x.v, below / total})
	}
	return f
}

// at gives the share below v and the share not above it; they differ where many
// values are equal.
func (f cdf) at(v float64) (below, upTo float64) {
	first, _ := slices.BinarySearchFunc(f, v, func(p point, v float64) int { return cmp.Compare(p.v, v) })
	last := first
	for last < len(f) && f[last].v == v {
		last++
	}
	switch {
	case last > first:
		return f[first].p, f[last-1].p
	case first == 0:
		return 0, 0
	case first == len(f):
		return 1, 1
	}
	lo, hi := f[first-1], f[first]
	p := lo.p + (hi.p-lo.p)*(v-lo.v)/(hi.v-lo.v)
	return p, p
}

func (f cdf) distance(g cdf) float64 {
	var most float64
	for _, p := range slices.Concat(f, g) {
		belowF, upToF := f.at(p.v)
		belowG, upToG := g.at(p.v)
		most = max(most, math.Abs(belowF-belowG), math.Abs(upToF-upToG))
	}
	return most
}

func topDistance(a, b model.ColumnStats) float64 {
	shares := func(c model.ColumnStats) (map[string]float64, float64) {
		out, rest := map[string]float64{}, 1.0
		for _, v := range c.Top {
			out[v.Value] = float64(v.Count) / float64(max(c.Count-c.Nulls, 1))
			rest -= out[v.Value]
		}
		return out, max(rest, 0)
	}
	inA, restA := shares(a)
	inB, restB := shares(b)
	// A value that only one run lists may be among the rest of the other.
	var sum float64
	for v, p := range inA {
		if q, both := inB[v]; both {
			sum += math.Abs(p - q)
		} else {
			sum += max(0, p-restB)
		}
	}
	for v, q := range inB {
		if _, both := inA[v]; !both {
			sum += max(0, q-restA)
		}
	}
	return min(sum/2, 1)
}

// shape describes a distribution in a few words.
func shape(c model.ColumnStats) string {
	if len(c.Quantiles) > 0 {
		var parts []string
		for _, q := range c.Quantiles {
			if q.Q == 0.1 || q.Q == 0.5 || q.Q == 0.9 {
				parts = append(parts, fmt.Sprintf("p%.0f %s", 100*q.Q, number(q.V)))
			}
		}
		return strings.Join(parts, ", ")
	}
	var parts []string
	for _, v := range c.Top[:min(len(c.Top), 3)] {
		parts = append(parts, fmt.Sprintf("%q %.0f %%", cutText(v.Value), 100*float64(v.Count)/float64(max(c.Count-c.Nulls, 1))))
	}
	return strings.Join(parts, ", ")
}

func cutText(s string) string {
	if r := []rune(s); len(r) > 16 {
		return string(r[:15]) + "…"
	}
	return s
}
