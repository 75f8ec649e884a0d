package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
)

func TestRunFrames(t *testing.T) {
	for _, size := range sizes {
		name := fmt.Sprintf("%dx%d", size.w, size.h)
		t.Run("running "+name, func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Run: newRun().midway(), Subject: "requests"})
			d.Open("extract_python").Expect("▶1 running", "mod_5.py").Golden()
		})
		t.Run("failed "+name, func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Run: newRun().fail(), Subject: "requests"})
			d.Open("extract_python").Press("end", "r").ExpectSelected("relate_scopes").Golden()
		})
		t.Run("statistics "+name, func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Run: newRun().succeed(), Subject: "requests"})
			d.Press("g", "down", "enter", "j", "j").ExpectSelected("bstart").Golden()
		})
		t.Run("ascii "+name, func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Run: newRun().fail(), Subject: "requests"})
			d.send(tea.EnvMsg{"LC_ALL=C"})
			d.Press("g", "down", "right").Expect("sessions.py").Golden()
		})
		t.Run("finished "+name, func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Run: newRun().succeed(), Subject: "requests"})
			d.Press("down", "down", "down", "tab", "]", "]").Expect("HASH_JOIN").Golden()
		})
		t.Run("slowest operator "+name, func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Run: newRun().succeed(), Subject: "requests"})
			d.Press("down", "down", "down", "O").ExpectSelected("HASH_JOIN").Golden()
		})
		t.Run("slowest operator of the build "+name, func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Run: newRun().succeed(), Subject: "requests"})
			d.Press("g", "O").Expect("relate_scopes").ExpectSelected("HASH_JOIN")
		})
		t.Run("error "+name, func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Run: newRun().fail(), Subject: "requests"})
			d.Press("r", "enter").Expect("Error!", "Inputs of relate_scopes").Golden()
		})
	}
}

func TestEmptyRun(t *testing.T) {
	newDriver(t, 120, 40, Options{}).Expect("No build to watch.")
	newDriver(t, 120, 40, Options{Settings: newSettings()}).Press("2").Expect("No build yet.").Press("e").Expect("next error: there is no build yet")
}

// What the build does appears without a key.
func TestLiveUpdates(t *testing.T) {
	r := newRun()
	d := newDriver(t, 120, 40, Options{Run: r}).Expect("scan_repo", "pending")
	r.node("scan_repo", at(0), 0, 0)
	d.Expect("running")
	r.node("scan_repo", at(0), at(200), 1204)
	d.Expect("1.2k")
	r.end(model.RunSucceeded, at(300))
	d.Expect("build succeeded").until("resting", func() bool { return d.m.live.done })
}

// Rows that come in above the selected one do not move it on the screen.
func TestTheSelectionStaysOnItsLine(t *testing.T) {
	r := newRun().midway()
	d := newDriver(t, 120, 30, Options{Run: r}).Open("extract_python")
	d.Press("end", "up", "up").ExpectSelected("relate_scopes")
	line := selectedLine(d)
	for i := range 15 {
		r.file("extract_python", fmt.Sprintf("late_%02d.py", i), at(12300), at(12310))
	}
	d.Expect("late_14.py")
	d.ExpectSelected("relate_scopes")
	if got := selectedLine(d); got != line {
		t.Errorf("the selected row went from line %d to line %d", line, got)
	}
}

func selectedLine(d *driver) int {
	for i, line := range strings.Split(d.Screen(), "\n") {
		if strings.Contains(line, marked) {
			return i
		}
	}
	return -1
}

func TestFoldAndUnfold(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().midway()}).Open("extract_python").Expect("mod_0.py")
	d.Press("left").ExpectNot("mod_0.py").Expect("▸ ▶ extract_python")
	d.Press("right").Expect("mod_0.py").Press("right").ExpectSelected("mod_0.py").Press("left").ExpectSelected("extract_python")
	d.Press("o").ExpectNot("mod_0.py")
}

