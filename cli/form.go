package cli

import (
	"os"
	"path/filepath"

	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui"
)

// formSettings are the settings of the Setup screen: a resolution with edits on top.
type formSettings struct {
	base, now *presets.Resolved
	edits     map[string]string
	saved     int // edits that the config file holds too
}

func (f *formSettings) List() []tui.Setting {
	profile, err := f.now.ProfileValues(f.now.Profile)
	if err != nil {
		profile = nil // the resolution would have failed with it
	}
	var out []tui.Setting
	for _, s := range presets.Table() {
		v := f.now.Value(s.Name())
		p, from := profile[s.Name()]
		_, edited := f.edits[s.Name()]
		if s.Key == presets.ProfileKey {
			s.Kind, s.Allowed = presets.Enum, f.now.ProfileNames() // they depend on the config file
		}
		out = append(out, tui.Setting{Section: s.Section, Key: s.Name(), Label: s.Short, Kind: string(s.Kind), Unit: s.Unit, Text: v.Text,
			Source: v.Source, Default: s.Default, Profile: p, Doc: s.Doc, Allowed: s.Allowed, Range: s.Bounds(), Secret: s.Secret, Edited: edited,
			FromProfile: from, Flag: s.Flag, Env: s.EnvNames()})
	}
	return out
}

func (f *formSettings) SectionTitle(section string) string { return presets.SectionDoc(section) }
func (f *formSettings) Validate(key, text string) error    { return presets.ValidateText(key, text) }
func (f *formSettings) Edits() int                         { return len(f.edits) - f.saved }

func (f *formSettings) Edit(key, text string) error {
	old, had := f.edits[key]
	f.edits[key] = text
	f.saved = 0 // which of them the file holds is not worth telling apart
	next, err := f.base.With(f.edits)
	if err != nil {
		if delete(f.edits, key); had {
			f.edits[key] = old
		}
		return err
	}
	f.now = next
	return nil
}

func (f *formSettings) Reset(key string) error {
	delete(f.edits, key)
	f.saved = 0
	next, err := f.base.With(f.edits)
	if err == nil {
		f.now = next
	}
	return err
}

func (f *formSettings) Target() (string, bool) {
	if f.base.File != "" {
		return f.base.File, true
	}
	path := filepath.Join(f.base.Settings.Build.RepoRoot, presets.FileName)
	_, err := os.Stat(path)
	return path, err == nil
}

func (f *formSettings) Save(path string) error {
	if err := presets.Save(path, f.edits); err != nil {
		return err
	}
	f.saved = len(f.edits)
	return nil
}
