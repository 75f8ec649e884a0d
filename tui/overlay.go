package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
	"github.com/buildscope/buildscope/tui/ui"
)

// overlay is a box above the screen. The topmost one has the keys.
type overlay interface {
	// press handles a key; the overlay takes itself away when it is done.
	press(m *Model, msg tea.KeyPressMsg) tea.Cmd
	// title stands in the border, status in the lower one.
	title() string
	status() string
	// lines draws the inside, at most w cells wide and h lines high. All lines
	// have the same width.
	lines(m *Model, w, h int) []string
}

func (m *Model) push(o overlay) {
	m.overlays = append(m.overlays, o)
	m.dirty = true
}

func (m *Model) pop() {
	if n := len(m.overlays); n > 0 {
		m.overlays = m.overlays[:n-1]
	}
	m.dirty = true
}

// confirm asks a question.
type confirm struct {
	head, text string
	yes        func(*Model) tea.Cmd
	no         func(*Model) tea.Cmd // may be nil
	live       bool                 // it is about the running build, and goes away with it
}

func (c *confirm) title() string  { return c.head }
func (c *confirm) status() string { return "y yes, n no" }

func (c *confirm) press(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "y", "Y", "enter":
		m.pop()
		return c.yes(m)
	case "n", "N", "esc", "q":
		m.pop()
		if c.no != nil {
			return c.no(m)
		}
	}
	return nil
}

func (c *confirm) lines(m *Model, w, h int) []string { return paragraph(c.text, min(w, 60), h) }

// message tells something that must be read.
type message struct{ head, text string }

func (c *message) title() string  { return c.head }
func (c *message) status() string { return "enter to close" }

func (c *message) press(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "enter", "esc", "q", "space":
		m.pop()
	}
	return nil
}

func (c *message) lines(m *Model, w, h int) []string { return paragraph(c.text, min(w, 90), h) }

// chooser offers a list.
type chooser struct {
	head    string
	options []string
	at      int
	top     int
	pick    func(m *Model, i int) tea.Cmd
}

func (c *chooser) title() string  { return c.head }
func (c *chooser) status() string { return "enter to choose, esc to leave" }

func (c *chooser) press(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "up", "k", "shift+tab":
		c.at = max(c.at-1, 0)
	case "down", "j", "tab":
		c.at = min(c.at+1, len(c.options)-1)
	case "home", "g":
		c.at = 0
	case "end", "G":
		c.at = len(c.options) - 1
	case "enter", "space":
		m.pop()
		return c.pick(m, c.at)
	case "esc", "q":
		m.pop()
	}
	return nil
}

func (c *chooser) lines(m *Model, w, h int) []string {
	width := max(ui.Width(c.status()), ui.Width(ui.Clean(c.head))) + 4 // they stand in the border
	for _, o := range c.options {
		width = max(width, ui.Width(ui.Clean(o))+3)
	}
	width = min(width, w)
	scroll := ui.Scroll{Cursor: c.at, Top: c.top}
	scroll.Clamp(len(c.options), h)
	c.top = scroll.Top
	look := pane.Look{Theme: m.theme, Focused: true}
	var out []string
	for i := c.top; i < len(c.options) && len(out) < h; i++ {
		line := ui.NewLine(width, 0)
		mark := " "
		if i == c.at {
			line.Over(look.Theme.Selected)
			mark = look.Theme.Glyphs.Marker
		}
		out = append(out, line.Text(mark).Gap(1).Text(ui.Clean(c.options[i])).String())
	}
	return out
}

// field asks for one line of text.
type field struct {
	head, label string
	input       *ui.Input
	done        func(m *Model, text string) tea.Cmd
}

func newField(title, label, text string, done func(*Model, string) tea.Cmd) *field {
	return &field{head: title, label: label, input: ui.NewInput(text, false), done: done}
}

func (c *field) title() string  { return c.head }
func (c *field) status() string { return "enter to go on, esc to leave" }

func (c *field) press(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "enter":
		m.pop()
		return c.done(m, strings.TrimSpace(c.input.Value()))
	case "esc":
		m.pop()
	default:
		c.input.Update(msg)
	}
	return nil
}

func (c *field) lines(m *Model, w, h int) []string {
	w = min(w, 72)
	label := " " + c.label + ": "
	return []string{label + c.input.View(w-ui.Width(label)-1) + " "}
}

func (c *field) typed(msg tea.Msg) { c.input.Update(msg) }

// typist is an overlay with a field, into which pasted text goes.
type typist interface{ typed(tea.Msg) }

// paragraph wraps text into lines of one width, with a free cell at each side.
func paragraph(text string, w, h int) []string {
	var out []string
	for _, s := range ui.Wrap(ui.CleanLines(text), w-2) {
		if len(out) == h {
			break
		}
		out = append(out, " "+ui.Fit(s, w-2)+" ")
	}
	return out
}
