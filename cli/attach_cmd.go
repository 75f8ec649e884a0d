package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/receiver"
	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui"
	"github.com/buildscope/buildscope/tui/ui"
)

// attachOptions are the flags of attach.
type attachOptions struct {
	grpc, http string
	forward    receiver.ForwardOptions
	file       string
	maxSpans   int
	builds     int
	batch      bool
	json       bool
}

func newAttachCmd(g *globals) *cobra.Command {
	var o attachOptions
	cmd := &cobra.Command{
		Use:   "attach",
		Short: "Watch builds that run elsewhere and export by OTLP, or were written to a file",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			res, err := g.resolve(cmd, "")
			if err != nil {
				return err
			}
			if o.grpc == "" && o.http == "" && o.file == "" {
				return errors.New("nothing to attach to: both listeners are off and there is no --file")
			}
			return g.attach(cmd.Context(), res, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.grpc, "listen-grpc", "127.0.0.1:4317", "address for OTLP over gRPC; empty: none")
	f.StringVar(&o.http, "listen-http", "127.0.0.1:4318", "address for OTLP over HTTP, protobuf and JSON; empty: none")
	f.StringVar(&o.forward.Endpoint, "forward", "", "URL of a collector that every request is passed on to")
	f.StringVar(&o.forward.Protocol, "forward-protocol", "", "grpc or http; without it grpc for port 4317 and http for others")
	f.StringVar(&o.forward.Dir, "forward-spool", "", "directory for requests that could not be passed on yet; without it one of the endpoint's own in the user's cache")
	f.Int64Var(&o.forward.MaxDisk, "forward-max-bytes", 1<<30, "bytes that may wait there before senders are told to wait")
	f.StringVar(&o.file, "file", "", "read this file instead of listening, without a screen: OTLP JSON lines, or the spans.parquet of a bundle")
	f.IntVar(&o.maxSpans, "max-spans", 1_000_000, "spans held in memory; older builds make room, the rest is counted")
	f.IntVar(&o.builds, "builds", 0, "leave after so many builds have ended, without a screen; 0: when interrupted")
	f.BoolVar(&o.batch, "batch", false, "no screen even on a terminal: a line for each node that ends, a summary at the end")
	f.BoolVar(&o.json, "json", false, "print one JSON object at the end; implies --batch")
	return cmd
}

// attach receives until it is told to leave, and says what came.
func (g *globals) attach(ctx context.Context, res *presets.Resolved, o attachOptions) error {
	tell := newAttachNarrator(g.io.Err)
	ended := make(chan struct{}, 1)
	over := 0
	options := receiver.SessionOptions{MaxSpans: o.maxSpans, OnBuild: tell.build, OnNode: tell.node, OnEnd: func(b *receiver.Build) {
		tell.end(b)
		if over++; over == o.builds {
			ended <- struct{}{}
		}
	}}
	var own *themes
	if g.attachOnScreen(o) {
		options = receiver.SessionOptions{MaxSpans: o.maxSpans} // the screen tells
		var err error
		if own, err = g.loadThemes(res); err != nil {
			return err
		}
	}
	session := receiver.NewSession(options)
	defer session.Close()
	keys := model.NewRedactor(res.Settings.Diagnostics.RedactKeys)
	if o.file != "" {
		return g.attachFile(ctx, o, session, keys, tell)
	}
	var forward *receiver.Forwarder
	if o.forward.Endpoint != "" {
		var err error
		if forward, err = g.forwarder(o.forward); err != nil {
			return &exitError{ExitUsage, err}
		}
	}
	server, err := receiver.NewServer(receiver.ServerOptions{GRPC: o.grpc, HTTP: o.http, Redact: keys, Session: session, Forward: forward})
	if err != nil {
		if forward != nil {
			_, ferr := forward.Shutdown(ctx)
			err = errors.Join(err, ferr)
		}
		return &exitError{ExitFailed, fmt.Errorf("%w; another program may be listening there, as a collector does: see --listen-grpc and --listen-http", err)}
	}
	tell.listening(server, forward)
	if g.attachOnScreen(o) {
		err = g.attachScreen(ctx, res, own, session)
	} else {
		tell.follow(ctx, ended)
	}
	// ctx has ended, and what is in flight should still arrive.
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), attachGrace)
	defer cancel()
	go func() { // ends with stop
		select {
		case <-g.again:
			cancel()
		case <-stop.Done():
		}
	}()
	err = errors.Join(err, server.Shutdown(stop))
	left := 0
	if forward != nil {
		var ferr error
		left, ferr = forward.Shutdown(stop)
		err = errors.Join(err, ferr)
	}
	session.Close()
	tell.drain()
	if err != nil {
		err = &exitError{ExitFailed, fmt.Errorf("stop receiving: %w", err)}
	}
	return errors.Join(err, g.attachSummary(o, session, server, forward, left))
}

