package theme

import (
	"os"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

func parse(t *testing.T, text string) *User {
	t.Helper()
	u, err := Parse("mine", "mine.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestUserTheme(t *testing.T) {
	u := parse(t, `
extends = "light"
[styles]
accent = "#f80"
dim = 244
selected = { fg = "#000000", bg = "220", bold = true }
[styles.banner]
reverse = true
[states]
running = "#010203"
`)
	th, base := New(Options{Light: true, User: u}), New(Options{Light: true})
	for name, c := range map[string]struct {
		got  Paint
		want string
	}{
		"accent":   {th.Accent, "\x1b[38;2;255;136;0m"},
		"dim":      {th.Dim, "\x1b[38;5;244m"},
		"selected": {th.Selected, "\x1b[1;38;2;0;0;0;48;5;220m"},
		"banner":   {th.Banner, "\x1b[7m"},
		"running":  {th.State(model.NodeRunning), "\x1b[38;2;1;2;3m"},
		"pending":  {th.State(model.NodePending), "\x1b[38;5;244m"}, // it follows dim
		"bad":      {th.Bad, base.Bad.open},
	} {
		if c.got.open != c.want {
			t.Errorf("%s = %q, want %q", name, c.got.open, c.want)
		}
	}
	// Where there are to be no colours, nothing of the file is in force.
	plain := New(Options{NoColor: true, User: u})
	if plain.Accent != New(Options{NoColor: true}).Accent || plain.State(model.NodeRunning) != (Paint{}) {
		t.Errorf("NO_COLOR: accent %q, running %q", plain.Accent.open, plain.State(model.NodeRunning).open)
	}
	// ascii brings no colours of its own, but takes those of the file.
	ascii := New(Options{ASCII: true, User: parse(t, "extends = \"ascii\"\nstyles.good = 2")})
	if ascii.Good.open != "\x1b[38;5;2m" || ascii.Warn != (Paint{}) || ascii.Glyphs.Marker != ">" {
		t.Errorf("ascii: good %q, warn %q", ascii.Good.open, ascii.Warn.open)
	}
}

// Every paint can be set, and every state.
func TestEveryStyleCanBeSet(t *testing.T) {
	var text strings.Builder
	text.WriteString("[styles]\n")
	for _, name := range StyleNames() {
		text.WriteString(name + " = \"#123456\"\n")
	}
	text.WriteString("[states]\n")
	for _, name := range stateNames() {
		text.WriteString(name + " = \"#654321\"\n")
	}
	th := New(Options{User: parse(t, text.String())})
	if got := strings.Count(strings.Join(paints(th), " "), "38;2;18;52;86"); got != len(paints(th)) || got != 14 {
		t.Errorf("%d of %d paints are set", got, len(paints(th)))
	}
	for s := model.NodePending; s <= model.NodeCancelled; s++ {
		if th.State(s).open != "\x1b[38;2;101;67;33m" {
			t.Errorf("%v = %q", s, th.State(s).open)
		}
	}
}

func TestFaultsOfAUserTheme(t *testing.T) {
	_, err := Parse("mine", "mine.toml", []byte(`extends = "solarized"
colour = 1
[styles]
acent = "#fff"
bad = "reddish"
good = { fg = "#12345", blink = true, bold = "yes" }
info = 256
warn = -1
dim = 1.5
border = true
[states.runing]
fg = 1
`))
	want := []string{
		`mine.toml:2: colour: unknown key; there are extends, styles, states`,
		`mine.toml:1: extends: "solarized" is not one of dark, light, ascii`,
		`mine.toml:11: states.runing: unknown key; did you mean running? there are pending, running, succeeded`,
		`mine.toml:4: styles.acent: unknown key; did you mean accent? there are accent, bad, banner, bar, border`,
		`mine.toml:5: styles.bad: "reddish" is not a colour: #rgb, #rrggbb, or a number from 0 to 255 of the terminal's palette`,
		`mine.toml:6: styles.good.blink: unknown key; there are fg, bg, bold, italic, underline, reverse`,
		`mine.toml:6: styles.good.bold: "yes" must be true or false`,
		`mine.toml:6: styles.good.fg: "#12345" is not a colour`,
		`mine.toml:7: styles.info: "256" is not a colour`,
		`mine.toml:8: styles.warn: "-1" is not a colour`,
		`mine.toml:9: styles.dim: "1.5" is not a colour`,
		`mine.toml:10: styles.border: "true" is not a colour`,
	}
	if err == nil {
		t.Fatal("no fault was found")
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q is not among\n%v", w, err)
		}
	}
	for text, want := range map[string]string{
		"extends = ":          "mine.toml:1:",
		"styles = 3":          "mine.toml:1: styles: must be a table",
		"[styles]\nbad = []":  "mine.toml:2: styles.bad: \"[]\" is not a colour",
		"[[styles]]\nbad = 1": "mine.toml:1: styles: must be a table",
	} {
		if _, err := Parse("mine", "mine.toml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// The example in the documentation is a theme.
func TestDocumentedThemeIsValid(t *testing.T) {
	page, err := os.ReadFile("../../docs/themes.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(page), "```toml\n")
	text, _, closed := strings.Cut(text, "```")
	if !ok || !closed {
		t.Fatal("there is no example")
	}
	u := parse(t, text)
	if len(u.styles) < 5 || len(u.states) == 0 {
		t.Errorf("the example sets only %d styles and %d states", len(u.styles), len(u.states))
	}
	for _, name := range append(StyleNames(), stateNames()...) {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("the page does not name %s", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("extends = \"dark\"\n[styles]\nbad = { fg = \"#fff\" }\n"))
	f.Add([]byte("styles.bad = 1\nstates = {running = \"9\"}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if u, err := Parse("x", "x.toml", data); err == nil {
			New(Options{User: u})
		}
	})
}
