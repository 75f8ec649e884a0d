package capture

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/buildscope/buildscope/model"
)

// chunk is how many values go through the passes of numbers at a time: they and
// their keys take 32 KiB and are read from memory once.
const chunk = 2048

// scratch is what a chunk needs; the columns of a collector share one.
type scratch struct {
	vals [chunk]float64
	keys [chunk]uint64
	more [chunk]float64
}

// numbers counts columns of numbers, and of times, which are whole numbers.
type numbers struct {
	kind      kind
	quantiles bool

	nan, inf, zeros int64
	m               moments
	lo, hi          uint64 // smallest and largest key in order, for wide kinds
	exact           tally  // while there are few different values
	distinct        *hll   // afterwards; nil before
	spread          *spread
}

func newNumbers(k kind, o Options) *numbers {
	return &numbers{kind: k, quantiles: o.Quantiles, lo: math.MaxUint64}
}

func (c *numbers) add(a arrow.Array, weights []int64, buf *scratch) {
	if weights != nil {
		c.addWeighted(a, weights, buf)
		return
	}
	for from := 0; from < a.Len(); from += chunk {
		n := c.kind.load(a, from, min(from+chunk, a.Len()), buf)
		c.addChunk(buf.vals[:n], buf.keys[:n], buf.more[:])
	}
}

// addWeighted takes a dictionary: values one by one, for there are few.
func (c *numbers) addWeighted(a arrow.Array, weights []int64, buf *scratch) {
	for i, w := range weights {
		if w == 0 || c.kind.load(a, i, i+1, buf) == 0 {
			continue
		}
		v, key := buf.vals[0], buf.keys[0]
		if c.kind.wide {
			c.widen(key)
		} else {
			key = floatKey(v)
		}
		c.addOne(v, key, w)
	}
}

// addOne takes one value n times.
func (c *numbers) addOne(v float64, key uint64, n int64) {
	switch {
	case math.IsNaN(v):
		c.nan += n
	case math.IsInf(v, 0):
		c.inf += n
	default:
		c.m.addN(v, n)
		if v == 0 {
			c.zeros += n
		}
	}
	c.addKey(key, n)
}

// addChunk runs the passes over a chunk. keys are used by wide kinds; spare has room
// for as many numbers.
func (c *numbers) addChunk(vals []float64, keys []uint64, spare []float64) {
	sum, lo, hi := sumRange(vals)
	if sum-sum != 0 {
		vals = c.takeSpecial(vals)
		if sum, lo, hi = sumRange(vals); sum-sum != 0 {
			// Finite numbers whose sum is not: one by one.
			for _, v := range vals {
				c.addOne(v, floatKey(v), 1)
			}
			return
		}
	}
	c.m.add(vals, sum, lo, hi)
	if lo <= 0 && hi >= 0 {
		for _, v := range vals {
			if v == 0 {
				c.zeros++
			}
		}
	}
	if c.kind.wide {
		for _, k := range keys {
			c.widen(k)
		}
	}
	if c.distinct == nil {
		if !c.kind.wide {
			keys = keys[:len(vals)]
			for i, v := range vals {
				keys[i] = floatKey(v)
			}
		}
		n := c.exact.addAll(keys)
		if n == len(keys) {
			return
		}
		c.spill()
		vals, keys = vals[n:], keys[n:]
		_, lo, hi = sumRange(vals)
	}
	if c.kind.wide {
		c.distinct.addKeys(keys)
	} else {
		c.distinct.addFloats(vals)
	}
	if c.spread != nil {
		c.spread.add(vals, spare, lo, hi)
	}
}

// widen keeps the exact extremes of 64-bit numbers, which a float64 would round.
func (c *numbers) widen(key uint64) {
	key ^= c.kind.flip
	c.lo, c.hi = min(c.lo, key), max(c.hi, key)
}

// takeSpecial counts what is not finite and returns the rest.
func (c *numbers) takeSpecial(vals []float64) []float64 {
	n := 0
	for _, v := range vals {
		switch {
		case math.IsNaN(v):
			c.nan++
			c.addKey(floatKey(v), 1)
		case math.IsInf(v, 0):
			c.inf++
			c.addKey(floatKey(v), 1)
		default:
			vals[n] = v
			n++
		}
	}
	return vals[:n]
}

// floatKey is equal for equal numbers: -0 is 0, and all NaN are one.
func floatKey(v float64) uint64 {
	if v != v {
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(v + 0)
}

// addKey counts a value n times, in what knows of different values.
func (c *numbers) addKey(key uint64, n int64) {
	if c.distinct == nil {
		if c.exact.add(key, n) {
			return
		}
		c.spill()
	}
	c.distinct.addHash(mix(key))
	if v := c.kind.value(key); c.spread != nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		c.spread.addN(v, n)
	}
}

// spill goes over to sketches.
func (c *numbers) spill() {
	c.distinct = newHLL()
	if c.quantiles {
		c.spread = &spread{whole: c.kind.whole}
	}
	exact := c.exact
	c.exact = tally{}
	exact.each(func(i int) { c.addKey(exact.keys[i], exact.counts[i]) })
}

func (c *numbers) merge(other column) {
	o := other.(*numbers)
	c.nan += o.nan
	c.inf += o.inf
	c.zeros += o.zeros
	c.m.merge(o.m)
	c.lo, c.hi = min(c.lo, o.lo), max(c.hi, o.hi)
	if c.distinct == nil && o.distinct == nil && c.exact.merge(&o.exact) {
		return
	}
	if c.distinct == nil {
		c.spill()
	}
	if o.distinct == nil {
		o.spill()
	}
	c.distinct.merge(o.distinct)
	if c.spread != nil {
		c.spread.merge(o.spread)
	}
}

func (c *numbers) stats(s *model.ColumnStats) {
	s.Zeros = ptr(c.zeros)
	if c.kind.float {
		s.NaN, s.Inf = ptr(c.nan), ptr(c.inf)
	}
	if c.m.n > 0 {
		s.Min, s.Max = ptr(c.m.lo+0), ptr(c.m.hi+0)
		s.Mean, s.Std = finite(c.m.mean), c.m.std()
		lo, hi := floatKey(c.m.lo), floatKey(c.m.hi)
		if c.kind.wide {
			lo, hi = c.lo^c.kind.flip, c.hi^c.kind.flip
		}
		s.MinText, s.MaxText = c.kind.text(lo), c.kind.text(hi)
	}
	if c.distinct != nil {
		s.Distinct = ptr(c.distinct.estimate())
		if c.spread != nil {
			s.Quantiles = quantiles(c.m.n, c.spread.atRank)
			s.Histogram = histogram(c.m.n, c.m.lo, c.m.hi, c.spread.below)
		}
		s.Reason = "no value is listed: there are more than 2,048 different ones"
		return
	}
	s.Distinct, s.DistinctExact = ptr(int64(c.exact.used)), true
	s.Top = c.exact.top(func(i int) string { return c.kind.text(c.exact.keys[i]) })
	if c.quantiles {
		v := newSorted(&c.exact, c.kind.value)
		s.Quantiles = quantiles(c.m.n, v.atRank)
		s.Histogram = histogram(c.m.n, c.m.lo, c.m.hi, v.below)
	}
}
