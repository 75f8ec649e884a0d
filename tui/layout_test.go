package tui

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(patient{m})
}

// patient gives goroutines that were told to end the time for it that a busy machine
// takes; goleak alone waits for a few seconds.
type patient struct{ m *testing.M }

func (p patient) Run() int {
	code := p.m.Run()
	for deadline := time.Now().Add(30 * time.Second); goleak.Find() != nil && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
	}
	return code
}

// checkFrame checks that a frame fills the screen exactly.
func checkFrame(t *testing.T, d *driver, w, h int, what string) {
	t.Helper()
	lines := strings.Split(d.m.View().Content, "\n")
	if len(lines) != h {
		t.Fatalf("%s at %dx%d: %d lines", what, w, h, len(lines))
	}
	for i, line := range lines {
		if got := ansi.StringWidth(line); got != w {
			t.Fatalf("%s at %dx%d: line %d is %d cells wide: %q", what, w, h, i, got, line)
		}
	}
}

// Every screen fills every size exactly: no line is longer or shorter, there is
// never a line too many, and nothing panics.
func TestEverySizeIsFilled(t *testing.T) {
	b := newBundle()
	b.artifacts["wide_日本語_👩‍👩‍👧_v1"] = `{"日本語": "ひらがな", "e\u0301": [{}, [], null]}`
	b.outputs[0].Name = "表_" + strings.Repeat("x", 90)
	s := newSettings()
	s.find("build.output_dir").Text = "/データ/" + strings.Repeat("y", 120)
	r := newRun().fail()
	r.file("extract_python", "src/日本語/"+strings.Repeat("長い", 60)+"\x1b[2J.py", at(100), at(200), failing("wide 文字 and\ttabs"))
	r.log(100, "ERROR", "extract_python", "e\u0301\u202e "+strings.Repeat("ログ", 100))
	opts := withBundles(Options{Settings: s, Run: r, Subject: "レポジトリ/" + strings.Repeat("z", 50), Launch: func(context.Context) (Run, error) { return r, nil }}, b)
	opts.Past = sixRuns
	opts, _ = withDoctor(opts)
	d := newDriver(t, 120, 40, opts)
	d.Press("5").Expect("1 fail, 1 warn").Press("3").Expect("capture_statistics_v1")

	var widths, heights []int
	for w := 1; w <= 300; w += 7 {
		widths = append(widths, w)
	}
	for h := 1; h <= 100; h += 6 {
		heights = append(heights, h)
	}
	widths = append(widths, 59, 60, 80, 99, 100, 120, 159, 160, 200, 300)
	heights = append(heights, 14, 15, 23, 24, 40, 60, 100)
	states := []struct {
		what string
		keys []string
	}{
		{"settings", []string{"1"}},
		{"editing", []string{"1", "enter", "x"}},
		{"run", []string{"2"}},
		{"run detail", []string{"2", "tab", "]"}},
		{"columns", []string{"2", "g", "down", "tab", "[", "[", "[", "[", "]", "]", "]", "]", "down", "down"}},
		{"statistics of an output", []string{"3", "g", "down", "down", "tab", "tab", "end"}},
		{"error", []string{"2", "g", "r", "tab"}},
		{"timeline", []string{"2", "g", "tab", "[", "[", "]"}},
		{"statement", []string{"2", "end", "e", "e", "tab", "[", "["}},
		{"changes", []string{"3", "end", "d", "tab"}},
		{"run, last row", []string{"2", "end"}},
		{"run, why", []string{"2", "i", "end"}},
		{"waterfall", []string{"2", "g", "down", "right", "t", "+", "+"}},
		{"graph", []string{"2", "g", "t", "right", "right"}},
		{"table", []string{"2", "g", "t", "a", "s"}},
		{"run, filter", []string{"2", "t", "/"}}, // in the tree again
		{"help", []string{"2", "?"}},
		{"items", []string{"3"}},
		{"items, last", []string{"3", "end", "tab"}},
		{"zoomed", []string{"3", "z"}},
		{"runs", []string{"4", "tab"}},
		{"doctor", []string{"5"}},
		{"doctor, finding", []string{"5", "e", "tab"}},
		{"palette", []string{"2", "ctrl+p"}},
		{"command line", []string{"2", ":", "tab", "tab"}},
		{"command line, error", []string{"2", ":", "ctrl+u", "x", "enter"}},
		{"chooser", []string{"1", "g", "enter"}},
		{"question", []string{"1", "ctrl+s"}},
	}
	for _, state := range states {
		d.Press("esc", "esc", "esc", "esc", "esc")
		d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
		d.Press(state.keys...)
		for _, w := range widths {
			for _, h := range heights {
				d.send(tea.WindowSizeMsg{Width: w, Height: h})
				checkFrame(t, d, w, h, state.what)
			}
		}
		d.Press("esc", "esc", "esc")
	}
}

