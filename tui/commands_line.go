package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
)

// lineID is the command that opens the command line.
const lineID = "line"

// lineCommands are those that need an argument, which is typed on the command line.
func lineCommands() []Command {
	hasSettings := func(m *Model) (bool, string) { return m.setup != nil, "this viewer may not see the settings" }
	all := []Command{
		{ID: lineID, Title: "command line: a command with its argument", Short: "commands", Keys: []string{":"}, In: everywhere,
			Run: func(m *Model) tea.Cmd { return m.openLine(m.line.draft) }},
		{ID: "line.filter", Word: "filter", Title: "filter or search as / does here", In: everywhere,
			Enabled: func(m *Model) (bool, string) {
				c, ok := m.lookup("/")
				if !ok {
					return false, "there is nothing to search in this pane"
				}
				return c.enabled(m)
			},
			Arg: &Argument{Name: "TEXT", Do: doFilter}},
		{ID: "line.set", Word: "set", Title: "change a setting", In: everywhere, Enabled: hasSettings,
			Arg: &Argument{Name: "KEY VALUE", Complete: completeSet, Do: doSet}},
		{ID: "line.reset", Word: "reset", Title: "take the change of a setting back", In: everywhere, Enabled: hasSettings,
			Arg: &Argument{Name: "KEY", Complete: func(m *Model, typed string) []string { return meant(m.editedKeys(), typed) }, Do: doReset}},
		{ID: "line.setting", Word: "setting", Title: "go to a setting on screen Setup", In: everywhere, Enabled: hasSettings,
			Arg: &Argument{Name: "KEY", Complete: func(m *Model, typed string) []string { return meant(m.settingKeys(), typed) }, Do: doSetting}},
		{ID: "line.goto", Word: "goto", Title: "go to a node of the build", In: everywhere, Enabled: hasRun,
			Arg: &Argument{Name: "NODE", Complete: func(m *Model, typed string) []string { return meant(m.tree.Names(m.live.db), typed) }, Do: doGoto}},
		{ID: "line.open", Word: "open", Title: "report and artifacts of a run", In: everywhere,
			Enabled: func(m *Model) (bool, string) { return m.has(screenArtifacts) },
			Arg:     &Argument{Name: "RUN", Complete: func(m *Model, typed string) []string { return meant(m.runIDs(), typed) }, Do: doOpen}},
		{ID: "line.screen", Word: "screen", Title: "switch to a screen", In: everywhere,
			Arg: &Argument{Name: "NAME", Complete: func(m *Model, typed string) []string { return meant(m.screenWords(), typed) }, Do: doScreen}},
	}
	for word, key := range map[string]string{"theme": "tui.theme", "profile": pane.ProfileKey} {
		all = append(all, Command{ID: "line." + word, Word: word, Title: "change the " + word, In: everywhere, Enabled: hasSettings, Arg: &Argument{
			Name: "NAME",
			Complete: func(m *Model, typed string) []string {
				s, _ := m.setup.Find(key)
				return meant(s.Values(), typed)
			},
			Do: func(m *Model, arg string) (tea.Cmd, error) { return m.setTo(key, arg) },
		}})
	}
	slices.SortFunc(all, func(a, b Command) int { return strings.Compare(a.ID, b.ID) })
	for i := range all {
		if c := all[i]; c.Arg != nil {
			all[i].Run = func(m *Model) tea.Cmd { return m.openLine(c.Word + " ") }
		}
	}
	return all
}

func doFilter(m *Model, arg string) (tea.Cmd, error) {
	c, _ := m.lookup("/")
	cmd := c.Run(m)
	p := m.prompt
	if p == nil {
		return cmd, nil
	}
	m.prompt = nil
	if err := p.set(arg); err != nil {
		return nil, errors.Join(err, p.set(p.before))
	}
	if p.after != nil {
		return tea.Batch(cmd, p.after(m)), nil
	}
	return cmd, nil
}

// settingKeys lists the keys of all settings.
func (m *Model) settingKeys() (keys []string) {
	for _, s := range m.opts.Settings.List() {
		keys = append(keys, s.Key)
	}
	return keys
}