// attachOnScreen reports whether builds are shown on the screen. A file, and a
// number of builds to wait for, are for programs.
func (g *globals) attachOnScreen(o attachOptions) bool {
	return !o.batch && !o.json && o.file == "" && o.builds == 0 && g.screenable()
}

// attachScreen waits for the first build and shows it, and then those that follow,
// until the viewer leaves.
func (g *globals) attachScreen(ctx context.Context, res *presets.Resolved, own *themes, session *receiver.Session) error {
	fmt.Fprintln(g.io.Err, "waiting for a build; ctrl+c ends")
	b := session.Next(ctx, nil)
	if b == nil {
		return nil
	}
	session.Show(b)
	defer session.Show(nil)
	var environ []string
	for k, v := range g.io.Env {
		environ = append(environ, k+"="+v)
	}
	shown := b
	next := func(ctx context.Context) (tui.Run, string) {
		n := session.Next(ctx, shown)
		if n == nil {
			return nil, ""
		}
		shown = n
		session.Show(n) // what is on the screen meanwhile stays whole: it is the viewer's
		return n, sender(n)
	}
	past := func(_ context.Context, q tui.PastQuery) (tui.NodePast, error) {
		return receivedPast(session.Builds(), q), nil
	}
	_, err := g.show(ctx, tui.Options{Run: b, Next: next, Past: past, Theme: own.user, Look: func() model.TUISettings { return res.Settings.TUI }, Subject: ui.Clean(sender(b)),
		Environ: environ, Input: g.io.In, Output: g.io.Out})
	if ctx.Err() != nil {
		return nil // a signal ended the screen
	}
	return err
}

// attachGrace is how long requests in flight and the spool get at the end.
const attachGrace = 5 * time.Second

// forwarder opens the spool of an endpoint and starts passing on.
func (g *globals) forwarder(o receiver.ForwardOptions) (*receiver.Forwarder, error) {
	if o.Dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("find a place for the spool (--forward-spool): %w", err)
		}
		name := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z' {
				return '-'
			}
			return r
		}, strings.TrimPrefix(strings.TrimPrefix(o.Endpoint, "http://"), "https://"))
		o.Dir = filepath.Join(cache, "buildscope", "forward", name)
	} else {
		o.Dir = g.path(o.Dir)
	}
	return receiver.NewForwarder(o)
}

// attachFile reads a file into the session.
func (g *globals) attachFile(ctx context.Context, o attachOptions, session *receiver.Session, keys *model.Redactor, tell *attachNarrator) error {
	path := g.path(o.file)
	read, err := readAttached(ctx, path, session, keys)
	session.Close()
	tell.drain()
	switch {
	case err != nil && !read:
		return &exitError{ExitFailed, fmt.Errorf("attach to %s: %w", o.file, err)}
	case err != nil:
		fmt.Fprintln(g.io.Err, ui.Clean(fmt.Sprintf("not all of %s could be read: %v", o.file, err)))
	}
	return g.attachSummary(o, session, nil, nil, 0)
}

// readAttached gives a session what a file holds, and reports whether there was
// anything to be read.
func readAttached(ctx context.Context, path string, session *receiver.Session, keys *model.Redactor) (read bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	start := make([]byte, 4)
	n, err := io.ReadFull(f, start)
	switch {
	case errors.Is(err, io.EOF):
		return false, errors.New("the file is empty")
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return false, err
	case string(start[:n]) == "PAR1":
		err = bundle.ReadSpans(ctx, path, func(recs []model.SpanRecord) {
			read = true
			session.Take([]receiver.Group{{Resource: receiver.Resource{Service: "buildscope"}, Spans: recs}}, 200*len(recs))
		})
		return read, err
	}
	requests, bad, err := receiver.ReadFile(io.MultiReader(bytes.NewReader(start[:n]), f), session, keys)
	if err != nil {
		err = fmt.Errorf("%d of %d lines; %w", bad, bad+requests, err)
	}
	return requests > 0, err
}

// remote reports whether an address can be reached from other machines.
func remote(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return true
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback()
}
