package tui

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/ui"
)

// fieldText is the text of the field that has the keys, if there is one.
func fieldText(m *Model) (string, bool) {
	var in *ui.Input
	switch {
	case len(m.overlays) > 0:
		switch o := m.overlays[len(m.overlays)-1].(type) {
		case *commandLine:
			in = o.input
		case *palette:
			in = o.input
		case *field:
			in = o.input
		}
	case m.prompt != nil:
		in = m.prompt.input
	}
	if in == nil {
		return "", false
	}
	return in.Value(), true
}

// Whatever is pressed, pasted, clicked and resized in any order does not panic, leaves
// a frame of the right size, and no letter is lost that is typed into a field.
func TestRandomKeys(t *testing.T) {
	var keys []string
	for _, c := range commands() {
		keys = append(keys, c.Keys...)
	}
	keys = slices.DeleteFunc(keys, func(k string) bool { return k == "ctrl+z" || k == "ctrl+c" || k == "q" })
	keys = append(keys, "enter", "enter", "esc", "backspace", "tab", "up", "down", "y", "n", ":", "/", "5", "1")
	slices.Sort(keys)
	keys = slices.Compact(keys)
	texts := []string{"set tui.theme ", "dur>2s", "日本", "e\u0301", "\x1b[2J", "goto ", "a b", "!x status:failed", "-"}
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			run := newRun().fail()
			if seed%2 == 0 {
				run = newRun().midway()
			}
			w, h := 100, 30
			d := newDriver(t, w, h, everyScreen(run))
			var script []string
			for range 400 {
				var did string
				switch n := r.IntN(100); {
				case n < 70:
					did = keys[r.IntN(len(keys))]
					before, inField := fieldText(d.m)
					d.Press(did)
					after, still := fieldText(d.m)
					if inField && len(did) == 1 && (!still || len([]rune(after)) != len([]rune(before))+1) {
						t.Fatalf("%q was typed behind %q, which became %q: %q", did, before, after, script)
					}
				case n < 85:
					did = texts[r.IntN(len(texts))]
					before, inField := fieldText(d.m)
					d.Paste(did)
					after, still := fieldText(d.m)
					if inField && (!still || len(after) <= len(before) || did == "dur>2s" && !strings.Contains(after, did)) {
						t.Fatalf("%q was pasted behind %q, which became %q: %q", did, before, after, script)
					}
				case n < 93:
					w, h = 1+r.IntN(220), 1+r.IntN(70)
					did = fmt.Sprintf("%dx%d", w, h)
					d.send(tea.WindowSizeMsg{Width: w, Height: h})
				default:
					at := tea.Mouse{X: r.IntN(w), Y: r.IntN(h), Button: tea.MouseLeft}
					did = fmt.Sprint("click ", at.X, at.Y)
					d.send(tea.MouseClickMsg(at))
					d.send(tea.MouseWheelMsg{X: at.X, Y: at.Y, Button: tea.MouseWheelDown})
				}
				script = append(script, did)
				if d.quit {
					return // the palette has a command for it
				}
				checkFrame(t, d, w, h, strings.Join(script, " "))
				for len(d.msgs) > 0 {
					d.send(<-d.msgs)
				}
			}
		})
	}
}
