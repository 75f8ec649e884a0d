package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
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
	if g.app.Flags != nil {
		g.app.Flags(cmd.Flags())
	}
	g.addSettings(cmd)
	return cmd
}

// screen shows the troubleshooter; with now the build starts at once. The exit
// code is that of the last build on the screen.
func (g *globals) screen(ctx context.Context, res *presets.Resolved, o reportOptions, now bool) error {
	var environ []string
	for k, v := range g.io.Env {
		environ = append(environ, k+"="+v)
	}
	held := &heldOutput{}
	settings := &formSettings{base: res, now: res, edits: map[string]string{}}
	o.screen = true
	options := tui.Options{
		Settings: settings, MayCancel: true, Subject: filepath.Base(res.Settings.Build.RepoRoot),
		Launch: func(context.Context) (tui.Run, error) {
			run, err := g.start(ctx, settings.now, held)
			if err != nil {
				return nil, err // not a *build.Run that is nil
			}
			return run, nil
		},
		Bundles: func(context.Context) ([]tui.BundleInfo, error) {
			list, err := bundle.List(res.Settings.Build.WorkDir)
			var out []tui.BundleInfo
			for _, s := range list {
				out = append(out, tui.BundleInfo{RunID: s.RunID, State: s.Status, Started: s.Started, Profile: s.Profile})
			}
			return out, err
		},
		Open: func(_ context.Context, id string) (tui.Bundle, error) {
			b, err := bundle.Find(res.Settings.Build.WorkDir, id)
			return screenBundle{b}, err
		},
		Environ: environ, Input: g.io.In, Output: g.io.Out,
	}
	if now {
		run, err := g.start(ctx, res, held)
		if err != nil {
			return &exitError{ExitFailed, err}
		}
		options.Run = run
	}
	shown, showErr := tui.Show(ctx, options)
	if ctx.Err() != nil {
		showErr = nil // a signal ended the screen; the report says so
	}
	err := g.afterScreen(ctx, shown, o)
	if showErr != nil {
		err = &exitError{ExitFailed, errors.Join(showErr, err)}
	}
	if heldErr := held.release(g.io.Out); heldErr != nil && err == nil {
		err = &exitError{ExitFailed, fmt.Errorf("print what the stdout exporter wrote: %w", heldErr)}
	}
	return err
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

// heldOutput keeps what the stdout exporter writes while the screen has the
// terminal, in a file without a name.
type heldOutput struct {
	mu   sync.Mutex // guards file
	file *os.File
}

func (h *heldOutput) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		f, err := os.CreateTemp("", "buildscope-stdout-*")
		if err != nil {
			return 0, fmt.Errorf("hold output back while the screen is up: %w", err)
		}
		if err := os.Remove(f.Name()); err != nil {
			return 0, errors.Join(err, f.Close())
		}
		h.file = f
	}
	return h.file.Write(p)
}

// release writes what was held to out.
func (h *heldOutput) release(out io.Writer) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		return nil
	}
	_, err := h.file.Seek(0, io.SeekStart)
	if err == nil {
		_, err = io.Copy(out, h.file)
	}
	err = errors.Join(err, h.file.Close())
	h.file = nil
	return err
}

// screenBundle is a bundle as the Artifacts screen reads it.
type screenBundle struct{ b *bundle.Bundle }

func (s screenBundle) Artifacts(context.Context) ([]tui.ArtifactInfo, error) {
	names, err := s.b.Artifacts()
	var out []tui.ArtifactInfo
	for _, n := range names {
		info, err := os.Stat(filepath.Join(s.b.Dir, "artifacts", n+".json"))
		if err != nil {
			return nil, fmt.Errorf("list artifacts: %w", err)
		}
		out = append(out, tui.ArtifactInfo{Name: n, Size: info.Size()})
	}
	return out, err
}

func (s screenBundle) Artifact(_ context.Context, name string) ([]byte, error) {
	a, err := s.b.Artifact(name)
	if err != nil {
		return nil, err
	}
	return json.Marshal(a)
}

func (s screenBundle) Report(context.Context) (string, error) { return s.b.Report() }

func (s screenBundle) Outputs(context.Context) ([]model.OutputLocation, error) {
	var p model.LocationsPayload
	if s.b.Status == model.RunIncomplete {
		return nil, nil
	}
	err := s.b.Payload(model.ArtifactLocations, &p)
	return p.Outputs, err
}

func (s screenBundle) Preview(ctx context.Context, path string, offset, limit int64) (tui.Preview, error) {
	columns, types, rows, total, err := pipeline.Preview(ctx, path, offset, limit)
	return tui.Preview{Columns: columns, Types: types, Rows: rows, Offset: offset, Total: total}, err
}

// formSettings are the settings of the Setup screen: a resolution with edits on top.
type formSettings struct {
	base, now *presets.Resolved
	edits     map[string]string
	saved     int // edits that the config file holds too
}

func (f *formSettings) List() []tui.Setting {
	profile, err := f.now.ProfileValues(f.now.Profile)
	if err != nil {
		profile = nil // the resolution would have failed with it
	}
	var out []tui.Setting
	for _, s := range presets.Table() {
		v := f.now.Value(s.Name())
		p, from := profile[s.Name()]
		_, edited := f.edits[s.Name()]
		bounds := ""
		if s.Min != "" || s.Max != "" {
			bounds = s.Min + " to " + s.Max
		}
		out = append(out, tui.Setting{Section: s.Section, Key: s.Name(), Label: s.Short, Kind: string(s.Kind), Unit: s.Unit, Text: v.Text,
			Source: v.Source, Default: s.Default, Profile: p, Doc: s.Doc, Allowed: s.Allowed, Range: bounds, Secret: s.Secret, Edited: edited, FromProfile: from})
	}
	return out
}

func (f *formSettings) SectionTitle(section string) string { return presets.SectionDoc(section) }
func (f *formSettings) Validate(key, text string) error    { return presets.ValidateText(key, text) }
func (f *formSettings) Edits() int                         { return len(f.edits) - f.saved }

func (f *formSettings) Edit(key, text string) error {
	old, had := f.edits[key]
	f.edits[key] = text
	f.saved = 0 // which of them the file holds is not worth telling apart
	next, err := f.base.With(f.edits)
	if err != nil {
		if delete(f.edits, key); had {
			f.edits[key] = old
		}
		return err
	}
	f.now = next
	return nil
}

func (f *formSettings) Reset(key string) error {
	delete(f.edits, key)
	f.saved = 0
	next, err := f.base.With(f.edits)
	if err == nil {
		f.now = next
	}
	return err
}

func (f *formSettings) Target() (string, bool) {
	if f.base.File != "" {
		return f.base.File, true
	}
	path := filepath.Join(f.base.Settings.Build.RepoRoot, presets.FileName)
	_, err := os.Stat(path)
	return path, err == nil
}

func (f *formSettings) Save(path string) error {
	if err := presets.Save(path, f.edits); err != nil {
		return err
	}
	f.saved = len(f.edits)
	return nil
}
