package capture

import (
	"cmp"
	"math"
	"slices"
)

// The states of the columns, as sketches keep them. What is read is checked as far as
// counting on with it could fail otherwise: a slot outside of its table, a bin outside
// of its grid.

func (c *numbers) save(e *enc) {
	e.int(c.nan)
	e.int(c.inf)
	e.int(c.zeros)
	c.m.save(e)
	e.fixed(c.lo)
	e.fixed(c.hi)
	if !e.bool(c.distinct != nil) {
		c.exact.save(e)
		return
	}
	c.distinct.save(e)
	if e.bool(c.spread != nil) {
		c.spread.save(e)
	}
}

func (c *numbers) load(d *dec) {
	c.nan, c.inf, c.zeros = d.count(), d.count(), d.count()
	c.m.load(d)
	c.lo, c.hi = d.fixed(), d.fixed()
	if !d.bool() {
		c.exact.load(d)
		d.check(c.exact.spans == nil)
		return
	}
	c.distinct = newHLL()
	c.distinct.load(d)
	if has := d.bool(); has {
		c.spread = &spread{whole: c.kind.whole}
		c.spread.load(d)
		d.check(c.spread.n == c.m.n)
	}
	d.check((c.spread != nil) == c.quantiles)
}

func (m *moments) save(e *enc) {
	e.int(m.n)
	e.float(m.mean)
	e.float(m.m2)
	e.float(m.lo)
	e.float(m.hi)
}

func (m *moments) load(d *dec) {
	*m = moments{n: d.count(), mean: d.float(), m2: d.float(), lo: d.float(), hi: d.float()}
	d.check(m.n == 0 || m.lo <= m.hi && !math.IsInf(m.lo, 0) && !math.IsInf(m.hi, 0))
}

// save writes the slots in the order of their keys, so that equal tallies are equal.
func (t *tally) save(e *enc) {
	var slots []int
	t.each(func(i int) { slots = append(slots, i) })
	slices.SortFunc(slots, func(a, b int) int { return cmp.Compare(t.keys[a], t.keys[b]) })
	e.bool(t.spans != nil)
	e.int(t.lost)
	e.uint(uint64(len(slots)))
	for _, i := range slots {
		e.fixed(t.keys[i])
		e.int(t.counts[i])
		if t.spans != nil {
			e.text(t.text(i))
		}
	}
}

func (t *tally) load(d *dec) {
	texts := d.bool()
	t.lost = d.count()
	n := d.uint()
	d.check(n <= exactValues)
	if texts {
		t.spans = make([]span, 16)
		t.keys, t.counts = make([]uint64, 16), make([]int64, 16)
	}
	for ; n > 0 && d.err == nil; n-- {
		key, count, text := d.fixed(), d.count(), ""
		if texts {
			text = d.text()
			d.check(len(text) <= maxText)
		}
		switch {
		case count == 0:
			d.fail()
		case texts:
			t.addText(key, text, count)
		default:
			t.add(key, count)
		}
	}
}

func (h *hll) save(e *enc) { e.bytes(h.reg[:]) }

func (h *hll) load(d *dec) {
	copy(h.reg[:], d.bytes(hllSize))
	d.check(slices.Max(h.reg[:]) <= 64-hllBits+1)
}

func (g *grid) save(e *enc) {
	if !e.bool(g.counts != nil) {
		return
	}
	e.int(int64(g.level))
	e.int(g.first)
	used := uint64(0)
	g.each(func(int64, uint64) { used++ })
	e.uint(used)
	g.each(func(bin int64, n uint64) {
		e.uint(uint64(bin - g.first))
		e.uint(n)
	})
}

// load reads a grid whose bins must be those from to of a level, and gives how much is
// in them.
func (g *grid) load(d *dec, level int, from, to int64) (sum uint64) {
	if !d.bool() {
		d.fail()
		return 0
	}
	g.level, g.first, g.counts = int(d.int()), d.int(), new([gridBins]uint64)
	d.check(g.level == level && g.first <= from && to-g.first < gridBins)
	for n := d.uint(); n > 0 && d.err == nil; n-- {
		i, count := d.uint(), d.uint()
		bin := g.first + int64(min(i, gridBins))
		if d.check(i < gridBins && bin >= from && bin <= to && count > 0 && count <= math.MaxInt64); d.err == nil {
			g.counts[i] += count
			sum += count
		}
	}
	return sum
}

