package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/presets"
)

func newProfilesCmd(g *globals) *cobra.Command {
	list := &cobra.Command{
		Use: "list", Short: "List the profiles", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			res, err := g.resolve(cmd, "")
			if err != nil {
				return err
			}
			for _, name := range res.ProfileNames() {
				if _, err := fmt.Fprintln(g.io.Out, name); err != nil {
					return err
				}
			}
			return nil
		},
	}
	show := &cobra.Command{
		Use: "show NAME", Short: "Print everything a profile sets", Args: cobra.ExactArgs(1),
		ValidArgsFunction: g.completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, "")
			if err != nil {
				return err
			}
			values, err := res.ProfileValues(args[0])
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(g.io.Out, 0, 4, 2, ' ', 0)
			for _, s := range presets.Table() {
				if v, ok := values[s.Name()]; ok {
					fmt.Fprintf(w, "%s\t%s\n", s.Name(), v)
				}
			}
			return w.Flush()
		},
	}
	return parent(&cobra.Command{Use: "profiles", Short: "List diagnostics profiles and what each sets"}, list, show, newProfilesDiffCmd(g), newProfilesSaveCmd(g))
}
