package cli

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build/compare"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/ui"
)

func newCaptureMergeCmd(g *globals) *cobra.Command {
	var asJSON bool
	var tables []string
	cmd := &cobra.Command{
		Use: "merge RUN[,RUN...] [PATH]", Short: "Give the statistics that the rows of several runs have together",
		Long: "Puts the captured statistics of runs together that each had a part of the data, as a day or a shard: the figures are those of one run over " +
			"everything. Different values beyond 2,048 are estimated (standard error 0.8 %), quantiles then lie within 1/256 of the value; frequent texts beyond " +
			"2,048 different ones are lower bounds. A run counts as often as it is named; runs are named as in query.",
		Example: "buildscope capture merge previous,latest --table orders\nbuildscope capture merge 0195f0c2,0195f0c3,0195f0c4 --json",
		Args:    cobra.RangeArgs(1, 2), ValidArgsFunction: g.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, first(args[1:]))
			if err != nil {
				return err
			}
			runs, err := g.findRuns(res.Settings.Build.WorkDir, args[0])
			if err != nil {
				return err
			}
			merged, err := compare.MergeCapture(cmd.Context(), runs)
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			if len(tables) > 0 {
				merged = slices.DeleteFunc(merged, func(m compare.Merged) bool { return !slices.Contains(tables, m.Table) })
			}
			if asJSON {
				err = g.printJSON(merged)
			} else {
				err = g.printMerged(merged)
			}
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array of tables, each with its columns as in capture_statistics_v1")
	cmd.Flags().StringSliceVar(&tables, "table", nil, "only these tables")
	g.addSettings(cmd)
	return cmd
}

// printMerged prints a line for each column.
func (g *globals) printMerged(tables []compare.Merged) error {
	w := tabwriter.NewWriter(g.io.Out, 0, 4, 2, ' ', 0)
	for i, t := range tables {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s of %s: %s from %s\n", ui.Clean(t.Table), ui.Clean(t.Node), ui.Counted(t.Rows, "row"), ui.Counted(t.Runs, "run"))
		fmt.Fprintln(w, "column\ttype\tnulls\tdistinct\tmin\tmax\tmean\tmedian\tmost frequent")
		for _, c := range t.Columns {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", ui.Clean(c.Name), ui.Clean(c.Type), ui.Commas(c.Nulls), distinctText(c),
				shortText(c.MinText), shortText(c.MaxText), numberText(c.Mean), numberText(median(c)), topText(c))
		}
		for _, why := range t.Skipped {
			fmt.Fprintf(w, "not merged: %s\n", ui.Clean(why))
		}
	}
	return w.Flush()
}

func distinctText(c model.ColumnStats) string {
	switch {
	case c.Distinct == nil:
		return "-"
	case c.DistinctExact:
		return ui.Commas(*c.Distinct)
	}
	return "~" + ui.Commas(*c.Distinct)
}

func median(c model.ColumnStats) *float64 {
	for _, q := range c.Quantiles {
		if q.Q == 0.5 {
			return &q.V
		}
	}
	return nil
}

func numberText(v *float64) string {
	if v == nil {
		return "-"
	}
	return ui.Number(*v)
}

func topText(c model.ColumnStats) string {
	if len(c.Top) == 0 {
		return "-"
	}
	return shortText(c.Top[0].Value) + " " + ui.Commas(c.Top[0].Count)
}

// shortText is a value in the width of a column.
func shortText(text string) string {
	text = strings.TrimSpace(ui.Clean(text))
	if text == "" {
		return "-"
	}
	return ui.Fit(text, min(ui.Width(text), 24))
}
