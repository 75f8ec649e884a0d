package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// terminal collects what the program writes, and types once a text appears.
type terminal struct {
	mu   sync.Mutex
	out  bytes.Buffer // guarded by mu
	cue  string       // what to wait for; guarded by mu
	seen chan struct{}
}

func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.out.Write(p)
	if t.cue != "" && bytes.Contains(t.out.Bytes(), []byte(t.cue)) {
		t.cue = ""
		close(t.seen)
	}
	return len(p), nil
}

func (t *terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.String()
}

// showAndType runs the program on a terminal and types keys when the cue shows.
func showAndType(ctx context.Context, cue, keys string, opts Options) (*terminal, Result, error) {
	in, typed := io.Pipe()
	term := &terminal{cue: cue, seen: make(chan struct{})}
	ctx, cancel := context.WithCancel(ctx)
	var typist sync.WaitGroup
	typist.Go(func() {
		select {
		case <-term.seen:
			io.WriteString(typed, keys) // fails when the program is gone already
		case <-ctx.Done():
		}
	})
	opts.Input, opts.Output = in, term
	opts.Environ = append(opts.Environ, "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "COLUMNS=100", "LINES=30")
	res, err := Show(ctx, opts)
	cancel()
	in.Close()
	typist.Wait()
	return term, res, err
}

func TestShowAndQuit(t *testing.T) {
	term, res, err := showAndType(t.Context(), "diagnostics_profile", "q", Options{Settings: newSettings()})
	if err != nil || res.Run != nil {
		t.Fatalf("result %+v, error %v", res, err)
	}
	out := term.String()
	if enter, leave := strings.Index(out, "\x1b[?1049h"), strings.LastIndex(out, "\x1b[?1049l"); enter < 0 || leave < enter {
		t.Error("the alternate screen was not entered and left")
	}
}

// Any value of NO_COLOR counts, also those that are not truth values.
func TestShowWithoutColours(t *testing.T) {
	for _, value := range []string{"1", "yes", "0"} {
		term, _, err := showAndType(t.Context(), "diagnostics_profile", "q", Options{Settings: newSettings(), Environ: []string{"NO_COLOR=" + value}})
		if err != nil {
			t.Fatal(err)
		}
		if out := term.String(); strings.Contains(out, "38;") || strings.Contains(out, "48;") {
			t.Errorf("colours with NO_COLOR=%s", value)
		}
	}
	term, _, err := showAndType(t.Context(), "diagnostics_profile", "q", Options{Settings: newSettings(), Color: "always", Environ: []string{"NO_COLOR=1"}})
	if err != nil || !strings.Contains(term.String(), "38;") {
		t.Errorf("no colours though they were asked for (error %v)", err)
	}
}

// The end of the context ends the program and gives the terminal back.
func TestShowEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	term, _, err := showAndType(ctx, "", "", Options{Run: newRun().midway()})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(term.String(), "\x1b[?1049l") {
		t.Error("the alternate screen was not left")
	}
}

// modes reads from bytes which DEC private modes a terminal ends up with.
func modes(out string) map[string]bool {
	on := make(map[string]bool)
	for _, m := range regexp.MustCompile(`\x1b\[\?([0-9;]+)([hl])`).FindAllStringSubmatch(out, -1) {
		for _, mode := range strings.Split(m[1], ";") {
			on[mode] = m[2] == "h"
		}
	}
	return on
}

// Whatever the program switched on in the terminal is off again after it, and the
// cursor shows: read from the bytes, as a terminal does.
func TestNothingStaysSwitchedOn(t *testing.T) {
	s := newSettings()
	s.find("tui.mouse").Text = "true"
	term, _, err := showAndType(t.Context(), "diagnostics_profile", "2?q1q", Options{Settings: s, Look: s.look})
	if err != nil {
		t.Fatal(err)
	}
	out := term.String()
	if !strings.Contains(out, "\x1b[?1002h") {
		t.Error("the mouse was never switched on: the test proves nothing")
	}
	for mode, on := range modes(out) {
		if want := mode == "25"; on != want {
			t.Errorf("after the program, mode %s is on: %t", mode, on)
		}
	}
	if last := strings.LastIndex(out, "\x1b[?1049l"); strings.Contains(out[max(last, 0):], "Settings") {
		t.Error("something of the screen was written after it was left")
	}
}
