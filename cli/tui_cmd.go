package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/build/compare"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui"
)

func newTUICmd(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "tui [PATH]",
		Short:             "Open the troubleshooter on its settings; without a terminal build headless",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeDir,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, first(args))
			if err != nil {
				return err
			}
			if !g.screenable() {
				return g.batch(cmd.Context(), res, reportOptions{})
			}
			return g.screen(cmd.Context(), res, reportOptions{}, false)
		},
	}
	g.addRecord(cmd)
	if g.app.Flags != nil {
		g.app.Flags(cmd.Flags())
	}
	g.addSettings(cmd)
	return cmd
}

// screen shows the troubleshooter; with now the build starts at once. The exit
// code is that of the last build on the screen.
func (g *globals) screen(ctx context.Context, res *presets.Resolved, o reportOptions, now bool) error {
	held := &heldOutput{}
	own, err := g.loadThemes(res)
	if err != nil {
		return err
	}
	settings := newFormSettings(res, g.app.Name+" build")
	settings.themes = own.names()
	o.screen = true
	options := tui.Options{
		Settings: settings, Theme: own.user, Look: func() model.TUISettings { return settings.current().Settings.TUI }, MayCancel: true, Subject: filepath.Base(res.Settings.Build.RepoRoot),
		Check: func(key string) (func(context.Context) []tui.Check, bool) {
			return g.checkSetting(settings.current(), key)
		},
		Doctor: g.screenDoctor(settings), History: g.lineHistory(),
		Launch: func(context.Context) (tui.Run, error) {
			now := settings.current()
			run, err := g.start(ctx, now, held)
			if err != nil {
				return nil, err // not a *build.Run that is nil
			}
			g.noteRecent(now)
			return run, nil
		},
		Recent:  func(context.Context) ([]string, error) { return readRecent(recentFile(g.io.Env)) },
		Environ: g.environ(), Input: g.io.In, Output: g.io.Out,
	}
	g.browse(&options, settings.current)
	options.SQL = g.screenSQL(func() model.Settings { return settings.current().Settings })
	if now {
		run, err := g.start(ctx, res, held)
		if err != nil {
			return &exitError{exitOf(err), err}
		}
		options.Run = run
		g.noteRecent(res)
	}
	shown, showErr := g.show(ctx, options)
	if ctx.Err() != nil {
		showErr = nil // a signal ended the screen; the report says so
	}
	err = g.afterScreen(ctx, shown, o)
	if showErr != nil {
		err = &exitError{ExitFailed, errors.Join(showErr, err)}
	}
	if heldErr := held.release(g.io.Out); heldErr != nil && err == nil {
		err = &exitError{ExitFailed, fmt.Errorf("print what the stdout exporter wrote: %w", heldErr)}
	}
	return err
}

// browse gives a screen the runs of the work directory of the settings in force.
func (g *globals) browse(o *tui.Options, current func() *presets.Resolved) {
	recall := new(compare.Recall)
	workDir := func() string { return current().Settings.Build.WorkDir }
	o.Bundles = func(context.Context) ([]tui.BundleInfo, error) {
		dir := workDir()
		if err := g.mayReadRuns(dir); err != nil {
			return nil, err
		}
		list, err := bundle.List(dir)
		var out []tui.BundleInfo
		for _, s := range list {
			out = append(out, tui.BundleInfo{RunID: s.RunID, State: s.Status, Started: s.Started, Ended: s.Ended, Profile: s.Profile, Sources: s.Sources(), Error: s.Error})
		}
		return out, err
	}
	o.Open = func(_ context.Context, id string) (tui.Bundle, error) {
		b, err := g.findRun(workDir(), id)
		return screenBundle{b}, err
	}
	o.Compare = func(ctx context.Context, a, b string) ([]string, error) {
		c, err := g.compareRuns(ctx, workDir(), a, b)
		if err != nil {
			return nil, err
		}
		return c.Text(), nil
	}
	o.Past = func(ctx context.Context, q tui.PastQuery) (tui.NodePast, error) {
		dir := workDir()
		if err := g.mayReadRuns(dir); err != nil {
			return tui.NodePast{}, err
		}
		return nodePast(ctx, recall, dir, q)
	}
}

// afterScreen ends a build that the screen has left behind, and reports it.
func (g *globals) afterScreen(ctx context.Context, shown tui.Result, o reportOptions) error {
	run, ok := shown.Run.(*build.Run)
	if !ok {
		return nil // there was no build
	}
	reason := "the screen was closed"
	if ctx.Err() != nil {
		reason = context.Cause(ctx).Error()
	}
	run.Cancel(reason)
	if shown.Forced {
		select {
		case <-run.Done():
		default:
			return g.leftEarly(run.Snapshot())
		}
	}
	select {
	case <-run.Done():
	case <-g.again:
		return g.leftEarly(run.Snapshot())
	}
	return g.report(run, o)
}
