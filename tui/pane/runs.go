package pane

import (
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/ui"
)

// PastRun is one line of the list of runs.
type PastRun struct {
	ID      string
	State   model.RunState
	Started time.Time
	Ended   time.Time // zero when it never came to an end
	Profile string
	Error   string
}

// Took is how long the run took, 0 when that is not known.
func (r PastRun) Took() time.Duration {
	if r.Ended.IsZero() || r.Started.IsZero() {
		return 0
	}
	return r.Ended.Sub(r.Started)
}

// Runs lists earlier runs, newest first. One of them can be marked, to be compared
// with the selected one.
type Runs struct {
	box
	runs   []PastRun
	scroll ui.Scroll
	marked string // id; "" when none is
	empty  string
}

// NewRuns gives an empty list.
func NewRuns() *Runs { return &Runs{empty: "Looking for runs."} }

// SetRuns shows runs. The cursor stays on its run, and a mark on a run that is gone
// is taken away.
func (p *Runs) SetRuns(runs []PastRun) {
	was, had := p.Current()
	p.runs, p.empty = runs, "There is no run yet. Start a build with b on the Setup screen."
	marked := p.marked
	p.marked = ""
	for i, r := range runs {
		if had && r.ID == was.ID {
			p.scroll.Cursor = i
		}
		if r.ID == marked {
			p.marked = marked
		}
	}
	p.scroll.Clamp(len(p.runs), p.h)
}

// Current is the selected run.
func (p *Runs) Current() (PastRun, bool) {
	if p.scroll.Cursor < len(p.runs) {
		return p.runs[p.scroll.Cursor], true
	}
	return PastRun{}, false
}

// Mark marks the selected run, or takes its mark away.
func (p *Runs) Mark() {
	if r, ok := p.Current(); ok && r.ID != p.marked {
		p.marked = r.ID
	} else {
		p.marked = ""
	}
}

// Pair gives the two runs to compare, the older one first: the marked and the
// selected one. Without another marked one it is the selected run and the last
// successful one before it.
func (p *Runs) Pair() (a, b string, ok bool) {
	r, ok := p.Current()
	if !ok {
		return "", "", false
	}
	if p.marked != "" && p.marked != r.ID {
		return min(p.marked, r.ID), max(p.marked, r.ID), true
	}
	for _, older := range p.runs[p.scroll.Cursor+1:] {
		if older.State == model.RunSucceeded {
			return older.ID, r.ID, true
		}
	}
	return "", r.ID, false
}

// Title names the pane.
func (p *Runs) Title() string { return "Runs" }

// Status tells how many runs there are, what is marked and why the selected one failed.
func (p *Runs) Status() string {
	s := ui.Commas(int64(len(p.runs))) + " runs"
	if p.marked != "" {
		s += ", 1 marked"
	}
	if r, ok := p.Current(); ok && r.Error != "" { // the row may have no room for it
		s += ": " + ui.Clean(r.Error)
	}
	return s
}

// Move moves the cursor by a number of runs.
func (p *Runs) Move(n int) { p.scroll.Move(n, len(p.runs), p.h) }

// Click selects the run on a line of the inside.
func (p *Runs) Click(line int) {
	if at := p.scroll.Top + line; at < len(p.runs) {
		p.scroll.Set(at, len(p.runs), p.h)
	}
}

// Side does nothing.
func (p *Runs) Side(int) {}

// SetSize gives the size of the inside.
func (p *Runs) SetSize(w, h int) {
	p.box.SetSize(w, h)
	p.scroll.Clamp(len(p.runs), p.h)
}

// Lines draws the list. The bar of a run is its time against the longest one.
func (p *Runs) Lines(k Look) []string {
	if len(p.runs) == 0 {
		return p.note(k.Theme.Dim, p.empty)
	}
	var longest time.Duration
	for _, r := range p.runs {
		longest = max(longest, r.Took())
	}
	lines := make([]string, 0, p.h)
	for i := p.scroll.Top; i < len(p.runs) && len(lines) < p.h; i++ {
		lines = append(lines, p.line(k, p.runs[i], i == p.scroll.Cursor, longest))
	}
	return p.fill(lines)
}

func (p *Runs) line(k Look, r PastRun, selected bool, longest time.Duration) string {
	line := ui.NewLine(p.w, 0)
	if selected {
		line.Over(k.selected())
	}
	mark := " "
	if r.ID == p.marked {
		mark = k.Theme.Glyphs.Edited
	}
	started := ui.Blank(14)
	if !r.Started.IsZero() {
		started = r.Started.UTC().Format("01-02 15:04:05")
	}
	took, bar := "-", ui.Blank(6)
	if r.Took() > 0 {
		took, bar = ui.Duration(r.Took()), ui.Gantt(&k.Theme.Glyphs, 0, int64(r.Took()), int64(longest), 6)
	}
	state := RunNode(r.State)
	line.Text(k.marker(selected)).Add(k.Theme.Warn, mark).Text(started).Gap(1)
	line.Add(k.Theme.State(state), ui.Fit(k.Theme.Glyphs.State(state)+" "+r.State.String(), 12)).Text(ui.FitRight(took, 7)).Gap(1)
	line.Add(k.Theme.Accent, bar).Gap(1)
	return line.Text(ui.Fit(ui.Clean(r.Profile), 7)).Gap(1).Add(k.Theme.Bad, ui.Clean(r.Error)).String()
}

// RunNode is the state of a node that looks like the state of a run.
func RunNode(s model.RunState) model.NodeState {
	switch s {
	case model.RunSucceeded:
		return model.NodeSucceeded
	case model.RunFailed, model.RunIncomplete:
		return model.NodeFailed
	case model.RunCancelled:
		return model.NodeCancelled
	}
	return model.NodeRunning
}
