package tui

import (
	"errors"
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
)

// sizes are those of the golden frames.
var sizes = []struct{ w, h int }{{80, 24}, {120, 40}, {200, 60}}

func TestSetupFrames(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Settings: newSettings(), Subject: "requests"})
			d.Press("down", "down", "down").ExpectSelected("redact_keys").Golden()
		})
	}
}

func TestFoldedSetupFrames(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Settings: newSettings(), Subject: "requests"})
			d.Press("/").Type("sampler_arg").Press("enter", "enter", "backspace").Type("0.5").Press("enter", "esc")
			d.m.setup.SetChecks("otel.endpoint", []pane.Check{{Word: "fail", Text: "nobody listens"}})
			d.Press("f").ExpectSelected("otel").Golden()
		})
	}
}

// Folds hide settings from the list, and from nothing else: a search and a jump to a
// setting open them.
func TestFolds(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Settings: newSettings()})
	d.Press("down", "down", "left").ExpectSelected("diagnostics").Press("left").ExpectNot("redact_keys").Expect("▸ diagnostics  2 settings")
	d.Press("right").Expect("redact_keys").Press("enter").ExpectNot("redact_keys").Press("left").ExpectNot("redact_keys")
	d.Press("down").ExpectSelected("build").Press("up")
	d.Press("/").Type("redact").Press("enter").ExpectSelected("redact_keys").Press("esc").ExpectNot("redact_keys").ExpectSelected("diagnostics")
	d.Press("f").ExpectNot("workers").Press("p").Expect("off", "prod").Press("esc").ExpectSelected("diagnostics_profile")
	d.Press("f", "f").Expect("redact_keys", "workers").ExpectSelected("▾ profile")
	d.Press("G", "g").ExpectSelected("▾ profile").Press("enter").ExpectSelected("▸ profile  1 setting")
}

func TestChangeANumber(t *testing.T) {
	s := newSettings()
	d := newDriver(t, 120, 40, Options{Settings: s})
	d.Press("/").Type("workers").Press("enter").ExpectSelected("workers")
	d.Press("enter", "backspace").Type("2000").Expect("must be a whole number between 0")
	d.Press("enter").Expect("not valid")             // stays open
	d.send(tea.WindowSizeMsg{Width: 60, Height: 15}) // where the help has no room, the reason still shows
	d.Expect("✘ must be a whole number between 0 and 1024")
	d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	d.Press("backspace", "backspace", "backspace").Expect("enter to set").Press("enter")
	d.Expect("2, set here", "● workers", "1 edited").ExpectNot("not valid")
	d.Press("r").ExpectNot("edited")
	if got := s.find("build.workers").Text; got != "0" {
		t.Errorf("after reset: workers = %q", got)
	}
	d.Press("esc").Expect("diagnostics_profile")
}

// Keys that come without a pause go to the field that has just been opened, and
// what is typed after tab goes to the next one.
func TestFastTypingLosesNothing(t *testing.T) {
	s := newSettings()
	d := newDriver(t, 120, 40, Options{Settings: s})
	d.Press("/").Type("build.").Press("enter", "enter", "backspace").Type("8").Press("tab", "enter").Type("/data/out").Press("enter")
	if w, o := s.find("build.workers").Text, s.find("build.output_dir").Text; w != "8" || o != "/data/out" {
		t.Errorf("workers = %q, output_dir = %q", w, o)
	}
}

func TestPasteOfSeveralLinesIsOneValue(t *testing.T) {
	s := newSettings()
	d := newDriver(t, 120, 40, Options{Settings: s})
	d.Press("/").Type("output_dir").Press("enter", "enter").Paste("/data\n/out\n\x1b[31mq").Press("enter")
	if got := s.find("build.output_dir").Text; got != "/data /out [31mq" && got != "/data /out q" {
		t.Errorf("output_dir = %q", got)
	}
	if s.Edits() != 1 {
		t.Errorf("%d settings were changed", s.Edits())
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	s := newSettings()
	d := newDriver(t, 120, 40, Options{Settings: s})
	d.Press("/").Type("headers").Press("enter").Expect("•••• (short)")
	d.Press("enter").Type("hunter2").ExpectNot("hunter2").Press("enter").ExpectNot("hunter2")
	if !s.find("otel.headers").Edited {
		t.Error("the secret was not changed")
	}
	d.Press("r", "enter", "enter") // an empty field keeps the value
	if s.find("otel.headers").Edited {
		t.Error("leaving the field empty changed the secret")
	}
}

func TestChoices(t *testing.T) {
	s := newSettings()
	d := newDriver(t, 120, 40, Options{Settings: s})
	d.Press("p").Expect("off", "prod").Press("up", "enter").Expect("dev, set here")
	d.Press("down", "space").Expect("this is the heading of a section")
	d.Press("down", "space").Expect("false, set here")
	d.Press("down", "space").Expect("it has no fixed values")
	if got := s.find("diagnostics_profile").Text; got != "dev" {
		t.Errorf("profile = %q", got)
	}
}

// The look of the screen is a setting like any other.
func TestThemeAppliesAtOnce(t *testing.T) {
	s := newSettings()
	d := newDriver(t, 120, 40, Options{Settings: s}).Expect("╭")
	d.Press("/").Type("tui.theme").Press("enter", "enter", "end", "enter")
	d.Expect("+- Settings").ExpectNot("╭")
}

func TestSave(t *testing.T) {
	s := newSettings()
	s.exists = true
	d := newDriver(t, 120, 40, Options{Settings: s})
	d.Press("ctrl+s").Expect("nothing was changed")
	d.Press("/").Type("workers").Press("enter", "enter", "backspace").Type("4").Press("enter", "ctrl+s")
	d.Expect("Save the changed settings", "buildscope.toml").Press("enter")
	d.Expect("Write to /home/ann/requests/buildscope.toml?").Press("n")
	if s.saved != nil {
		t.Error("saved without consent")
	}
	d.Press("ctrl+s", "enter", "y").Expect("saved to /home/ann/requests/buildscope.toml").ExpectNot("edited")
	if len(s.saved) != 1 || s.saved["build.workers"] != "4" {
		t.Errorf("saved %v", s.saved)
	}
	s.fail = errors.New("write buildscope.toml: permission denied")
	d.Press("enter", "backspace").Type("5").Press("enter", "ctrl+s", "enter", "y")
	d.Expect("The settings were not saved", "permission denied").Press("enter").Expect("1 edited")
}

func TestHelpListsThePaneFirst(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Settings: newSettings()})
	d.Press("?").Expect("Keys", "change the setting", "(not now: this viewer may only watch)", "half a page up").Press("esc").ExpectNot("half a page up")
}

func TestEscUndoesOneThingAtATime(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Settings: newSettings()})
	d.Press("/").Type("otel").Press("enter", "tab", "z").ExpectNot("11 settings").Expect("otel.endpoint")
	d.Press("?").Expect("Everywhere").Press("esc").ExpectNot("Everywhere")
	d.Press("esc").ExpectNot("match otel") // the filter is gone, still zoomed
	d.Press("esc").Expect("11 settings")   // not zoomed any more
	d.Press("esc", "down").ExpectSelected("headers")
}
