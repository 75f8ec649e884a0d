package tui

import (
	"context"
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// everyScreen gives a viewer that has all screens.
func everyScreen(run *scriptedRun) Options {
	opts, _ := withDoctor(withHistory(nil))
	opts.Run, opts.Launch = run, func(context.Context) (Run, error) { return run, nil }
	return opts
}

// scenes are how each screen is brought to a state that is worth looking at.
var scenes = []struct {
	name  string
	visit func(*driver)
}{
	{"setup", func(d *driver) { d.Press("1", "g", "down", "down").Expect("redact_keys") }},
	{"run", func(d *driver) {
		d.Press("2").Open("extract_python").Press("g", "down").ExpectSelected("extract_python")
	}},
	{"artifacts", func(d *driver) { d.Press("3").Expect("capture_statistics_v1").Press("end", "enter").Expect("payload") }},
	{"runs", func(d *driver) { d.Press("4").Expect("5 runs").Press("tab").Expect("no setting changed") }},
	{"doctor", func(d *driver) { d.Press("5").Expect("1 fail, 1 warn, 2 ok").Press("e").ExpectSelected("connection") }},
	{"help", func(d *driver) { d.Press("2", "?").Expect("Keys") }},
	{"palette", func(d *driver) { d.Press("2", "ctrl+p").Type("screen").Expect("screen Runs") }},
	{"line", func(d *driver) { d.Press("2", ":").Type("set tui.theme ").Press("tab").Expect(":set tui.theme auto") }},
	{"question", func(d *driver) { d.Press("2", "q").Expect("Cancel the build and quit?") }},
}

// Every screen and box in ASCII without colours, and in true colour for a dark
// background, at the sizes of an old terminal, a window and a large one.
func TestFrames(t *testing.T) {
	for _, s := range scenes {
		for _, size := range sizes {
			frame := func(t *testing.T, color string) *driver {
				run := newRun().midway()
				opts := everyScreen(run)
				opts.Color, opts.MayCancel = color, true
				return newDriver(t, size.w, size.h, opts)
			}
			t.Run(fmt.Sprintf("%s ascii %dx%d", s.name, size.w, size.h), func(t *testing.T) {
				d := frame(t, "never")
				s.visit(d)
				d.send(tea.EnvMsg{"LC_ALL=C"})
				d.Golden()
			})
			t.Run(fmt.Sprintf("%s colour %dx%d", s.name, size.w, size.h), func(t *testing.T) {
				d := frame(t, "always")
				s.visit(d)
				d.GoldenColours()
			})
		}
	}
	t.Run("too small 59x14", func(t *testing.T) { newDriver(t, 59, 14, everyScreen(newRun())).Golden() })
}
