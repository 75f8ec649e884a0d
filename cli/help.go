package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

// mainFlags are the setting flags that a command's help lists. The others are a
// hundred; `config flags` has all of them by section.
var mainFlags = []string{
	"profile", "output-dir", "work-dir", "targets", "languages", "include-globs", "exclude-globs", "workers", "on-error", "timeout", "pipeline",
	"otel-exporter", "otel-endpoint", "otel-protocol",
}

// addSettings gives a command a flag for every setting.
func (g *globals) addSettings(cmd *cobra.Command) {
	if g.bare {
		return
	}
	cmd.Flags().SortFlags = false // in the order of the table
	presets.AddFlags(cmd.Flags())
	cmd.SetHelpFunc(shortHelp)
}

// shortHelp is the help of a command with settings: the flags that are used most,
// and where the others are.
func shortHelp(cmd *cobra.Command, args []string) {
	// The flags are changed for the help only: completion offers all of them.
	settings, shown := settingFlags(), []*pflag.Flag{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if _, ok := settings[f.Name]; ok && !slices.Contains(mainFlags, f.Name) {
			f.Hidden = true
			return
		}
		shown = append(shown, f)
	})
	widest := 0
	for _, f := range shown {
		widest = max(widest, len(f.Name))
	}
	const around = 14 // what fang puts before a flag's name and between it and its text
	for _, f := range shown {
		f.Usage = ansi.Wordwrap(f.Usage, max(outputWidth(os.Stdout)-widest-around, 20), "")
	}
	cmd.Long = fmt.Sprintf("%s\n\nEvery setting is a flag; below are those used most. `%s config flags` lists all by section, with their values, defaults and variables.",
		cmp.Or(cmd.Long, cmd.Short+"."), cmd.Root().Name())
	cmd.Root().HelpFunc()(cmd, args)
}

// settingFlags are all settings by the names of their flags.
func settingFlags() map[string]presets.Setting {
	out := map[string]presets.Setting{}
	for _, s := range presets.Table() {
		for _, name := range []string{s.Flag, s.Alias} {
			if name != "" {
				out[name] = s
			}
		}
	}
	return out
}

// outputWidth is how wide text for w is laid out.
func outputWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return min(width, 120)
		}
	}
	return 100
}

func newConfigFlagsCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "flags [KEY|SECTION]...",
		Short: "Print every setting by section: flag, values, default, variables, meaning",
		Example: fmt.Sprintf(`%[1]s config flags otel
%[1]s config flags engine.memory_limit build.workers`, g.app.Name),
		ValidArgsFunction: completeKeys,
		RunE: func(_ *cobra.Command, args []string) error {
			var all []model.Value
			settings := map[string]presets.Setting{}
			for _, s := range presets.Table() {
				all = append(all, model.Value{Key: s.Name()})
				settings[s.Name()] = s
			}
			wanted, err := pick(all, args)
			if err != nil {
				return err
			}
			var b strings.Builder
			section := "\x00"
			for _, v := range wanted {
				s := settings[v.Key]
				if s.Section != section {
					section = s.Section
					title := "[" + section + "]"
					if section == "" {
						title = "top level"
					}
					fmt.Fprintf(&b, "%s\n%s\n\n", title, wrapped(presets.SectionDoc(section), "  ", outputWidth(g.io.Out)))
				}
				b.WriteString(flagText(s, outputWidth(g.io.Out)))
			}
			_, err = io.WriteString(g.io.Out, b.String())
			return err
		},
	}
}

// flagText is everything about one setting's flag.
func flagText(s presets.Setting, width int) string {
	names := "--" + s.Flag
	if s.Alias != "" {
		names += ", --" + s.Alias
	}
	if s.Flag == "" {
		names = s.Name()
	}
	values := string(s.Kind)
	switch {
	case s.Allowed != nil:
		values = strings.Join(s.Allowed, "|")
	case s.Bounds() != "":
		values += " " + s.Bounds()
	}
	if s.Unit != "" {
		values += ", " + s.Unit
	}
	facts := "variables " + strings.Join(s.EnvNames(), ", ")
	if s.Default != "" {
		facts = "default " + s.Default + "; " + facts
	}
	return fmt.Sprintf("  %s  (%s)\n%s\n%s\n\n", names, values, wrapped(s.Doc, "      ", width), wrapped(facts, "      ", width))
}

func wrapped(text, indent string, width int) string {
	lines := strings.Split(ansi.Wordwrap(text, max(width-len(indent), 20), ""), "\n")
	return indent + strings.Join(lines, "\n"+indent)
}
