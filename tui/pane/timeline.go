package pane

import (
	"cmp"
	"slices"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/ui"
)

// NodePast is a node over earlier runs.
type NodePast struct {
	Runs     []PastNode // newest first
	MedianNS int64      // what the node usually takes; 0 when unknown
	MarginNS int64      // how far from that is noise; 0 when too few runs tell
	Counted  int        // runs that tell it
	Workers  int        // of the run that is looked back from
	// Judge says how a time stands against what is usual, in a word; nil says nothing.
	Judge func(tookNS int64) string
	Empty string // says that there are no runs; "" for the usual words

	Before PastPlan // where a plan was asked for, all else is empty
}

// PastPlan is how the engine ran a node in an earlier run.
type PastPlan struct {
	RunID   string              // "" when no earlier run kept a plan of it
	Profile *model.QueryProfile // read-only
}

// PastNode is what became of a node in one earlier run.
type PastNode struct {
	RunID   string
	Started time.Time
	State   model.NodeState
	TookNS  int64 // 0 when it did not run to its end
	Rows    int64
	Profile string
	Sources string // commit, in few letters
	Counts  bool   // it tells what is usual
}

// Timeline shows a node in this run and the earlier ones, as rows with bars.
type Timeline struct {
	box
	past   NodePast
	note   string // shown instead
	row    runview.Row
	scroll ui.Scroll
}

// NewTimeline gives an empty pane.
func NewTimeline() *Timeline { return &Timeline{note: "Reading earlier runs."} }

// SetNote says why there is no timeline, or not yet.
func (p *Timeline) SetNote(text string) { p.note, p.past = text, NodePast{} }

// SetPast shows earlier runs.
func (p *Timeline) SetPast(past NodePast) {
	p.note, p.past, p.scroll = "", past, ui.Scroll{}
	if len(past.Runs) == 0 {
		p.note = cmp.Or(past.Empty, "No earlier run of this repository had the node.")
	}
}

// heads is the number of lines above the rows: what is usual, its band, the names of
// the columns and this run.
const timelineHeads = 4

func (p *Timeline) listed() int { return max(p.h-timelineHeads, 1) }

// SetSize gives the size of the inside.
func (p *Timeline) SetSize(w, h int) {
	p.box.SetSize(w, h)
	p.scroll.Clamp(len(p.past.Runs), p.listed())
}

// Title is not shown: the pane is a tab of the details.
func (p *Timeline) Title() string { return "Timeline" }

// Status tells how many runs there are.
func (p *Timeline) Status() string {
	if p.note != "" {
		return ""
	}
	return ui.Commas(int64(p.scroll.Cursor+1)) + " of " + ui.Commas(int64(len(p.past.Runs))) + " earlier runs"
}

// Move moves the cursor by runs.
func (p *Timeline) Move(n int) { p.scroll.Move(n, len(p.past.Runs), p.listed()) }

// Current is the selected run; false when there is none.
func (p *Timeline) Current() (PastNode, bool) {
	if p.note != "" || p.scroll.Cursor >= len(p.past.Runs) {
		return PastNode{}, false
	}
	return p.past.Runs[p.scroll.Cursor], true
}

// Side does nothing.
func (p *Timeline) Side(int) {}

// Click selects the run on a line of the inside.
func (p *Timeline) Click(line int) {
	if at := p.scroll.Top + line - timelineHeads; line >= timelineHeads && at < len(p.past.Runs) {
		p.scroll.Set(at, len(p.past.Runs), p.listed())
	}
}

