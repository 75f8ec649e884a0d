package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"golang.org/x/sys/unix"

	"github.com/buildscope/buildscope/model"
)

// emulated is a terminal that an emulator plays: what is seen is what the bytes of
// the program make of it.
type emulated struct {
	t             *testing.T
	master, slave *os.File
	readers       sync.WaitGroup

	mu    sync.Mutex // guards what follows
	vt    *vt.Emulator
	raw   bytes.Buffer
	modes map[ansi.Mode]bool // that were switched on or off
	title string
}

func newEmulated(t *testing.T, w, h int) *emulated {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := master.SyscallConn() // Fd would make reads block for good
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if cerr := conn.Control(func(fd uintptr) {
		err = errors.Join(unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0), unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(h), Col: uint16(w)}))
		if err == nil {
			n, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	}); cerr != nil || err != nil {
		t.Fatal(cerr, err)
	}
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	e := &emulated{t: t, master: master, slave: slave, vt: vt.NewEmulator(w, h), modes: map[ansi.Mode]bool{}}
	e.vt.SetCallbacks(vt.Callbacks{
		EnableMode: func(m ansi.Mode) { e.modes[m] = true }, DisableMode: func(m ansi.Mode) { e.modes[m] = false },
		Title: func(s string) { e.title = s },
	})
	e.readers.Go(func() {
		buf := make([]byte, 32<<10)
		for {
			n, err := master.Read(buf)
			e.mu.Lock()
			e.raw.Write(buf[:n])
			e.vt.Write(buf[:n])
			e.mu.Unlock()
			if err != nil {
				return // the test has closed its ends
			}
		}
	})
	e.readers.Go(func() { io.Copy(master, e.vt) }) // answers to the program's questions
	t.Cleanup(func() {
		slave.Close()
		master.Close()
		e.vt.InputPipe().(io.Closer).Close()
		e.readers.Wait()
	})
	return e
}

// now reads something of the terminal.
func now[T any](e *emulated, read func() T) T {
	e.mu.Lock()
	defer e.mu.Unlock()
	return read()
}

func (e *emulated) screen() string {
	return now(e, func() string { return strings.TrimSpace(e.vt.String()) })
}

// expect waits until the terminal shows a text.
func (e *emulated) expect(text string) {
	e.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(e.screen(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			e.t.Fatalf("no %q on\n%s", text, e.screen())
		}
	}
}

func (e *emulated) press(keys string) {
	e.t.Helper()
	if _, err := e.master.WriteString(keys); err != nil {
		e.t.Fatal(err)
	}
}

// state is what must be as before when the program has ended.
type state struct {
	tty    unix.Termios
	screen string
	x, y   int
	hidden bool
	alt    bool
	on     string // modes that are on
}

func (e *emulated) state() state {
	e.t.Helper()
	tty, err := unix.IoctlGetTermios(int(e.slave.Fd()), unix.TCGETS)
	if err != nil {
		e.t.Fatal(err)
	}
	return now(e, func() state {
		var on []string
		for m, set := range e.modes {
			if set && m != ansi.ModeTextCursorEnable {
				on = append(on, ansi.SetMode(m))
			}
		}
		slices.Sort(on)
		at := e.vt.CursorPosition()
		return state{*tty, strings.TrimSpace(e.vt.String()), at.X, at.Y, e.vt.CursorHidden(), e.vt.IsAltScreen(), strings.Join(on, " ")}
	})
}

// The sequences that set the keyboard's mode and take it back.
var pushed, popped = regexp.MustCompile(`\x1b\[>[0-9]+u`), regexp.MustCompile(`\x1b\[<[0-9]*u`)

// careless panics when a value is typed.
type careless struct{ *fakeSettings }

func (careless) Validate(string, string) error { panic("out of cheese") }

// However the program ends, the terminal is as it was before: main screen with its
// text and cursor, no mouse, no bracketed paste, no keyboard mode, no raw input, no
// progress bar, no title of ours.
func TestTheTerminalIsGivenBack(t *testing.T) {
	for name, end := range map[string]func(e *emulated, stop context.CancelFunc){
		"quit":       func(e *emulated, _ context.CancelFunc) { e.press("q"); e.expect("y yes"); e.press("y") },
		"interrupt":  func(e *emulated, _ context.CancelFunc) { e.press("\x03"); e.expect("y yes"); e.press("\x03") },
		"a signal":   func(_ *emulated, stop context.CancelFunc) { stop() },
		"a panic":    func(e *emulated, _ context.CancelFunc) { e.press("1/redact\r\rx") },
		"in a field": func(e *emulated, stop context.CancelFunc) { e.press("/abc"); e.expect("abc"); stop() },
	} {
		t.Run(name, func(t *testing.T) {
			e := newEmulated(t, 100, 30)
			if _, err := e.slave.WriteString("ann@host:~$ buildscope tui .\r\n"); err != nil {
				t.Fatal(err)
			}
			e.expect("ann@host")
			before := e.state()
			run := newRun().midway()
			run.onCancel = func() { run.end(model.RunCancelled, at(13000)) }
			s := newSettings()
			s.find("tui.mouse").Text = "true"
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			ended := make(chan error, 1)
			go func() {
				_, err := Show(ctx, Options{Settings: careless{s}, Look: s.look, Run: run, MayCancel: true, Subject: "requests",
					Environ: []string{"TERM=xterm-256color", "LANG=C.UTF-8", "COLORTERM=truecolor"}, Input: e.slave, Output: e.slave})
				ended <- err
			}()
			e.expect("extract_python")
			during := e.state()
			if !during.alt || during.tty == before.tty || !strings.Contains(during.on, ansi.SetModeBracketedPaste) || !strings.Contains(during.on, ansi.SetModeMouseButtonEvent) {
				t.Errorf("the screen was not set up: %+v", during)
			}
			if title := now(e, func() string { return e.title }); title != "buildscope requests 33%" {
				t.Errorf("the title is %q", title)
			}
			end(e, stop)
			select {
			case err := <-ended:
				if name == "a panic" && (!errors.Is(err, tea.ErrProgramPanic) || !strings.Contains(err.Error(), "out of cheese") || !strings.Contains(err.Error(), "Validate")) {
					t.Errorf("the error of the panic is %v", err)
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("the program does not end:\n%s", e.screen())
			}
			if _, err := e.slave.WriteString("after"); err != nil { // comes through when all before it has
				t.Fatal(err)
			}
			e.expect("after")
			got := e.state()
			before.screen, before.x = before.screen+"\nafter", before.x+5
			if got != before {
				t.Errorf("after the end %+v\nbefore the start %+v", got, before)
			}
			raw := now(e, e.raw.String)
			for _, pair := range [][2]string{{ansi.SetModifyOtherKeys2, ansi.ResetModifyOtherKeys}, {ansi.SetProgressBar(33), ansi.ResetProgressBar}} {
				if set, reset := strings.LastIndex(raw, pair[0]), strings.LastIndex(raw, pair[1]); set < 0 || set > reset {
					t.Errorf("%q at %d is not taken back by %q at %d", pair[0], set, pair[1], reset)
				}
			}
			if set, reset := len(pushed.FindAllString(raw, -1)), len(popped.FindAllString(raw, -1)); set == 0 || set != reset {
				t.Errorf("the keyboard is set %d times and taken back %d times", set, reset)
			}
			if title := now(e, func() string { return e.title }); title != "" {
				t.Errorf("the title %q stays", title)
			}
		})
	}
}