func TestFilter(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().fail()})
	d.Press("/").Type("status:failed").ExpectNot("scan_repo").Press("enter").Expect("hidden").Press("esc").Expect("scan_repo")
	d.Press("/").Type("mod_3").Press("esc").Expect("scan_repo") // esc takes the typed filter back
}

func TestErrorsAreFound(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().fail()})
	found := map[string]bool{}
	for range 2 {
		row, _ := d.Press("e").m.tree.Selected()
		first, _, _ := strings.Cut(row.Error, "\n")
		found[first] = true
	}
	if !found["invalid UTF-8 at byte 77"] || !found[`Binder Error: column "scope_id" not found`] {
		t.Errorf("found %v", found)
	}
	for row, _ := d.m.tree.Selected(); row.Error != "invalid UTF-8 at byte 77"; row, _ = d.m.tree.Selected() {
		d.Press("e")
	}
	d.ExpectSelected("session").Expect("invalid UTF-8 at byte 77", "extract_python > sessions.py", "pipeline/relate.go:12")
	d.Press("end").ExpectSelected("cpg_edges").Expect("blocked").Press("r").ExpectSelected("relate_scopes")
	d.Press("r").Expect("the failure began in this row")
	d.Press("g", "r").ExpectSelected("relate_scopes")          // from a row that did not fail: where the build did
	d.Open("extract").Press("r").ExpectSelected("sessions.py") // an ok row leads to what failed below it
}

// How an incremental model was computed stands beside its name, and whole on its page.
func TestComputed(t *testing.T) {
	r := newRun()
	d := newDriver(t, 120, 40, Options{Run: r}).Expect("scan_repo")
	r.node("scan_repo", at(0), at(10), 77)
	r.db.SetNode(model.NodeExecution{Name: "scan_repo", State: model.NodeSucceeded, Start: at(0), End: at(10), Rows: 77, Computed: "incremental: 7 new rows on 70"}, nil)
	d.Expect("scan_repo ◂ incremen").Press("]").Expect("computed     incremental: 7 new rows on 70")
}

func TestPause(t *testing.T) {
	r := newRun()
	d := newDriver(t, 120, 40, Options{Run: r}).Expect("scan_repo")
	d.Press("space").Expect("PAUSED: 0 updates are held back")
	r.node("scan_repo", at(0), 0, 0)
	r.node("scan_repo", at(0), at(10), 77)
	d.until("holding updates back", func() bool { return d.m.live.held >= 2 }).ExpectNot("77")
	d.Press("space").Expect("77").ExpectNot("PAUSED")
}

func TestCancelAsks(t *testing.T) {
	r := newRun().midway()
	r.onCancel = func() { r.end(model.RunCancelled, at(12500)) }
	d := newDriver(t, 120, 40, Options{Run: r, MayCancel: true})
	d.Press("c").Expect("Cancel the build?").Press("n").ExpectNot("Cancel the build?")
	if r.reason() != "" {
		t.Fatal("cancelled without consent")
	}
	d.Press("c", "y").Expect("build cancelled", "◌ extract_python").Press("c").Expect("no build is running")
	if !d.m.Result().Cancelled {
		t.Error("the result does not say so")
	}
}

func TestViewersOnlyWatch(t *testing.T) {
	r := newRun().midway()
	d := newDriver(t, 120, 40, Options{Run: r})
	d.Press("c").Expect("this viewer may only watch").Press("b").Expect("this viewer may only watch").Press("1").Expect("may not see the settings")
	d.Press("q").ExpectQuit()
	if r.reason() != "" {
		t.Error("a viewer who left cancelled the build")
	}
}

