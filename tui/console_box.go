package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
	"github.com/buildscope/buildscope/tui/ui"
)

// consoleCommands show the console. Its own keys are not in the registry: whatever is
// typed there is text.
func consoleCommands() []Command {
	return []Command{
		{ID: "sql", Title: "ask the run by SQL; on Runs the selected and the marked one", Short: "SQL", Keys: []string{"S"}, In: onArtifacts | onRuns,
			Enabled: func(m *Model) (bool, string) {
				if m.opts.SQL == nil {
					return false, "this viewer may not ask for more than is shown"
				}
				return len(m.consoleRuns()) > 0, "there is no run"
			},
			Run: (*Model).openConsole},
	}
}

// consoleKeys are the keys inside of the console.
const consoleKeys = `enter          run the text
alt+enter      a new line; ctrl+j does the same
up, down       in the first and last line: what was asked before
tab            complete a table, column or keyword
ctrl+o         choose a saved query
pgup, pgdown   scroll the result
shift+arrows   move in the result by rows and columns
ctrl+home      first row read; ctrl+end: the last one
ctrl+y         copy the selected row
ctrl+e         write the whole result to a file
ctrl+g         select all text
esc, ctrl+c    cancel what runs; esc leaves when nothing does`

func (c *console) title() string {
	ids := make([]string, len(c.session.runs))
	for i, id := range c.session.runs {
		ids[i] = moment(id)
	}
	return "SQL over " + strings.Join(ids, " and ")
}

func (c *console) status() string {
	if c.result == nil {
		return ""
	}
	return c.result.Status()
}

// keys are what the last line of the screen names.
func (c *console) keys() []string {
	return []string{"f1", "keys", "enter", "run", "tab", "complete", "ctrl+o", "saved", "ctrl+e", "write", "esc", map[bool]string{true: "leave", false: "cancel"}[c.doing == ""]}
}

func (c *console) typed(msg tea.Msg) { c.edit.Update(msg) }

// press handles a key: what is no key of the console is text.
func (c *console) press(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	switch key := msg.String(); key {
	case "esc":
		if !c.halt() {
			m.pop()
		}
	case "enter":
		return m.runQuery()
	case "alt+enter", "shift+enter", "ctrl+j":
		c.edit.Insert(0, "\n")
	case "f1":
		m.push(&message{head: "Keys of the console", text: consoleKeys})
	case "tab":
		return m.completeSQL()
	case "ctrl+o":
		return m.chooseSaved()
	case "ctrl+e":
		return m.askExport()
	case "up":
		if c.edit.AtTop() {
			c.recall(-1)
			return nil
		}
		c.edit.Update(msg)
	case "down":
		if c.edit.AtBottom() {
			c.recall(1)
			return nil
		}
		c.edit.Update(msg)
	default:
		if c.result != nil && c.scroll(key) {
			return m.readOn()
		}
		if key == "ctrl+y" {
			return m.copyResult()
		}
		c.edit.Update(msg)
	}
	return nil
}

// recall puts an older or newer text of the history into the editor.
func (c *console) recall(n int) {
	if text, ok := c.history.step(n, c.edit.Value()); ok {
		c.edit.Set(text)
	}
}

// scroll moves in the result and reports whether the key does that.
func (c *console) scroll(key string) bool {
	switch key {
	case "pgup":
		c.result.Move(-c.page())
	case "pgdown":
		c.result.Move(c.page())
	case "shift+up":
		c.result.Move(-1)
	case "shift+down":
		c.result.Move(1)
	case "ctrl+home":
		c.result.Move(-pane.Far)
	case "ctrl+end":
		c.result.Move(pane.Far)
	case "shift+left":
		c.result.Side(-1)
	case "shift+right":
		c.result.Side(1)
	default:
		return false
	}
	return true
}

// page is the number of rows of the result that are seen, below two of heads.
func (c *console) page() int { return max(c.result.Height()-2, 1) }

func (m *Model) copyResult() tea.Cmd {
	if m.console.result != nil {
		if _, values, ok := m.console.result.Row(); ok {
			return m.copy(strings.Join(values, "\t"))
		}
	}
	return m.say("no row is selected")
}