func TestSmallTerminalsSaySo(t *testing.T) {
	d := newDriver(t, 59, 15, Options{Run: newRun()}).Expect("too small: 59 x 15, needed are 60 x 15")
	d.send(tea.WindowSizeMsg{Width: 60, Height: 15})
	d.Expect("scan_repo").ExpectNot("buildscope  [2 Run]") // no title bar below 24 lines
	d.send(tea.WindowSizeMsg{Width: 0, Height: 0})         // what a vanishing terminal says
	d.Expect("scan_repo").Press("q").ExpectQuit()
}

func TestPanesBySize(t *testing.T) {
	d := newDriver(t, 99, 30, Options{Run: newRun().midway()}).Expect("[Nodes] Details").Press("g")
	d.Press("tab").Expect("Nodes [Details]").Press("tab").Expect("Details [Why]").Press("tab").Expect("[Nodes]")
	d.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	d.Expect("Nodes", "[Stats] Span SQL Logs")
	d.send(tea.WindowSizeMsg{Width: 160, Height: 36})
	d.Expect("Logs of the run").ExpectNot("SQL Logs")
	d.send(tea.WindowSizeMsg{Width: 160, Height: 35}) // too low for two panes above each other
	d.ExpectNot("Logs of the run").Expect("SQL Logs")
}

// The ASCII theme and a locale without UTF-8 leave nothing but ASCII.
func TestASCIIMeansASCII(t *testing.T) {
	b := newBundle()
	b.report += "\n\n“quotes” … 日本語\n"
	opts := withBundles(Options{Settings: newSettings(), Run: newRun().midway(), Subject: "größe"}, b)
	d := newDriver(t, 120, 40, opts)
	d.send(tea.EnvMsg{"LANG=C"})
	for _, keys := range [][]string{{"1"}, {"1", "enter"}, {"2"}, {"t", "."}, {"t", "right"}, {"t", "a"}, {"?"}, {"3"}, {"tab"}} {
		d.Press("esc").Press(keys...)
		checkFrame(t, d, 120, 40, strings.Join(keys, " "))
		for i, c := range d.m.View().Content {
			if c > 0x7e {
				t.Fatalf("keys %v: %q at byte %d:\n%s", keys, c, i, d.Screen())
			}
		}
	}
}

func TestColoursFollowTheTerminal(t *testing.T) {
	screen := func(opts Options, msgs ...tea.Msg) string {
		m := NewModel(t.Context(), opts)
		defer m.Close()
		m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		for _, msg := range msgs {
			m.Update(msg)
		}
		return m.View().Content
	}
	coloured := func(s string) bool { return strings.Contains(s, "38;2;") }
	opts := Options{Settings: newSettings()}
	if !coloured(screen(opts)) {
		t.Error("no colours in a terminal that has them")
	}
	for _, environ := range []tea.EnvMsg{{"NO_COLOR=yes"}, {"NO_COLOR=1"}, {"TERM=dumb"}} {
		if coloured(screen(opts, environ)) {
			t.Errorf("colours with %q", environ)
		}
	}
	always := opts
	always.Color = "always"
	if !coloured(screen(always, tea.EnvMsg{"NO_COLOR=1"})) {
		t.Error("no colours though they were asked for")
	}
	if screen(opts) == screen(opts, backgroundOf(0xff)) {
		t.Error("a light background changes nothing")
	}
	if screen(opts) != screen(opts, backgroundOf(0)) {
		t.Error("a dark background is not the default")
	}
}
