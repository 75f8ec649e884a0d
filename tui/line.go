package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/ui"
)

// History keeps what was typed on the command line between two programs. Nil
// functions mean that it is kept while this one runs.
type History struct {
	Load func() ([]string, error) // the oldest line first
	Save func(lines []string) error
}

// lineState is what the command line keeps while it is closed.
type lineState struct {
	draft   string   // what was typed and not done
	history []string // lines that were done, the newest last, each once
	loaded  bool     // the lines of earlier programs are in history
}

// historyLimit is how many lines are kept.
const historyLimit = 200

// historyMsg has the lines of earlier programs.
type historyMsg struct{ lines []string }

// loadHistory reads what was typed in earlier programs.
func (m *Model) loadHistory() tea.Cmd {
	load := m.opts.History.Load
	if load == nil {
		return nil
	}
	return func() tea.Msg {
		lines, err := load()
		if err != nil {
			return nil // it is a convenience: a screen that complains at its start is none
		}
		return historyMsg{lines}
	}
}

// remembered puts lines of earlier programs before those of this one.
func (m *Model) remembered(msg historyMsg) {
	now := m.line.history
	m.line.history = nil
	m.line.loaded = true
	for _, text := range append(msg.lines, now...) {
		m.line.remember(ui.Clean(text))
	}
}

// remember appends a line, and takes away what is the same or too old.
func (l *lineState) remember(text string) {
	if text == "" {
		return
	}
	l.history = append(slices.DeleteFunc(l.history, func(s string) bool { return s == text }), text)
	l.history = l.history[max(0, len(l.history)-historyLimit):]
}

// saveHistory writes the lines for the next program.
func (m *Model) saveHistory() tea.Cmd {
	save := m.opts.History.Save
	if save == nil || !m.line.loaded { // else it would take the earlier lines away
		return nil
	}
	lines := slices.Clone(m.line.history)
	return func() tea.Msg {
		if err := save(lines); err != nil {
			return sayMsg("the history of the command line was not saved: " + err.Error())
		}
		return nil
	}
}

// sayMsg is a short message for the viewer from a Cmd.
type sayMsg string

// commandLine is the field in which commands are typed, with what may be meant
// below it.
type commandLine struct {
	input *ui.Input
	err   error
	at    int    // line of the history that is shown; len(history) is what is typed
	mine  string // what was typed before the history was looked at
	stem  string // text whose completions tab goes through; "" when it does not
	pick  int    // completion of stem that is in the field
}

// openLine opens the command line with a text.
func (m *Model) openLine(text string) tea.Cmd {
	m.push(&commandLine{input: ui.NewInput(text, false), at: len(m.line.history)})
	return nil
}

func (c *commandLine) title() string { return "Command" }
func (c *commandLine) status() string {
	return "tab completes, ↑↓ history, enter does it, esc leaves"
}

func (c *commandLine) press(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "esc":
		m.line.draft = c.input.Value()
		m.pop()
	case "enter":
		return c.enter(m)
	case "tab":
		c.next(m, 1)
	case "shift+tab":
		c.next(m, -1)
	case "up":
		c.recall(m, -1)
	case "down":
		c.recall(m, 1)
	default:
		c.typed(msg)
	}
	return nil
}

// enter does what is typed. With an error the field stays open.
func (c *commandLine) enter(m *Model) tea.Cmd {
	text := strings.TrimSpace(c.input.Value())
	if text == "" {
		m.line.draft = ""
		m.pop()
		return nil
	}
	m.pop() // the command may open a box of its own
	cmd, err := m.do(text)
	if c.err = err; err != nil {
		m.push(c)
		return nil
	}
	m.line.draft = ""
	m.line.remember(text)
	return tea.Batch(cmd, m.saveHistory())
}

