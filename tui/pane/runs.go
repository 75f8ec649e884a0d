package pane

import (
	"slices"
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
	Sources string // commit that was built, in few letters; "" when unknown
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
	all    []PastRun
	runs   []PastRun // those that the filter lets through
	filter runFilter
	scroll ui.Scroll
	marked string // id; "" when none is
	newest bool   // the cursor goes to the newest run, until it is moved
	empty  string
}

// NewRuns gives an empty list.
func NewRuns() *Runs { return &Runs{empty: "Looking for runs."} }

// SetRuns shows runs. The cursor stays on its run, and a mark on a run that is gone
// is taken away.
func (p *Runs) SetRuns(runs []PastRun) {
	p.all, p.empty = runs, "There is no run yet. Start a build with b on the Setup screen."
	if !slices.ContainsFunc(runs, func(r PastRun) bool { return r.ID == p.marked }) {
		p.marked = ""
	}
	p.narrow()
}

// narrow lists the runs that the filter lets through. The cursor stays on its run, or
// goes to the newest one.
func (p *Runs) narrow() {
	was, _ := p.Current()
	p.runs = nil
	for _, r := range p.all {
		if p.filter.match(r) {
			p.runs = append(p.runs, r)
		}
	}
	p.scroll.Cursor = max(0, slices.IndexFunc(p.runs, func(r PastRun) bool { return r.ID == was.ID }))
	if p.newest {
		p.scroll.Cursor = 0
	}
	p.scroll.Clamp(len(p.runs), p.listed())
}

// Enter is called when the viewer comes to the list: who left it at the newest run
// finds it at the newest one again, though that may be another by now.
func (p *Runs) Enter() { p.newest = p.scroll.Cursor == 0 }

// Any reports whether there are runs, with or without the filter.
func (p *Runs) Any() bool { return len(p.all) > 0 }

// Filter is the text of the filter.
func (p *Runs) Filter() string { return p.filter.text }

// SetFilter shows only runs that match, or says what is wrong with the filter.
func (p *Runs) SetFilter(text string) error {
	f, err := parseRunFilter(text)
	if err != nil {
		return err
	}
	p.filter = f
	p.narrow()
	return nil
}

// listed is the number of lines for runs: those below the line of times.
func (p *Runs) listed() int { return max(p.h-p.head(), 1) }

// head is 1 when there is room for the line of times.
func (p *Runs) head() int {
	if p.h < 7 || len(p.runs) < 2 {
		return 0
	}
	return 1
}

// Current is the selected run.
func (p *Runs) Current() (PastRun, bool) {
	if p.scroll.Cursor < len(p.runs) {
		return p.runs[p.scroll.Cursor], true
	}
	return PastRun{}, false
}

// Sources is the commit of a run, "" when it is not known.
func (p *Runs) Sources(id string) string {
	for _, r := range p.all {
		if r.ID == id {
			return r.Sources
		}
	}
	return ""
}

// Mark marks the selected run, or takes its mark away.
func (p *Runs) Mark() {
	if r, ok := p.Current(); ok && r.ID != p.marked {
		p.marked = r.ID
	} else {
		p.marked = ""
	}
}

// Marked is the id of the marked run, "" when none is.
func (p *Runs) Marked() string { return p.marked }

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
	for _, older := range p.all { // newest first, and ids are in the order of time
		if older.ID < r.ID && older.State == model.RunSucceeded {
			return older.ID, r.ID, true
		}
	}
	return "", r.ID, false
}

// Title names the pane.
func (p *Runs) Title() string { return "Runs" }

// Status tells how many runs there are, what is marked and why the selected one failed.
func (p *Runs) Status() string {
	s := ui.Counted(len(p.runs), "run")
	if len(p.runs) == 1 {
		s = "1 run"
	}
	if hidden := len(p.all) - len(p.runs); hidden > 0 {
		s += " with " + ui.Clean(p.filter.text) + ", " + ui.Commas(int64(hidden)) + " hidden"
	}
	if p.marked != "" {
		s += ", 1 marked"
	}
	if r, ok := p.Current(); ok && r.Error != "" { // the row may have no room for it
		s += ": " + ui.CleanError(r.Error)
	}
	return s
}

// Move moves the cursor by a number of runs.
func (p *Runs) Move(n int) {
	p.newest = false
	p.scroll.Move(n, len(p.runs), p.listed())
}

