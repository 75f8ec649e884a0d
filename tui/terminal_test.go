package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// What the terminal shows outside of the screen follows the build.
func TestTerminalFollowsTheBuild(t *testing.T) {
	type outside struct {
		title    string
		bar      tea.ProgressBarState
		value    int
		state    tea.ProgramState
		message  string
		question bool
	}
	check := func(d *driver, want outside) {
		t.Helper()
		v := d.m.View()
		got := outside{title: v.WindowTitle}
		if v.ProgressBar != nil {
			got.bar, got.value = v.ProgressBar.State, v.ProgressBar.Value
		}
		if s := v.ProgramStatus; s != nil {
			got.state, got.message, got.question = s.State, s.Message, s.Kind == tea.ProgramStatusKindQuestion
			if s.HasProgress && s.Progress != got.value {
				t.Errorf("the status says %d%%, the bar %d%%", s.Progress, got.value)
			}
		}
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	check(newDriver(t, 120, 40, Options{Settings: newSettings(), Subject: "a\x1b]0;b"}), outside{title: "buildscope a␛]0;b"})

	unplanned := &scriptedRun{db: runview.New(runview.Options{}), done: make(chan struct{}), snap: model.RunSnapshot{State: model.RunRunning, Started: epoch}}
	check(newDriver(t, 120, 40, Options{Run: unplanned}), outside{title: "buildscope", bar: tea.ProgressBarIndeterminate, state: tea.ProgramStateWorking, message: "build running"})

	r := newRun().midway()
	d := newDriver(t, 120, 40, Options{Run: r, Subject: "requests", MayCancel: true}).Expect("▶1 running")
	check(d, outside{"buildscope requests 33%", tea.ProgressBarDefault, 33, tea.ProgramStateWorking, "build running", false})
	d.Press("q").Expect("Cancel the build and quit?")
	check(d, outside{"buildscope requests 33%", tea.ProgressBarDefault, 33, tea.ProgramStateBlocked, "Cancel the build and quit?", true})
	d.Press("n")
	r.node("extract_python", at(215), at(12400), 0, failing("no"))
	d.Expect("✘1 FAILED")
	check(d, outside{"buildscope requests 50%", tea.ProgressBarError, 50, tea.ProgramStateWorking, "build running, 1 node failed", false})
	r.mu.Lock()
	r.snap.Err = "extract_python: no\x1b[2J"
	r.mu.Unlock()
	r.end(model.RunFailed, at(13000))
	d.until("ending", func() bool { return d.m.live.done })
	check(d, outside{"buildscope requests failed", tea.ProgressBarNone, 0, tea.ProgramStateError, "build failed: extract_python: no␛[2J", false})

	d = newDriver(t, 120, 40, Options{Run: newRun().succeed(), Subject: "requests"}).Expect("succeeded")
	check(d, outside{"buildscope requests succeeded", tea.ProgressBarNone, 0, tea.ProgramStateDone, "build succeeded", false})
}
