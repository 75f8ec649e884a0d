package presets

import (
	"slices"
	"strings"
)

// Kind is the type of a setting. Every kind has one text form, which flags,
// environment variables, forms and Value.Text use; a config file may use the
// TOML type instead of the text.
type Kind string

const (
	Bool     Kind = "bool"     // true, false, 1, 0
	Int      Kind = "int"      // whole number
	Float    Kind = "float"    // decimal number
	String   Kind = "string"   // any text
	Path     Kind = "path"     // file name; relative to the config file's folder, or to the working directory in other layers
	Enum     Kind = "enum"     // one of Allowed
	List     Kind = "list"     // items separated by commas; commas inside {braces} do not separate
	Map      Kind = "map"      // key=value pairs separated by commas, values percent-encoded
	Duration Kind = "duration" // Go syntax: 1m30s, 500ms
	Capacity Kind = "capacity" // DataFusion syntax: 0, or a number and K, M or G in powers of 1024
	TTL      Kind = "ttl"      // DataFusion syntax: minutes then seconds, 1m30s, or none
)

// Setting is one row of the table.
type Setting struct {
	Section  string   // "" for a key at the top level
	Key      string   // name inside the section
	Kind     Kind     // how its text is read
	Unit     string   // what a number counts; "" when the kind or the name says it
	Default  string   // text form
	Base     string   // name of the setting that gives the value in each layer where this one is not set, and the default; "" for none
	Allowed  []string // values of an Enum, items of a List; nil means any
	Min, Max string   // text form; "" means no bound
	Env      []string // standard variables that give it, the winning one first; see EnvNames
	Flag     string   // command line flag without dashes; "" means none
	Alias    string   // second name of the flag
	Short    string   // label of a few words
	Doc      string   // one sentence: what it does and why one would change it
	Secret   bool     // its text, or the values of a Map, are never shown
	Profile  bool     // a diagnostics profile may set it

	// check refuses values of the right kind that still make no sense.
	check func(value any) error
}

// Name is section.key, or the key alone at the top level.
func (s Setting) Name() string {
	if s.Section == "" {
		return s.Key
	}
	return s.Section + "." + s.Key
}

// envPrefix starts the environment names that are buildscope's own.
const envPrefix = "BUILDSCOPE_"

// EnvNames lists every variable that gives the setting, the winning one first:
// BUILDSCOPE_SECTION_KEY, then the standard names.
func (s Setting) EnvNames() []string {
	own := envPrefix + strings.ToUpper(strings.ReplaceAll(s.Name(), ".", "_"))
	return append([]string{own}, s.Env...)
}

// Table returns every setting, in the order in which they are shown.
func Table() []Setting { return slices.Clone(table) }

// Lookup finds a setting by its name.
func Lookup(name string) (Setting, bool) {
	for _, s := range table {
		if s.Name() == name {
			return s, true
		}
	}
	return Setting{}, false
}

// Sections lists the sections in the order of the table; "" is the top level.
func Sections() []string {
	var out []string
	for _, s := range table {
		if !slices.Contains(out, s.Section) {
			out = append(out, s.Section)
		}
	}
	return out
}

// SectionDoc says in one sentence what a section is about.
func SectionDoc(section string) string { return sectionDocs[section] }

// names lists the names of all settings.
func names() []string {
	out := make([]string, len(table))
	for i, s := range table {
		out[i] = s.Name()
	}
	return out
}
