package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/pipeline/tracker"
	"github.com/buildscope/buildscope/tui/ui"
)

func newTrackerCmd(g *globals) *cobra.Command {
	projects := &cobra.Command{
		Use: "projects", Short: "List the projects of the Hamilton UI", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := g.trackerClient(cmd)
			if err != nil {
				return err
			}
			defer c.Close()
			list, err := c.Projects(cmd.Context())
			if err != nil {
				return &exitError{ExitFailed, fmt.Errorf("list projects: %w", err)}
			}
			w := tabwriter.NewWriter(g.io.Out, 0, 4, 2, ' ', 0)
			for _, p := range list {
				fmt.Fprintf(w, "%d\t%s\t%s\n", p.ID, p.Role, p.Name)
			}
			return w.Flush()
		},
	}
	create := &cobra.Command{
		Use: "create-project NAME", Short: "Make a project in the Hamilton UI", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := g.trackerClient(cmd)
			if err != nil {
				return err
			}
			defer c.Close()
			p, made, err := c.CreateProject(cmd.Context(), args[0])
			if err != nil {
				return &exitError{ExitFailed, fmt.Errorf("make project %s: %w", args[0], err)}
			}
			was := "made"
			if !made {
				was = "was there"
			}
			_, err = fmt.Fprintf(g.io.Out, "project %d %s: --hamilton-project-id=%d\n", p.ID, was, p.ID)
			return err
		},
	}
	push := &cobra.Command{
		Use: "push [RUN…]", Short: "Send what earlier runs could not", ValidArgsFunction: g.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, "")
			if err != nil {
				return err
			}
			sent := 0
			err = build.PushTracked(cmd.Context(), res, args, func(p build.Pushed) {
				sent++
				fmt.Fprintf(g.io.Out, "%s: %s sent: %s\n", p.RunID, ui.Counted(p.Nodes, "node"), p.URL)
			})
			if err != nil {
				return &exitError{ExitFailed, fmt.Errorf("push: %w", err)}
			}
			if sent == 0 {
				_, err = fmt.Fprintln(g.io.Out, "nothing waits to be sent")
			}
			return err
		},
	}
	for _, c := range []*cobra.Command{projects, create, push} {
		g.addSettings(c)
	}
	return parent(&cobra.Command{Use: "tracker", Short: "Work with a Hamilton UI: projects, and runs it has not got"}, projects, create, push)
}

func (g *globals) trackerClient(cmd *cobra.Command) (*tracker.Client, error) {
	res, err := g.resolve(cmd, "")
	if err != nil {
		return nil, err
	}
	h := res.Settings.Hamilton
	if h.Username == "" {
		return nil, fmt.Errorf("hamilton.username is not set; give --hamilton-username or HAMILTON_USERNAME")
	}
	return tracker.NewClient(build.TrackerTarget(h)), nil
}
