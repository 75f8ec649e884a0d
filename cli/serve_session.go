package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/buildscope/buildscope/build/recording"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui"
	"github.com/buildscope/buildscope/tui/sshd"
)

// hosted is what the sessions of a server work with.
type hosted struct {
	g      *globals
	base   *presets.Resolved
	themes *themes
	access *access
	hub    *hub
}

// handle is one session, and gives its exit code.
func (h *hosted) handle(ctx context.Context, s *sshd.Session) int {
	if s.Command != "" {
		return h.command(ctx, s)
	}
	return h.screen(ctx, s, nil)
}

// screen shows the screen, on a run if args names one.
func (h *hosted) screen(ctx context.Context, s *sshd.Session, args []string) int {
	if len(args) > 1 {
		fmt.Fprintln(s.Err, "buildscope: tui takes one RUN at most")
		return ExitUsage
	}
	if s.Terminal == "" || s.Terminal == "dumb" {
		fmt.Fprintln(s.Err, "buildscope: the screen needs a terminal that can move its cursor: ssh -t asks for one")
		return ExitUsage
	}
	o, g := h.options(ctx, s)
	end := func() {}
	if len(args) == 1 {
		var err error
		if end, err = g.openRun(ctx, &o, args[0]); err != nil {
			fmt.Fprintf(s.Err, "buildscope: %v\n", err)
			return ExitFailed
		}
	}
	defer end()
	_, err := tui.Show(ctx, o)
	switch cause := context.Cause(ctx); {
	case cause != nil:
		fmt.Fprintf(s.Err, "buildscope: %v\n", cause)
	case err != nil:
		fmt.Fprintf(s.Err, "buildscope: %v\n", err)
		return ExitFailed
	}
	return ExitOK
}

// options are those of the screen of a session; the hub knows it until ctx ends.
func (h *hosted) options(ctx context.Context, s *sshd.Session) (tui.Options, *globals) {
	m, run := h.hub.join(s.Person)
	g := h.visited(s, m)
	context.AfterFunc(ctx, func() {
		if last := h.hub.leave(m); last && h.base.Settings.SSH.CancelWhenLastOperatorLeaves {
			h.hub.cancel(m.person.Name + ", the last operator, has left")
		}
	})
	current := func() *presets.Resolved { return h.base }
	o := tui.Options{
		Theme: h.themes.user, Subject: filepath.Base(h.base.Settings.Build.RepoRoot), MayCancel: s.Person.Operator,
		Environ: sessionEnviron(s), Input: s.In, Output: s.Out,
		Host: &tui.Host{News: func(ctx context.Context) (tui.News, bool) { return m.news(ctx, s.Resized) }, Builds: h.hub.builds, Take: m.take, Give: m.give},
	}
	if s.Person.Operator {
		form := newFormSettings(h.base, g.app.Name+" build")
		form.themes, form.allow, current = h.themes.names(), h.access.allow, form.current
		o.Settings = hostedForm{form, h.access}
		o.Check = func(key string) (func(context.Context) []tui.Check, bool) { return g.checkSetting(current(), key) }
		o.Doctor = g.screenDoctor(form)
		o.Launch = func(context.Context) (tui.Run, error) {
			now := current()
			if err := h.access.allow(now); err != nil { // links may have changed since the edit
				return nil, err
			}
			r, err := m.launch(ctx, now)
			if err != nil {
				return nil, err
			}
			return r.run, nil
		}
	}
	o.Look = func() model.TUISettings { return current().Settings.TUI }
	g.browse(&o, current)
	o.SQL = g.screenSQL(func() model.Settings { return current().Settings })
	o.SQL.Export, o.SQL.History = nil, nil // files of the server; and lines of everybody
	if run != nil {
		o.Run, o.Subject = run.run, run.subject
	}
	return o, g
}

// openRun puts a run on the screen, whole if it is an earlier one. end gives it back.
func (g *globals) openRun(ctx context.Context, o *tui.Options, ref string) (end func(), err error) {
	b, err := g.findRun(g.visit.hosted.base.Settings.Build.WorkDir, ref)
	if err != nil {
		return nil, err
	}
	if run := g.visit.hosted.hub.find(b.RunID); run != nil {
		o.Run, o.Subject = run.run, run.subject
		return func() {}, nil
	}
	tape, err := recording.FromBundle(ctx, b)
	if err != nil {
		return nil, fmt.Errorf("open run %s: %w", b.RunID, err)
	}
	session, err := recording.NewSession(tape, recording.Options{})
	if err != nil {
		return nil, fmt.Errorf("open run %s: %w", b.RunID, err)
	}
	o.Run, o.Replay, o.Subject = session.Player(), screenReplay{session}, filepath.Base(tape.Head.Subject)
	return func() { _, _ = session.Close() }, nil // a bundle was read before: nothing is open
}

// sessionEnviron is the environment of a screen. Nothing of it comes from the client
// but the name of its terminal.
func sessionEnviron(s *sshd.Session) []string {
	return []string{"TERM=" + s.Terminal, "LANG=C.UTF-8", "COLUMNS=" + strconv.Itoa(s.Size.Width), "LINES=" + strconv.Itoa(s.Size.Height)}
}
