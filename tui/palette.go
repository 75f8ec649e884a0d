package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
	"github.com/buildscope/buildscope/tui/ui"
)

// palette finds a command of the present place by what it does, its name or its
// key, and does it.
type palette struct {
	input  *ui.Input
	scroll ui.Scroll
	height int
}

func newPalette() *palette { return &palette{input: ui.NewInput("", false)} }

func (c *palette) title() string  { return "Commands" }
func (c *palette) status() string { return "type to narrow, enter to do it, esc to leave" }

func (c *palette) press(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	found := c.found(m)
	step := map[string]int{"up": -1, "shift+tab": -1, "down": 1, "tab": 1, "pgup": -c.height, "pgdown": c.height}
	switch key := msg.String(); key {
	case "esc":
		m.pop()
	case "enter":
		if len(found) == 0 {
			return nil
		}
		m.pop()
		return m.invoke(found[min(c.scroll.Cursor, len(found)-1)])
	default:
		if n, ok := step[key]; ok {
			c.scroll.Cursor = min(max(c.scroll.Cursor+n, 0), max(len(found)-1, 0))
			return nil
		}
		c.typed(msg)
	}
	return nil
}

// typed takes a key or a paste into the field. What is found then is another list.
func (c *palette) typed(msg tea.Msg) {
	c.input.Update(msg)
	c.scroll = ui.Scroll{}
}

// found are the commands of this place that contain every word of the field: those
// whose title begins with the text first, then those of the pane. Moves are left out: nobody looks for "up" by name.
func (c *palette) found(m *Model) []*Command {
	typed := strings.TrimSpace(strings.ToLower(c.input.Value()))
	words := strings.Fields(typed)
	var first, out []*Command
	for _, g := range m.helpGroups() {
		for _, cmd := range g.commands {
			if strings.HasPrefix(cmd.ID, "move.") || cmd.ID == paletteID {
				continue
			}
			text := strings.ToLower(cmd.ID + " " + cmd.Word + " " + cmd.Title + " " + strings.Join(cmd.Keys, " "))
			switch {
			case slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }):
			case typed != "" && strings.HasPrefix(cmd.Title, typed):
				first = append(first, cmd)
			default:
				out = append(out, cmd)
			}
		}
	}
	return append(first, out...)
}

// The widths of the palette do not depend on what is found, so that it does not
// jump while one types.
const (
	paletteWidth    = 84
	paletteKeyWidth = 10
)

func (c *palette) lines(m *Model, w, h int) []string {
	w = min(w, paletteWidth)
	found := c.found(m)
	c.height = max(h-1, 0)
	c.scroll.Clamp(len(found), c.height)
	out := []string{ui.Fit(" > "+c.input.View(w-4), w)}
	look := pane.Look{Theme: m.theme, Focused: true}
	for i := c.scroll.Top; i < len(found) && len(out) < h; i++ {
		out = append(out, c.line(m, look, found[i], i == c.scroll.Cursor, w))
	}
	if len(found) == 0 && h > 1 {
		out = append(out, ui.NewLine(w, 0).Gap(1).Add(m.theme.Dim, "no command of this place is like that").String())
	}
	return out
}

func (c *palette) line(m *Model, look pane.Look, cmd *Command, selected bool, w int) string {
	line := ui.NewLine(w, 0)
	mark := " "
	if selected {
		line.Over(look.Theme.Selected)
		mark = look.Theme.Glyphs.Marker
	}
	line.Text(mark).Add(m.theme.Accent, ui.Fit(cmd.key(), paletteKeyWidth)).Gap(1)
	text, paint := m.titled(cmd)
	return line.Add(paint, text).String()
}
