package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/presets"
)

func newProfilesDiffCmd(g *globals) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "diff A B", Short: "Print the settings that two profiles give different values", Args: cobra.ExactArgs(2),
		Example:           `  buildscope profiles diff prod debug`,
		ValidArgsFunction: g.completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, "")
			if err != nil {
				return err
			}
			list, err := res.CompareProfiles(args[0], args[1])
			if err != nil {
				return err
			}
			if asJSON {
				return g.printJSON(list)
			}
			if len(list) == 0 {
				_, err := fmt.Fprintf(g.io.Out, "%s and %s give the same settings\n", args[0], args[1])
				return err
			}
			w := tabwriter.NewWriter(g.io.Out, 0, 4, 2, ' ', 0)
			fmt.Fprintf(w, "setting\t%s\t%s\n", args[0], args[1])
			for _, d := range list {
				fmt.Fprintf(w, "%s\t%s\t%s\n", d.Key, d.A, d.B)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, with where each value comes from")
	return cmd
}

func newProfilesSaveCmd(g *globals) *cobra.Command {
	var replace bool
	cmd := &cobra.Command{
		Use: "save NAME", Short: "Write the settings in force into the settings file as a profile of your own", Args: cobra.ExactArgs(1),
		Long: `Write the settings in force, flags and variables included, as [profiles.NAME]
into the settings file in force, or into buildscope.toml here if there is none.
The profile extends the one in force and sets only what differs from it. All else
in the file stays as it is. Secrets are never written.`,
		Example: `  buildscope profiles save nightly --profile ci --otel-sampler-arg 0.5`,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, "")
			if err != nil {
				return err
			}
			path := res.File
			if path == "" {
				path = filepath.Join(g.io.Dir, presets.FileName)
			}
			saved, _, err := res.SaveProfile(path, args[0], replace)
			if errors.Is(err, presets.ErrProfileExists) {
				return fmt.Errorf("%w; --replace writes over it", err)
			}
			if err != nil {
				return err
			}
			for _, line := range saved.Lines() {
				fmt.Fprintln(g.io.Err, line)
			}
			_, err = fmt.Fprintln(g.io.Out, path)
			return err
		},
	}
	g.addSettings(cmd)
	cmd.Flags().BoolVar(&replace, "replace", false, "write over a profile of that name")
	return cmd
}
