package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui/ui"
)

func newConfigCmd(g *globals) *cobra.Command {
	return parent(&cobra.Command{Use: "config", Short: "Show, check and start settings files"},
		newConfigShowCmd(g), newConfigFlagsCmd(g), newConfigValidateCmd(g), newConfigInitCmd(g), newConfigSchemaCmd(g))
}

func newConfigShowCmd(g *globals) *cobra.Command {
	var sources, asJSON bool
	var form string
	cmd := &cobra.Command{
		Use:   "show [KEY|SECTION]...",
		Short: "Print the settings in force: all, or those named",
		Example: `  buildscope config show --with-sources otel
  buildscope config show --json build.output_dir
  buildscope config show --as flags --profile debug`,
		ValidArgsFunction: completeKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			if form != "" && (sources || asJSON || len(args) > 0) {
				return errors.New("--as prints all that is needed to give the settings again: name no settings, and give neither --json nor --with-sources")
			}
			res, err := g.resolve(cmd, "")
			if err != nil {
				return err
			}
			if form != "" {
				return g.printAs(res, presets.Form(form))
			}
			values, err := pick(res.Values, args)
			if err != nil {
				return err
			}
			if asJSON {
				return g.printJSON(values)
			}
			return printValues(g.io.Out, values, sources)
		},
	}
	g.addSettings(cmd)
	cmd.Flags().BoolVar(&sources, "with-sources", false, "also print where each value came from, and what lower layers would have given")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, sources included")
	cmd.Flags().StringVar(&form, "as", "", "print what gives the same settings again: flags, env or toml; secrets are left to be put in")
	return cmd
}

// printAs writes the settings in a form in which they can be given again. What the
// text does not say goes to stderr, so that the text can be piped on.
func (g *globals) printAs(res *presets.Resolved, form presets.Form) error {
	e, err := res.As(form, g.app.Name+" build")
	if err != nil {
		return err
	}
	for _, note := range e.Notes {
		if _, err := fmt.Fprintln(g.io.Err, ui.CleanLines(note)); err != nil {
			return err
		}
	}
	_, err = io.WriteString(g.io.Out, e.Text)
	return err
}

func newConfigValidateCmd(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check every layer of settings and report all faults",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			res, err := g.resolve(cmd, "")
			if err != nil {
				return err
			}
			if _, err := g.loadThemes(res); err != nil {
				return err
			}
			file := res.File
			if file == "" {
				file = "no settings file"
			}
			_, err = fmt.Fprintf(g.io.Out, "ok: profile %s, %s\n", res.Profile, file)
			return err
		},
	}
	g.addSettings(cmd)
	return cmd
}

func newConfigInitCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a settings file with every setting commented out, never over an existing one",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := presets.FileName
			if len(args) == 1 {
				name = args[0]
			}
			path := g.path(name)
			if err := writeExample(path); errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("%s exists and is left alone; remove it or name another file", name)
			} else if err != nil {
				return fmt.Errorf("write settings file: %w", err)
			}
			_, err := fmt.Fprintln(g.io.Out, name)
			return err
		},
	}
}

// writeExample creates the file. What could not be written whole is removed, so
// that a second try does not find it in the way.
func writeExample(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if err := errors.Join(presets.WriteExample(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func newConfigSchemaCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of the settings file, for editors",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return presets.WriteSchema(g.io.Out) },
	}
}