// Lines draws the timeline.
func (p *Timeline) Lines(k Look) []string {
	if p.note != "" {
		return p.box.note(k.Theme.Dim, p.note)
	}
	th := k.Theme
	now := int64(0)
	if p.row.Start != 0 && p.row.State != model.NodeCached {
		end := p.row.End
		if end == 0 {
			end = k.Now.UnixNano()
		}
		now = max(end-p.row.Start, 0)
	}
	axis := max(now, p.past.MedianNS+p.past.MarginNS, 1)
	var spark []int64
	for _, r := range p.past.Runs {
		axis = max(axis, r.TookNS)
		if r.Counts && len(spark) < 20 {
			spark = append(spark, r.TookNS)
		}
	}
	slices.Reverse(spark)
	lines := make([]string, 0, p.h)
	first := ui.NewLine(p.w, 0).Gap(1)
	switch {
	case p.past.MarginNS > 0:
		first.Text("usually " + durationText(p.past.MedianNS) + " ± " + durationText(p.past.MarginNS)).Gap(1)
		first.Add(th.Bar, ui.Spark(&th.Glyphs, append(spark, now))).Add(th.Dim, " now, "+ui.Commas(int64(p.past.Counted))+" runs like it")
	default:
		text := "too few runs like this one: " + ui.Commas(int64(p.past.Counted)) + " of 3, same profile"
		if p.past.Workers > 0 {
			text += " and " + ui.Commas(int64(p.past.Workers)) + " workers"
		}
		first.Add(th.Dim, text)
	}
	lines = append(lines, first.String())
	w := p.columns()
	band := ui.Blank(w)
	if p.past.MarginNS > 0 {
		band = ui.Gantt(&th.Glyphs, max(p.past.MedianNS-p.past.MarginNS, 0), p.past.MedianNS+p.past.MarginNS, axis, w)
	}
	bandLine := ui.NewLine(p.w, 0).Gap(1).Add(th.Dim, ui.Fit("noise band", 22))
	if w > 0 {
		bandLine.Gap(1).Add(th.Dim, band)
	}
	lines = append(lines, bandLine.String())
	head := ui.NewLine(p.w, 0).Gap(1).Add(th.Dim, ui.Fit("started", 11)).Gap(3).Add(th.Dim, ui.FitRight("time", 7))
	if w > 0 {
		head.Gap(2 + w)
	}
	head.Add(th.Dim, ui.FitRight("rows", 6)+" "+ui.Fit("against", 7)).Gap(1)
	if p.profiles() {
		head.Add(th.Dim, ui.Fit("profile", 7)).Gap(1)
	}
	lines = append(lines, head.Add(th.Dim, "commit").String())
	lines = append(lines, p.line(k, PastNode{State: p.row.State, TookNS: now, Rows: p.row.Rows, Counts: true}, "this run", axis, w, false))
	for i := p.scroll.Top; i < len(p.past.Runs) && len(lines) < p.h; i++ {
		r := p.past.Runs[i]
		lines = append(lines, p.line(k, r, r.Started.UTC().Format("01-02 15:04"), axis, w, i == p.scroll.Cursor))
	}
	return p.fill(lines)
}

// profiles reports whether there is room for them: a run of another one is marked in
// any case.
func (p *Timeline) profiles() bool { return p.w >= 64 }

// columns is the width of the bars.
func (p *Timeline) columns() int {
	w := p.w - 23 - 1 - 7 - 8 - 8
	if p.profiles() {
		w -= 8
	}
	return max(0, min(30, w))
}

func (p *Timeline) line(k Look, r PastNode, when string, axis int64, w int, selected bool) string {
	th := k.Theme
	line := ui.NewLine(p.w, 0)
	if selected {
		line.Over(k.selected())
	}
	text, took := th.Text, "-"
	if !r.Counts { // a run of another profile, a cached node: not to be compared
		text = th.Dim
	}
	if r.TookNS > 0 {
		took = durationText(r.TookNS)
	}
	line.Text(k.marker(selected)).Add(text, ui.Fit(when, 11)).Gap(1).Add(th.State(r.State), th.Glyphs.State(r.State)).Gap(1).Add(text, ui.FitRight(took, 7)).Gap(1)
	if w > 0 {
		bar := ui.Blank(w)
		if r.TookNS > 0 {
			bar = ui.Gantt(&th.Glyphs, 0, r.TookNS, axis, w)
		}
		line.Add(th.Bar, bar).Gap(1)
	}
	against, paint := "", th.Dim
	if r.Counts && p.past.MarginNS > 0 && r.TookNS > 0 && p.past.Judge != nil {
		against = p.past.Judge(r.TookNS)
	} else if r.State == model.NodeCached {
		against = "cached"
	} else if r.State == model.NodeSucceeded {
		against = "other"
	}
	if against == "slower" {
		paint = th.Warn
	}
	line.Add(text, ui.FitRight(ui.Count(r.Rows), 6)).Gap(1).Add(paint, ui.Fit(against, 7)).Gap(1)
	if p.profiles() {
		line.Add(th.Dim, ui.Fit(ui.Clean(r.Profile), 7)).Gap(1)
	}
	return line.Add(th.Info, ui.Clean(r.Sources)).String()
}
