package ui

import (
	"math"
	"strings"

	"github.com/buildscope/buildscope/tui/theme"
)

// Progress draws done of total as w cells.
func Progress(g *theme.Glyphs, done, total int64, w int) string {
	if w <= 0 {
		return ""
	}
	share := 0.0
	if total > 0 {
		share = min(1, max(0, float64(done)/float64(total)))
	}
	full := int(share*float64(w) + 0.5)
	return strings.Repeat(g.Bar[len(g.Bar)-1], full) + strings.Repeat(g.Track, w-full)
}

// Gantt draws the time from start to end on an axis of the given length as w
// cells; all three count nanoseconds since the beginning of the axis. The length
// of the bar is exact to a part of a cell, because lengths are what is compared;
// its beginning is exact to half a cell, since there are no glyphs that fill a
// cell from the right in finer steps. Anything that took time at all is visible.
func Gantt(g *theme.Glyphs, start, end, axis int64, w int) string {
	if w <= 0 {
		return ""
	}
	if axis <= 0 || end < start {
		return Blank(w)
	}
	steps := len(g.Bar)
	scale := func(t int64) int {
		return int(math.Round(float64(min(max(t, 0), axis)) / float64(axis) * float64(w*steps)))
	}
	start, end = min(start, axis), min(end, axis)
	length := max(scale(end-start), 1)
	from := min(scale(start), w*steps-length) // in parts of a cell
	var b strings.Builder
	cell, rest := from/steps, length
	b.WriteString(Blank(cell))
	if half := steps / 2; g.BarRight != "" && from%steps >= half && rest >= half {
		b.WriteString(g.BarRight)
		cell++
		rest -= half
	}
	full := min(rest/steps, w-cell)
	b.WriteString(strings.Repeat(g.Bar[steps-1], full))
	cell += full
	if part := rest % steps; part > 0 && cell < w {
		b.WriteString(g.Bar[part-1])
		cell++
	}
	b.WriteString(Blank(w - cell))
	return b.String()
}

// Spark draws counts as one cell each, the highest count full height. Zero is a
// blank, anything else at least the lowest glyph.
func Spark(g *theme.Glyphs, counts []int64) string {
	var top int64
	for _, c := range counts {
		top = max(top, c)
	}
	var b strings.Builder
	for _, c := range counts {
		if c <= 0 {
			b.WriteByte(' ')
			continue
		}
		b.WriteString(g.Spark[int(float64(c)/float64(top)*float64(len(g.Spark)-1)+0.5)])
	}
	return b.String()
}

// NiceAxis rounds a length of time up to a step of 1, 2 or 5 times a power of
// ten, so that an axis grows in few steps while a run goes on.
func NiceAxis(ns int64) int64 {
	step := int64(1e8)
	for {
		for _, k := range []int64{1, 2, 5} {
			if k*step >= ns || step > 1e17 {
				return k * step
			}
		}
		step *= 10
	}
}
