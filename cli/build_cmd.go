package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

func newBuildCmd(g *globals) *cobra.Command {
	var o reportOptions
	var batch bool
	cmd := &cobra.Command{
		Use:   "build [PATH]",
		Short: "Build: on the screen at a terminal, headless otherwise",
		Long: "Build a repository. At a terminal the screen opens and the build starts at once. With --batch or --json, or where there is no terminal, " +
			"there is no screen: data goes to stdout, what happens to stderr.\n\n" +
			"Exit codes: 0 built, 1 the build failed, 2 bad usage or settings, 3 built but telemetry was lost (with --strict-telemetry), 130 cancelled.",
		Example: fmt.Sprintf(`%[1]s build . --profile debug
%[1]s build . --batch --json | jq .outputs
%[1]s build . --otel-endpoint http://localhost:4317 --strict-telemetry`, g.app.Name),
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeDir,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, first(args))
			if err != nil {
				return err
			}
			if batch || o.json || !g.screenable() {
				return g.batch(cmd.Context(), res, o)
			}
			return g.screen(cmd.Context(), res, o, true)
		},
	}
	cmd.Flags().BoolVar(&batch, "batch", false, "no screen, also at a terminal")
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON object with the result on stdout; implies --batch")
	cmd.Flags().BoolVar(&o.strict, "strict-telemetry", false, "exit with 3 when spans were lost")
	g.addRecord(cmd)
	if g.app.Flags != nil {
		g.app.Flags(cmd.Flags())
	}
	g.addSettings(cmd)
	return cmd
}

// reportOptions say how the end of a build is told.
type reportOptions struct {
	json   bool
	strict bool // lost telemetry has an exit code of its own
	screen bool // the viewer has seen the outputs; there is no data on stdout
}

// start starts a build. It outlives ctx: a signal must not keep the run from
// writing its bundle, so the run is cancelled through its method.
func (g *globals) start(ctx context.Context, res *presets.Resolved, stdout io.Writer) (*build.Run, error) {
	if g.visit != nil {
		return g.visit.launch(ctx, res)
	}
	run, err := build.Start(context.WithoutCancel(ctx), build.Options{Resolved: res, Version: g.app.Version, Pipeline: g.app.Pipeline,
		Nodes: g.app.Nodes, Stdout: stdout, Variables: g.variables, Record: g.nextRecord()})
	if err == nil {
		g.guard.Bundle(run.Snapshot().BundleDir)
	}
	return run, err
}

// batch builds without a screen.
func (g *globals) batch(ctx context.Context, res *presets.Resolved, o reportOptions) error {
	stdout := g.io.Out
	if o.json {
		stdout = g.io.Err // the object is all there is on stdout
	}
	began := time.Now()
	run, err := g.start(ctx, res, stdout)
	if err != nil {
		if o.json {
			err = errors.Join(err, g.printJSON(whole(model.BatchResult{Status: model.RunFailed, Error: err.Error(), Profile: res.Profile,
				RepoRoot: res.Settings.Build.RepoRoot, Started: began})))
		}
		return &exitError{exitOf(err), err}
	}
	fmt.Fprintf(g.io.Err, "run %s  profile %s  bundle %s\n", run.ID(), res.Profile, run.Snapshot().BundleDir)
	tell := &narrator{out: g.io.Err, every: heartbeat}
	if !tell.follow(ctx, run, g.again) {
		return g.leftEarly(run.Snapshot())
	}
	return g.report(run, o)
}

// exitOf is the exit code of a build that did not start.
func exitOf(err error) int {
	if fault := (*presets.Fault)(nil); errors.As(err, &fault) {
		return ExitUsage
	}
	return ExitFailed
}

// leftEarly is the end of a program whose viewer would not wait for the build.
func (g *globals) leftEarly(s model.RunSnapshot) error {
	return &exitError{ExitCancelled, fmt.Errorf("left before the build had ended; bundle %s opens as far as it got", s.BundleDir)}
}

// report tells how a run ended, and is the program's exit code.
func (g *globals) report(run viewed, o reportOptions) error {
	r := resultOf(run)
	g.closing(g.io.Err).write(r)
	g.tellUnrecorded(run)
	if o.screen {
		r.Outputs = nil
	}
	if err := g.printResult(r, o.json); err != nil {
		if r.Status == model.RunSucceeded {
			err = fmt.Errorf("the build succeeded, but its result could not be printed: %w", err)
		}
		return &exitError{ExitFailed, err}
	}
	switch {
	case r.Status == model.RunCancelled:
		g.code = ExitCancelled
	case r.Status != model.RunSucceeded:
		g.code = ExitFailed
	case o.strict:
		var lost []error
		for _, e := range r.Exports {
			if n := e.Missing(); n > 0 {
				lost = append(lost, fmt.Errorf("exporter %s lost %d %s: %s", e.Exporter, n, itemsOf(e.Signal), e.LastError+e.Message))
			}
		}
		if err := errors.Join(lost...); err != nil {
			return &exitError{ExitTelemetry, err}
		}
	}
	return nil
}
