package tui

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
)

// driver plays a viewer: it presses keys and looks at the screen. Cmds run as
// they do in the program, each in a goroutine of its own; expectations wait for
// what they name, so that no test sleeps.
type driver struct {
	t      testing.TB
	m      *Model
	msgs   chan tea.Msg
	cmds   sync.WaitGroup
	stop   context.CancelFunc
	quit   bool
	copied string // what the viewer's clipboard holds
}

// epoch is the time at which every test plays.
var epoch = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

func newDriver(t testing.TB, w, h int, opts Options) *driver {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	if opts.Clock == nil {
		opts.Clock = func() time.Time { return epoch.Add(12400 * time.Millisecond) }
	}
	if opts.Color == "" {
		opts.Color = "never"
	}
	if s, ok := opts.Settings.(*fakeSettings); ok {
		opts.Look = s.look
	}
	d := &driver{t: t, m: NewModel(ctx, opts), msgs: make(chan tea.Msg, 1024), stop: stop}
	t.Cleanup(func() {
		d.stop()
		d.m.Close()
		d.cmds.Wait()
	})
	d.start(d.m.Init())
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	return d
}

// start runs a Cmd; its message comes back through msgs.
func (d *driver) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	d.cmds.Go(func() {
		if msg := cmd(); msg != nil {
			d.msgs <- msg
		}
	})
}

// send gives the program one message and takes what it wants done.
func (d *driver) send(msg tea.Msg) {
	switch msg := msg.(type) {
	case tea.BatchMsg:
		for _, cmd := range msg {
			d.start(cmd)
		}
		return
	case tea.QuitMsg:
		d.quit = true
		return
	}
	if v := reflect.ValueOf(msg); v.Type().String() == "tea.setClipboardMsg" {
		d.copied = v.String()
		return
	}
	_, cmd := d.m.Update(msg)
	d.start(cmd)
}

var namedKeys = map[string]tea.Key{
	"up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab}, "shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift},
	"space": {Code: tea.KeySpace, Text: " "}, "backspace": {Code: tea.KeyBackspace}, "pgdown": {Code: tea.KeyPgDown},
	"pgup": {Code: tea.KeyPgUp}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd}, "f5": {Code: tea.KeyF5}, "f1": {Code: tea.KeyF1},
}

// Press presses keys one after the other, without a pause.
func (d *driver) Press(keys ...string) *driver {
	d.t.Helper()
	for _, name := range keys {
		k, ok := namedKeys[name]
		if !ok {
			letter := strings.TrimPrefix(name, "ctrl+")
			k = tea.Key{Code: []rune(letter)[0]}
			if letter == name {
				k.Text = name
			} else {
				k.Mod = tea.ModCtrl
			}
		}
		d.send(tea.KeyPressMsg(k))
	}
	return d
}

// Type presses the key of every letter.
func (d *driver) Type(text string) *driver {
	for _, r := range text {
		d.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return d
}

// Paste pastes text.
func (d *driver) Paste(text string) *driver {
	d.send(tea.PasteMsg{Content: text})
	return d
}

// Screen is what the viewer sees, without colours.
func (d *driver) Screen() string { return ansi.Strip(d.m.View().Content) }

// until takes messages in until the condition holds.
func (d *driver) until(what string, holds func() bool) *driver {
	d.t.Helper()
	deadline := time.After(10 * time.Second)
	for !holds() {
		select {
		case msg := <-d.msgs:
			d.send(msg)
		case <-deadline:
			d.t.Fatalf("%s never happened. The screen is:\n%s", what, d.Screen())
		}
	}
	return d
}

// Expect waits until the screen shows all of the texts.
func (d *driver) Expect(texts ...string) *driver {
	d.t.Helper()
	for _, text := range texts {
		d.until("showing "+text, func() bool { return strings.Contains(d.Screen(), text) })
	}
	return d
}

// ExpectNot checks that the screen does not show a text.
func (d *driver) ExpectNot(texts ...string) *driver {
	d.t.Helper()
	for _, text := range texts {
		if screen := d.Screen(); strings.Contains(screen, text) {
			d.t.Fatalf("the screen shows %q:\n%s", text, screen)
		}
	}
	return d
}

// marked is the border of a pane with the marker of the selected line; time bars
// may end in the same block.
const marked = "│▌"

// selectedIn is the part of a screen line that is selected lines of panes, or "".
func selectedIn(line string) string {
	var rows []string
	for _, part := range strings.Split(line, marked)[1:] {
		row, _, _ := strings.Cut(part, "│")
		rows = append(rows, row)
	}
	return strings.Join(rows, "│")
}

// ExpectSelected waits until the selected line of some pane contains the text.
func (d *driver) ExpectSelected(text string) *driver {
	d.t.Helper()
	return d.until("selecting "+text, func() bool {
		for _, line := range strings.Split(d.Screen(), "\n") {
			if strings.Contains(selectedIn(line), text) {
				return true
			}
		}
		return false
	})
}

// Open selects a row of the tree and opens it, unless it is open already.
func (d *driver) Open(name string) *driver {
	d.t.Helper()
	d.Press("g")
	for range 20 {
		for _, line := range strings.Split(d.Screen(), "\n") {
			if row := selectedIn(line); strings.Contains(row, name) {
				if strings.Contains(row, "▸") {
					d.Press("right")
				}
				return d
			}
		}
		d.Press("down")
	}
	d.t.Fatalf("no row %s:\n%s", name, d.Screen())
	return d
}

// ExpectCopied waits until the viewer's clipboard holds the text.
func (d *driver) ExpectCopied(text string) *driver {
	d.t.Helper()
	return d.until("copying "+text, func() bool { return d.copied == text })
}

// ExpectQuit waits for the program to end.
func (d *driver) ExpectQuit() Result {
	d.t.Helper()
	d.until("quitting", func() bool { return d.quit })
	d.m.Close()
	return d.m.Result()
}

// GoldenColours compares the frame, colours included, with the test's golden file.
func (d *driver) GoldenColours() {
	d.t.Helper()
	golden.RequireEqual(d.t.(*testing.T), styled(d.m.View().Content))
}

// Golden compares the screen with the test's golden file.
func (d *driver) Golden() {
	d.t.Helper()
	lines := strings.Split(d.Screen(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	golden.RequireEqual(d.t.(*testing.T), strings.Join(lines, "\n")+"\n")
}
