package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
)

// Argument is what a command takes on the command line.
type Argument struct {
	Name string // for people: "KEY VALUE"
	// Complete lists whole arguments that may be meant by what is typed so far, the
	// best first; nil: anything may be typed.
	Complete func(m *Model, typed string) []string
	// Do does the command. An error names what was wrong and what is allowed; the
	// text stays in the field then.
	Do func(m *Model, arg string) (tea.Cmd, error)
}

// word is the name of a command on the command line.
func (c *Command) word() string {
	if c.Word != "" {
		return c.Word
	}
	return c.ID
}

// usage is how a command is written on the command line.
func (c *Command) usage() string {
	if c.Arg != nil {
		return c.word() + " " + c.Arg.Name
	}
	return c.word()
}

// onLine reports whether a command is for the command line: nobody types moves.
func (c *Command) onLine() bool { return !strings.HasPrefix(c.ID, "move.") && c.ID != lineID }

// words are the commands that can be typed in the present place, by word.
func (m *Model) words() (names []string, byWord map[string]*Command) {
	byWord = make(map[string]*Command)
	for _, g := range m.helpGroups() {
		for _, c := range g.commands {
			if c.onLine() {
				byWord[c.word()] = c
				names = append(names, c.word())
			}
		}
	}
	slices.Sort(names)
	return names, byWord
}

// do does what was typed. After an error nothing has happened.
func (m *Model) do(text string) (tea.Cmd, error) {
	word, arg, _ := strings.Cut(strings.TrimSpace(text), " ")
	arg = strings.TrimSpace(arg)
	names, byWord := m.words()
	c, ok := byWord[word]
	if !ok {
		for i := range m.commands {
			if other := &m.commands[i]; other.word() == word && other.onLine() {
				return nil, fmt.Errorf("%s works on %s", word, strings.Join(other.places(), ", "))
			}
		}
		if near := model.Nearest(word, names); near != "" {
			return nil, fmt.Errorf("there is no command %s; did you mean %s?", word, near)
		}
		return nil, fmt.Errorf("there is no command %s; tab lists those of this place", word)
	}
	if ok, reason := c.enabled(m); !ok {
		return nil, errors.New(c.word() + ": " + reason)
	}
	switch {
	case c.Arg == nil && arg != "":
		return nil, fmt.Errorf("%s takes no argument", word)
	case c.Arg == nil:
		return c.Run(m), nil
	}
	cmd, err := c.Arg.Do(m, arg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", word, err)
	}
	return cmd, nil
}

// complete lists whole lines that may be meant by what is typed so far.
func (m *Model) complete(text string) []string {
	names, byWord := m.words()
	word, arg, spaced := strings.Cut(strings.TrimLeft(text, " "), " ")
	if !spaced {
		return meant(names, word)
	}
	c, ok := byWord[word]
	if !ok || c.Arg == nil || c.Arg.Complete == nil {
		return nil
	}
	list := c.Arg.Complete(m, strings.TrimLeft(arg, " "))
	for i := range list {
		list[i] = word + " " + list[i]
	}
	return list
}

// meant are the names that begin with a text, else those that contain it.
func meant(names []string, text string) (out []string) {
	for _, holds := range []func(s, part string) bool{strings.HasPrefix, strings.Contains} {
		for _, n := range names {
			if holds(strings.ToLower(n), strings.ToLower(text)) {
				out = append(out, n)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// oneOf is the error for a value that is none of the allowed ones.
func oneOf(what, got string, allowed []string) error {
	const most = 12 // more would not be read
	list := strings.Join(allowed[:min(len(allowed), most)], ", ")
	if len(allowed) > most {
		list += fmt.Sprintf(" and %d more", len(allowed)-most)
	}
	switch {
	case len(allowed) == 0:
		return fmt.Errorf("there is no %s yet", what)
	case got == "":
		return fmt.Errorf("name a %s: %s", what, list)
	}
	return fmt.Errorf("there is no %s %q; there are %s", what, got, list)
}
