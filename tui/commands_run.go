package tui

import (
	"encoding/json"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/pane"
)

// hasRun is the condition of commands that need a run on the screen.
func hasRun(m *Model) (bool, string) {
	return m.live.db != nil, "there is no build yet"
}

// wanted is how much a command is wanted if a condition holds; otherwise the footer
// leaves it out.
func wanted(is bool, much int) int {
	if !is {
		return -1
	}
	return much
}

// runCommands act on the build.
func runCommands() []Command {
	rows := onRows | in(paneDetail, paneLogs)
	return []Command{
		{ID: "tree.follow", Title: "follow the newest node, or stop that", Short: "follow", Keys: []string{"f", "G"}, In: onRows, Enabled: hasRun,
			Hint: func(m *Model) (string, int) { return "", wanted(m.running(), 0) },
			Run:  func(m *Model) tea.Cmd { m.tree.SetFollow(!m.tree.Follow()); m.refresh(); return nil }},
		{ID: "tree.last", Title: "last line", Keys: []string{"end"}, In: onRows,
			Run: func(m *Model) tea.Cmd { return m.move(pane.Far) }},
		{ID: "tree.toggle", Title: "fold or unfold the row", Keys: []string{"o"}, In: in(paneTree, paneWaterfall),
			Run: func(m *Model) tea.Cmd { m.tree.Toggle(); m.refresh(); return nil }},
		{ID: "tree.enter", Title: "to the details of the row", Short: "details", Keys: []string{"enter"}, In: onRows, Enabled: hasRun,
			Hint: func(m *Model) (string, int) { return "", wanted(!m.running(), 1) },
			Run:  func(m *Model) tea.Cmd { m.focus[screenRun] = paneDetail; m.arrange(); m.refresh(); return nil }},
		{ID: "tree.sort", Title: "next order of the rows", Short: "sort", Keys: []string{"s"}, In: in(paneTree), Enabled: hasRun,
			Run: func(m *Model) tea.Cmd {
				name := m.tree.NextSort()
				m.refresh()
				return m.say("ordered by " + name)
			}},
		{ID: "tree.filter", Title: "filter: text /regex !not status:failed kind:sql dur>2s rows>1e6 bytes>10MiB errors>0 attr.key=value attr.key>5", Short: "filter", Keys: []string{"/"}, In: onRows, Enabled: hasRun,
			Run: func(m *Model) tea.Cmd {
				return m.ask(&prompt{label: "filter rows", text: m.tree.FilterText, set: m.setTreeFilter})
			}},
		{ID: "details.search", Title: "search the text, or show only log lines that contain a text", Short: "search", Keys: []string{"/"}, In: in(paneDetail, paneLogs), Enabled: hasRun,
			Run: func(m *Model) tea.Cmd {
				if m.focused() == paneDetail && m.detail.HasText() {
					return m.askSearch(m.detail)
				}
				if m.focused() == paneDetail {
					m.detail.Show(pane.TabLogs) // columns are few: there is nothing to search
				}
				return m.ask(&prompt{label: "log lines with", text: m.logs.Search, set: noError(func(s string) {
					m.logs.SetSearch(s)
					m.refreshRow()
				})})
			}},
		{ID: "logs.level", Title: "hide log lines of the next level", Keys: []string{"v"}, In: in(paneDetail, paneLogs),
			Run: func(m *Model) tea.Cmd {
				level := m.logs.NextLevel()
				m.refreshRow()
				return m.say("log level: " + level)
			}},
		{ID: "logs.all", Title: "log lines of the whole run, or of the row", Keys: []string{"a"}, In: in(paneDetail, paneLogs),
			Run: func(m *Model) tea.Cmd { m.live.otherLogs = !m.live.otherLogs; m.refreshRow(); return nil }},
		{ID: "error.next", Title: "next error", Short: "error", Keys: []string{"e"}, In: onRun,
			Enabled: func(m *Model) (bool, string) {
				if ok, reason := hasRun(m); !ok {
					return false, reason
				}
				return m.tree.Header().Failed > 0, "nothing has failed"
			},
			Run: (*Model).nextError},
		{ID: "error.origin", Title: "to the origin of this row's failure, or of the build's", Short: "origin", Keys: []string{"r"}, In: onRun,
			Hint: func(m *Model) (string, int) { // there enter does it
				return "", wanted(m.focused() != paneDetail || m.detail.Tab() != pane.TabError, 2)
			},
			Enabled: func(m *Model) (bool, string) {
				if ok, reason := hasRun(m); !ok {
					return false, reason
				}
				return m.tree.Header().Failed > 0, "nothing has failed"
			},
			Run: (*Model).errorOrigin},
		{ID: "pause", Title: "hold updates back, or let them through", Short: "pause", Keys: []string{"space"}, In: onRun,
			Enabled: func(m *Model) (bool, string) { return m.running(), "no build is running" },
			Run:     func(m *Model) tea.Cmd { m.setPause(!m.live.paused); return nil }},
		{ID: "run.newer", Title: "show the build that has started since", Keys: []string{"w"}, In: onRun,
			Enabled: func(m *Model) (bool, string) { return m.newer.run != nil, "there is no newer build" },
			Run:     (*Model).showNewer},
		{ID: "telemetry", Title: "what became of spans, metrics and logs", Keys: []string{"x"}, In: onRun, Enabled: hasRun,
			Run: func(m *Model) tea.Cmd { m.push(&telemetry{}); return nil }},
		{ID: "build.cancel", Word: "cancel", Title: "cancel the build", Short: "cancel", Keys: []string{"c"}, In: onRun,
			Enabled: func(m *Model) (bool, string) {
				switch {
				case !m.running():
					return false, "no build is running"
				case !m.result.Launched && !m.opts.MayCancel:
					return false, "this viewer may only watch"
				}
				return m.inControl()
			},
			Run: (*Model).askCancel},
		{ID: "row.next", Title: "details of the next row", Keys: []string{"J"}, In: in(paneDetail, paneLogs), Enabled: hasRun,
			Run: func(m *Model) tea.Cmd { m.tree.Move(1); m.follow(); return nil }},
		{ID: "row.previous", Title: "details of the row before", Keys: []string{"K"}, In: in(paneDetail, paneLogs), Enabled: hasRun,
			Run: func(m *Model) tea.Cmd { m.tree.Move(-1); m.follow(); return nil }},
		{ID: "tab.next", Title: "next tab of the details", Short: "tabs", Keys: []string{"]"}, In: onRun, Enabled: hasRun,
			Hint: func(m *Model) (string, int) { return "", wanted(m.shows(paneDetail), 0) },
			Run:  func(m *Model) tea.Cmd { return m.turn(1) }},
		{ID: "tab.previous", Title: "previous tab of the details", Keys: []string{"["}, In: onRun, Enabled: hasRun,
			Run: func(m *Model) tea.Cmd { return m.turn(-1) }},
		{ID: "copy.row", Title: "copy the row", Keys: []string{"y"}, In: rows, Enabled: hasRun, Run: (*Model).copyRow},
		{ID: "copy.page", Title: "copy the address of a page in the Hamilton UI", Keys: []string{"U"}, In: rows, Enabled: hasPages, Run: (*Model).copyPage},
		{ID: "copy.rowjson", Title: "copy everything about the row as JSON", Keys: []string{"Y"}, In: rows, Enabled: hasRun, Run: (*Model).copyRowJSON},
	}
}

