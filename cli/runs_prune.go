package cli

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/tui/ui"
)

func newRunsPruneCmd(g *globals) *cobra.Command {
	var o build.PruneOptions
	var older string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "prune [PATH]", Short: "Remove the bundles and outputs of old runs",
		Long: "Removes the bundles and outputs of runs that are neither among the newest (--keep) nor young (--older-than); with both, a run must " +
			"be past both. The run that latest leads to, the newest one that succeeded, and runs that a Hamilton server has not got yet stay.",
		Example: "buildscope runs prune --keep 20 --dry-run\nbuildscope runs prune --keep 5 --older-than 14d",
		Args:    cobra.MaximumNArgs(1), ValidArgsFunction: completeDir,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.OlderThan, err = parseAge(older); err != nil {
				return &exitError{ExitUsage, err}
			}
			switch {
			case o.Keep < 0:
				return &exitError{ExitUsage, fmt.Errorf("flag --keep: %d: must be 0 or more", o.Keep)}
			case !cmd.Flags().Changed("keep") && o.OlderThan == 0:
				return &exitError{ExitUsage, errors.New("say which runs may go: --keep N, --older-than AGE or both")}
			}
			res, err := g.resolve(cmd, first(args))
			if err != nil {
				return err
			}
			if g.visit != nil {
				if err := g.visit.hosted.access.contained(res.Settings); err != nil {
					return err
				}
			}
			runs, err := build.Prune(cmd.Context(), res.Settings.Build, o)
			if asJSON {
				if runs == nil {
					runs = []build.PrunedRun{}
				}
				err = errors.Join(err, g.printJSON(runs))
			} else {
				err = errors.Join(err, g.printPruned(runs, o.DryRun))
			}
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&o.Keep, "keep", 0, "keep this many of the newest runs")
	cmd.Flags().StringVar(&older, "older-than", "", "only runs that started longer ago: 36h, 14d")
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "only say what would be removed")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	g.addSettings(cmd)
	return cmd
}

func (g *globals) printPruned(runs []build.PrunedRun, dry bool) error {
	done, sum, n := "removed", int64(0), 0
	if dry {
		done = "would remove"
	}
	w := tabwriter.NewWriter(g.io.Out, 0, 4, 2, ' ', 0)
	for _, r := range runs {
		what := done
		if r.Kept != "" {
			what = "kept: " + r.Kept
		} else {
			n, sum = n+1, sum+r.Bytes
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.RunID, r.Started.Local().Format(time.DateTime), ui.Bytes(r.Bytes), what)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(g.io.Err, "%s %s, %s\n", done, ui.Counted(n, "run"), ui.Bytes(sum))
	return err
}

// parseAge reads a duration; a whole number of days may stand for it.
func parseAge(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	var days int
	var end string
	if n, _ := fmt.Sscanf(text, "%d%s", &days, &end); n == 2 && end == "d" && days > 0 && days <= 36500 {
		return time.Duration(days) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("flag --older-than: %q: must be a positive duration such as 36h, or days such as 14d", text)
	}
	return d, nil
}
