package capture

import (
	"math"
	"slices"
	"sort"
)

// Distance is how far apart the values of two columns lie, from 0, the same, to 1,
// nothing in common. Of numbers and times it is the greatest difference of their
// cumulative distributions (Kolmogorov-Smirnov), of booleans and texts half the sum of
// the differences of the shares of their values (total variation). Nulls, NaN and
// infinities do not count. It is exact where both have at most 2,048 different values;
// beyond, of numbers, a lower bound that misses what lies within a bin of both grids,
// see Sketch. ok is false for other types, for texts with more different values, and
// where one of the two has no value.
func (s *Sketch) Distance(o *Sketch) (d float64, ok bool) {
	switch a := inner(s.p.values).(type) {
	case *numbers:
		if b, same := inner(o.p.values).(*numbers); same && a.m.n > 0 && b.m.n > 0 {
			return numbersApart(a, b)
		}
	case *booleans:
		if b, same := o.p.values.(*booleans); same && a.yes+a.no > 0 && b.yes+b.no > 0 {
			return math.Abs(float64(a.yes)/float64(a.yes+a.no) - float64(b.yes)/float64(b.yes+b.no)), true
		}
	case *texts:
		if b, same := o.p.values.(*texts); same && a.distinct == nil && b.distinct == nil && a.len.n > 0 && b.len.n > 0 {
			return talliesApart(&a.top, &b.top, a.len.n, b.len.n), true
		}
	}
	return 0, false
}

// inner is the column that counts the values of another one.
func inner(c column) column {
	if n, ok := c.(interface{ counted() *numbers }); ok {
		return n.counted()
	}
	return c
}

// counted is the column of numbers within one of decimals.
func (c *decimals[T]) counted() *numbers { return c.numbers }

func talliesApart(a, b *tally, na, nb int64) float64 {
	shares := map[uint64]float64{}
	a.each(func(i int) { shares[a.keys[i]] += float64(a.counts[i]) / float64(na) })
	b.each(func(i int) { shares[b.keys[i]] -= float64(b.counts[i]) / float64(nb) })
	sum := 0.0
	for _, d := range shares {
		sum += math.Abs(d)
	}
	return sum / 2
}

// below says how many numbers are smaller than x.
type below func(x float64) int64

func numbersApart(a, b *numbers) (float64, bool) {
	na, nb := float64(a.m.n), float64(b.m.n)
	most := 0.0
	look := func(points []float64, fa, fb below) {
		for _, x := range points {
			most = max(most, math.Abs(float64(fa(x))/na-float64(fb(x))/nb))
		}
	}
	switch {
	case a.distinct == nil && b.distinct == nil:
		x, y := newSorted(&a.exact, a.kind.value), newSorted(&b.exact, b.kind.value)
		var points []float64
		for _, v := range slices.Concat(x.vals, y.vals) {
			points = append(points, v, math.Nextafter(v, math.Inf(1)))
		}
		look(points, x.below, y.below)
	case a.distinct == nil && b.spread != nil:
		x := newSorted(&a.exact, a.kind.value)
		for _, g := range b.spread.grids(nil) {
			look(g.edges, x.below, g.below)
		}
	case b.distinct == nil && a.spread != nil:
		return numbersApart(b, a)
	case a.spread != nil && b.spread != nil:
		x, y := a.spread.grids(b.spread), b.spread.grids(a.spread)
		for i := range x {
			look(slices.Concat(x[i].edges, y[i].edges), x[i].below, y[i].below)
		}
	default:
		return 0, false
	}
	return min(most, 1), true
}

// stairs is a cumulative distribution that is known exactly at the edges of the bins of
// a grid, and of coarser grids.
type stairs struct {
	edges []float64 // ascending
	upTo  []int64   // numbers below each
}

func (s stairs) below(x float64) int64 {
	i := sort.Search(len(s.edges), func(i int) bool { return s.edges[i] > x })
	if i == 0 {
		return 0
	}
	return s.upTo[i-1]
}

// add puts a bin that holds n numbers behind the others.
func (s *stairs) add(from, to float64, n uint64) {
	total := int64(0)
	if k := len(s.upTo); k > 0 {
		total = s.upTo[k-1]
	}
	if k := len(s.edges); k == 0 || s.edges[k-1] < from {
		s.edges, s.upTo = append(s.edges, from), append(s.upTo, total)
	}
	s.edges, s.upTo = append(s.edges, to), append(s.upTo, total+int64(n))
}

// grids are the two grids as stairs, at the levels of the coarser of two where there
// are two: an edge of the coarser one is an edge of the finer one too.
func (s *spread) grids(other *spread) [2]stairs {
	even, pos, neg := s.even.level, s.pos.bins.level, s.neg.bins.level
	if other != nil {
		even, pos, neg = max(even, other.even.level), max(pos, other.pos.bins.level), max(neg, other.neg.bins.level)
	}
	var out [2]stairs
	s.even.coarse(even, func(bin int64, n uint64) {
		out[0].add(math.Ldexp(float64(bin), even), math.Ldexp(float64(bin+1), even), n)
	})
	type part struct {
		from, to float64
		n        uint64
	}
	edge := func(bin int64, level int) float64 { return math.Float64frombits(uint64(bin) << level) }
	var below []part
	s.neg.bins.coarse(neg, func(bin int64, n uint64) {
		// The magnitude at the bin's end is not in it, that at its beginning is.
		up := math.Nextafter(-edge(bin, neg), math.Inf(1))
		below = append(below, part{math.Nextafter(-edge(bin+1, neg), math.Inf(1)), up, n})
	})
	slices.Reverse(below)
	for _, p := range below {
		out[1].add(p.from, p.to, p.n)
	}
	if s.zeros > 0 {
		out[1].add(0, math.SmallestNonzeroFloat64, s.zeros)
	}
	s.pos.bins.coarse(pos, func(bin int64, n uint64) { out[1].add(edge(bin, pos), edge(bin+1, pos), n) })
	return out
}

// coarse calls f for every bin that is not empty of the grid at a level that is not
// finer than its own, in order.
func (g *grid) coarse(level int, f func(bin int64, n uint64)) {
	var at int64
	var sum uint64
	g.each(func(bin int64, n uint64) {
		if bin >>= level - g.level; sum > 0 && bin != at {
			f(at, sum)
			sum = 0
		}
		at, sum = bin, sum+n
	})
	if sum > 0 {
		f(at, sum)
	}
}
