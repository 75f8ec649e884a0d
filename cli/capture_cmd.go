package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/build/compare"
	"github.com/buildscope/buildscope/tui/ui"
)

func newCaptureCmd(g *globals) *cobra.Command {
	cmd := &cobra.Command{Use: "capture", Short: "Look at the statistics that runs have captured", Args: cobra.NoArgs}
	cmd.AddCommand(newCaptureDiffCmd(g), newCaptureMergeCmd(g))
	return cmd
}

func newCaptureDiffCmd(g *globals) *cobra.Command {
	var asJSON bool
	var tables []string
	limit := -1.0
	cmd := &cobra.Command{
		Use: "diff A B [PATH]", Short: "Say which columns moved in run B, seen from run A",
		Long: "Compares the captured statistics of two runs: rows, columns and their types, nulls, different values, extremes, means, and how far the " +
			"distributions are apart. Of numbers and dates that is the greatest difference of the cumulative distributions, of others half the sum of the " +
			"differences of the shares of frequent values; both are parts of the values, from 0 to 100 %. A and B are named as in runs diff; several runs with commas between them count as one, with the rows of all, " +
			"see capture merge.",
		Example: "buildscope capture diff previous latest --table cpg_nodes\nbuildscope capture diff last-good latest --fail-drift 20\nbuildscope capture diff 0195f0c1,0195f0c2 latest",
		Args:    cobra.RangeArgs(2, 3), ValidArgsFunction: g.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("fail-drift") && !(limit >= 0 && limit <= 100) {
				return fmt.Errorf("--fail-drift = %g: must be a percentage from 0 to 100", limit)
			}
			res, err := g.resolve(cmd, first(args[2:]))
			if err != nil {
				return err
			}
			a, b, err := g.loadCaptured(cmd.Context(), res.Settings.Build.WorkDir, args[0], args[1])
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			c := compare.Runs(a, b, nil) // nothing here is judged by the time it took
			if c.CaptureSides < 2 {
				return &exitError{ExitFailed, fmt.Errorf("statistics were captured in %d of the two runs: hamilton.capture_data_statistics turns them on", c.CaptureSides)}
			}
			if len(tables) > 0 {
				c.Columns = slices.DeleteFunc(c.Columns, func(d compare.Drift) bool { return !slices.Contains(tables, d.Table) })
			}
			if asJSON {
				err = g.printJSON(struct {
					A       compare.Side    `json:"a"`
					B       compare.Side    `json:"b"`
					Columns []compare.Drift `json:"columns"`
				}{c.A, c.B, c.Columns})
			} else {
				_, err = fmt.Fprintln(g.io.Out, ui.CleanLines(strings.Join(c.ColumnText(), "\n")))
			}
			if cmd.Flags().Changed("fail-drift") {
				for _, d := range c.DriftBeyond(limit / 100) {
					err = errors.Join(err, fmt.Errorf("%s.%s: %s", d.Table, d.Column, beyond(d, limit)))
				}
			}
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().StringSliceVar(&tables, "table", nil, "only these tables")
	cmd.Flags().Float64Var(&limit, "fail-drift", limit, "exit 1 when more than this many percent of a column's values are elsewhere, or a column came, went or changed its type")
	cmd.Flags().Lookup("fail-drift").DefValue = "" // none
	g.addSettings(cmd)
	return cmd
}

// loadCaptured reads the runs of a comparison. Several runs with commas between them are
// one whose tables have the rows of all.
func (g *globals) loadCaptured(ctx context.Context, workDir, refA, refB string) (a, b compare.Run, err error) {
	if !strings.Contains(refA+refB, ",") {
		bundleA, bundleB, err := g.findPair(workDir, refA, refB)
		if err != nil {
			return a, b, err
		}
		if a, err = loadWithSketches(ctx, bundleA); err == nil {
			b, err = loadWithSketches(ctx, bundleB)
		}
		return a, b, err
	}
	for _, side := range []struct {
		ref string
		run *compare.Run
	}{{refA, &a}, {refB, &b}} {
		runs, err := g.findRuns(workDir, side.ref)
		if err != nil {
			return a, b, err
		}
		if *side.run, err = compare.Load(runs[0]); err != nil {
			return a, b, err
		}
		merged, err := compare.MergeCapture(ctx, runs)
		if err != nil {
			return a, b, err
		}
		side.run.Tables = nil
		for _, m := range merged {
			side.run.Tables = append(side.run.Tables, m.TableStats)
		}
		for _, r := range runs[1:] {
			side.run.ID += ", " + r.RunID
		}
	}
	return a, b, nil
}

func loadWithSketches(ctx context.Context, b *bundle.Bundle) (compare.Run, error) {
	r, err := compare.Load(b)
	if err == nil {
		err = r.LoadSketches(ctx, b)
	}
	return r, err
}

// beyond says what passed the limit, in percent.
func beyond(d compare.Drift, limit float64) string {
	if d.Distance > 0 {
		return fmt.Sprintf("%.0f %% of the values are elsewhere; the limit is %g %%", 100*d.Distance, limit)
	}
	return fmt.Sprintf("the %s changed: %s, then %s", d.What, d.A, d.B)
}
