package tui

import (
	"cmp"
	"slices"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// footer draws the last line: the prompt that is open, a short message, or the
// keys that do something now.
func (m *Model) footer() string {
	th := m.theme
	line := ui.NewLine(m.w, 0).Gap(1)
	switch {
	case m.prompt != nil:
		return m.promptLine()
	case m.toast.text != "":
		return line.Add(th.Warn, m.toast.text).String()
	case len(m.overlays) > 0 && m.overlays[len(m.overlays)-1] == overlay(&m.console):
		for i, s := range m.console.keys() {
			line.Add([]theme.Paint{th.Accent, {}}[i%2], keyName(s)).Gap(1 + i%2)
		}
		return line.String()
	case m.setup != nil && m.setup.Editing() && m.setup.Err() != nil: // the help may have no room on the screen
		return line.Add(th.Bad, th.Glyphs.State(model.NodeFailed)+" "+ui.Clean(m.setup.Err().Error())).Gap(2).Add(th.Accent, "esc").Text(" leave it").String()
	case m.setup != nil && m.setup.Editing():
		return line.Add(th.Accent, "enter").Text(" set  ").Add(th.Accent, "esc").Text(" leave it  ").Add(th.Accent, "tab").Text(" set and go on").String()
	}
	tail, paint := m.exportTail()
	rest := ui.Width(tail) + 2
	leave := ui.Width("q quit") + 2 // whatever else there is, how to leave stands there
	full := false
	for _, c := range m.hints() {
		if c.ID == "quit" {
			leave, full = 0, false
		}
		text, _ := c.hint(m)
		if full = full || line.Left() < ui.Width(c.key()+" "+text)+2+rest+leave; !full {
			line.Add(th.Accent, c.key()).Gap(1).Text(text).Gap(2)
		}
	}
	return line.Tail(paint, tail).String()
}

// hint is the text of a command in the footer, and how much it is wanted there.
func (c *Command) hint(m *Model) (text string, wanted int) {
	if c.Hint != nil {
		text, wanted = c.Hint(m)
	}
	if text == "" {
		text = c.Short
	}
	return text, wanted
}

// hints are the commands for the footer: the help, then what is wanted most, then the
// others of the pane, the screen and the program.
func (m *Model) hints() []*Command {
	var out []*Command
	for _, group := range m.helpGroups() {
		for _, c := range group.commands {
			_, wanted := c.hint(m)
			if ok, _ := c.enabled(m); ok && c.Short != "" && c.ID != "help" && wanted >= 0 {
				out = append(out, c)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *Command) int {
		_, x := a.hint(m)
		_, y := b.hint(m)
		return cmp.Compare(y, x)
	})
	if c, ok := m.lookup("?"); ok {
		out = slices.Insert(out, 0, c)
	}
	return out
}

// exportTail sums up at the right end what became of the spans.
func (m *Model) exportTail() (string, theme.Paint) {
	if m.screen != screenRun || len(m.live.snap.Exports) == 0 {
		return "", m.theme.Dim
	}
	var sent, lost int64
	for _, e := range m.live.snap.Exports {
		sent += e.Sent
		lost += e.Missing()
	}
	if lost == 0 && m.class() == narrow {
		return "", m.theme.Dim // the keys need the room
	}
	text := "exported " + ui.Count(sent) + " lost " + ui.Count(lost) + " "
	if lost > 0 {
		return text, m.theme.Bad
	}
	return text, m.theme.Dim
}

func (m *Model) promptLine() string {
	label := " " + m.prompt.label + ": "
	problem := ""
	if m.prompt.err != nil {
		problem = "  " + ui.Clean(m.prompt.err.Error()) + " "
	}
	w := max(m.w-ui.Width(label)-ui.Width(problem), min(20, m.w-ui.Width(label)))
	rest := ui.NewLine(m.w-ui.Width(label)-w, 0).Add(m.theme.Bad, problem).String()
	return m.theme.Accent.S(label) + m.prompt.input.View(w) + rest
}