func TestQuitWaitsForTheBuild(t *testing.T) {
	r := newRun().midway()
	d := newDriver(t, 120, 40, Options{Run: r, MayCancel: true})
	d.Press("q").Expect("Cancel the build and quit?").Press("esc").ExpectNot("and quit?")
	d.Press("q", "y").Expect("The build is being cancelled")
	if d.quit {
		t.Error("did not wait for the build")
	}
	r.end(model.RunCancelled, at(12500))
	if res := d.ExpectQuit(); !res.Cancelled || res.Forced || res.Run != Run(r) {
		t.Errorf("result %+v", res)
	}
}

func TestCtrlCTwiceLeavesAtOnce(t *testing.T) {
	r := newRun().midway()
	d := newDriver(t, 120, 40, Options{Run: r, MayCancel: true})
	d.Press("ctrl+c").Expect("ctrl+c again to leave at once").Press("n").ExpectNot("again")
	d.Press("ctrl+c", "ctrl+c")
	if res := d.ExpectQuit(); !res.Forced || r.reason() == "" {
		t.Errorf("result %+v, reason %q", res, r.reason())
	}
}

func TestStartABuild(t *testing.T) {
	r := newRun()
	opts := Options{Settings: newSettings(), Launch: func(context.Context) (Run, error) { return r, nil }}
	d := newDriver(t, 120, 40, opts)
	d.Press("b").Expect("[2 Run]", "scan_repo").Press("b").Expect("a build is running")
	r.midway()
	d.Expect("▶ extract_python ◂ 47%")
	r.end(model.RunSucceeded, at(13000))
	d.Expect("build succeeded").Press("q")
	if res := d.ExpectQuit(); !res.Launched || res.Run != Run(r) || res.Cancelled {
		t.Errorf("result %+v", res)
	}
}

func TestABuildThatDoesNotStart(t *testing.T) {
	opts := Options{Settings: newSettings(), Launch: func(context.Context) (Run, error) {
		return nil, errors.New("otel.endpoint = x (form): must be a URL")
	}}
	d := newDriver(t, 120, 40, opts).Press("f5").Expect("The build did not start", "must be a URL")
	d.Press("enter").ExpectNot("did not start").Press("1").Expect("Settings")
}

// A build that is being started when the viewer leaves is cancelled, not lost.
func TestLeavingWhileABuildStarts(t *testing.T) {
	r, started, leave := newRun(), make(chan struct{}), make(chan struct{})
	opts := Options{Settings: newSettings(), Launch: func(context.Context) (Run, error) {
		close(started)
		<-leave
		return r, nil
	}}
	d := newDriver(t, 120, 40, opts).Press("b")
	<-started
	d.Press("ctrl+c")
	close(leave)
	if res := d.ExpectQuit(); res.Run != Run(r) || r.reason() == "" {
		t.Errorf("result %+v, reason %q", res, r.reason())
	}
}

func TestDetailsInTabs(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().succeed()})
	d.Press("down", "enter").Expect("[Stats]").Press("]").Expect("[Span]", "Reads every Python file.", "expected")
	d.Press("]").Expect("This row runs no SQL.").Press("]").Expect("mod_3.py does not parse", "WARN")
	d.Press("/").Type("reading").Press("enter").Expect("reading Python files").ExpectNot("does not parse")
	d.Press("esc").Expect("does not parse").Press("a").Expect("scanned the repository").Press("v", "v").ExpectNot("scanned the repository")
	d.Press("y").until("copying the log", func() bool { return strings.Contains(d.copied, "WARN extract_python mod_3.py does not parse") })
}

func TestCopyARow(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().succeed()})
	d.Press("y").ExpectCopied("scan_repo\t\tsucceeded\t0.210000s\t1204 rows\t")
	d.Press("Y").until("copying JSON", func() bool { return strings.Contains(d.copied, `"Name": "scan_repo"`) })
}

func TestZoomGivesOnePaneEverything(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().midway()})
	d.Press("z").ExpectNot("[Stats]").Press("z").Expect("[Stats]").Press("tab", "z").Expect("[Stats]").ExpectNot("0 to 20.0s")
}

