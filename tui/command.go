package tui

import (
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/ui"
)

// Command is one thing that a viewer can do. Key dispatch, footer, help and the
// page of keys all come from the same list of commands.
type Command struct {
	ID    string // stable name: "run.cancel"
	Word  string // on the command line; "" means the ID
	Title string // what it does, for the help: "cancel the build"
	Short string // for the footer; "" keeps it out of there
	// Hint gives the text for the footer as things are, "" for Short, and how much the
	// command is wanted now: those above 0 come first, those below are left out. Nil
	// means Short and 0.
	Hint func(*Model) (text string, wanted int)
	Keys []string // as Bubble Tea spells them; the first one is shown; none: only by its word
	In   where    // places in which it is available
	// Enabled says whether it can be done now, and why not. Nil means always.
	Enabled func(*Model) (ok bool, reason string)
	// For says whether a viewer with these options can ever do it. Nil means yes.
	For func(*Options) bool
	Run func(*Model) tea.Cmd
	Arg *Argument // what it takes on the command line; nil: nothing
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
	all = append(all, columnCommands()...)
	all = append(all, detailCommands()...)
	all = append(all, whyCommands()...)
	all = append(all, replayCommands()...)
	all = append(all, artifactCommands()...)
	all = append(all, changesCommands()...)
	all = append(all, pastCommands()...)
	all = append(all, doctorCommands()...)
	all = append(all, consoleCommands()...)
	all = append(all, whoCommands()...)
	all = append(all, globalCommands()...)
	return append(all, lineCommands()...)
}

// commandsFor are the commands of a viewer: without those that it never has.
func commandsFor(opts *Options) []Command {
	return slices.DeleteFunc(commands(), func(c Command) bool { return c.For != nil && !c.For(opts) })
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

// elsewhere says what a key does that has no meaning in the present place: in another
// pane of the screen, or on another screen. Of keys that are no letters it says
// nothing where they are no use.
func (m *Model) elsewhere(key string) (string, bool) {
	find := func(place where, name string) (string, bool) {
		for i := range m.commands {
			if c := &m.commands[i]; c.In&place != 0 && slices.Contains(c.Keys, key) {
				return keyName(key) + " (" + c.Title + ") is a key of " + name, true
			}
		}
		return "", false
	}
	for _, id := range m.panesOf(m.screen) {
		if text, ok := find(in(id), "the pane "+paneNames[id]+": tab goes there"); ok {
			return text, true
		}
	}
	for s := range screenCount {
		if ok, _ := m.has(s); ok {
			if text, ok := find(onSetup<<s, "the screen "+screenNames[s]+": "+strconv.Itoa(int(s)+1)+" goes there"); ok {
				return text, true
			}
		}
	}
	return key + " does nothing here: ? lists the keys that do", ui.Width(key) == 1
}

// invoke does a command, or says why it cannot be done.
func (m *Model) invoke(c *Command) tea.Cmd {
	if ok, reason := c.enabled(m); !ok {
		text := c.Title + ": " + reason
		if ui.Width(ui.Clean(text)) > m.w-2 { // the reason is what is new
			text = c.key() + ": " + reason
		}
		return m.say(text)
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
