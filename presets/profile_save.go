package presets

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/buildscope/buildscope/model/wholefile"
)

// SavedProfile says what SaveProfile wrote.
type SavedProfile struct {
	Name    string
	Extends string   // profile it builds on; "" for the defaults
	Keys    []string // settings it sets
	Left    []string // settings that are not as in a profile but may not stand in one, secrets among them
}

// Lines tells what was saved and what was not, a sentence each.
func (s SavedProfile) Lines() []string {
	sets := "sets nothing"
	if len(s.Keys) > 0 {
		sets = "sets " + strings.Join(s.Keys, ", ")
	}
	if s.Extends != "" {
		sets = "extends " + s.Extends + " and " + sets
	}
	lines := []string{"The profile " + s.Name + " " + sets + "."}
	if len(s.Left) > 0 {
		lines = append(lines, "Not written, because it is secret or about one place: "+strings.Join(s.Left, ", ")+".")
	}
	return lines
}

// ErrProfileExists means that a profile would be overwritten, which nobody has
// allowed.
var ErrProfileExists = errors.New("there is such a profile already")

var profileName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// CheckProfileName says what is wrong with the name of a new profile, nil if nothing
// is.
func CheckProfileName(name string) error {
	switch {
	case !profileName.MatchString(name):
		return fmt.Errorf("the name of a profile is letters, digits, - and _, not %q", name)
	case slices.Contains(builtinNames, name):
		return fmt.Errorf("%s is a built-in profile: choose another name", name)
	}
	return nil
}

// OwnProfile reports whether a profile of that name is in the config file.
func (r *Resolved) OwnProfile(name string) bool {
	_, ok := r.files[name]
	return ok
}

// SaveProfile writes the settings in force into a config file as [profiles.NAME]: what
// differs from the profile in force, which it extends. All else in the file stays
// byte for byte. A profile that is there already is written over only with replace.
// What was written is read back and compared. The result knows the profiles of the
// file; its settings are those of r.
func (r *Resolved) SaveProfile(path, name string, replace bool) (SavedProfile, *Resolved, error) {
	if err := CheckProfileName(name); err != nil {
		return SavedProfile{}, nil, err
	}
	saved, next, err := r.saveProfile(path, name, replace)
	if err != nil {
		return SavedProfile{}, nil, fmt.Errorf("save the profile %s in %s: %w", name, path, err)
	}
	return saved, next, nil
}

func (r *Resolved) saveProfile(path, name string, replace bool) (saved SavedProfile, next *Resolved, err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays one
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return saved, nil, err
	}
	before, errs := parseFile(FileName, bytes.TrimPrefix(old, bom))
	if len(errs) > 0 {
		return saved, nil, errors.Join(errs...)
	}
	there := before.profiles[name] != nil
	if (there || r.OwnProfile(name)) && !replace {
		return saved, nil, ErrProfileExists
	}
	saved, p, err := r.newProfile(name, before.profiles)
	if err != nil {
		return saved, nil, err
	}
	text, err := putProfile(string(old), there, p)
	if err != nil {
		return saved, nil, err
	}
	if _, err := r.withProfilesOf([]byte(text), saved); err != nil {
		return saved, nil, fmt.Errorf("the file was left alone: %w", err)
	}
	perm := fs.FileMode(0o600) // as Save has it
	if info, err := os.Stat(path); err == nil {
		perm = info.Mode().Perm()
	}
	if err := wholefile.Write(path, []byte(text), perm); err != nil {
		return saved, nil, err
	}
	back, err := os.ReadFile(path)
	if err != nil {
		return saved, nil, fmt.Errorf("read it back: %w", err)
	}
	next, err = r.withProfilesOf(back, saved)
	return saved, next, err
}

// newProfile works out what a profile in a file with those profiles must set. It
// extends the profile in force, or the first above it that the file can name and that
// does not come back to the new one.
func (r *Resolved) newProfile(name string, files map[string]*profile) (SavedProfile, *profile, error) {
	saved := SavedProfile{Name: name}
	chain := append([]string{r.Profile}, r.Extends...)
	for _, above := range chain[slices.Index(chain, name)+1:] {
		if files[above] != nil || slices.Contains(builtinNames, above) {
			saved.Extends = above
			break
		}
	}
	resolve := func(texts map[string]string) *Resolved {
		p := &profile{name: name, extends: saved.Extends, values: layer{}}
		for key, text := range texts {
			p.values[key] = layerText{text: text}
		}
		next := &Resolved{files: maps.Clone(files)}
		next.files[name] = p
		next.layers = []namedLayer{{"argument", layer{ProfileKey: layerText{text: name}}}}
		next.build() // only the texts count
		return next
	}
	may := func(s Setting) bool { return s.Profile && !r.hidden(s) }
	texts, err := r.fewest(map[string]string{}, may, resolve)
	if err != nil {
		return saved, nil, err
	}
	got := resolve(texts)
	for _, s := range table {
		key := s.Name()
		if _, ok := texts[key]; ok {
			saved.Keys = append(saved.Keys, key)
		} else if !may(s) && !s.ofOnePlace() && got.texts[key] != r.texts[key] && !slices.Contains(saved.Left, s.Base) {
			saved.Left = append(saved.Left, key)
		}
	}
	return saved, got.files[name], nil
}

