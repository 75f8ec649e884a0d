package cli

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/tui/ui"
)

func newRunsCmd(g *globals) *cobra.Command {
	return parent(&cobra.Command{Use: "runs", Short: "List, show, compare, export and remove earlier runs"}, newRunsListCmd(g), newRunsShowCmd(g), newRunsReportCmd(g), newRunsDiffCmd(g), newRunsExportCmd(g), newRunsPruneCmd(g))
}

func newRunsListCmd(g *globals) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list [PATH]", Short: "List the runs of a repository, newest first",
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: completeDir,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, first(args))
			if err != nil {
				return err
			}
			runs, listErr := bundle.List(res.Settings.Build.WorkDir)
			if len(runs) == 0 && listErr == nil {
				fmt.Fprintf(g.io.Err, "no runs under %s; `%s build` makes one\n", res.Settings.Build.WorkDir, g.app.Name)
			}
			if asJSON {
				if runs == nil {
					runs = []bundle.Summary{}
				}
				err = g.printJSON(runs)
			} else {
				w := tabwriter.NewWriter(g.io.Out, 0, 4, 2, ' ', 0)
				for _, r := range runs {
					started := ""
					if !r.Started.IsZero() {
						started = r.Started.Local().Format(time.DateTime)
					}
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.RunID, r.Status, ui.Clean(r.Profile), started, ui.Clean(r.Sources()), ui.CleanError(r.Error))
				}
				err = w.Flush()
			}
			if err = errors.Join(err, listErr); err != nil {
				return &exitError{ExitFailed, err}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	g.addSettings(cmd)
	return cmd
}

func newRunsShowCmd(g *globals) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show RUN [PATH]", Short: "Print the report of a run: an id, a prefix, latest, previous or last-good",
		Args: cobra.RangeArgs(1, 2), ValidArgsFunction: g.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, first(args[1:]))
			if err != nil {
				return err
			}
			b, err := g.findRun(res.Settings.Build.WorkDir, args[0])
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			if err := g.showRun(b, asJSON); err != nil {
				return &exitError{ExitFailed, err}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the same object as build --json")
	g.addSettings(cmd)
	return cmd
}

// showRun prints what a bundle tells: what failed, with stacks, and then the
// report. A run that died before it wrote one gets the short report instead.
func (g *globals) showRun(b *bundle.Bundle, asJSON bool) error {
	r, readErr := resultFrom(b)
	if asJSON {
		return errors.Join(g.printJSON(r), readErr)
	}
	text, err := b.Report()
	c := g.closing(g.io.Out)
	c.long = true
	if text == "" {
		c.write(r)
	} else {
		c.failures(r)
		_, printErr := fmt.Fprint(g.io.Out, text)
		err = errors.Join(err, printErr)
	}
	return errors.Join(err, readErr)
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