// Click selects the run on a line of the inside.
func (p *Runs) Click(line int) {
	if at := p.scroll.Top + line - p.head(); line >= p.head() && at < len(p.runs) {
		p.newest = false
		p.scroll.Set(at, len(p.runs), p.listed())
	}
}

// Side does nothing.
func (p *Runs) Side(int) {}

// SetSize gives the size of the inside.
func (p *Runs) SetSize(w, h int) {
	p.box.SetSize(w, h)
	p.scroll.Clamp(len(p.runs), p.listed())
}

// Lines draws the list, with A and B at the two runs that are compared. The bar of a run is its time against the longest one.
func (p *Runs) Lines(k Look) []string {
	switch {
	case len(p.all) == 0:
		return p.note(k.Theme.Dim, p.empty)
	case len(p.runs) == 0:
		return p.note(k.Theme.Dim, "No run matches the filter "+p.filter.text+".")
	}
	var longest time.Duration
	for _, r := range p.runs {
		longest = max(longest, r.Took())
	}
	a, b, compared := p.Pair()
	lines := make([]string, 0, p.h)
	if p.head() > 0 {
		lines = append(lines, p.times(k))
	}
	for i := p.scroll.Top; i < len(p.runs) && len(lines) < p.h; i++ {
		side := " "
		switch {
		case compared && p.runs[i].ID == a:
			side = "A"
		case compared && p.runs[i].ID == b:
			side = "B"
		}
		lines = append(lines, p.line(k, p.runs[i], side, i == p.scroll.Cursor, longest))
	}
	return p.fill(lines)
}

// times draws the times of the runs that succeeded, the newest at the right end: what
// failed ended early, and says nothing of the time that a build takes.
func (p *Runs) times(k Look) string {
	var took []int64
	for _, r := range p.runs {
		if r.State == model.RunSucceeded && r.Took() > 0 && len(took) < max(p.w-46, 8) {
			took = append(took, int64(r.Took()))
		}
	}
	line := ui.NewLine(p.w, 0).Gap(4)
	if len(took) < 2 {
		return line.Add(k.Theme.Dim, "no times to compare: fewer than 2 of these runs succeeded").String()
	}
	slices.Reverse(took)
	low, high := durationText(slices.Min(took)), durationText(slices.Max(took))
	return line.Add(k.Theme.Dim, "times, oldest first ").Add(k.Theme.Bar, ui.Spark(&k.Theme.Glyphs, took)).Add(k.Theme.Dim, "  "+low+" to "+high).String()
}

// line draws a run. Side is A or B for the two runs that are compared.
func (p *Runs) line(k Look, r PastRun, side string, selected bool, longest time.Duration) string {
	line := ui.NewLine(p.w, 0)
	if selected {
		line.Over(k.selected())
	}
	mark := " "
	if r.ID == p.marked {
		mark = k.Theme.Glyphs.Edited
	}
	wide, started := p.w >= 64, ""
	if !r.Started.IsZero() {
		started = r.Started.UTC().Format("01-02 15:04:05")
	}
	if !wide {
		started = started[:min(len(started), 11)] // the commit needs the room of the seconds
	}
	took, bar := "-", ""
	if r.Took() > 0 {
		took, bar = ui.Duration(r.Took()), ui.Gantt(&k.Theme.Glyphs, 0, int64(r.Took()), int64(longest), 6)
	}
	state := RunNode(r.State)
	line.Text(k.marker(selected)).Add(k.Theme.Warn, mark).Add(k.Theme.Accent, side).Gap(1).Text(ui.Fit(started, map[bool]int{true: 14, false: 11}[wide])).Gap(1)
	line.Add(k.Theme.State(state), ui.Fit(k.Theme.Glyphs.State(state)+" "+r.State.String(), 12)).Text(ui.FitRight(took, 7)).Gap(1)
	if wide {
		line.Add(k.Theme.Accent, ui.Fit(bar, 6)).Gap(1)
	}
	line.Text(ui.Fit(ui.Clean(r.Profile), 7)).Gap(1).Add(k.Theme.Info, ui.Fit(ui.Clean(r.Sources), 8)).Gap(1)
	return line.Add(k.Theme.Bad, ui.CleanError(r.Error)).String()
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
