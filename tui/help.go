package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

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
			out = append(out, c.line(m, cmd, w))
		}
	}
	c.total, c.height = len(out), h
	c.scroll.ScrollBy(0, c.total, h)
	return out[c.scroll.Top:min(c.scroll.Top+h, len(out))]
}

func (c *help) line(m *Model, cmd *Command, w int) string {
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
	line := ui.NewLine(w, 0).Gap(2).Add(m.theme.Accent, ui.Fit(strings.Join(names, " "), helpKeysWidth)).Gap(1)
	return m.titled(line, cmd)
}

// titled ends a line with what a command does, and why it cannot be done now.
func (m *Model) titled(line *ui.Line, cmd *Command) string {
	if ok, reason := cmd.enabled(m); !ok {
		return line.Add(m.theme.Dim, cmd.Title+" (not now: "+reason+")").String()
	}
	return line.Text(cmd.Title).String()
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
	return groups
}