func TestFollowGoesWithTheNewestNode(t *testing.T) {
	r := newRun()
	d := newDriver(t, 120, 40, Options{Run: r}).Expect("following")
	r.node("scan_repo", at(0), 0, 0)
	d.ExpectSelected("scan_repo")
	r.node("scan_repo", at(0), at(200), 5)
	r.node("extract_python", at(215), 0, 0)
	d.ExpectSelected("extract_python").Press("up").ExpectSelected("scan_repo").ExpectNot("following")
	d.Press("f").Expect("following").ExpectSelected("extract_python")
}

func TestMouse(t *testing.T) {
	s := newSettings()
	s.find("tui.mouse").Text = "true"
	d := newDriver(t, 120, 40, Options{Settings: s, Run: newRun().midway()})
	if d.m.View().MouseMode != tea.MouseModeCellMotion {
		t.Error("the setting tui.mouse has no effect")
	}
	d.send(tea.MouseClickMsg{X: 5, Y: 5, Button: tea.MouseLeft})
	d.ExpectSelected("extract_python")
	row, _ := d.m.tree.Selected()
	d.send(tea.MouseWheelMsg{X: 5, Y: 5, Button: tea.MouseWheelDown})
	if after, _ := d.m.tree.Selected(); after.ID == row.ID {
		t.Error("the wheel does nothing")
	}
	d.Press("m").Expect("selects text again")
	if d.m.View().MouseMode != tea.MouseModeNone {
		t.Error("m does not give the mouse back")
	}
}

// One frame in true colour for each background, so that a change of the palette
// or of what is painted is seen.
func TestFramesInColour(t *testing.T) {
	for name, background := range map[string]uint8{"dark": 0, "light": 255} {
		t.Run(name, func(t *testing.T) {
			d := newDriver(t, 80, 24, Options{Run: newRun().fail(), Subject: "requests", Color: "always"})
			d.send(backgroundOf(background))
			d.Press("g", "down", "right").Expect("sessions.py").GoldenColours()
		})
	}
}

// A build that fails takes a viewer who did not move anything to where it began,
// and enter shows the whole message.
func TestAFailureIsShownByItself(t *testing.T) {
	r := newRun()
	d := newDriver(t, 80, 24, Options{Run: r}).Expect("following")
	r.fail()
	d.Expect("build failed").ExpectSelected("relate_scopes").Press("enter").Expect("Binder Error: column", "LINE 3")

	r = newRun()
	d = newDriver(t, 80, 24, Options{Run: r}).Press("down", "up").ExpectNot("following")
	r.fail()
	d.Expect("build failed").ExpectSelected("scan_repo") // whoever looks at something else is left alone
	d.Press("r").ExpectSelected("relate_scopes")
}

// A question about a build goes away with it.
func TestAQuestionEndsWithTheBuild(t *testing.T) {
	r := newRun().midway()
	d := newDriver(t, 120, 40, Options{Run: r, MayCancel: true})
	d.Press("c").Expect("Cancel the build?")
	r.end(model.RunSucceeded, at(13000))
	d.Expect("build succeeded").ExpectNot("Cancel the build?")
	if r.reason() != "" {
		t.Error("cancelled")
	}
}

func TestSearchTheDetails(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().succeed()})
	d.Press("g", "down", "down", "down", "enter", "]", "]").Expect("HASH_JOIN")
	d.Press("/").Type("join").Press("enter").ExpectSelected("JOIN py_bindings").Press("n").ExpectSelected("HASH_JOIN").Press("N").ExpectSelected("JOIN py_bindings")
	d.Press("/").Type("zebra").Press("enter").Expect("not found: ").Press("esc").ExpectNot("search: ")
}

// The details go from row to row without a way back to the tree.
func TestDetailsOfTheNextRow(t *testing.T) {
	d := newDriver(t, 80, 24, Options{Run: newRun().succeed()})
	d.Press("g", "enter").Expect("scan_repo  [Stats]").Press("J").Expect("extract_python  [Stats]").Press("J", "K", "K").Expect("scan_repo  [Stats]")
}

