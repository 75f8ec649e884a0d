package cli

import (
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui"
)

// formSettings are the settings of the Setup screen: a resolution with edits on top.
// All methods but current belong to the event loop of the screen.
type formSettings struct {
	base    *presets.Resolved
	now     atomic.Pointer[presets.Resolved] // replaced at every edit; builds and checks read it from goroutines of their own
	edits   formEdits
	saved   int      // edits that the config file holds too
	themes  []string // that can be chosen
	command string   // what flags are given to: "buildscope build"
	// allow refuses settings that this form may not make; nil allows all.
	allow func(*presets.Resolved) error
}

func newFormSettings(res *presets.Resolved, command string) *formSettings {
	f := &formSettings{base: res, command: command}
	f.now.Store(res)
	return f
}

// current are the settings as they are, for any goroutine.
func (f *formSettings) current() *presets.Resolved { return f.now.Load() }

func (f *formSettings) List() []tui.Setting {
	now := f.current()
	profile, err := now.ProfileValues(now.Profile)
	if err != nil {
		profile = nil // the resolution would have failed with it
	}
	var out []tui.Setting
	for _, s := range presets.Table() {
		if s.Section == "ssh" {
			continue // they are the server's, which no screen can change
		}
		v := now.Value(s.Name())
		p, from := profile[s.Name()]
		_, edited := f.edits.now[s.Name()]
		switch s.Name() {
		case presets.ProfileKey:
			s.Kind, s.Allowed = presets.Enum, now.ProfileNames() // they depend on the config file
		case presets.ThemeKey:
			s.Kind, s.Allowed = presets.Enum, f.themes // they depend on the user's files
		}
		out = append(out, tui.Setting{Section: s.Section, Key: s.Name(), Label: s.Short, Kind: string(s.Kind), Unit: s.Unit, Text: v.Text,
			Source: v.Source, Default: s.Default, Profile: p, Doc: s.Doc, Allowed: s.Allowed, Range: s.Bounds(), Secret: s.Secret, Edited: edited,
			FromProfile: from, Flag: s.Flag, Env: s.EnvNames()})
	}
	return out
}

func (f *formSettings) SectionTitle(section string) string { return presets.SectionDoc(section) }
func (f *formSettings) Validate(key, text string) error    { return presets.ValidateText(key, text) }
func (f *formSettings) Edits() int                         { return len(f.edits.now) - f.saved }

func (f *formSettings) Edit(key, text string) error {
	return f.change(f.edits.with(key, text))
}

func (f *formSettings) Reset(key string) error { return f.change(f.edits.without(key)) }

// change takes new edits over if they make settings that can be used.
func (f *formSettings) change(next map[string]string) error {
	if err := f.try(next); err != nil {
		return err
	}
	f.edits.step(next)
	return nil
}

// try resolves with other edits.
func (f *formSettings) try(edits map[string]string) error {
	next, err := f.base.With(edits)
	if err != nil {
		return err
	}
	if f.allow != nil {
		if err := f.allow(next); err != nil {
			return err
		}
	}
	f.now.Store(next)
	f.saved = 0 // which of them the file holds is not worth telling apart
	return nil
}

func (f *formSettings) Undo() error             { return f.edits.back(false, f.try) }
func (f *formSettings) Redo() error             { return f.edits.back(true, f.try) }
func (f *formSettings) Steps() (undo, redo int) { return len(f.edits.undo), len(f.edits.redo) }

func (f *formSettings) Target() (string, bool) {
	if f.base.File != "" {
		return f.base.File, true
	}
	path := filepath.Join(f.base.Settings.Build.RepoRoot, presets.FileName)
	_, err := os.Stat(path)
	return path, err == nil
}

func (f *formSettings) Save(path string) error {
	if err := presets.Save(path, f.edits.now); err != nil {
		return err
	}
	f.saved = len(f.edits.now)
	return nil
}
