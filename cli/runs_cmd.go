package cli

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/presets"
)

func newRunsCmd(g *globals) *cobra.Command {
	cmd := &cobra.Command{Use: "runs", Short: "List earlier runs and show their reports"}
	list := &cobra.Command{
		Use: "list [PATH]", Short: "List the runs of a repository, newest first", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, first(args))
			if err != nil {
				return err
			}
			runs, listErr := bundle.List(res.Settings.Build.WorkDir)
			w := tabwriter.NewWriter(g.io.Out, 0, 4, 2, ' ', 0)
			for _, r := range runs {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.RunID, r.Status, r.Profile, r.Started.Local().Format(time.DateTime), r.Error)
			}
			return errors.Join(w.Flush(), listErr)
		},
	}
	show := &cobra.Command{
		Use: "show RUN [PATH]", Short: "Print the report of a run: an id, a prefix, or latest", Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, first(args[1:]))
			if err != nil {
				return err
			}
			b, err := bundle.Find(res.Settings.Build.WorkDir, args[0])
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			text, err := b.Report()
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			if text == "" {
				text = fmt.Sprintf("run %s is %s: %d nodes ended before it stopped\nbundle: %s\n", b.RunID, b.Status, b.Nodes, b.Dir)
			}
			_, err = fmt.Fprint(g.io.Out, text)
			return err
		},
	}
	for _, c := range []*cobra.Command{list, show} {
		presets.AddFlags(c.Flags())
		cmd.AddCommand(c)
	}
	return cmd
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
