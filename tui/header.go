package tui

import (
	"strconv"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/pane"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// header draws the lines above the panes: title, run, banner.
func (m *Model) header(lines []string) []string {
	titled := m.h >= titleHeight
	if titled {
		lines = append(lines, m.titleLine())
	}
	if m.screen == screenRun {
		lines = append(lines, m.runLine(!titled))
	}
	text, paint := m.banner()
	for _, line := range m.bannerLines(text) {
		lines = append(lines, paint.S(ui.Fit(" "+line, m.w)))
	}
	return lines
}

// titleLine names the program, what is built, the screens and the run.
func (m *Model) titleLine() string {
	th := m.theme
	line := ui.NewLine(m.w, 0).Gap(1).Add(th.Strong, "buildscope")
	if m.opts.Subject != "" {
		line.Gap(1).Add(th.Accent, ui.Fit(ui.Clean(m.opts.Subject), min(ui.Width(ui.Clean(m.opts.Subject)), m.w/4)))
	}
	if mark := m.replayMark(); mark != "" {
		line.Gap(2).Add(th.Warn, mark)
	}
	if mark := m.peopleMark(); mark != "" {
		line.Gap(2).Add(th.Accent, mark)
	}
	line.Gap(2)
	for s := range screenCount {
		if ok, _ := m.has(s); !ok {
			continue
		}
		name := strconv.Itoa(int(s)+1) + " " + screenNames[s]
		if s == m.screen {
			line.Add(th.Strong, "["+name+"]")
		} else {
			line.Add(th.Dim, " "+name+" ")
		}
	}
	if m.live.run != nil {
		p, state := m.runState()
		text := state + " " + m.elapsedText() + " "
		if line.Left() > ui.Width(text)+14 {
			id := "run " + short(ui.Clean(m.live.snap.RunID)) + "  "
			line.Gap(line.Left()-ui.Width(text)-ui.Width(id)).Add(th.Dim, id)
		}
		if line.Left() < ui.Width(text) { // the glyph says it too
			text, _, _ = strings.Cut(state, " ")
			text += " " + m.elapsedText() + " "
		}
		line.Tail(p, text)
		if line.Left() == ui.Width(text) {
			line.Add(p, text)
		}
	}
	return line.String()
}

// runState is the state of the run as a glyph and a word, in its colour.
func (m *Model) runState() (theme.Paint, string) {
	s := m.live.snap.State
	node := pane.RunNode(s)
	return m.theme.State(node), m.theme.Glyphs.State(node) + " " + s.String()
}

// elapsedText is how long the run has taken: a clock while it runs, and a time as the
// other panes write it when it is over.
func (m *Model) elapsedText() string {
	if m.live.done {
		return ui.Duration(m.elapsed())
	}
	return ui.Clock(m.elapsed())
}

// elapsed is how long the run has taken.
func (m *Model) elapsed() time.Duration {
	snap, h := m.live.snap, m.tree.Header()
	start, end := snap.Started, snap.Ended
	if start.IsZero() {
		start = h.Started
	}
	if start.IsZero() {
		return 0
	}
	if end.IsZero() && m.live.done {
		end = h.Ended
	}
	if end.IsZero() {
		end = m.live.now
	}
	return end.Sub(start)
}

// runLine tells profile, progress, counts of nodes by state and what became of
// the telemetry.
func (m *Model) runLine(withState bool) string {
	th, line := m.theme, ui.NewLine(m.w, 0).Gap(1)
	if m.live.run == nil {
		text := "No build yet. Press 1 for the settings and b to start one."
		switch {
		case m.launching():
			text = "Starting the build."
		case m.setup == nil:
			text = "No build to watch."
		}
		return line.Add(th.Dim, text).String()
	}
	if withState {
		p, state := m.runState()
		line.Add(p, state+" "+m.elapsedText()).Gap(2)
	}
	h := m.tree.Header()
	done := ended(h.States)
	line.Add(th.Bar, ui.Progress(&th.Glyphs, int64(done), int64(h.Nodes), 8)).Gap(1)
	line.Text(strconv.Itoa(percent(done, h.Nodes)) + "% of " + ui.Counted(h.Nodes, "node"))
	states := func(line *ui.Line, words bool) { m.states(line, h, words) }
	least := m.exportsWidth(summed(m.live.snap.Exports))
	states(line, cells(func(l *ui.Line) { states(l, true) })+least <= line.Left())
	if p := m.live.snap.Profile; p != "" { // a replay may not know it yet
		if room := line.Left() - ui.Width("  profile "+ui.Clean(p)); room >= least {
			line.Gap(2).Add(th.Dim, "profile ").Text(ui.Clean(p))
		}
	}
	m.exports(line)
	m.tracker(line)
	if h.Dropped > 0 { // first: it is news
		line.Gap(2).Add(th.Warn, ui.Count(h.Dropped)+" not kept")
	}
	spans := ui.Count(h.Spans) + " spans"
	if h.SampledOut > 0 {
		spans += ", " + ui.Count(h.SampledOut) + " sampled out"
	}
	whole(line, th.Dim, spans)
	return line.String()
}

// states counts the nodes by state, with a word for each or the sign alone.
func (m *Model) states(line *ui.Line, h runview.Header, words bool) {
	th := m.theme
	for _, s := range []model.NodeState{
		model.NodeFailed, model.NodeRunning, model.NodeSucceeded, model.NodeCached, model.NodeBlocked, model.NodeCancelled, model.NodePending,
	} {
		text := th.Glyphs.State(s) + strconv.Itoa(h.States[s])
		if words {
			text += " " + pane.StateWord(s)
		}
		if h.States[s] > 0 {
			line.Gap(1).Add(th.State(s), text)
		}
	}
	if n := h.Failed - int64(h.States[model.NodeFailed]); n > 0 { // files that could not be read, and the like
		line.Gap(1).Add(th.Bad, th.Glyphs.State(model.NodeFailed)+ui.Count(n)+" failed below")
	}
}

// whole adds a piece that is of no use when it is cut, if there is room for it.
func whole(line *ui.Line, p theme.Paint, text string) {
	if line.Left() >= ui.Width(text)+2 {
		line.Gap(2).Add(p, text)
	}
}

// exports tells what became of the spans, by exporter.
func (m *Model) exports(line *ui.Line) {
	th := m.theme
	if len(m.live.snap.Exports) == 0 && m.live.snap.BundleDir == "" {
		return // of a build that is received, nobody here knows
	}
	if len(m.live.snap.Exports) == 0 {
		whole(line, th.Dim, "nothing is exported")
		return
	}
	list := m.live.snap.Exports
	if m.exportsWidth(list) > line.Left() {
		list = summed(list)
	}
	m.exportsOf(line, list)
}

// summed is all exporters as one; which of them lost something is in the box of x.
func summed(list []model.ExportCounts) []model.ExportCounts {
	if len(list) == 0 {
		return nil
	}
	var all model.ExportCounts
	for _, e := range list {
		all.Sent, all.Queued = all.Sent+e.Sent, all.Queued+e.Queued
		all.Created, all.SampledOut = all.Created+e.Created, all.SampledOut+e.SampledOut
		all.Rejected, all.Failed, all.Dropped, all.Lost = all.Rejected+e.Rejected, all.Failed+e.Failed, all.Dropped+e.Dropped, all.Lost+e.Lost
	}
	return []model.ExportCounts{all}
}

// exportsWidth is the cells that exportsOf takes.
func (m *Model) exportsWidth(list []model.ExportCounts) int {
	return cells(func(line *ui.Line) { m.exportsOf(line, list) })
}

// cells are those that something takes where there is room for all of it.
func cells(write func(*ui.Line)) int {
	const enough = 1 << 12
	line := ui.NewLine(enough, 0)
	write(line)
	return enough - line.Left()
}

func (m *Model) exportsOf(line *ui.Line, list []model.ExportCounts) {
	th := m.theme
	for _, e := range list {
		line.Gap(2)
		if e.Exporter != "" {
			line.Add(th.Dim, ui.Clean(e.Exporter)).Gap(1)
		}
		lost := e.Missing()
		paint := th.Good
		if lost > 0 {
			paint = th.Bad
		}
		line.Add(paint, ui.Count(e.Sent)+" sent")
		if e.Queued > 0 {
			line.Add(th.Dim, " "+ui.Count(e.Queued)+" queued")
		}
		if lost > 0 {
			line.Add(th.Bad, " "+ui.Count(lost)+" lost")
			if e.LastError != "" {
				line.Add(th.Dim, ": "+ui.Fit(ui.Clean(e.LastError), min(ui.Width(ui.Clean(e.LastError)), max(m.w/4, 20))))
			}
		}
	}
}

// tracker tells what the Hamilton UI has of the run, with a link to its page.
func (m *Model) tracker(line *ui.Line) {
	th, t := m.theme, m.live.snap.Tracker
	if !t.Enabled {
		return
	}
	line.Gap(2).Link(th.Dim, "Hamilton", t.RunURL).Gap(1)
	switch {
	case t.Away && !t.Delivered:
		line.Add(th.Bad, "away, "+ui.Count(t.NodesSent)+" sent")
	case t.Delivered:
		line.Add(th.Good, "all sent")
	default:
		line.Add(th.Dim, ui.Count(t.NodesSent)+" sent")
	}
	if !t.Statistics {
		line.Add(th.Dim, ", no statistics")
	}
}

// banner is what must be seen above the panes, and its paint; "" when there is
// nothing.
func (m *Model) banner() (string, theme.Paint) {
	snap := m.live.snap
	switch {
	case m.leaving:
		return "The build is being cancelled; the program ends with it. Press ctrl+c to leave at once.", m.theme.Banner
	case m.screen != screenRun:
		return "", theme.Paint{}
	case m.live.paused:
		return "PAUSED: " + ui.Commas(int64(m.live.held)) + " updates are held back. Press space to go on.", m.theme.Banner
	case m.live.done && snap.Err != "":
		return ui.CleanError(snap.Err), m.theme.Bad
	case m.live.done && snap.OutputDir != "":
		text := ui.Counted(len(snap.Outputs), "table")
		if ok, _ := m.has(screenArtifacts); ok {
			text += " (press 3 to see them)"
		}
		text += " in "
		text += ui.FitPath(ui.Clean(snap.OutputDir), max(m.w-ui.Width(text)-2, 8))
		return text, m.theme.Good
	}
	return "", theme.Paint{}
}

// bannerLines breaks a banner: the reason of a failure is worth more than the lines of
// the panes that it takes. Of one that is too long for that the end stays, where errors
// say what is behind them.
func (m *Model) bannerLines(text string) []string {
	if text == "" {
		return nil
	}
	w, most := max(m.w-2, 8), min(max((m.h-9)/7, 1), 4)
	lines := ui.Wrap(text, w)
	if len(lines) <= most {
		return lines
	}
	rest := strings.Join(lines[most-1:], " ")
	n := ui.Width(rest)
	if most == 1 {
		return []string{ui.Fit(rest, w)}
	}
	return append(lines[:most-1], "…"+ui.Cut(rest, n-w+1, n))
}
