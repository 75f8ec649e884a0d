package build

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unsafe"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/presets"
)

// beforeSetBack is now as the clock would have told it before it was set back: only the
// wall time is later, the monotonic one is that of now. It sets the seconds in the
// layout that package time gives a Time, see there.
func beforeSetBack(by time.Duration) time.Time {
	t := time.Now()
	*(*uint64)(unsafe.Pointer(&t)) += uint64(by/time.Second) << 30
	return t
}

// The clock is set back by an hour just after a build has started, and by more before
// the next one: nothing takes a negative time or an hour, all that is told lies between
// start and end, and the next run is the newest one.
func TestClockIsSetBack(t *testing.T) {
	if ahead := beforeSetBack(time.Hour); time.Since(ahead) > time.Minute || ahead.Round(0).Sub(time.Now().Round(0)) < 59*time.Minute {
		t.Fatalf("the layout of a Time has changed: %s", ahead)
	}
	defer func() { startClock = time.Now }()
	startClock = func() time.Time { return beforeSetBack(time.Hour) }
	progress := 0
	dir := t.TempDir()
	res, err := presets.Resolve(presets.Input{Dir: dir, Flags: []presets.FlagValue{{Name: "repo-root", Text: dir}, {Name: "diagnostics-profile", Text: "debug"}, {Name: "otel-exporter", Text: "none"}}})
	if err != nil {
		t.Fatal(err)
	}
	nodes := func(model.BuildSettings) ([]*pipeline.Node, error) {
		return []*pipeline.Node{
			pipeline.SQL(pipeline.Spec{Name: "numbers", Publish: true}, "SELECT range AS n FROM range(1000)", "numbers.sql"),
			pipeline.Func(pipeline.Spec{Name: "shards"}, func(ctx context.Context, task *pipeline.Task, _ struct{ Numbers pipeline.Table }) (int, error) {
				_, end := task.Span(ctx, "shard")
				time.Sleep(2 * time.Millisecond)
				end(nil)
				task.Logger().InfoContext(ctx, "half way")
				task.Progress(1, 2, "halves")
				return 1, nil
			}),
		}, nil
	}
	build := func() *bundle.Bundle {
		t.Helper()
		r, err := Start(t.Context(), Options{Resolved: res, Version: "test", Pipeline: "test", Nodes: nodes, Hooks: []pipeline.Hook{progressHook{n: &progress}}})
		if err != nil {
			t.Fatal(err)
		}
		snap, err := r.Wait(t.Context())
		if err != nil || snap.State != model.RunSucceeded {
			t.Fatalf("%+v, %v", snap, err)
		}
		if took := snap.Ended.Round(0).Sub(snap.Started.Round(0)); took < 0 || took > time.Minute {
			t.Errorf("the build took %s", took)
		}
		b, err := bundle.Find(res.Settings.Build.WorkDir, "latest")
		if err != nil {
			t.Fatal(err)
		}
		if b.RunID != snap.RunID {
			t.Errorf("latest is %s, not %s", b.RunID, snap.RunID)
		}
		return b
	}
	b := build()
	within := func(what string, ns int64) {
		t.Helper()
		if ns < b.Started.UnixNano() || ns > b.Ended.Add(time.Second).UnixNano() {
			t.Errorf("%s is at %s, and the run is from %s to %s", what, time.Unix(0, ns).UTC(), b.Started, b.Ended)
		}
	}
	var exec model.PlanExecutionPayload
	if err := b.Payload(model.ArtifactExecution, &exec); err != nil || len(exec.Nodes) != 2 {
		t.Fatal(exec, err)
	}
	for _, n := range exec.Nodes {
		within(n.Name+" ready", n.Ready)
		within(n.Name+" start", n.Start)
		within(n.Name+" end", n.End)
	}
	spans := 0
	if err := bundle.ReadSpans(t.Context(), filepath.Join(b.Dir, bundle.SpansFile), func(recs []model.SpanRecord) {
		for _, r := range recs {
			spans++
			within("span "+r.Name, r.Start)
			within("span "+r.Name+" end", r.End)
		}
	}); err != nil || spans < 4 {
		t.Errorf("%d spans, %v", spans, err)
	}
	events, err := b.Events()
	if err != nil || len(events) < 5 {
		t.Errorf("%d events, %v", len(events), err)
	}
	for _, e := range events {
		at, err := time.Parse(time.RFC3339Nano, e["time"].(string))
		if err != nil {
			t.Error(err)
		}
		within(e["event"].(string), at.UnixNano())
	}
	if progress == 0 {
		t.Error("no progress was told")
	}
	// The next process has a clock that tells less, and a folder beside the runs no matter.
	if err := os.Rename(b.Dir, filepath.Join(filepath.Dir(b.Dir), "ffffffff-b2f0-7b5d-a541-945079983f63")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(filepath.Dir(b.Dir), "zzz"), 0o755); err != nil {
		t.Fatal(err)
	}
	id, err := newID(res.Settings.Build.WorkDir)
	if err != nil || id[:13] != "ffffffff-b2f1" {
		t.Errorf("%s, %v", id, err)
	}
}

type progressHook struct {
	pipeline.NoHook
	n *int
}

func (h progressHook) Progress(context.Context, *pipeline.NodeRun, pipeline.Progress) { *h.n++ }