// chooseSaved puts a saved query into the editor. What was typed is one step up.
func (m *Model) chooseSaved() tea.Cmd {
	saved := m.opts.SQL.Saved
	if len(saved) == 0 {
		return m.say("there are no saved queries")
	}
	box := &chooser{head: "Saved queries"}
	for _, s := range saved {
		box.options = append(box.options, ui.Fit(s.Name, 18)+" "+s.Help)
	}
	box.pick = func(m *Model, i int) tea.Cmd {
		c := &m.console
		if text := c.edit.Value(); strings.TrimSpace(text) != "" {
			c.history.keep(text)
		}
		c.edit.Set(strings.TrimSpace(saved[i].SQL))
		return nil
	}
	m.push(box)
	return nil
}

// lines draws editor, state and result over the whole screen but its first and last
// line. A part of it would have to scroll sideways all the time.
func (c *console) lines(m *Model, _, _ int) []string {
	w, h := m.w-2, m.h-4
	var out []string
	for _, line := range c.edit.View(w-2, max(h/3, 2)) {
		out = append(out, " "+line+" ")
	}
	out = append(out, c.state(m, w))
	left := h - len(out)
	switch {
	case c.err != nil:
		return append(out, problem(m, c.err, w, left)...)
	case c.result == nil:
		return append(out, c.overview(m, w, left)...)
	}
	c.result.SetSize(w, left)
	return append(out, c.result.Lines(pane.Look{Theme: m.theme, Focused: true})...)
}

// state is the line between editor and result.
func (c *console) state(m *Model, w int) string {
	th, line := m.theme, ui.NewLine(w, 0)
	line.Add(th.Dim, strings.Repeat("─", 2)).Gap(1)
	switch {
	case c.doing != "":
		line.Add(th.Accent, c.doing+" "+ui.Duration(m.clock().Sub(c.began))).Gap(1)
	case c.err != nil:
		line.Add(th.Bad, "error").Gap(1)
	case c.result == nil && c.note == "":
		line.Add(th.Dim, "tables").Gap(1)
	case c.full:
		line.Add(th.Warn, "only the first "+ui.Commas(c.rows())+" rows are kept; ctrl+e writes all to a file").Gap(1)
	case c.result == nil:
		line.Add(th.Warn, c.note).Gap(1)
	default:
		text := ui.Commas(c.rows())
		if c.more {
			text += "+"
		}
		line.Text(text + " rows " + c.note).Gap(1)
	}
	return line.Add(th.Dim, strings.Repeat("─", line.Left())).String()
}

// rows is how many rows were read.
func (c *console) rows() int64 {
	_, n := c.result.At()
	return n
}

// overview lists the tables with their columns, and what cannot be read.
func (c *console) overview(m *Model, w, h int) []string {
	var out []string
	names := 0
	for _, t := range c.tables {
		names = max(names, min(ui.Width(ui.Clean(t.Name)), w/3))
	}
	for _, t := range c.tables {
		text, paint := ui.Clean(strings.Join(t.Columns, " ")), m.theme.Dim
		if t.Absent != "" {
			text, paint = strings.TrimSpace(text+" (not there: "+ui.Clean(t.Absent)+")"), m.theme.Warn
		}
		out = append(out, ui.NewLine(w, 0).Gap(1).Add(m.theme.Accent, ui.Fit(ui.Clean(t.Name), names)).Gap(2).Add(paint, text).String())
	}
	if c.tables == nil {
		out = append(out, ui.NewLine(w, 0).Gap(1).Add(m.theme.Dim, "Opening the tables.").String())
	}
	return filled(out, w, h)
}

// problem draws an error. Lines that fit stay as they are: the caret of the engine
// stands below its place.
func problem(m *Model, err error, w, h int) []string {
	var out []string
	for _, s := range strings.Split(ui.CleanLines(err.Error()), "\n") {
		parts := []string{s}
		if ui.Width(s) > w-2 {
			parts = ui.Wrap(s, w-2)
		}
		for _, p := range parts {
			out = append(out, ui.NewLine(w, 0).Gap(1).Add(m.theme.Bad, p).String())
		}
	}
	return filled(out, w, h)
}

// filled makes h lines of w cells.
func filled(lines []string, w, h int) []string {
	for len(lines) < h {
		lines = append(lines, ui.Blank(w))
	}
	return lines[:max(h, 0)]
}
