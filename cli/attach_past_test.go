package cli

import (
	"fmt"
	"testing"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/receiver"
	"github.com/buildscope/buildscope/tui"
)

// The builds that came before of the same service and repository are the timeline of
// a node; of them the good ones of the same profile tell what is usual.
func TestReceivedPast(t *testing.T) {
	s := receiver.NewSession(receiver.SessionOptions{})
	send := func(n byte, repository, profile string, took int64, status model.SpanStatus) {
		trace := model.TraceID{n}
		begin := int64(n) * 1e12
		span := func(id, parent byte, name string, end int64, attrs ...model.Attr) model.SpanRecord {
			r := model.SpanRecord{Trace: trace, ID: model.SpanID{id}, Name: name, Scope: model.ScopePipeline, Start: begin, End: begin + end, Sampled: true, Status: status, Attrs: attrs}
			if parent != 0 {
				r.Parent = model.SpanID{parent}
			}
			return r
		}
		text := func(key, value string) model.Attr { return model.Attr{Key: key, Value: value} }
		res := receiver.Resource{Service: "nightly", Instance: fmt.Sprint(n), Attrs: []model.Attr{text(attrRepository, repository), text(attrRevision, "0123456789"), text(attrDirty, "true")}}
		s.Take([]receiver.Group{{Resource: res, Spans: []model.SpanRecord{
			span(1, 0, model.SpanBuild, took, text(model.AttrRunID, fmt.Sprintf("run-%d", n)), text(model.AttrProfile, profile)),
			span(2, 1, "parse", took, text(model.AttrNodeName, "parse"), text(model.AttrRunID, fmt.Sprintf("run-%d", n))),
		}}}, 100)
	}
	for n, took := range []int64{400e6, 410e6, 405e6} {
		send(byte(n+1), "git@a", "ci", took, model.StatusOK)
	}
	send(4, "git@b", "ci", 9e9, model.StatusOK)
	send(5, "git@a", "ci", 5e9, model.StatusError)
	send(6, "git@a", "debug", 7e9, model.StatusOK)
	send(7, "git@a", "ci", 900e6, model.StatusOK)
	s.Close()
	past := receivedPast(s.Builds(), tui.PastQuery{RunID: "run-7", Profile: "ci", Node: "parse"})
	var got []string
	for _, r := range past.Runs {
		got = append(got, fmt.Sprintf("%s %s %v %s", r.RunID, r.State, r.Counts, r.Sources))
	}
	want := "[run-6 succeeded false 0123456+ run-5 failed false 0123456+ run-3 succeeded true 0123456+ run-2 succeeded true 0123456+ run-1 succeeded true 0123456+]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
	if past.MedianNS != 405e6 || past.Counted != 3 || past.Judge(900e6) != "slower" || past.Judge(406e6) != "usual" {
		t.Errorf("usually %d over %d runs", past.MedianNS, past.Counted)
	}
	for _, first := range []string{"run-1", "run-4", "nobody"} {
		if past := receivedPast(s.Builds(), tui.PastQuery{RunID: first, Profile: "ci", Node: "parse"}); len(past.Runs) != 0 || past.Empty == "" && first != "nobody" {
			t.Errorf("before %s: %+v", first, past)
		}
	}
}
