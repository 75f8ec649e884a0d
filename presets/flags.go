package presets

import (
	"fmt"

	"github.com/spf13/pflag"
)

// AddFlags defines one flag per setting, and its alias. Values are checked when
// the settings are resolved, so that all faults are reported together.
func AddFlags(fs *pflag.FlagSet) {
	for _, s := range table {
		if s.Flag == "" {
			continue
		}
		usage := s.Doc
		if s.Default != "" {
			usage += fmt.Sprintf(" (default %s)", s.Default)
		}
		for _, name := range []string{s.Flag, s.Alias} {
			if name == "" {
				continue
			}
			fs.Var(&textFlag{kind: s.Kind}, name, usage)
			if s.Kind == Bool {
				fs.Lookup(name).NoOptDefVal = "true"
			}
		}
	}
}

// FlagValues lists the setting flags that were given.
func FlagValues(fs *pflag.FlagSet) []FlagValue {
	var out []FlagValue
	fs.Visit(func(f *pflag.Flag) {
		if t, ok := f.Value.(*textFlag); ok {
			out = append(out, FlagValue{Name: f.Name, Text: t.text})
		}
	})
	return out
}

// textFlag keeps a flag's text as it was typed.
type textFlag struct {
	kind Kind
	text string
}

func (t *textFlag) String() string     { return t.text }
func (t *textFlag) Set(s string) error { t.text = s; return nil }
func (t *textFlag) Type() string       { return string(t.kind) }
