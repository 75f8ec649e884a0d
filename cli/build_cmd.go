package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/presets"
)

func newBuildCmd(g *globals) *cobra.Command {
	var asJSON, strict bool
	cmd := &cobra.Command{
		Use:   "build [PATH]",
		Short: "Build without a screen: data on stdout, narration on stderr",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			repo := ""
			if len(args) == 1 {
				repo = args[0]
			}
			res, err := g.resolve(cmd, repo)
			if err != nil {
				return err
			}
			return g.batch(cmd.Context(), res, asJSON, strict)
		},
	}
	presets.AddFlags(cmd.Flags())
	cmd.Flags().Bool("batch", true, "run headless; this command always does")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object with the result")
	cmd.Flags().BoolVar(&strict, "strict-telemetry", false, "exit with 3 when spans were lost")
	return cmd
}

// heartbeat is how long the narration may be silent.
const heartbeat = 30 * time.Second

// result is what --json prints.
type result struct {
	RunID        string                 `json:"run_id"`
	Status       model.RunState         `json:"status"`
	Error        string                 `json:"error,omitempty"`
	ErrorNode    string                 `json:"error_node,omitempty"`
	Profile      string                 `json:"profile"`
	DurationMS   int64                  `json:"duration_ms"`
	OutputDir    string                 `json:"output_dir"`
	RunBundleDir string                 `json:"run_bundle_dir"`
	Outputs      []model.OutputLocation `json:"outputs"`
	Exports      []model.ExportCounts   `json:"exports"`
}

func (g *globals) batch(ctx context.Context, res *presets.Resolved, asJSON, strict bool) error {
	// A cancelled ctx must not keep the run from writing its bundle, so the run
	// gets its own and is cancelled through its method.
	tell := &narrator{out: g.io.Err, lines: make(chan string, 1024)}
	run, err := build.Start(context.WithoutCancel(ctx), build.Options{Resolved: res, Version: g.app.Version, Pipeline: g.app.Pipeline,
		Nodes: g.app.Nodes, Hooks: []pipeline.Hook{tell}, Stdout: g.io.Out, Variables: g.variables})
	if err != nil {
		return &exitError{ExitFailed, err}
	}
	fmt.Fprintf(g.io.Err, "run %s  profile %s  bundle %s\n", run.ID(), res.Profile, run.Snapshot().BundleDir)
	tell.follow(ctx, run)
	snap := run.Snapshot()
	if err := g.printResult(snap, asJSON); err != nil {
		return &exitError{ExitFailed, fmt.Errorf("print the result: %w", err)}
	}
	if err := stateExit(snap.State); err != nil {
		return err
	}
	for _, e := range snap.Exports {
		if strict && e.Failed+e.Dropped+e.Rejected > 0 {
			return &exitError{ExitTelemetry, fmt.Errorf("exporter %s lost %d spans: %s", e.Exporter, e.Failed+e.Dropped+e.Rejected, e.LastError)}
		}
	}
	return nil
}

// stateExit turns the end of a run into the program's exit code.
func stateExit(s model.RunState) error {
	switch s {
	case model.RunSucceeded:
		return nil
	case model.RunCancelled:
		return &exitError{code: ExitCancelled}
	}
	return &exitError{code: ExitFailed}
}

func (g *globals) printResult(s model.RunSnapshot, asJSON bool) error {
	if s.Err != "" {
		fmt.Fprintf(g.io.Err, "error: %s\n", s.Err)
	}
	for _, e := range s.Exports {
		fmt.Fprintf(g.io.Err, "exporter %s %s: sent %d, failed %d, dropped %d, sampled out %d %s\n", e.Exporter, e.Endpoint, e.Sent, e.Failed, e.Dropped, e.SampledOut, e.LastError)
	}
	fmt.Fprintf(g.io.Err, "%s in %s  bundle %s\n", s.State, s.Ended.Sub(s.Started).Round(time.Millisecond), s.BundleDir)
	if asJSON {
		outputs := s.Outputs
		if outputs == nil {
			outputs = []model.OutputLocation{}
		}
		enc := json.NewEncoder(g.io.Out)
		enc.SetIndent("", "  ")
		return enc.Encode(result{RunID: s.RunID, Status: s.State, Error: s.Err, ErrorNode: s.ErrNode, Profile: s.Profile, DurationMS: s.Ended.Sub(s.Started).Milliseconds(),
			OutputDir: s.OutputDir, RunBundleDir: s.BundleDir, Outputs: outputs, Exports: s.Exports})
	}
	var errs []error
	for _, o := range s.Outputs {
		_, err := fmt.Fprintf(g.io.Out, "%s\t%d\t%s\n", o.Name, o.Rows, o.Path)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// narrator writes a line per finished node to stderr. The hook only appends to a
// channel, so a slow stderr never holds up the build; lines that do not fit are
// counted.
type narrator struct {
	pipeline.NoHook
	out   io.Writer
	lines chan string
}

func (n *narrator) AfterNode(_ context.Context, r *pipeline.NodeRun) {
	e := r.Execution
	line := fmt.Sprintf("%-9s %-30s %9s %10d rows", e.State, e.Name, time.Duration(e.DurationNS()).Round(time.Millisecond), e.Rows)
	if e.Error != "" {
		line += "  " + e.Error
	}
	if e.BlockedBy != "" {
		line += "  needs " + e.BlockedBy
	}
	select {
	case n.lines <- line:
	default: // the terminal is slower than the build; the report has every node
	}
}

// follow narrates until the run is over; when ctx ends it cancels the run once.
func (n *narrator) follow(ctx context.Context, run *build.Run) {
	tick := time.NewTimer(heartbeat)
	defer tick.Stop()
	stop := ctx.Done()
	for {
		select {
		case line := <-n.lines:
			fmt.Fprintln(n.out, line)
			tick.Reset(heartbeat)
		case <-tick.C:
			fmt.Fprintf(n.out, "still running after %s\n", time.Since(run.Snapshot().Started).Round(time.Second))
			tick.Reset(heartbeat)
		case <-stop:
			fmt.Fprintln(n.out, "cancelling")
			run.Cancel("interrupted")
			stop = nil
		case <-run.Done():
			for len(n.lines) > 0 {
				fmt.Fprintln(n.out, <-n.lines)
			}
			return
		}
	}
}