// turn shows another tab of the details; where they are not on the screen, it brings
// them to the front first.
func (m *Model) turn(step int) tea.Cmd {
	if !m.shows(paneDetail) {
		m.focus[screenRun] = paneDetail
	} else {
		m.detail.Turn(step)
	}
	m.arrange()
	m.refreshRow()
	return nil
}

// setTreeFilter narrows the tree, or says what is wrong with the filter.
func (m *Model) setTreeFilter(text string) error {
	f, err := runview.ParseFilter(text)
	if err != nil {
		return err
	}
	m.tree.SetFilter(f, strings.TrimSpace(text))
	m.refresh()
	return nil
}

func (m *Model) nextError() tea.Cmd {
	row, _ := m.tree.Selected()
	id, ok := m.live.db.NextError(row.ID)
	if !ok {
		return m.say("nothing has failed")
	}
	// A row that failed only because one below it did has nothing to say: the
	// error stands at its origin.
	for next := id; ; {
		if d, known := m.live.db.Detail(next); !known || d.Row.Error != "" {
			id = next
			break
		}
		if next, ok = m.live.db.NextError(next); !ok || next == id {
			break
		}
	}
	return m.reveal(id)
}

// errorOrigin goes to where the failure of the selected row began; from a row
// that did not fail, to where that of the build did.
func (m *Model) errorOrigin() tea.Cmd {
	row, _ := m.tree.Selected()
	id, ok := m.live.db.Origin(row.ID)
	if !ok {
		id, ok = m.buildOrigin()
	}
	switch {
	case !ok: // something below a node that came to a good end
		return m.nextError()
	case id == row.ID:
		return m.say("the failure began in this row")
	}
	return m.reveal(id)
}

