package cli

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/presets"
)

func newConfigCmd(g *globals) *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Show and check settings"}
	cmd.AddCommand(newConfigShowCmd(g), newConfigValidateCmd(g))
	return cmd
}

func newConfigShowCmd(g *globals) *cobra.Command {
	var sources, asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print every setting in force",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			res, err := g.resolve(cmd, "")
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(g.io.Out)
				enc.SetIndent("", "  ")
				return enc.Encode(res.Values)
			}
			w := tabwriter.NewWriter(g.io.Out, 0, 4, 2, ' ', 0)
			for _, v := range res.Values {
				if !sources {
					fmt.Fprintf(w, "%s\t%s\n", v.Key, v.Text)
					continue
				}
				fmt.Fprintf(w, "%s\t%s\t%s\n", v.Key, v.Text, v.Source)
				for _, l := range v.Lower {
					fmt.Fprintf(w, "  otherwise\t%s\t%s\n", l.Text, l.Source)
				}
			}
			return w.Flush()
		},
	}
	presets.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&sources, "with-sources", false, "also print where each value came from, and what lower layers would have given")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, sources included")
	return cmd
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
			file := res.File
			if file == "" {
				file = "no settings file"
			}
			_, err = fmt.Fprintf(g.io.Out, "ok: profile %s, %s\n", res.Profile, file)
			return err
		},
	}
	presets.AddFlags(cmd.Flags())
	return cmd
}
