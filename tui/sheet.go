package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
	"github.com/buildscope/buildscope/tui/ui"
)

// sheet shows text in a box, on one or several tabs, and copies it.
type sheet struct {
	head string
	tabs []sheetTab
	at   int
	text *pane.Text
	w, h int  // of the text; 0 before it is drawn for the first time
	wide bool // some line of it goes on at the right
}

// sheetTab is one text.
type sheetTab struct {
	name  string
	text  string   // what is shown and copied
	notes []string // shown below, not copied
}

func newSheet(head string, tabs ...sheetTab) *sheet {
	return &sheet{head: head, tabs: tabs, text: pane.NewText("")}
}

func (c *sheet) title() string { return c.head }

func (c *sheet) status() string {
	keys := "y copy, esc to leave"
	if len(c.tabs) > 1 {
		keys = "tab next form, " + keys
	}
	if c.wide {
		keys = "left and right scroll, " + keys
	}
	if where := c.text.Status(); where != "" {
		keys += ", " + where
	}
	return keys
}

func (c *sheet) press(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	m.dirty = true
	page := max(c.text.Height(), 1)
	moves := map[string]int{
		"up": -1, "k": -1, "down": 1, "j": 1, "pgup": -page, "pgdown": page, "space": page, "ctrl+u": -page / 2, "ctrl+d": page / 2,
		"home": -pane.Far, "g": -pane.Far, "end": pane.Far, "G": pane.Far,
	}
	switch key := msg.String(); key {
	case "esc", "q", "enter":
		m.pop()
	case "tab", "shift+tab":
		step := map[string]int{"tab": 1, "shift+tab": len(c.tabs) - 1}[key]
		c.at = (c.at + step) % len(c.tabs)
		c.fill(m) // now: the next key may come before the next frame
	case "left", "h":
		c.text.Side(-1)
	case "right", "l":
		c.text.Side(1)
	case "y":
		return m.copy(c.tabs[c.at].text)
	default:
		c.text.Move(moves[key])
	}
	return nil
}

func (c *sheet) lines(m *Model, w, h int) []string {
	w = min(w, 110)
	var out []string
	if len(c.tabs) > 1 {
		line := ui.NewLine(w, 0).Gap(1)
		for i, t := range c.tabs {
			if i == c.at {
				line.Add(m.theme.Strong, "["+t.name+"]").Gap(1)
			} else {
				line.Add(m.theme.Dim, " "+t.name+" ").Gap(1)
			}
		}
		out = append(out, line.String())
	}
	if rest := h - len(out); rest > 0 {
		if c.w != w || c.h != rest {
			c.w, c.h = w, rest
			c.fill(m)
		}
		out = append(out, c.text.Lines(pane.Look{Theme: m.theme, Focused: true, Now: m.clock()})...)
	}
	return out
}

// fill puts the tab on top, its notes broken to the width, into the text. Before the
// first drawing there is no width, and nothing to see.
func (c *sheet) fill(m *Model) {
	t := c.tabs[c.at]
	var lines []string
	c.wide = false
	for _, s := range strings.Split(strings.TrimSuffix(t.text, "\n"), "\n") {
		s = ui.Clean(s)
		lines, c.wide = append(lines, s), c.wide || ui.Width(s) > c.w-1
	}
	for i, note := range t.notes {
		if i == 0 {
			lines = append(lines, "")
		}
		for _, s := range ui.Wrap(ui.CleanLines(note), c.w-3) {
			lines = append(lines, m.theme.Warn.S(s))
		}
	}
	c.text.SetSize(c.w, min(c.h, len(lines)))
	c.text.SetLines(t.name, lines)
}
