package capture

// gridBins is how many bins a grid has: 32 KiB of counters.
const gridBins = 4096

// grid counts values by bin. A bin is a whole number; what it stands for depends
// on the level, and two neighbours of one level, 2k and 2k+1, are bin k of the next.
// So a grid can become coarser exactly, and what is in it does not depend on when
// it did. The zero value is empty.
type grid struct {
	level  int
	first  int64 // bin of counts[0]
	counts *[gridBins]uint64
}

// fit makes the grid hold the bins lo to hi of a level, which must not be finer than
// its own, and which must be fewer than gridBins. What it holds must lie within.
func (g *grid) fit(level int, lo, hi int64) {
	if g.counts == nil {
		g.level, g.first, g.counts = level, lo, new([gridBins]uint64)
		return
	}
	if level == g.level && lo >= g.first && hi-g.first < gridBins {
		return
	}
	// Growth mostly goes on in the direction in which it began: leave the room there.
	first := lo
	if lo < g.first>>(level-g.level) {
		first = hi - (gridBins - 1)
	}
	old, shift, from := *g.counts, level-g.level, g.first // the copy is on the stack
	clear(g.counts[:])
	for i, n := range old {
		if n > 0 {
			g.counts[(from+int64(i))>>shift-first] += n
		}
	}
	g.level, g.first = level, first
}

// each calls f for every bin that is not empty, in order.
func (g *grid) each(f func(bin int64, n uint64)) {
	if g.counts == nil {
		return
	}
	for i, n := range g.counts {
		if n > 0 {
			f(g.first+int64(i), n)
		}
	}
}

// merge adds the counts of o, after fit has made room for them.
func (g *grid) merge(o *grid) {
	o.each(func(bin int64, n uint64) { g.counts[bin>>(g.level-o.level)-g.first] += n })
}
