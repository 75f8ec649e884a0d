package pane

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/theme"
)

// failureLines is the text of the tab for a row of a state, without colours.
func failureLines(row runview.Row, f runview.Failure) string {
	d := document{theme: theme.New(theme.Options{ASCII: true, NoColor: true}), w: 70}
	failureText(&d, runview.Detail{Row: row}, &f)
	var out []string
	for _, s := range d.lines {
		if s = strings.TrimSpace(ansi.Strip(s)); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "|")
}

func TestFailureText(t *testing.T) {
	failed := runview.Row{ID: 3, Name: "sql", State: model.NodeFailed, Start: 1e9, End: 2e9}
	event := func(attrs ...model.Attr) *model.SpanEvent {
		return &model.SpanEvent{Name: model.EventException, Attrs: attrs}
	}
	full := runview.Failure{Origin: failed, Node: failed, Message: "read a: open b: no such file\nsee there", Plan: &model.PlanNode{Name: "sql", Source: "a.sql", Deps: []string{"x", "y"}},
		Exception: event(model.Attr{Key: model.AttrExceptionCauses, Value: []string{"open b: no such file", "no such file"}}, model.Attr{Key: "exception.stacktrace", Value: "main.f()\n\tf.go:1\x1b[2J"}),
		Inputs:    []runview.Row{{Name: "x", State: model.NodeSucceeded, Rows: 1200, Start: 1e9, End: 4e9}, {Name: "y", State: model.NodeCached, Rows: 5}},
		Blocked:   []string{"emit"}, Statement: "SELECT 1"}
	for _, tc := range []struct {
		name      string
		row       runview.Row
		f         runview.Failure
		want, not []string
	}{
		{"its own", failed, full, []string{"failed       x sql", "after 1.0s", "source       a.sql", "read a: open b: no such file|see there", "Because of|- open b|- no such file",
			"+ x        1,200 rows  made in 3.0s", "= y            5 rows  from the cache", "Not run because of it|emit", "Stack|main.f()|f.go:1", "SELECT 1"}, []string{"goes there", "\x1b"}},
		{"blocked", runview.Row{ID: 4, Name: "emit", State: model.NodeBlocked}, full, []string{"! emit did not run because of sql (enter goes there)", "Origin"}, nil},
		{"cancelled", runview.Row{ID: 4, Name: "late", State: model.NodeCancelled, Start: 5}, full, []string{"~ late did not run to its end because of sql"}, nil},
		{"below", runview.Row{ID: 1, Name: "extract", State: model.NodeSucceeded, Failed: 3}, full, []string{"extract is succeeded; below it 3 failed, this is the first"}, nil},
		{"nothing failed", runview.Row{ID: 1, Name: "a", State: model.NodeCancelled}, runview.Failure{}, []string{"the build was cancelled before this row began"}, []string{"Origin"}},
		{"without a plan", failed, runview.Failure{Origin: failed, Node: failed, Message: "broke", Plan: &model.PlanNode{Name: "sql"}, Exception: event(model.Attr{Key: "exception.type", Value: "ValueError"})},
			[]string{"broke|type         ValueError", "the plan does not come with the spans"}, []string{"Because of"}},
		{"without anything", failed, runview.Failure{Origin: failed, Node: failed, Message: "broke", Exception: event()}, []string{"broke"}, []string{"Because of", "type", "Inputs"}},
	} {
		got := failureLines(tc.row, tc.f)
		for _, want := range tc.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", tc.name, want, got)
			}
		}
		for _, not := range tc.not {
			if strings.Contains(got, not) {
				t.Errorf("%s: %q in\n%s", tc.name, not, got)
			}
		}
	}
}
