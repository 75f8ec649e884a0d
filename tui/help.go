package tui

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// help lists the keys of the present place: first those of the focused pane,
// then those of the screen, then those that work everywhere.
type help struct {
	scroll ui.Scroll
	total  int
	height int
}

func (c *help) title() string  { return "Keys" }
func (c *help) status() string { return "up and down to scroll, esc to leave" }

func (c *help) press(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	step := map[string]int{
		"up": -1, "k": -1, "down": 1, "j": 1, "pgup": -c.height, "pgdown": c.height, "ctrl+u": -c.height / 2, "ctrl+d": c.height / 2,
		"space": c.height, "home": -c.total, "g": -c.total, "end": c.total, "G": c.total,
	}
	switch key := msg.String(); key {
	case "esc", "q", "?", "f1", "enter":
		m.pop()
	default:
		c.scroll.ScrollBy(step[key], c.total, c.height)
	}
	return nil
}

// helpKeysWidth is the width of the column of keys.
const helpKeysWidth = 18

func (c *help) lines(m *Model, w, h int) []string {
	w = min(w, 96)
	var out []string
	for _, group := range m.helpGroups() {
		if len(group.commands) == 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, ui.Blank(w))
		}
		out = append(out, ui.NewLine(w, 0).Gap(1).Add(m.theme.Strong, group.title).String())
		for _, cmd := range group.commands {
			out = append(out, c.entry(m, cmd, w)...)
		}
	}
	c.total, c.height = len(out), h
	c.scroll.ScrollBy(0, c.total, h)
	return out[c.scroll.Top:min(c.scroll.Top+h, len(out))]
}

// entry is a command in as many lines as its text needs.
func (c *help) entry(m *Model, cmd *Command, w int) []string {
	var names []string
	for _, k := range cmd.Keys {
		names = append(names, keyName(k))
	}
	if len(names) == 0 {
		names = []string{":" + cmd.usage()}
	}
	if len(names) == 0 {
		names = []string{"by name in :"}
	}
	text, paint := m.titled(cmd)
	var out []string
	for i, s := range ui.Wrap(text, max(w-helpKeysWidth-4, 8)) {
		line := ui.NewLine(w, 0).Gap(2)
		if i == 0 {
			line.Add(m.theme.Accent, ui.Fit(strings.Join(names, " "), helpKeysWidth)).Gap(1)
		} else {
			line.Gap(helpKeysWidth + 1)
		}
		out = append(out, line.Add(paint, s).String())
	}
	return out
}

// titled is what a command does, and why it cannot be done now.
func (m *Model) titled(cmd *Command) (string, theme.Paint) {
	if ok, reason := cmd.enabled(m); !ok {
		return cmd.Title + " (not now: " + reason + ")", m.theme.Dim
	}
	return cmd.Title, m.theme.Text
}

// helpGroup is one part of the help.
type helpGroup struct {
	title    string
	commands []*Command
}

func (m *Model) helpGroups() []helpGroup {
	groups := []helpGroup{{title: paneNames[m.focused()]}, {title: "Screen " + screenNames[m.screen]}, {title: "Everywhere"}}
	for i := range m.commands {
		c := &m.commands[i]
		switch {
		case c.In&m.here() == 0:
		case c.In&everywhere != 0:
			groups[2].commands = append(groups[2].commands, c)
		case c.In&(onSetup<<m.screen) != 0:
			groups[1].commands = append(groups[1].commands, c)
		default:
			groups[0].commands = append(groups[0].commands, c)
		}
	}
	for _, g := range groups { // those without a key come last
		slices.SortStableFunc(g.commands, func(a, b *Command) int { return cmp.Compare(min(len(b.Keys), 1), min(len(a.Keys), 1)) })
	}
	return groups
}
