package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
	"github.com/buildscope/buildscope/tui/ui"
)

// past is the state of the Runs screen: which comparison is shown, and which one is
// being made. One is made at a time; when it is there, the next wanted one begins.
type past struct {
	shown, making pair
	busy          bool
}

// pair names two runs that are compared.
type pair struct{ a, b string }

// comparedMsg is a comparison that was made.
type comparedMsg struct {
	of    pair
	lines []string
	err   error
}

// showRuns switches to the Runs screen and looks for runs anew.
func (m *Model) showRuns() tea.Cmd {
	if m.screen != screenRuns {
		m.runs.Enter()
	}
	m.show(screenRuns)
	if m.shelf.looking {
		return nil
	}
	return m.listBundles()
}

// setPast fills the list of runs.
func (m *Model) setPast(runs []BundleInfo) tea.Cmd {
	list := make([]pane.PastRun, len(runs))
	for i, r := range runs {
		list[i] = pane.PastRun{ID: r.RunID, State: r.State, Started: r.Started, Ended: r.Ended, Profile: r.Profile, Sources: r.Sources, Error: r.Error}
	}
	m.runs.SetRuns(list)
	m.past.shown = pair{} // what was unfinished may have ended
	return m.compare()
}

// compare brings the comparison of the selected run onto the screen.
func (m *Model) compare() tea.Cmd {
	if m.screen != screenRuns || m.opts.Compare == nil {
		return nil
	}
	a, b, ok := m.runs.Pair()
	if !ok {
		m.past.shown = pair{}
		m.diff.SetEmpty("Comparison", "No run before this one succeeded. Mark another run with space, then select one to compare it with.")
		return nil
	}
	want := pair{a, b}
	if want == m.past.shown || m.past.busy {
		return nil
	}
	m.past.busy, m.past.making = true, want
	ctx, compare := m.ctx, m.opts.Compare
	return func() tea.Msg {
		lines, err := compare(ctx, want.a, want.b)
		return comparedMsg{want, lines, err}
	}
}

// updatePast shows a comparison that was made, and begins the one that is wanted
// meanwhile.
func (m *Model) updatePast(msg comparedMsg) tea.Cmd {
	m.dirty, m.past.busy, m.past.shown = true, false, msg.of
	name := "from A " + m.runName(msg.of.a, msg.of.b) + " to B " + m.runName(msg.of.b, msg.of.a)
	if msg.err != nil {
		m.diff.SetEmpty(name, "The runs cannot be compared: "+msg.err.Error())
		return m.compare()
	}
	m.diff.SetLines(name, strings.Split(ui.CleanLines(strings.Join(msg.lines, "\n")), "\n"))
	return m.compare()
}

// runName is the commit of a run that is compared with another one, or the moment of
// it where that is not known or the same.
func (m *Model) runName(id, other string) string {
	a, b := m.runs.Sources(id), m.runs.Sources(other)
	if a == "" || b == "" || a == b {
		return moment(id)
	}
	return ui.Clean(a)
}

// moment is the part of a run's id that tells its millisecond: runs of one minute
// begin with the same eight digits.
func moment(id string) string { return id[:min(len(id), 13)] }

// pastCommands act on earlier runs.
func pastCommands() []Command {
	has := func(m *Model) (bool, string) {
		_, ok := m.runs.Current()
		return ok, "there is no run"
	}
	return []Command{
		{ID: "runs.open", Title: "report and artifacts of the run", Short: "open", Keys: []string{"enter"}, In: in(paneRuns), Enabled: has,
			Run: func(m *Model) tea.Cmd {
				r, _ := m.runs.Current()
				return m.lookInto(r.ID)
			}},
		{ID: "runs.filter", Title: "filter: text !not state:failed profile:dev commit:1a2b3c", Short: "filter", Keys: []string{"/"}, In: in(paneRuns),
			Enabled: func(m *Model) (bool, string) { return m.runs.Any(), "there is no run" },
			Run: func(m *Model) tea.Cmd {
				return m.ask(&prompt{label: "filter runs", text: m.runs.Filter, set: m.runs.SetFilter, after: (*Model).compare})
			}},
		{ID: "runs.mark", Title: "mark the run, to compare it with the selected one", Short: "mark", Keys: []string{"space"}, In: in(paneRuns), Enabled: has,
			Run: func(m *Model) tea.Cmd { m.runs.Mark(); return m.compare() }},
	}
}
