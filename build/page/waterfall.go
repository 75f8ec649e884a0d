package page

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
)

// Scale is the width of the waterfall and of the critical path in their own units:
// fine enough to zoom in, and whole numbers keep the page small.
const Scale = 100_000

// timeline places moments of the run on the scale.
type timeline struct{ start, end int64 } // unix nanoseconds

// newTimeline reaches from the first thing that a node did to the last.
func newTimeline(f Facts) timeline {
	t := timeline{start: math.MaxInt64}
	for _, n := range f.Execution.Nodes {
		for _, at := range []int64{n.Ready, n.Start, n.End} {
			if at > 0 {
				t.start, t.end = min(t.start, at), max(t.end, at)
			}
		}
	}
	if t.end == 0 {
		return timeline{}
	}
	t.end = max(t.end, t.start+1)
	return t
}

func (t timeline) x(at int64) int { return scaled(at-t.start, t.end-t.start) }

// scaled is part of whole on the scale, and stays on it whatever clocks did.
func scaled(part, whole int64) int {
	if whole <= 0 {
		return 0
	}
	return int(min(max(float64(part)/float64(whole), 0), 1) * Scale)
}

// waterfall is the bars of nodes and of what they did, along the time of the run.
type waterfall struct {
	Rows   []barRow
	Ticks  []tick
	WallNS int64
	Note   string // what is left out
}

// barRow is one bar with its label.
type barRow struct {
	ID     string // of a node
	Name   string
	Tip    string
	Class  string
	Mark   string // the state in a sign, where colour alone would tell it
	Depth  int    // 0 for nodes
	X, W   int    // in parts of Scale
	WX, WW int    // waiting for a worker
	TookNS int64
	Never  bool     // it has no bar: it never ran
	Spans  []barRow // below a node, those below them included
	More   string   // what is left out directly below
}

// tick is one mark of the time axis.
type tick struct {
	X     int
	Label string
}

// Percent is the place of a mark from the left.
func (t tick) Percent() string { return fmt.Sprintf("%.2f%%", float64(t.X)*100/Scale) }

// Width is never nothing: a browser does not draw what has none.
func (r barRow) Width() int { return max(r.W, 1) }

func newWaterfall(f Facts, nodes []shownNode, t timeline, b bounds) waterfall {
	w := waterfall{WallNS: t.end - t.start, Ticks: ticks(t.end - t.start)}
	for _, n := range nodes {
		r := barRow{ID: n.ID, Name: n.Name, TookNS: n.TookNS, Class: class(n), Mark: mark(n.State), Never: n.Start == 0}
		end := n.End
		if n.Start > 0 && end < n.Start { // it was running when the process died
			end = t.end
			r.TookNS = end - n.Start
		}
		r.X = t.x(n.Start)
		r.W = t.x(end) - r.X
		r.Tip = fmt.Sprintf("%s: %s, %s from %s", cut(n.Name, b.text), n.State, dur(r.TookNS), dur(n.OffsetNS))
		if n.WaitNS > 0 {
			r.WX = t.x(n.Ready)
			r.WW = r.X - r.WX
			r.Tip += fmt.Sprintf(", after waiting %s for a worker", dur(n.WaitNS))
		}
		if n.Rows > 0 {
			r.Tip += fmt.Sprintf(", %s rows", human.Commas(n.Rows))
		}
		for _, s := range f.Spans.Below[n.Name] {
			r.Spans = append(r.Spans, spanRow(s, t, b))
		}
		if left := f.Spans.Left[n.Name]; left.Count > 0 {
			r.More = more(left)
		}
		w.Rows = append(w.Rows, r)
	}
	// The root span and those of the nodes are rows of their own or none.
	if below := f.Spans.Total - len(f.Execution.Nodes) - 1; f.Spans.Shown < below {
		w.Note = fmt.Sprintf("%s of about %s spans below nodes are shown: of each node or span those that failed and the longest, at most %d. spans.parquet has all.",
			human.Commas(int64(f.Spans.Shown)), human.Commas(int64(below)), mostBelow)
	}
	return w
}

func spanRow(s Span, t timeline, b bounds) barRow {
	r := barRow{Name: s.Name, Depth: min(s.Depth, 6), TookNS: s.End - s.Start, X: t.x(s.Start), Class: "b-span"}
	if s.Subject != "" {
		r.Name = tail(s.Subject)
	}
	r.W = t.x(s.End) - r.X
	r.Tip = fmt.Sprintf("%s: %s from %s", cut(strings.TrimSpace(s.Name+" "+s.Subject), b.text), dur(r.TookNS), dur(max(0, s.Start-t.start)))
	if s.Failed {
		r.Class, r.Mark = "b-failed", mark(model.NodeFailed)
		r.Tip += ", failed: " + s.Message
	}
	if s.Left.Count > 0 {
		r.More = more(s.Left)
	}
	return r
}

// tail is the end of a path, which tells files apart where there is little room.
func tail(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return path
	}
	if i = strings.LastIndexByte(path[:i], '/'); i < 0 {
		return path
	}
	return "…" + path[i:]
}

func more(l Left) string {
	return fmt.Sprintf("%s more, %s together", human.Commas(int64(l.Count)), dur(l.TookNS))
}

// class is the look of a node's bar.
func class(n shownNode) string {
	switch {
	case n.State == model.NodeFailed:
		return "b-failed"
	case n.State == model.NodeCancelled || n.State == model.NodeRunning:
		return "b-cut"
	case n.Critical:
		return "b-critical"
	case n.State == model.NodeCached:
		return "b-cached"
	}
	return "b-node"
}

// mark is the sign of a state.
func mark(s model.NodeState) string {
	switch s {
	case model.NodeSucceeded:
		return "✓"
	case model.NodeCached:
		return "↺"
	case model.NodeFailed:
		return "✗"
	case model.NodeBlocked:
		return "⊘"
	case model.NodeCancelled:
		return "■"
	case model.NodeRunning:
		return "▶"
	}
	return "○"
}

// ticks are about six round moments of a length of time.
func ticks(wall int64) []tick {
	if wall <= 0 {
		return nil
	}
	step := roundStep(wall / 6)
	var out []tick
	for at := int64(0); at < wall-step/3; at += step {
		label := "0"
		if at > 0 {
			label = tickLabel(at)
		}
		out = append(out, tick{scaled(at, wall), label})
	}
	return out
}

// roundStep is the smallest round length of time that is not below ns.
func roundStep(ns int64) int64 {
	for unit := int64(1); unit < int64(time.Minute) && unit <= 1e10; unit *= 10 {
		for _, n := range []int64{1, 2, 5} {
			if step := n * unit; step >= ns && step <= int64(20*time.Second) {
				return step
			}
		}
	}
	for _, step := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute} {
		if int64(step) >= ns {
			return int64(step)
		}
	}
	hour := int64(time.Hour)
	return (ns + hour - 1) / hour * hour
}

// tickLabel writes a round moment without losing its digits: 1.5s, 20ms, 2m.
func tickLabel(ns int64) string {
	if ns < int64(time.Minute) {
		return time.Duration(ns).String()
	}
	return dur(ns)
}
