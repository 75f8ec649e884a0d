package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/build/compare"
	"github.com/buildscope/buildscope/tui/ui"
)

// diffLimits are the thresholds that make runs diff fail; below 0 is none.
type diffLimits struct{ slower, rows float64 }

func newRunsDiffCmd(g *globals) *cobra.Command {
	var asJSON bool
	var artifact artifactFlags
	limits := diffLimits{-1, -1}
	cmd := &cobra.Command{
		Use: "diff A B [PATH]", Short: "Say what is different in run B, seen from run A",
		Long: "Compares two runs: settings, nodes, times beyond noise, cache, outputs, columns. A and B are ids, prefixes of them, " +
			"latest, previous or last-good; as A, the last two mean the ones before B.\n\n" + strings.ReplaceAll(compare.Rule, "\n", " "),
		Example: "buildscope runs diff last-good latest\nbuildscope runs diff previous latest --fail-slower 25 && echo fast enough\nbuildscope runs diff previous latest --artifact semantic_quality_v1 --ignore-ids",
		Args:    cobra.RangeArgs(2, 3), ValidArgsFunction: g.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, first(args[2:]))
			if err != nil {
				return err
			}
			if err := artifact.check(cmd); err != nil {
				return err
			}
			if artifact.name != "" {
				return g.runArtifactDiff(res.Settings.Build.WorkDir, args, artifact, asJSON)
			}
			c, err := g.compareRuns(cmd.Context(), res.Settings.Build.WorkDir, args[0], args[1])
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			if asJSON {
				err = g.printJSON(c)
			} else {
				_, err = fmt.Fprintln(g.io.Out, ui.CleanLines(strings.Join(c.Text(), "\n")))
			}
			if err = errors.Join(err, limits.check(cmd, c)); err != nil {
				return &exitError{ExitFailed, err}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().Float64Var(&limits.slower, "fail-slower", limits.slower, "exit 1 when a node is slower beyond noise, and by more than this many percent of what is usual")
	cmd.Flags().Float64Var(&limits.rows, "fail-rows", limits.rows, "exit 1 when the rows of an output differ by more than this many percent")
	cmd.Flags().StringVar(&artifact.name, "artifact", "", "compare only this artifact, place by place")
	cmd.Flags().BoolVar(&artifact.quiet, "ignore-ids", false, "with --artifact: leave out ids, times and texts that differ in the id of their run")
	cmd.Flags().Lookup("fail-slower").DefValue = "" // none
	cmd.Flags().Lookup("fail-rows").DefValue = ""
	g.addSettings(cmd)
	return cmd
}

// findPair opens the runs that two names mean; A may be named from where B stands.
func (g *globals) findPair(workDir, refA, refB string) (a, b *bundle.Bundle, err error) {
	if b, err = g.findRun(workDir, refB); err == nil {
		a, err = g.findRunBefore(workDir, refA, b.RunID)
	}
	return a, b, err
}

// loadPair reads the runs that two names mean.
func (g *globals) loadPair(workDir, refA, refB string) (a, b compare.Run, err error) {
	bundleA, bundleB, err := g.findPair(workDir, refA, refB)
	if err != nil {
		return a, b, err
	}
	if b, err = compare.Load(bundleB); err == nil {
		a, err = compare.Load(bundleA)
	}
	return a, b, err
}

// compareRuns compares the runs that two names mean.
func (g *globals) compareRuns(ctx context.Context, workDir, refA, refB string) (compare.Comparison, error) {
	a, b, err := g.loadPair(workDir, refA, refB)
	if err != nil {
		return compare.Comparison{}, err
	}
	earlier, err := compare.History(workDir, b)
	c := compare.Runs(a, b, earlier)
	if c.Inputs {
		c.Files = compare.Files(ctx, a, b)
	}
	return c, err
}

// check is an error when a threshold that was given is passed.
func (l diffLimits) check(cmd *cobra.Command, c compare.Comparison) error {
	var errs []error
	if cmd.Flags().Changed("fail-slower") {
		for _, n := range c.SlowerThan(l.slower) {
			errs = append(errs, fmt.Errorf("%s is slower than usual by %.0f %%; the limit is %g %%", n.Name, n.Over(), l.slower))
		}
	}
	if cmd.Flags().Changed("fail-rows") {
		for _, o := range c.RowsBeyond(l.rows) {
			errs = append(errs, fmt.Errorf("output %s has %d rows, it had %d; the limit is %g %%", o.Name, o.RowsB, o.RowsA, l.rows))
		}
	}
	return errors.Join(errs...)
}