// next completes as far as there is one way to go on, then goes through the ways.
func (c *commandLine) next(m *Model, step int) {
	c.err = nil
	if c.stem != "" {
		list := m.complete(c.stem)
		c.pick = (c.pick + step + len(list)) % len(list)
		c.input.Set(list[c.pick])
		return
	}
	text := strings.TrimLeft(c.input.Value(), " ")
	list := m.complete(text)
	switch common := commonPrefix(list); {
	case len(list) == 0:
	case len(list) == 1 && list[0] == text && !strings.Contains(text, " "), len(list) == 1 && list[0] != text:
		c.input.Set(list[0] + m.goesOn(list[0]))
	case len(common) > len(text) && strings.HasPrefix(common, text):
		c.input.Set(common)
	default:
		c.stem, c.pick = text, 0
		if text == "" {
			c.stem = " " // completes as the empty text, which means none
		}
		if step < 0 {
			c.pick = len(list) - 1
		}
		c.input.Set(list[c.pick])
	}
}

// goesOn is a space when something is to follow the text, else nothing.
func (m *Model) goesOn(text string) string {
	if len(m.complete(text+" ")) > 0 {
		return " "
	}
	if _, byWord := m.words(); byWord[text] != nil && byWord[text].Arg != nil {
		return " "
	}
	return ""
}

// commonPrefix is what all texts begin with.
func commonPrefix(list []string) string {
	if len(list) == 0 {
		return ""
	}
	first, last := slices.Min(list), slices.Max(list)
	n := 0
	for n < min(len(first), len(last)) && first[n] == last[n] {
		n++
	}
	return strings.ToValidUTF8(first[:n], "")
}

// recall goes to an older (-1) or newer (+1) line; behind the newest is what was
// typed.
func (c *commandLine) recall(m *Model, step int) {
	c.err, c.stem = nil, ""
	if c.at == len(m.line.history) {
		c.mine = c.input.Value()
	}
	c.at = min(max(c.at+step, 0), len(m.line.history))
	if c.at == len(m.line.history) {
		c.input.Set(c.mine)
	} else {
		c.input.Set(m.line.history[c.at])
	}
}

// typed takes a key or a paste into the field.
func (c *commandLine) typed(msg tea.Msg) {
	before := c.input.Value()
	c.input.Update(msg)
	if c.input.Value() != before {
		c.err, c.stem = nil, ""
	}
}

// lineHeight is how many completions are shown at once.
const lineHeight = 8

func (c *commandLine) lines(m *Model, w, h int) []string {
	w = min(w, paletteWidth)
	out := []string{ui.Fit(" :"+c.input.View(w-3), w)}
	if c.err != nil {
		return append(out, errorLines(m, c.err, w, min(h-1, lineHeight))...)
	}
	text := c.input.Value()
	if c.stem != "" {
		text = c.stem
	}
	list := m.complete(text)
	_, byWord := m.words()
	rows := min(h-1, lineHeight)
	top := max(0, min(c.pick-rows+1, len(list)-rows))
	if c.stem == "" {
		top = 0
	}
	for i := top; i < len(list) && len(out) <= rows; i++ {
		line := ui.NewLine(w, 0)
		mark := " "
		if c.stem != "" && i == c.pick {
			line.Over(m.theme.Selected)
			mark = m.theme.Glyphs.Marker
		}
		line.Text(mark)
		if cmd := byWord[list[i]]; cmd != nil {
			text, paint := m.titled(cmd)
			out = append(out, line.Add(m.theme.Accent, ui.Fit(ui.Clean(cmd.usage()), lineWordWidth)).Gap(1).Add(paint, text).String())
			continue
		}
		out = append(out, line.Text(ui.Clean(list[i])).String())
	}
	for len(out) <= rows { // so that the box does not jump while one types
		out = append(out, ui.Blank(w))
	}
	return out
}

// lineWordWidth is the width of the column of words.
const lineWordWidth = 22

// errorLines is an error in red, as many lines as the box has.
func errorLines(m *Model, err error, w, rows int) []string {
	var out []string
	for _, s := range paragraph(err.Error(), w, rows) {
		out = append(out, m.theme.Bad.S(s))
	}
	for len(out) < rows {
		out = append(out, ui.Blank(w))
	}
	return out
}
