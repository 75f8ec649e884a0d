package cli

import (
	"errors"

	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui"
)

// formNames are the forms as people call them.
var formNames = map[presets.Form]string{presets.AsFlags: "command line", presets.AsEnv: "environment", presets.AsTOML: "TOML file"}

func (f *formSettings) Written() ([]tui.Written, error) {
	var out []tui.Written
	for _, form := range presets.Forms() {
		e, err := f.current().As(form, f.command)
		if err != nil {
			return nil, err
		}
		out = append(out, tui.Written{Name: formNames[form], Text: e.Text, Notes: e.Notes})
	}
	return out, nil
}

func (f *formSettings) CompareProfiles(a, b string) ([]tui.ProfileDifference, error) {
	list, err := f.current().CompareProfiles(a, b)
	var out []tui.ProfileDifference
	for _, d := range list {
		out = append(out, tui.ProfileDifference{Key: d.Key, A: d.A.String(), B: d.B.String()})
	}
	return out, err
}

func (f *formSettings) CheckProfile(name string) (bool, error) {
	return f.base.OwnProfile(name), presets.CheckProfileName(name)
}

// SaveProfile writes into the file that Save offers. The form knows the profiles of
// that file from then on; the rest of it is in force only if it was before.
func (f *formSettings) SaveProfile(name string, replace bool) ([]string, error) {
	path, _ := f.Target()
	saved, next, err := f.current().SaveProfile(path, name, replace)
	if errors.Is(err, presets.ErrProfileExists) {
		return nil, errors.Join(err, errors.New("it is in that file, which this screen has not read: choose another name"))
	}
	if err != nil {
		return nil, err
	}
	f.base = f.base.WithProfilesOf(next)
	onFile := f.saved
	if err := f.try(f.edits.now); err != nil {
		return nil, err
	}
	f.saved = onFile
	lines := append([]string{"Written to " + path + "."}, saved.Lines()...)
	if f.base.File != path {
		lines = append(lines, "That file is not the one in force: start with --config, or in its folder, to have the profile again.")
	}
	return append(lines, "p chooses it."), nil
}
