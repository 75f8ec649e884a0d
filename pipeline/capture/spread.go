package capture

import (
	"math"

	"github.com/buildscope/buildscope/model"
)

// spread counts finite numbers in two grids at once, from which quantiles and a
// histogram are read: even has bins of equal width, good for values that lie close
// together far from 0, such as times; ratio has bins whose width is in proportion
// to the value, good for values of many magnitudes, such as sizes.
//
// A number of a given rank is known to lie in one bin of each, so in what the two
// share. With R for the range, an even bin is at most R/2047 wide. A ratio bin is
// 1/256 of the value wide where the magnitudes cover up to 2^16, 1/128 up to 2^32,
// and so on. Numbers nearer to 0 than 2^-1000 are told apart by neither.
type spread struct {
	whole  bool // only whole numbers come
	n      int64
	lo, hi float64
	even   grid   // level e: bin k holds [k·2^e, (k+1)·2^e)
	pos    ratios // above 0
	neg    ratios // below 0, by magnitude
	zeros  uint64
}

// ratios counts positive numbers by the leading bits of their representation:
// exponent and the first bits of the fraction.
type ratios struct {
	lo, hi float64 // smallest and largest; hi 0: none yet
	bins   grid    // level s: bin k holds the floats whose bits are k<<s to (k+1)<<s-1
}

// ratioLevel keeps 8 bits of the fraction.
const ratioLevel = 52 - 8

// add counts numbers between lo and hi. It uses up vals, and spare, which has room
// for as many.
func (s *spread) add(vals, spare []float64, lo, hi float64) {
	if len(vals) == 0 {
		return
	}
	s.cover(int64(len(vals)), lo, hi)
	s.addEven(vals)
	if lo > 0 {
		s.pos.cover(lo, hi)
		s.pos.addAll(vals)
		return
	}
	pos, neg := split(vals, spare)
	s.zeros += uint64(len(vals) - len(pos) - len(neg))
	for _, side := range []struct {
		r    *ratios
		vals []float64
	}{{&s.pos, pos}, {&s.neg, neg}} {
		if len(side.vals) > 0 {
			_, lo, hi := sumRange(side.vals)
			side.r.cover(lo, hi)
			side.r.addAll(side.vals)
		}
	}
}

// split moves the numbers above 0 to the front of vals and the others but 0, by
// magnitude, to spare. It has no branch: signs come in no order, and a wrong guess
// costs more than all else that is done with a number.
func split(vals, spare []float64) (pos, neg []float64) {
	n, m := 0, 0
	spare = spare[:len(vals)]
	for _, v := range vals {
		bits := math.Float64bits(v + 0) // no -0
		vals[n], spare[m] = v, -v
		n += int((bits-1)>>63 ^ 1)
		m += int(bits >> 63)
	}
	return vals[:n], spare[:m]
}

// addN counts one number n times.
func (s *spread) addN(v float64, n int64) {
	s.cover(n, v, v)
	s.even.counts[int64(math.Floor(math.Ldexp(v, -s.even.level)))-s.even.first] += uint64(n)
	if v > 0 {
		s.pos.cover(v, v)
	} else if v < 0 {
		s.neg.cover(-v, -v)
	}
	s.addRatio(v, uint64(n))
}

func (s *spread) addRatio(v float64, n uint64) {
	switch {
	case v > 0:
		s.pos.addN(v, n)
	case v < 0:
		s.neg.addN(-v, n)
	default:
		s.zeros += n
	}
}

// cover takes n numbers between lo and hi into the range.
func (s *spread) cover(n int64, lo, hi float64) {
	if s.n == 0 {
		s.lo, s.hi = lo, hi
	}
	s.n += n
	s.lo, s.hi = min(s.lo, lo), max(s.hi, hi)
	level, from, to := s.evenLevel()
	s.even.fit(level, from, to)
}

// evenLevel is the finest level at which the range fits into the grid. It never
// makes bins finer than the numbers themselves, and depends on nothing but the range.
func (s *spread) evenLevel() (level int, from, to int64) {
	level = -1000 // the finest, also for what is 0 alone
	if largest := max(-s.lo, s.hi); largest > 0 {
		_, e := math.Frexp(largest)
		level = max(e-53, level)
	}
	if s.whole {
		level = max(level, 0)
	}
	// R/2^level < gridBins holds from about here on; the loop makes it exact.
	if width := s.hi/gridBins - s.lo/gridBins; width > 0 {
		_, e := math.Frexp(width)
		level = max(level, e-2)
	}
	for {
		from = int64(math.Floor(math.Ldexp(s.lo, -level)))
		to = int64(math.Floor(math.Ldexp(s.hi, -level)))
		if to-from < gridBins {
			return level, from, to
		}
		level++
	}
}

func (s *spread) addEven(vals []float64) {
	counts, first := s.even.counts, s.even.first
	scale := math.Ldexp(1, -s.even.level) // a power of two: the product is exact
	if s.lo >= 0 {
		for _, v := range vals {
			counts[uint64(int64(v*scale)-first)%gridBins]++
		}
		return
	}
	for _, v := range vals {
		counts[uint64(int64(math.Floor(v*scale))-first)%gridBins]++
	}
}

// merge takes over the numbers of o.
func (s *spread) merge(o *spread) {
	if o.n == 0 {
		return
	}
	s.cover(o.n, o.lo, o.hi)
	s.even.merge(&o.even)
	s.pos.merge(&o.pos)
	s.neg.merge(&o.neg)
	s.zeros += o.zeros
}

