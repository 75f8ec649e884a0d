package tui

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// manySpans makes ended spans below the node extract_python, numbered from first on.
func manySpans(r *scriptedRun, first, n int) []model.SpanRecord {
	recs := make([]model.SpanRecord, n)
	for i := range recs {
		k := first + i
		recs[i] = model.SpanRecord{
			ID: model.SpanID{0xc0, 0, 0, byte(k >> 24), byte(k >> 16), byte(k >> 8), byte(k), 1}, Parent: r.ids["extract_python"], Trace: model.TraceID{1, 2, 3},
			Name: model.SpanFile, Scope: model.ScopePipeline, Start: at(300), End: at(301 + int64(k%1000)), Sampled: true,
		}
	}
	return recs
}

// counted counts the messages that reach a program and the frames it draws.
type counted struct {
	*Model
	updates, frames atomic.Int64
}

func (c *counted) Init() tea.Cmd { return c.Model.Init() }

func (c *counted) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	c.updates.Add(1)
	_, cmd := c.Model.Update(msg)
	return c, cmd
}

func (c *counted) View() tea.View {
	if c.dirty {
		c.frames.Add(1)
	}
	return c.Model.View()
}

// play runs a real program without a terminal and gives the way to end it.
func play(t *testing.T, opts Options) (c *counted, p *tea.Program, end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c = &counted{Model: NewModel(ctx, opts)}
	in, feed := io.Pipe()
	p = tea.NewProgram(c, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(new(bytes.Buffer)), tea.WithoutSignalHandler(),
		tea.WithWindowSize(200, 60), tea.WithFPS(framesPerSecond), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
	over := make(chan struct{})
	go func() {
		defer close(over)
		if _, err := p.Run(); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}()
	return c, p, func() {
		p.Quit()
		<-over
		cancel()
		feed.Close()
		c.Close()
	}
}

// waitFor waits until a condition holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s never happened", what)
		}
	}
}

// A program that shows a finished run gets no messages at all, and draws nothing.
func TestAnIdleProgramGetsNoMessages(t *testing.T) {
	opts := withBundles(Options{Settings: newSettings(), Run: newRun().succeed()}, newBundle())
	c, _, end := play(t, opts)
	defer end()
	waitFor(t, "a first frame", func() bool { return c.frames.Load() > 0 })
	last := int64(-1)
	waitFor(t, "quiet after the start", func() bool { // the answers about terminal and bundles
		n := c.updates.Load()
		time.Sleep(200 * time.Millisecond)
		quiet := n == last
		last = n
		return quiet
	})
	updates, frames := c.updates.Load(), c.frames.Load()
	time.Sleep(time.Second)
	if u, f := c.updates.Load()-updates, c.frames.Load()-frames; u != 0 || f != 0 {
		t.Errorf("%d messages and %d frames in an idle second", u, f)
	}
}

// probe asks the program something in its own goroutine.
type probe struct {
	ask  func(*Model)
	done chan struct{}
}

// asking is a program that answers probes.
type asking struct{ *counted }

func (a asking) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if p, ok := msg.(probe); ok {
		p.ask(a.Model)
		close(p.done)
		return a, nil
	}
	_, cmd := a.counted.Update(msg)
	return a, cmd
}

// While spans arrive as fast as they can, frames keep coming at the refresh rate
// and no faster, keys are answered, and what the screen keeps stays bounded.
func TestTheScreenLivesThroughAMillionSpans(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const spans, batch = 1_000_000, 500
	r := newRunIn(runview.Options{MaxSpans: spans + 100}).midway()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := asking{&counted{Model: NewModel(ctx, Options{Settings: newSettings(), Run: r, MayCancel: true})}}
	p := tea.NewProgram(c, tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithoutSignalHandler(),
		tea.WithWindowSize(200, 60), tea.WithFPS(framesPerSecond), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
	over := make(chan struct{})
	go func() {
		defer close(over)
		if _, err := p.Run(); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}()
	waitFor(t, "a first frame", func() bool { return c.frames.Load() > 0 })
	ask := func(f func(*Model)) {
		q := probe{ask: f, done: make(chan struct{})}
		p.Send(q)
		<-q.done
	}

	sent := 0 // belongs to the feeder until fed is closed
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		for late := time.Now().Add(5 * time.Second); sent < spans && time.Now().Before(late); sent += batch {
			r.db.Apply(manySpans(r, sent, batch))
		}
	}()
	began, frames, slowest := time.Now(), c.frames.Load(), time.Duration(0)
	var goroutines int
	for feeding, i := true, 0; feeding; i++ {
		select {
		case <-fed:
			feeding = false
		case <-time.After(20 * time.Millisecond):
		}
		var before, after string
		asked := time.Now()
		ask(func(m *Model) { before = m.View().Content })
		p.Send(tea.KeyPressMsg{Code: tea.KeyTab})
		ask(func(m *Model) { after = m.View().Content })
		slowest = max(slowest, time.Since(asked))
		if before == after {
			t.Fatalf("key %d changed nothing", i)
		}
		goroutines = max(goroutines, runtime.NumGoroutine())
	}
	took := time.Since(began)
	ask(func(m *Model) {
		if m.refresh(); m.tree.Header().Spans < int64(sent) {
			t.Errorf("the screen knows of %d spans of %d", m.tree.Header().Spans, sent)
		}
	})
	drawn := c.frames.Load() - frames
	t.Logf("%d spans in %s: %d frames, slowest answer to a key %s, at most %d goroutines", sent, took.Round(time.Millisecond), drawn, slowest.Round(time.Millisecond), goroutines)
	if took > time.Second && drawn < 3 {
		t.Errorf("%d frames in %s", drawn, took)
	}
	if slowest > 2*time.Second {
		t.Errorf("a key was answered after %s", slowest)
	}
	if goroutines > 100 {
		t.Errorf("%d goroutines", goroutines)
	}
	p.Quit()
	<-over
	c.Close()
}
