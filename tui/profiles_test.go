package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/tui/theme"
)

func TestWrittenFrames(t *testing.T) {
	for _, size := range sizes[:2] {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Settings: newSettings(), Subject: "requests"})
			d.Press("w").Expect("[command line]").Golden()
		})
	}
}

func TestProfileDifferenceFrames(t *testing.T) {
	for _, size := range sizes[:2] {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Settings: newSettings(), Subject: "requests"})
			d.Press("d").Expect("Compare which profile?").Press("home", "down", "enter").Expect("Compare prod with which profile?")
			d.Press("end", "enter").Expect("prod against debug: 3 settings differ").Golden()
		})
	}
}

func TestProfilesThatAreTheSame(t *testing.T) {
	d := newDriver(t, 80, 24, Options{Settings: newSettings()})
	d.Press("d", "enter", "enter").Expect("debug and debug give the same settings").Press("d", "esc").ExpectNot("which profile?")
}

// What is copied is the whole text of the tab on top, and no note; what is shown
// holds no control sequence of it.
func TestWrittenIsCopied(t *testing.T) {
	s := newSettings()
	list, err := s.Written()
	if err != nil {
		t.Fatal(err)
	}
	d := newDriver(t, 80, 24, Options{Settings: s})
	d.Press("w", "y").ExpectCopied(list[0].Text)
	d.Expect("left and right scroll")
	for range 10 {
		d.Press("right")
	}
	d.Expect("vendor/**,'").Press("tab").Expect("[environment]", "export X=").Press("y").ExpectCopied(list[1].Text)
	d.Press("tab", "G").Expect("# last").ExpectNot("diagnostics_profile =").Press("y").ExpectCopied(list[2].Text)
	d.Press("tab").Expect("[command line]").Press("shift+tab").Expect("[TOML file]").Press("esc").ExpectNot("TOML file")
	s.fail = errors.New("otel.sampler cannot be given its value")
	d.Press("w").Expect("The settings cannot be written down", "cannot be given its value")
}

func TestUndoAndRedo(t *testing.T) {
	s := newSettings()
	d := newDriver(t, 120, 40, Options{Settings: s, Look: s.look})
	d.Press("u").Expect("undo the last change: nothing was changed").Press("ctrl+r").Expect("nothing was undone")
	d.Press("/").Type("workers").Press("enter", "enter", "backspace").Type("4").Press("enter").Expect("4, set here", "1 edited")
	d.Press("enter", "backspace").Type("5").Press("enter", "u").Expect("4, set here").Press("u").ExpectNot("edited")
	d.Press("ctrl+r", "ctrl+r").Expect("5, set here").Press("r").ExpectNot("edited").Press("u").Expect("5, set here")
	d.Press("esc", "/").Type("tui.theme").Press("enter", "enter", "end", "enter").Expect("+- Settings")
	d.Press("u").ExpectNot("+- Settings") // the look goes back, too
}

func TestSaveAsProfile(t *testing.T) {
	s := newSettings()
	d := newDriver(t, 120, 40, Options{Settings: s})
	d.Press("P").Expect("Save the settings as a profile").Type("a.b").Press("enter").Expect("letters, digits", "name: a.b")
	d.Press("backspace", "backspace").Type("x").Press("enter").Expect("Saved as the profile ax", "extends debug and sets build.workers").Press("enter")
	d.Press("p").Expect("ax").Press("esc", "P").Type("ax").Press("enter").Expect("Write over the profile ax?").Press("n")
	if want := []string{"ax"}; !slices.Equal(s.profiles, want) {
		t.Errorf("saved %q without consent", s.profiles)
	}
	d.Press("P").Type("ax").Press("enter", "y").Expect("Saved as the profile ax")
	if want := []string{"ax", "!ax"}; !slices.Equal(s.profiles, want) {
		t.Errorf("saved %q", s.profiles)
	}
	s.fail = errors.New("permission denied")
	d.Press("enter", "P").Type("b").Press("enter").Expect("The profile was not saved", "permission denied")
}

// A theme of the user's own is chosen like any other, at once, and NO_COLOR is above it.
func TestOwnTheme(t *testing.T) {
	own, err := theme.Parse("sunset", "sunset.toml", []byte("extends = \"light\"\nstyles.accent = \"#010203\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	opts := func(environ ...string) Options {
		s := newSettings()
		s.find("tui.theme").Allowed = append(theme.Builtin(), "sunset")
		return Options{Settings: s, Environ: environ, Color: "auto", Theme: func(name string) *theme.User {
			return map[string]*theme.User{"sunset": own}[name]
		}}
	}
	const accent = "38;2;1;2;3m"
	d := newDriver(t, 120, 40, opts())
	choose := func(d *driver) {
		d.Press("/").Type("tui.theme").Press("enter", "enter", "end", "enter").Expect("sunset, set here")
	}
	if choose(d); !strings.Contains(d.m.View().Content, accent) || !d.m.theme.Light {
		t.Error("the theme is not in force")
	}
	if d.Press("r").Expect("auto, the default"); strings.Contains(d.m.View().Content, accent) {
		t.Error("the theme is still in force")
	}
	d = newDriver(t, 120, 40, opts("NO_COLOR=1"))
	if choose(d); strings.Contains(d.m.View().Content, "38;2") {
		t.Error("there are colours in spite of NO_COLOR")
	}
}
