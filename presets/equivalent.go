package presets

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Form is a way in which settings can be given.
type Form string

const (
	AsFlags Form = "flags" // a command line for a POSIX shell
	AsEnv   Form = "env"   // export lines for a POSIX shell
	AsTOML  Form = "toml"  // a config file
)

// Forms lists the forms in the order in which they are shown.
func Forms() []Form { return []Form{AsFlags, AsEnv, AsTOML} }

// Equivalent is text that gives the settings of a resolution once more.
type Equivalent struct {
	Text  string   // ends with a line feed
	Notes []string // what the text does not say, a sentence each
}

// As writes the settings in force so that, given in that form and in no other, they
// are the same again. Command is what flags are given to: "buildscope build". Paths
// are absolute. Secrets are left to be filled in: a shell stops at a placeholder and
// says which setting it stands for, in a file the line is a comment.
func (r *Resolved) As(form Form, command string) (Equivalent, error) {
	base := r.builtinProfile()
	seed := map[string]string{ProfileKey: base}
	for _, s := range table {
		if s.Name() != ProfileKey && r.named(s.Name()) {
			seed[s.Name()] = r.texts[s.Name()]
		}
	}
	others := func(s Setting) bool { return s.Name() != ProfileKey }
	texts, err := r.fewest(seed, others, bare)
	if err != nil {
		return Equivalent{}, fmt.Errorf("write the settings as %s: %w", form, err)
	}
	w := writer{r: r, texts: texts}
	if base != r.Profile {
		w.note("The profile %s is one of your own: what it sets is written out, on top of the profile %s.", r.Profile, base)
	}
	switch form {
	case AsFlags:
		w.flags(command)
	case AsEnv:
		w.env()
	case AsTOML:
		w.toml()
	default:
		return Equivalent{}, fmt.Errorf("unknown form %q; it is one of flags, env, toml", form)
	}
	return Equivalent{Text: w.b.String(), Notes: w.notes}, nil
}

// builtinProfile is the profile in force, or the first it extends, that is there
// without a config file.
func (r *Resolved) builtinProfile() string {
	for _, name := range append([]string{r.Profile}, r.Extends...) {
		if _, own := r.files[name]; !own && slices.Contains(builtinNames, name) {
			return name
		}
	}
	s, _ := Lookup(ProfileKey)
	return s.Default
}

// named reports whether a layer above the profile names a setting. It is then
// written even where profile and default give the same, so that the text also holds
// on top of those layers.
func (r *Resolved) named(name string) bool {
	return slices.ContainsFunc(r.layers, func(l namedLayer) bool {
		_, ok := l.values[name]
		return ok && l.name != "profile"
	})
}

// bare resolves texts given on the command line, and nothing else.
func bare(texts map[string]string) *Resolved {
	flags := layer{}
	for name, text := range texts {
		flags[name] = layerText{text: text, source: "flag"}
	}
	b := &Resolved{layers: []namedLayer{{"flag", flags}}}
	b.build() // faults would be those that r has been checked for
	return b
}

// fewest adds to seed what is needed until resolve gives the text that r has for
// every setting that may be given. General settings come first: once they are there,
// those of one signal that follow them need not be.
func (r *Resolved) fewest(seed map[string]string, may func(Setting) bool, resolve func(map[string]string) *Resolved) (map[string]string, error) {
	for {
		got := resolve(seed)
		var differ, missing []Setting
		for _, s := range table {
			if !may(s) || got.texts[s.Name()] == r.texts[s.Name()] {
				continue
			}
			differ = append(differ, s)
			if _, ok := seed[s.Name()]; !ok { // else another setting, still to come, changes it
				missing = append(missing, s)
			}
		}
		switch {
		case len(differ) == 0:
			return seed, nil
		case len(missing) == 0:
			s := differ[0]
			return nil, fmt.Errorf("%s cannot be given its value %q", s.Name(), r.shown(s)(r.texts[s.Name()]))
		}
		general := slices.DeleteFunc(slices.Clone(missing), func(s Setting) bool { return s.Base != "" })
		if len(general) > 0 {
			missing = general
		}
		for _, s := range missing {
			seed[s.Name()] = r.texts[s.Name()]
		}
	}
}

// writer collects an Equivalent.
type writer struct {
	r     *Resolved
	texts map[string]string
	b     strings.Builder
	notes []string
}

func (w *writer) note(format string, args ...any) {
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}

// each calls f for every setting to write; hidden says that its text, or a part of
// it, must not be shown.
func (w *writer) each(f func(s Setting, text string, hidden bool)) {
	for _, s := range table {
		if text, ok := w.texts[s.Name()]; ok {
			text = w.r.located(s, text)
			f(s, text, w.r.hidden(s))
		}
	}
}

// located is the text of a setting, of a path the absolute one.
func (r *Resolved) located(s Setting, text string) string {
	switch {
	case s.Name() == repoKey:
		return r.Settings.Build.RepoRoot
	case s.Name() == ThemeKey && r.ThemeFile() != "":
		return r.ThemeFile()
	case s.Kind != Path || text == "" || filepath.IsAbs(text):
		return text
	}
	return filepath.Join(r.dir, text)
}

const repoKey = "build.repo_root"

func (w *writer) flags(command string) {
	fmt.Fprintf(&w.b, "%s %s", command, shellQuote(w.r.Settings.Build.RepoRoot))
	w.each(func(s Setting, text string, hidden bool) {
		if s.Name() == repoKey {
			return // it is the argument
		}
		value := shellQuote(text)
		if hidden {
			value = w.placeholder(s)
		}
		fmt.Fprintf(&w.b, " \\\n  --%s=%s", s.Flag, value)
	})
	w.b.WriteString("\n")
}

func (w *writer) env() {
	w.each(func(s Setting, text string, hidden bool) {
		value := shellQuote(text)
		switch {
		case hidden:
			value = w.placeholder(s)
		case text == "" && (s.Kind == List || s.Kind == Map):
			value = "," // an empty variable counts as unset, and no item is no item
		case text == "":
			delete(w.texts, s.Name())
			if below := bare(w.texts).texts[s.Name()]; below != "" {
				w.note("%s is empty, which a variable cannot say: it would be %s.", s.Name(), w.r.shown(s)(below))
			}
			return
		}
		fmt.Fprintf(&w.b, "export %s=%s\n", s.EnvNames()[0], value)
	})
}

// placeholder reads a secret from its variable; without it the shell stops there.
func (w *writer) placeholder(s Setting) string {
	name := s.EnvNames()[0]
	w.note("%s is secret: it is read from the variable %s, which you set.", s.Name(), name)
	return fmt.Sprintf(`"${%s:?holds the secret %s}"`, name, s.Name())
}

func (w *writer) toml() {
	section := ""
	w.each(func(s Setting, text string, hidden bool) {
		if s.Section != section {
			section = s.Section
			fmt.Fprintf(&w.b, "\n[%s]\n", section)
		}
		if hidden {
			fmt.Fprintf(&w.b, "# %s = \"SECRET\" # take the first # away and put in the secret %s\n", s.Key, s.Name())
			w.note("%s is secret: its line is a comment in which you put it.", s.Name())
			return
		}
		fmt.Fprintln(&w.b, TOMLLine(s, text))
	})
}

// plainShell are the letters that mean only themselves to a shell.
const plainShell = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%"

// shellQuote writes a text as one word of a POSIX shell.
func shellQuote(text string) string {
	if text != "" && strings.Trim(text, plainShell) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