func (r *ratios) cover(lo, hi float64) {
	if hi == 0 {
		return
	}
	if r.hi == 0 {
		r.lo, r.hi = lo, hi
	}
	r.lo, r.hi = min(r.lo, lo), max(r.hi, hi)
	level := r.level()
	r.bins.fit(level, int64(math.Float64bits(r.lo))>>level, int64(math.Float64bits(r.hi))>>level)
}

// level is the finest level at which the range fits into the grid.
func (r *ratios) level() int {
	level := ratioLevel
	for int64(math.Float64bits(r.hi))>>level-int64(math.Float64bits(r.lo))>>level >= gridBins {
		level++
	}
	return level
}

func (r *ratios) addAll(vals []float64) {
	counts, first, level := r.bins.counts, uint64(r.bins.first), r.bins.level&63
	for _, v := range vals {
		counts[(math.Float64bits(v)>>level-first)%gridBins]++
	}
}

func (r *ratios) addN(v float64, n uint64) {
	r.bins.counts[int64(math.Float64bits(v)>>r.bins.level)-r.bins.first] += n
}

func (r *ratios) merge(o *ratios) {
	if o.hi == 0 {
		return
	}
	r.cover(o.lo, o.hi)
	r.bins.merge(&o.bins)
}

// quantileRanks are the quantiles that are reported, as in Hamilton.
var quantileRanks = [...]float64{0.1, 0.25, 0.5, 0.75, 0.9}

// quantiles interpolates between the numbers on both sides of each position, as
// pandas does by default.
func quantiles(n int64, atRank func(int64) float64) []model.Quantile {
	if n == 0 {
		return nil
	}
	var list []model.Quantile
	for _, q := range quantileRanks {
		at := q * float64(n-1)
		k := int64(at)
		v := atRank(k)
		if f := at - float64(k); f > 0 {
			v += f * (atRank(min(k+1, n-1)) - v)
		}
		list = append(list, model.Quantile{Q: q, V: v})
	}
	return list
}

// atRank estimates the number with k smaller ones before it.
func (s *spread) atRank(k int64) float64 {
	lo, hi := s.lo, s.hi
	left := uint64(k)
	s.even.find(&left, func(bin int64) {
		lo = max(lo, math.Ldexp(float64(bin), s.even.level))
		hi = min(hi, math.Ldexp(float64(bin+1), s.even.level))
	})
	left = uint64(k)
	switch {
	case s.neg.bins.findLast(&left, func(bin int64) {
		lo, hi = max(lo, -s.neg.edge(bin+1)), min(hi, -s.neg.edge(bin))
	}):
	case left < s.zeros:
		return 0
	default:
		left -= s.zeros
		s.pos.bins.find(&left, func(bin int64) {
			lo, hi = max(lo, s.pos.edge(bin)), min(hi, s.pos.edge(bin+1))
		})
	}
	if s.whole {
		// The bin's end is not in it, unless it is the largest number.
		lo = math.Ceil(lo)
		if hi < s.hi {
			hi = math.Ceil(hi) - 1
		}
		return math.Floor(lo/2 + max(lo, hi)/2)
	}
	return lo/2 + hi/2
}

// edge is where a bin begins.
func (r *ratios) edge(bin int64) float64 { return math.Float64frombits(uint64(bin) << r.bins.level) }

// find calls f with the bin that holds the number of rank *left, or takes all its
// counts from *left and returns false.
func (g *grid) find(left *uint64, f func(bin int64)) bool {
	if g.counts == nil {
		return false
	}
	for i, n := range g.counts {
		if *left < n {
			f(g.first + int64(i))
			return true
		}
		*left -= n
	}
	return false
}

// findLast is find from the last bin down.
func (g *grid) findLast(left *uint64, f func(bin int64)) bool {
	if g.counts == nil {
		return false
	}
	for i := gridBins - 1; i >= 0; i-- {
		if *left < g.counts[i] {
			f(g.first + int64(i))
			return true
		}
		*left -= g.counts[i]
	}
	return false
}

// histogramBins is how many bins a histogram has, as in Hamilton.
const histogramBins = 10

// histogram makes bins of equal width between lo and hi; below says how many
// numbers are smaller than an edge. A range of one number is one bin.
func histogram(n int64, lo, hi float64, below func(edge float64) int64) []model.Bin {
	if n == 0 {
		return nil
	}
	if lo == hi {
		return []model.Bin{{Lo: lo, Hi: hi, Count: n}}
	}
	var list []model.Bin
	from, before := lo, int64(0)
	for i := 1; i <= histogramBins; i++ {
		to, upTo := lo+float64(i)*((hi-lo)/histogramBins), n
		if math.IsInf(hi-lo, 0) {
			f := float64(i) / histogramBins
			to = lo*(1-f) + hi*f
		}
		if i == histogramBins {
			to = hi
		} else {
			upTo = max(before, below(to))
		}
		list = append(list, model.Bin{Lo: from, Hi: to, Count: upTo - before})
		from, before = to, upTo
	}
	return list
}

// below estimates how many numbers are smaller than an edge: off by at most what is
// in one bin of the even grid.
func (s *spread) below(edge float64) int64 {
	from := math.Floor(math.Ldexp(edge, -s.even.level))
	i := int64(from) - s.even.first
	total := uint64(0)
	for _, n := range s.even.counts[:max(0, min(i, gridBins))] {
		total += n
	}
	if i >= 0 && i < gridBins {
		if s.whole {
			edge = math.Ceil(edge) // of the whole numbers in the bin, as many lie below
		}
		share := math.Ldexp(edge, -s.even.level) - from
		total += uint64(math.Round(share * float64(s.even.counts[i])))
	}
	return int64(total)
}
