package pane

import (
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/tui/ui"
)

// span is a part of a run's time, in nanoseconds since its start.
type span struct{ from, to int64 }

// cells are the cells, of w that show the span s, that another span touches: at
// least one if any of it is within s.
func (s span) cells(other span, w int) (from, to int) {
	if other.to < s.from || other.from >= s.to || other.to < other.from {
		return 0, 0
	}
	scale := float64(w) / float64(s.to-s.from)
	from = max(int(float64(other.from-s.from)*scale), 0)
	to = min(int(float64(other.to-s.from)*scale+0.5), w)
	from = min(from, w-1)
	return from, max(to, from+1)
}

// at is the time in the middle of a cell of w.
func (s span) at(cell, w int) int64 {
	return s.from + int64((float64(cell)+0.5)/float64(w)*float64(s.to-s.from))
}

// share is where a time is within the span, from 0 to 1.
func (s span) share(at int64) float64 {
	return float64(at-s.from) / float64(max(s.to-s.from, 1))
}

// shown is what the waterfall shows: the range that was chosen, or the whole run.
func (t *Tree) shown() span {
	if t.zoom != (span{}) {
		return t.zoom
	}
	return span{0, t.axis}
}

// shortest is the shortest range of time that can be zoomed into, in nanoseconds.
const shortest = 1000

// Zoom shows half of the time (+1) around the selected row, or twice as much (-1).
// It reports whether anything has changed.
func (t *Tree) Zoom(step int) bool {
	shown := t.shown()
	length := shown.to - shown.from
	if step > 0 {
		length /= 2
	} else {
		length *= 2
	}
	if length < shortest || length <= 0 {
		return false
	}
	middle := (shown.from + shown.to) / 2
	if ran, ok := t.selectedSpan(); ok && step > 0 {
		if at := (max(ran.from, shown.from) + min(ran.to, shown.to)) / 2; at >= shown.from && at <= shown.to {
			middle = at
		}
	}
	return t.zoomTo(span{middle - length/2, middle - length/2 + length})
}

// ZoomRow shows the time of the selected row, with a little around it.
func (t *Tree) ZoomRow() bool {
	ran, ok := t.selectedSpan()
	if !ok {
		return false
	}
	margin := max((ran.to-ran.from)/20, shortest/2)
	return t.zoomTo(span{ran.from - margin, ran.to + margin})
}

// ZoomOut shows the whole run.
func (t *Tree) ZoomOut() bool { return t.zoomTo(span{0, t.axis}) }

// Pan shows the time before (-1) or after (+1): a quarter of what shows.
func (t *Tree) Pan(step int) bool {
	shown := t.shown()
	by := (shown.to - shown.from) / 4 * int64(step)
	return t.zoomTo(span{shown.from + by, shown.to + by})
}

// zoomTo shows a range, moved into the time of the run. The whole run is no range:
// it grows.
func (t *Tree) zoomTo(s span) bool {
	before := t.zoom
	if over := s.to - t.axis; over > 0 {
		s.from, s.to = s.from-over, s.to-over
	}
	if s.from < 0 {
		s.from, s.to = 0, min(s.to-s.from, t.axis)
	}
	if t.zoom = s; s == (span{0, t.axis}) {
		t.zoom = span{}
	}
	return t.zoom != before
}

// selectedSpan is the time in which the selected row ran, or waits since.
func (t *Tree) selectedSpan() (span, bool) {
	row, ok := t.Selected()
	if !ok || t.header.Started.IsZero() || row.Start == 0 {
		return span{}, false
	}
	begin := t.header.Started.UnixNano()
	ran := span{row.Start - begin, row.End - begin}
	if row.End == 0 {
		ran.to = max(t.now-begin, ran.from)
	}
	return ran, true
}

// ticks draws the axis of a span as w cells: a mark and a time at round times.
func ticks(mark string, shown span, w int) string {
	const room = 9 // cells from a mark to the next, at least
	if shown.to <= shown.from || w <= 0 {
		return ui.Blank(max(w, 0))
	}
	step := tickStep((shown.to - shown.from) * room / int64(max(w, room)))
	var b strings.Builder
	used := 0
	for at := (shown.from + step - 1) / step * step; at < shown.to; at += step {
		cell := int(float64(at-shown.from) / float64(shown.to-shown.from) * float64(w))
		text := tickText(at)
		if cell < used || cell+1+len(text) > w {
			continue
		}
		b.WriteString(ui.Blank(cell - used))
		b.WriteString(mark + text)
		used = cell + 1 + ui.Width(text)
	}
	b.WriteString(ui.Blank(w - used))
	return b.String()
}

// tickStep is the next round number of nanoseconds: 1, 2 or 5 times a power of ten.
func tickStep(ns int64) int64 {
	step := int64(1)
	for {
		for _, k := range []int64{1, 2, 5} {
			if k*step >= ns || step >= 1e17 {
				return k * step
			}
		}
		step *= 10
	}
}

// tickText is a time on an axis: as short as it can be written without a loss.
func tickText(ns int64) string {
	if ns == 0 {
		return "0"
	}
	for _, u := range []struct {
		name string
		size int64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
		if ns >= u.size || ns <= -u.size {
			s := strings.TrimRight(strconv.FormatFloat(float64(ns)/float64(u.size), 'f', 3, 64), "0")
			return strings.TrimSuffix(s, ".") + u.name
		}
	}
	return durationText(ns)
}
