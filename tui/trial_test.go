package tui

import (
	"context"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// The setting under the cursor is tried out; what was found stands in the help
// until the cursor moves, which breaks a check off that still runs.
func TestASettingIsTriedOut(t *testing.T) {
	started, stopped := make(chan struct{}), make(chan struct{})
	check := func(key string) (func(context.Context) []Check, bool) {
		switch key {
		case "otel.endpoint":
			return func(context.Context) []Check {
				return []Check{{Word: "fail", Text: "D03 nothing listens there; start the collector"}}
			}, true
		case "otel.headers":
			return func(ctx context.Context) []Check {
				close(started)
				<-ctx.Done()
				close(stopped)
				return []Check{{Word: "ok", Text: "never shown"}}
			}, true
		}
		return nil, false
	}
	d := newDriver(t, 120, 40, Options{Settings: newSettings(), Check: check})
	d.Press("/").Type("endpoint").Press("enter").Expect("D03 nothing listens there")
	if !strings.Contains(d.Screen(), "fail") {
		t.Error("the result has no word")
	}
	d.Press("esc", "/").Type("headers").Press("enter").Expect("checking")
	<-started
	d.Press("esc", "/").Type("workers").Press("enter").Expect("build.workers")
	<-stopped
	if strings.Contains(d.Screen(), "D03") || strings.Contains(d.Screen(), "never shown") {
		t.Errorf("an old result is on the screen:\n%s", d.Screen())
	}
}

// Every count of every exporter is in the box, and it moves with the run.
func TestTelemetryBox(t *testing.T) {
	run := newRun().fail()
	run.snap.Exports = []model.ExportCounts{
		{Signal: "traces", Exporter: "otlp", Endpoint: "http://collector:4317", Created: 20, Sent: 9, SampledOut: 1, Rejected: 2, Failed: 4, Dropped: 3, Lost: 1, FailedBy: map[string]int64{"http 503": 4},
			LastError: "overloaded\x1b[31m", Message: "quota", ExportCalls: 3},
		{Signal: "logs", Exporter: "otlp", Endpoint: "http://collector:4317", Created: 5, Sent: 5},
	}
	d := newDriver(t, 100, 34, Options{Run: run})
	d.Press("x").Expect("10 did not arrive", "created 20, sent 9, sampled out 1, rejected 2, failed 4", "dropped by a full queue 3, lost", "at the end 1; http 503: 4", "the receiver says: quota", "last error: overloaded", "all arrived")
	if strings.Contains(d.m.View().Content, "\x1b[31m") {
		t.Error("an escape sequence came through")
	}
	d.Press("x")
	if strings.Contains(d.Screen(), "did not arrive") {
		t.Error("the box stays open")
	}
}
