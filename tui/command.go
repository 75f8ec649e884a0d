package tui

import (
	tea "charm.land/bubbletea/v2"
)

// Command is one thing that a viewer can do. Key dispatch, footer, help and the
// page of keys all come from the same list of commands.
type Command struct {
	ID    string   // stable name: "run.cancel"
	Word  string   // on the command line; "" means the ID
	Title string   // what it does, for the help: "cancel the build"
	Short string   // for the footer; "" keeps it out of there
	Keys  []string // as Bubble Tea spells them; the first one is shown; none: only by its word
	In    where    // places in which it is available
	// Enabled says whether it can be done now, and why not. Nil means always.
	Enabled func(*Model) (ok bool, reason string)
	Run     func(*Model) tea.Cmd
	Arg     *Argument // what it takes on the command line; nil: nothing
}

// commands is the registry. Within one place no key has two meanings; a test
// checks that.
func commands() []Command {
	var all []Command
	all = append(all, paneCommands()...)
	all = append(all, setupCommands()...)
	all = append(all, profileCommands()...)
	all = append(all, viewCommands()...)
	all = append(all, runCommands()...)
	all = append(all, detailCommands()...)
	all = append(all, whyCommands()...)
	all = append(all, replayCommands()...)
	all = append(all, artifactCommands()...)
	all = append(all, changesCommands()...)
	all = append(all, pastCommands()...)
	all = append(all, doctorCommands()...)
	all = append(all, consoleCommands()...)
	all = append(all, globalCommands()...)
	return append(all, lineCommands()...)
}

// enabled reports whether a command can be done now, and why not.
func (c *Command) enabled(m *Model) (bool, string) {
	if c.Enabled == nil {
		return true, ""
	}
	return c.Enabled(m)
}

// lookup finds the command of a key in the present place.
func (m *Model) lookup(key string) (*Command, bool) {
	here := m.here()
	for i := range m.commands {
		c := &m.commands[i]
		if c.In&here == 0 {
			continue
		}
		for _, k := range c.Keys {
			if k == key {
				return c, true
			}
		}
	}
	return nil, false
}

// invoke does a command, or says why it cannot be done.
func (m *Model) invoke(c *Command) tea.Cmd {
	if ok, reason := c.enabled(m); !ok {
		return m.say(c.Title + ": " + reason)
	}
	return c.Run(m)
}

// keyNames are keys as people read them.
var keyNames = map[string]string{
	"up": "↑", "down": "↓", "left": "←", "right": "→", "pgup": "PgUp", "pgdown": "PgDn", "home": "Home", "end": "End",
	"f1": "F1", "f5": "F5", "shift+tab": "shift+tab",
}

// key is how a command is reached: its first key, or its word.
func (c *Command) key() string {
	if len(c.Keys) == 0 {
		return ":" + c.word()
	}
	return keyName(c.Keys[0])
}

func keyName(key string) string {
	if name, ok := keyNames[key]; ok {
		return name
	}
	return key
}
