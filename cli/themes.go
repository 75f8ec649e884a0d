package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui/theme"
)

// Bounds on what is read of the folder of themes.
const (
	maxThemes     = 100
	maxThemeBytes = 64 << 10
)

// themes are the user's own. They are read before the screen opens, because the
// screen reads no files.
type themes struct {
	folder string // "" when there is no home
	read   map[string]*theme.User
	broken map[string]error // by name
}

// themesFolder is where a user keeps themes: below XDG_CONFIG_HOME or ~/.config.
func themesFolder(env map[string]string) string {
	return userPath(env, "XDG_CONFIG_HOME", ".config", "themes")
}

// readThemes reads what is in the user's folder.
func readThemes(env map[string]string) *themes {
	t := &themes{folder: themesFolder(env), read: map[string]*theme.User{}, broken: map[string]error{}}
	for _, path := range t.files() {
		name := strings.TrimSuffix(filepath.Base(path), ".toml")
		if slices.Contains(theme.Builtin(), name) {
			continue // the setting means the built-in one
		}
		t.take(name, path)
	}
	return t
}

// loadThemes reads the user's themes. The error is about the theme that the settings
// ask for; one of the others is only not offered when something is wrong with it.
func (g *globals) loadThemes(res *presets.Resolved) (*themes, error) {
	t := readThemes(g.io.Env)
	v := res.Value(presets.ThemeKey)
	if err := t.find(v.Text, res.ThemeFile()); err != nil {
		return nil, &presets.Errors{List: []error{&presets.Fault{Key: presets.ThemeKey, Text: v.Text, Source: v.Source, Err: err}}}
	}
	return t, nil
}

func (t *themes) files() []string {
	if t.folder == "" {
		return nil
	}
	list, err := os.ReadDir(t.folder)
	if err != nil {
		return nil // most users have none
	}
	var out []string
	for _, e := range list {
		if strings.HasSuffix(e.Name(), ".toml") && len(out) < maxThemes {
			out = append(out, filepath.Join(t.folder, e.Name()))
		}
	}
	return out
}

// take reads one theme.
func (t *themes) take(name, path string) {
	data, err := readSmall(path, maxThemeBytes)
	if err == nil {
		t.read[name], err = theme.Parse(name, path, data)
	}
	if err != nil {
		delete(t.read, name)
		t.broken[name] = err
	}
}

// readSmall reads an ordinary file that must not be larger than limit bytes.
func readSmall(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not an ordinary file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return data, err
}

// find makes sure that a theme is there; file is what it names by a path, or "".
func (t *themes) find(name, file string) error {
	if slices.Contains(theme.Builtin(), name) {
		return nil
	}
	if file != "" {
		t.take(name, file)
	}
	if err := t.broken[name]; errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no such file")
	} else if err != nil {
		return err
	}
	if t.read[name] == nil {
		return fmt.Errorf("there is no theme of that name; there are %s, and a theme of your own is the file %s", strings.Join(t.names(), ", "), filepath.Join(t.folder, name+".toml"))
	}
	return nil
}

// names lists the themes that can be chosen.
func (t *themes) names() []string {
	var own []string
	for name := range t.read {
		own = append(own, name)
	}
	sort.Strings(own)
	return append(theme.Builtin(), own...)
}

// user gives a theme of the user's own, nil for the others.
func (t *themes) user(name string) *theme.User { return t.read[name] }