func (s *spread) save(e *enc) {
	e.int(s.n)
	if s.n == 0 {
		return
	}
	e.float(s.lo)
	e.float(s.hi)
	e.uint(s.zeros)
	s.even.save(e)
	s.pos.save(e)
	s.neg.save(e)
}

func (s *spread) load(d *dec) {
	if s.n = d.count(); s.n == 0 {
		return
	}
	s.lo, s.hi, s.zeros = d.float(), d.float(), d.uint()
	if d.check(s.lo <= s.hi && !math.IsInf(s.lo, 0) && !math.IsInf(s.hi, 0)); d.err != nil {
		return
	}
	level, from, to := s.evenLevel()
	n := s.even.load(d, level, from, to)
	m := s.zeros + s.pos.load(d) + s.neg.load(d)
	d.check(n == uint64(s.n) && m == n)
}

func (r *ratios) save(e *enc) {
	if !e.bool(r.hi != 0) {
		return
	}
	e.float(r.lo)
	e.float(r.hi)
	r.bins.save(e)
}

func (r *ratios) load(d *dec) uint64 {
	if !d.bool() {
		return 0
	}
	r.lo, r.hi = d.float(), d.float()
	if d.check(r.lo > 0 && r.lo <= r.hi && !math.IsInf(r.hi, 0)); d.err != nil {
		return 0
	}
	level := r.level()
	return r.bins.load(d, level, int64(math.Float64bits(r.lo))>>level, int64(math.Float64bits(r.hi))>>level)
}

func (l *lengths) save(e *enc) {
	for _, v := range []int64{l.n, l.sum, l.min, l.max} {
		e.int(v)
	}
	e.fixed(l.sqHi)
	e.fixed(l.sqLo)
}

func (l *lengths) load(d *dec) {
	*l = lengths{n: d.count(), sum: d.count(), min: d.count(), max: d.count(), sqHi: d.fixed(), sqLo: d.fixed()}
}

func (c *texts) save(e *enc) {
	c.len.save(e)
	e.int(c.empty)
	e.bool(c.seen)
	e.text(c.lo)
	e.text(c.hi)
	e.int(c.rare)
	e.int(c.checked)
	c.top.save(e)
	if e.bool(c.distinct != nil) {
		c.distinct.save(e)
	}
}

func (c *texts) load(d *dec) {
	c.len.load(d)
	c.empty, c.seen = d.count(), d.bool()
	c.lo, c.hi = d.text(), d.text()
	d.check(len(c.lo) <= maxText && len(c.hi) <= maxText)
	c.loKey, c.hiKey = prefix(c.lo), prefix(c.hi)
	c.rare, c.checked = d.count(), d.count()
	c.top.load(d)
	d.check(c.show || c.top.spans == nil)
	if d.bool() {
		c.distinct = newHLL()
		c.distinct.load(d)
	}
}

func (c *booleans) save(e *enc) {
	e.int(c.yes)
	e.int(c.no)
}

func (c *booleans) load(d *dec) { c.yes, c.no = d.count(), d.count() }

func (c *decimals[T]) save(e *enc) {
	c.numbers.save(e)
	if e.bool(c.seen) {
		e.text(c.lo.ToString(c.scale))
		e.text(c.hi.ToString(c.scale))
	}
}

func (c *decimals[T]) load(d *dec) {
	c.numbers.load(d)
	if c.seen = d.bool(); !c.seen {
		return
	}
	for _, v := range []*T{&c.lo, &c.hi} {
		text := d.text()
		var err error
		if *v, err = c.parse(text); err != nil || len(text) > 100 {
			d.fail()
		}
	}
}

func (c *lists) save(e *enc) {
	c.len.save(e)
	for _, v := range []int64{c.empty, c.long, c.left} {
		e.int(v)
	}
	c.items.save(e)
}

func (c *lists) load(d *dec) {
	c.len.load(d)
	c.empty, c.long, c.left = d.count(), d.count(), d.count()
	c.items.load(d)
}

func (c *structs) save(e *enc) {
	for _, n := range c.set {
		e.int(n)
	}
}

func (c *structs) load(d *dec) {
	for i := range c.set {
		c.set[i] = d.count()
	}
}

func (uncounted) save(*enc) {}
func (uncounted) load(*dec) {}