func (m *Model) editedKeys() (keys []string) {
	for _, s := range m.opts.Settings.List() {
		if s.Edited {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// completeSet completes the key, then its fixed values or the present one.
func completeSet(m *Model, typed string) (out []string) {
	key, value, spaced := strings.Cut(typed, " ")
	if !spaced {
		return meant(m.settingKeys(), key)
	}
	s, ok := m.setup.Find(key)
	if !ok || s.Secret {
		return nil
	}
	values := s.Values()
	if len(values) == 0 {
		values = []string{s.Text}
	}
	for _, v := range meant(values, strings.TrimSpace(value)) {
		out = append(out, key+" "+v)
	}
	return out
}

func doSet(m *Model, arg string) (tea.Cmd, error) {
	key, value, _ := strings.Cut(arg, " ")
	if key == "" {
		return nil, errors.New("name a setting and its value, such as build.workers 4; tab lists the settings")
	}
	return m.setTo(key, strings.TrimSpace(value))
}

// setTo changes a setting. A secret is refused: what is typed here can be read.
func (m *Model) setTo(key, value string) (tea.Cmd, error) {
	s, ok := m.setup.Find(key)
	switch {
	case !ok:
		return nil, oneOf("setting", key, meant(m.settingKeys(), lastPart(key)))
	case s.Secret:
		m.line.draft = ""
		return nil, fmt.Errorf("%s is secret: change it on screen Setup, where nobody reads along", key)
	case value == "" && len(s.Values()) > 0:
		return nil, oneOf("value for "+key, value, s.Values())
	}
	err := m.opts.Settings.Validate(key, value)
	if err == nil {
		err = m.opts.Settings.Edit(key, value)
	}
	m.setup.Reload()
	if err != nil {
		return nil, fmt.Errorf("%s cannot be %q: %w", key, value, err)
	}
	if value == "" {
		value = "empty"
	}
	return tea.Batch(m.settled(nil), m.say(key+" is "+value+" now, for builds that are started here")), nil
}

// lastPart is what is behind the last point of a key, by which a mistyped one is
// found.
func lastPart(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

func doReset(m *Model, arg string) (tea.Cmd, error) {
	if !slices.Contains(m.editedKeys(), arg) {
		return nil, oneOf("changed setting", arg, m.editedKeys())
	}
	err := m.opts.Settings.Reset(arg)
	m.setup.Reload()
	if err != nil {
		return nil, err
	}
	return tea.Batch(m.settled(nil), m.say(arg+" is as it was")), nil
}

func doSetting(m *Model, arg string) (tea.Cmd, error) {
	if _, ok := m.setup.Find(arg); !ok {
		return nil, oneOf("setting", arg, meant(m.settingKeys(), lastPart(arg)))
	}
	return m.gotoSetting(arg), nil
}

func doGoto(m *Model, arg string) (tea.Cmd, error) {
	names := m.tree.Names(m.live.db)
	if !slices.Contains(names, arg) {
		if list := meant(names, arg); arg != "" && len(list) == 1 {
			arg = list[0]
		}
	}
	id, ok := m.live.db.Find(arg)
	if !ok || !slices.Contains(names, arg) {
		return nil, oneOf("node", arg, names)
	}
	m.show(screenRun)
	return m.reveal(id), nil
}

// runIDs lists the runs whose bundles are there, the newest first.
func (m *Model) runIDs() (ids []string) {
	for _, b := range m.shelf.runs {
		ids = append(ids, b.RunID)
	}
	return ids
}

func doOpen(m *Model, arg string) (tea.Cmd, error) {
	var found []string
	for _, id := range m.runIDs() {
		if arg != "" && strings.HasPrefix(id, arg) {
			found = append(found, id)
		}
	}
	switch {
	case len(m.shelf.runs) == 0 && m.shelf.looking:
		return nil, errors.New("the runs are still being listed")
	case len(found) == 0:
		return nil, oneOf("run", arg, m.runIDs())
	case len(found) > 1:
		return nil, fmt.Errorf("%d runs begin with %s: %s", len(found), arg, strings.Join(found, ", "))
	}
	return m.lookInto(found[0]), nil
}

// screenWords are the names of the screens that this viewer has.
func (m *Model) screenWords() (words []string) {
	for s := range screenCount {
		if ok, _ := m.has(s); ok {
			words = append(words, strings.ToLower(screenNames[s]))
		}
	}
	return words
}

func doScreen(m *Model, arg string) (tea.Cmd, error) {
	for i := range m.commands {
		if c := &m.commands[i]; c.ID == "screen."+strings.ToLower(arg) {
			if ok, reason := c.enabled(m); !ok {
				return nil, errors.New(reason)
			}
			return c.Run(m), nil
		}
	}
	return nil, oneOf("screen", arg, m.screenWords())
}