// The clock does not tick where nobody sees it.
func TestTheClockTicksOnlyWhereItShows(t *testing.T) {
	d := newDriver(t, 80, 20, withBundles(Options{Settings: newSettings(), Run: newRun().midway()}, newBundle()))
	ticks := func() bool { return d.m.live.ticking }
	d.until("ticking", ticks)
	d.Press("3") // without a title line nothing of the run shows there
	d.until("the last tick", func() bool { return !ticks() })
	d.Press("2")
	d.until("ticking again", ticks)
}

// The refresh rate is a setting, and bounds how often a running build is drawn.
func TestRefreshRate(t *testing.T) {
	s := newSettings()
	d := newDriver(t, 120, 40, Options{Settings: s, Run: newRun().midway()})
	if d.m.look.refresh != 100*time.Millisecond {
		t.Errorf("a frame every %s", d.m.look.refresh)
	}
	d.Press("1", "/").Type("refresh").Press("enter", "enter", "backspace", "backspace").Type("2").Press("enter").Expect("2, set here")
	if d.m.look.refresh != 500*time.Millisecond {
		t.Errorf("a frame every %s after the change", d.m.look.refresh)
	}
}

// The key m holds until the setting changes.
func TestTheMouseKeyOutlivesOtherEdits(t *testing.T) {
	s := newSettings()
	d := newDriver(t, 120, 40, Options{Settings: s}).Press("m")
	d.Press("/").Type("workers").Press("enter", "enter", "backspace").Type("4").Press("enter")
	if d.m.View().MouseMode != tea.MouseModeCellMotion {
		t.Error("an edit of something else took the mouse away")
	}
	d.Press("esc", "/").Type("tui.mouse").Press("enter", "space", "space").Expect("false, set here")
	if d.m.View().MouseMode != tea.MouseModeNone {
		t.Error("the setting has no effect after the key")
	}
}

// In a large run a filter takes a while. Until its rows are known those of before
// stay, and they come without a key, also after the end of the run.
func TestFilterALargeRun(t *testing.T) {
	r := newRun().midway()
	r.db.Apply(manySpans(r, 0, 300_000))
	r.end(model.RunSucceeded, at(14000))
	d := newDriver(t, 120, 40, Options{Run: r})
	d.Press("g", "down", "/").Type("mod_4").Press("enter").Expect("requests/mod_4.py", "hidden 300,0")
	d.until("finding", func() bool { return !d.m.tree.Pending() && !strings.Contains(d.Screen(), "looking") }).ExpectNot("mod_5.py")
	d.Press("esc").Expect("scan_repo").Press("s").Expect("ordered by time", "time↓")
	d.until("ordering", func() bool { return !d.m.tree.Pending() }).Expect("extract_python")
}

// What several exporters sent and lost is never cut: where there is no room for each, it
// is told as one.
func TestExportCountsFit(t *testing.T) {
	r := newRun().fail()
	r.mu.Lock()
	r.snap.Exports = []model.ExportCounts{
		{Signal: model.SignalTraces, Exporter: "otlp grpc", Sent: 8120, Created: 8200, Failed: 80},
		{Signal: model.SignalMetrics, Exporter: "otlp grpc", Sent: 400, Created: 400},
		{Signal: model.SignalLogs, Exporter: "otlp http/protobuf", Sent: 1480, Created: 1500, Dropped: 20},
	}
	r.mu.Unlock()
	newDriver(t, 80, 24, Options{Run: r}).Expect("10k sent 100 lost").ExpectNot("otlp")
	newDriver(t, 200, 60, Options{Run: r}).Expect("otlp grpc 8.1k sent 80 lost  otlp grpc 400 sent  otlp http/protobuf 1.5k sent 20 lost")
}
