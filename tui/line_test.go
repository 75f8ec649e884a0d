package tui

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Commands with arguments do what they say.
func TestCommandLine(t *testing.T) {
	s := newSettings()
	opts := everyScreen(newRun().succeed())
	opts.Settings = s
	opts, _ = withDoctor(opts)
	d := newDriver(t, 120, 40, opts)
	do := func(line string) *driver { return d.Press(":").Type(line).Press("enter") }

	do("filter dur>1s").Expect("dur>1s").ExpectNot("extract_go")
	do("filter").Expect("extract_go")
	do("goto relate_scopes").ExpectSelected("relate_scopes")
	do("goto py").ExpectSelected("extract_python") // the only one like that
	do("screen runs").Expect("[4 Runs]", "5 runs")
	do("open 0195f0c4").Expect("[3 Artifacts]").until("opening", func() bool { return d.m.shelf.runID == "0195f0c4-6c1e-7000-8000-000000000001" })
	do("set build.workers 4").Expect("build.workers is 4 now")
	do("theme dark")
	do("profile prod")
	do("setting build.workers").Expect("[1 Setup]").ExpectSelected("workers")
	do("reset build.workers").Expect("build.workers is as it was")
	if w, th, p := s.find("build.workers").Text, s.find("tui.theme").Text, s.find("diagnostics_profile").Text; w != "0" || th != "dark" || p != "prod" {
		t.Errorf("workers %s, theme %s, profile %s", w, th, p)
	}
	do("quit").ExpectQuit()
}

// An error names what is allowed; the text stays, to be mended.
func TestCommandLineErrors(t *testing.T) {
	d := newDriver(t, 120, 40, everyScreen(newRun().midway())).Press("4").Expect("5 runs")
	for line, want := range map[string][]string{
		"sreen runs":                   {"there is no command sreen; did you mean screen?"},
		"zzzzzzz":                      {"there is no command zzzzzzz; tab lists"},
		"screen":                       {"name a screen: setup, run, artifacts, runs, doctor"},
		"screen foo":                   {`there is no screen "foo"; there are setup, run`},
		"set":                          {"name a setting and its value"},
		"set workers 3":                {`there is no setting "workers"; there are build.workers`},
		"set build.workers 2000":       {`build.workers cannot be "2000": must be a whole number between 0 and 1024`},
		"set tui.theme":                {"name a value for tui.theme: auto, dark, light, ascii"},
		"theme pink":                   {"must be one of auto, dark, light, ascii"},
		"set otel.headers a=b":         {"otel.headers is secret: change it on screen Setup"},
		"goto nowhere":                 {`there is no node "nowhere"; there are scan_repo, extract_python`},
		"open 0":                       {"5 runs begin with 0:"},
		"open x":                       {`there is no run "x"`},
		"reset build.workers":          {"there is no changed setting yet"},
		"filter dur>never":             {"filter: ", "dur"},
		"quit now":                     {"quit takes no argument"},
		"doctor.again":                 {"doctor.again works on Screen Doctor"},
		"error.next":                   {"error.next: nothing has failed"},
		"set tui.theme \x1b[2J\u202ex": {"must be one of"},
	} {
		d.Press("2", ":").Type(line).Press("enter").Expect(want...)
		box, ok := d.m.overlays[len(d.m.overlays)-1].(*commandLine)
		if !ok || !strings.Contains(line, strings.TrimPrefix(box.input.Value(), "\x1b")) && !strings.Contains(line, "\x1b") {
			t.Errorf("%q is gone", line)
		}
		checkFrame(t, d, 120, 40, line)
		d.Press("ctrl+u", "enter")
	}
	if f := d.m.tree.FilterText(); f != "" {
		t.Errorf("the filter %q is in force", f)
	}
}