// ofOnePlace reports whether nobody expects a setting in a profile: it is about the
// choice of the profile itself, one repository or one terminal.
func (s Setting) ofOnePlace() bool {
	return s.Section == "" || s.Section == "tui" || s.Section == "ssh" || s.Name() == repoKey
}

// hidden reports whether the text of a setting, or a part of it, must not be shown.
func (r *Resolved) hidden(s Setting) bool {
	text := r.texts[s.Name()]
	return r.shown(s)(text) != text
}

// withProfilesOf is r with the profiles from a file's text, if the saved one gives
// there what r has.
func (r *Resolved) withProfilesOf(text []byte, saved SavedProfile) (*Resolved, error) {
	f, errs := parseFile(FileName, bytes.TrimPrefix(text, bom))
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	next := *r
	next.files = f.profiles
	got, err := next.alone(saved.Name)
	if err != nil {
		return nil, err
	}
	for _, s := range table {
		have, want := got.texts[s.Name()], r.texts[s.Name()]
		if s.Profile && !r.hidden(s) && !s.same(have, want) {
			return nil, fmt.Errorf("%s would be %s there, not %s", s.Name(), have, want)
		}
	}
	next.files = maps.Clone(r.files)
	maps.Copy(next.files, f.profiles)
	return &next, nil
}

// same reports whether two texts give the same value: a file spells numbers anew.
func (s Setting) same(a, b string) bool {
	va, errA := parseKind(s, a)
	vb, errB := parseKind(s, b)
	return a == b || errA == nil && errB == nil && reflect.DeepEqual(va, vb)
}

// putProfile adds a profile at the end of a file, or puts it in the place of the one
// that has its name.
func putProfile(text string, there bool, p *profile) (string, error) {
	block := profileText(p)
	if !there {
		switch {
		case text == "":
		case strings.HasSuffix(text, "\n"):
			block = "\n" + block
		default:
			block = "\n\n" + block
		}
		return text + block, nil
	}
	lines, at, err := withoutProfile(text, p.name)
	if err != nil {
		return "", err
	}
	return strings.Join(slices.Insert(lines, at, block), ""), nil
}

// profileText is a profile as a table of its own.
func profileText(p *profile) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[profiles.%s]\n", p.name)
	if p.extends != "" {
		fmt.Fprintf(&b, "extends = %s\n", tomlString(p.extends))
	}
	for _, s := range table {
		if v, ok := p.values[s.Name()]; ok {
			prefix := ""
			if s.Section != "" {
				prefix = s.Section + "."
			}
			fmt.Fprintf(&b, "%s%s\n", prefix, TOMLLine(s, v.text))
		}
	}
	return b.String()
}

// withoutProfile takes the tables of a profile out of a file's lines and gives the
// line where the first stood. Empty lines and comments before the next table belong
// to that one, and stay.
func withoutProfile(text, name string) (lines []string, at int, err error) {
	at = -1
	heads := tableLines([]byte(text))
	inside := false
	var held []string // empty lines and comments, whose owner is not known yet
	number := 0
	for line := range strings.Lines(text) {
		number++
		if key, ok := heads[number]; ok {
			inside = key == "profiles."+name || strings.HasPrefix(key, "profiles."+name+".")
			lines, held = append(lines, held...), nil
			if inside && at < 0 {
				at = len(lines)
			}
		}
		trimmed := strings.TrimSpace(line)
		switch {
		case !inside:
			lines = append(lines, line)
		case trimmed == "" || trimmed[0] == '#':
			held = append(held, line)
		default:
			held = nil
		}
	}
	lines = append(lines, held...)
	f, errs := parseFile(FileName, bytes.TrimPrefix([]byte(strings.Join(lines, "")), bom))
	if at < 0 || len(errs) > 0 || f.profiles[name] != nil {
		return nil, 0, fmt.Errorf("it is not a table [profiles.%s] of its own in the file: change it by hand, or choose another name", name)
	}
	return lines, at, nil
}

// tableLines gives the key of each table by the line of its heading. It asks the
// parser: a line with a bracket may also be part of a value.
func tableLines(data []byte) map[int]string {
	out := map[int]string{}
	var p unstable.Parser
	p.Reset(bytes.TrimPrefix(data, bom))
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind != unstable.Table && e.Kind != unstable.ArrayTable {
			continue
		}
		var parts []string
		line := 0
		for it := e.Key(); it.Next(); {
			line = p.Shape(it.Node().Raw).Start.Line
			parts = append(parts, string(it.Node().Data))
		}
		out[line] = strings.Join(parts, ".")
	}
	return out
}

// WithProfilesOf is r with the profiles that another resolution knows.
func (r *Resolved) WithProfilesOf(other *Resolved) *Resolved {
	next := *r
	next.files = other.files
	return &next
}