// buildOrigin is where the failure of the build began: in the first failed node,
// or below it.
func (m *Model) buildOrigin() (runview.RowID, bool) {
	id, ok := m.tree.FailedNode(m.live.db, m.live.snap.ErrNode)
	if !ok {
		return 0, false
	}
	return m.live.db.Origin(id)
}

// reveal selects a row, without the filter if that hides it, and shows what
// happened there.
func (m *Model) reveal(id runview.RowID) tea.Cmd {
	m.tree.Reveal(m.live.db, id)
	m.refresh()
	if row, _ := m.tree.Selected(); row.ID != id && m.tree.FilterText() != "" {
		m.tree.SetFilter(runview.Filter{}, "")
		m.tree.Reveal(m.live.db, id)
		m.refresh()
	}
	m.refreshRow()
	m.detail.Show(pane.TabError)
	return nil
}

// askCancel asks before it cancels the build.
func (m *Model) askCancel() tea.Cmd {
	m.push(&confirm{
		live: true,
		head: "Cancel the build?",
		text: "Running nodes stop at their next batch. What was learned so far stays in the run's bundle; the outputs of earlier builds are not touched.",
		yes: func(m *Model) tea.Cmd {
			m.cancelRun("cancelled on the screen")
			return m.say("cancelling")
		},
	})
	return nil
}

// cancelRun cancels the build on the screen.
func (m *Model) cancelRun(reason string) {
	if m.running() {
		if v := m.self(); v != nil {
			reason += " by " + v.Name
		}
		m.live.run.Cancel(reason)
		m.result.Cancelled = true
	}
}

func (m *Model) copyRow() tea.Cmd {
	if m.focused() == paneLogs || m.focused() == paneDetail && m.detail.Tab() == pane.TabLogs {
		return m.copy(m.logs.Text())
	}
	if m.focused() == paneDetail && m.detail.ShowsQuery() {
		return m.copy(m.detail.Query().Copy())
	}
	if m.focused() == paneDetail && m.detail.ShowsColumns() {
		return m.copy(m.detail.Stats().Copy(false))
	}
	row, ok := m.tree.Selected()
	if !ok {
		return m.say("no row is selected")
	}
	took := ""
	if row.Start != 0 && row.End != 0 {
		took = fmt.Sprintf("%.6fs", float64(row.End-row.Start)/1e9)
	}
	fields := []string{row.Name, row.Subject, row.State.String(), took, fmt.Sprintf("%d rows", row.Rows), row.Error}
	return m.copy(strings.Join(fields, "\t"))
}

func (m *Model) copyRowJSON() tea.Cmd {
	d, ok := m.detail.Known()
	if !ok {
		return m.say("no row is selected")
	}
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return m.say("copy: " + err.Error())
	}
	return m.copy(string(text))
}

// pages are the pages of the run in the Hamilton UI, the one that is wanted most
// first, as words and addresses.
func (m *Model) pages() (names, urls []string) {
	t := m.live.snap.Tracker
	for _, p := range [][2]string{{"the node that failed", t.ErrorURL}, {"the run", t.RunURL}, {"the run beside the last good one", t.CompareURL}} {
		if p[1] != "" {
			names, urls = append(names, p[0]), append(urls, p[1])
		}
	}
	return names, urls
}

func hasPages(m *Model) (bool, string) {
	switch t := m.live.snap.Tracker; {
	case m.live.run == nil:
		return false, "there is no build"
	case !t.Enabled:
		return false, "the build is not tracked: hamilton.enable_tracker is off"
	case t.RunURL == "":
		return false, "the Hamilton UI does not have the run yet"
	}
	return true, ""
}

func (m *Model) copyPage() tea.Cmd {
	names, urls := m.pages()
	if len(urls) == 1 {
		return m.copy(urls[0])
	}
	m.push(&chooser{head: "Copy the address of", options: names, pick: func(m *Model, i int) tea.Cmd { return m.copy(urls[i]) }})
	return nil
}