// Tab completes words, keys and values; what several may be, it goes through.
func TestCompletion(t *testing.T) {
	d := newDriver(t, 120, 40, everyScreen(newRun().midway()))
	field := func(want string) {
		t.Helper()
		if got := d.m.overlays[0].(*commandLine).input.Value(); got != want {
			t.Errorf("the field has %q, want %q", got, want)
		}
	}
	d.Press(":").Type("got").Press("tab")
	field("goto ")
	d.Type("rel").Press("tab")
	field("goto relate_scopes")
	d.Press("ctrl+u").Type("set tui.th").Press("tab")
	field("set tui.theme ")
	d.Press("tab")
	field("set tui.theme auto")
	d.Press("tab").Expect("set tui.theme light")
	field("set tui.theme dark")
	d.Press("shift+tab", "shift+tab")
	field("set tui.theme ascii")
	d.Press("ctrl+u").Type("set build.").Press("tab", "tab")
	field("set build.output_dir")
	d.Press("ctrl+u").Type("set workers").Press("tab") // a part of the key is enough
	field("set build.workers ")
	d.Press("ctrl+u").Type("set otel.headers ").Press("tab")
	field("set otel.headers ") // a secret is not completed
	d.Press("ctrl+u").Type("zzz").Press("tab")
	field("zzz")
	d.Press("ctrl+u", "tab", "shift+tab")
	for range 3 {
		d.Press("tab")
		checkFrame(t, d, 120, 40, "tab")
	}
}

// What is typed is not lost: not by esc, not by looking at the history.
func TestNothingTypedIsLost(t *testing.T) {
	d := newDriver(t, 120, 40, everyScreen(newRun().midway()))
	d.Press(":").Type("screen run").Press("enter")
	d.Press(":").Type("goto cpg_nodes").Press("enter")
	d.Press(":").Type("set build.wor").Press("esc").ExpectNot("Command").Press("3", ":").Expect(":set build.wor")
	d.Press("up").Expect(":goto cpg_nodes").Press("up").Expect(":screen run").Press("up", "down", "down").Expect(":set build.wor")
	d.Press("esc", ":", "ctrl+u").Paste("screen\nsetup").Press("enter").Expect("[1 Setup]")
	if want := []string{"screen run", "goto cpg_nodes", "screen setup"}; !slices.Equal(d.m.line.history, want) {
		t.Errorf("history %q", d.m.line.history)
	}
	d.Press(":").Expect(" : ") // what was done is no draft
}

// Lines of earlier programs come before those of this one; the store is bounded.
func TestHistoryIsKept(t *testing.T) {
	var mu sync.Mutex
	var saved []string
	var fail error
	opts := everyScreen(newRun().midway())
	opts.History = History{
		Load: func() ([]string, error) {
			return append(slices.Repeat([]string{"x"}, 500), "screen setup", "evil \x1b[2J"), nil
		},
		Save: func(lines []string) error {
			mu.Lock()
			defer mu.Unlock()
			saved = lines
			return fail
		},
	}
	d := newDriver(t, 120, 40, opts)
	d.until("reading the history", func() bool { return d.m.line.loaded })
	d.Press(":").Type("screen runs").Press("enter")
	d.until("saving", func() bool { mu.Lock(); defer mu.Unlock(); return saved != nil })
	if want := []string{"x", "screen setup", "evil ␛[2J", "screen runs"}; !slices.Equal(saved, want) {
		t.Errorf("saved %q", saved)
	}
	mu.Lock()
	fail = errors.New("disk is full")
	mu.Unlock()
	d.Press(":", "up", "up", "up").Expect(":screen setup").Press("enter").Expect("history of the command line was not saved: disk is full")

	var l lineState
	for i := range 3 * historyLimit {
		l.remember(strings.Repeat("a", i+1))
	}
	if len(l.history) != historyLimit {
		t.Errorf("%d lines are kept", len(l.history))
	}
}

// Viewers without settings are told why.
func TestCommandLineOfAWatcher(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().midway()})
	d.Press(":").Type("set build.workers 3").Press("enter").Expect("set: this viewer may not see the settings").Press("ctrl+u")
	d.Type("screen doctor").Press("enter").Expect("screen: the doctor checks settings, and this viewer has none")
}
