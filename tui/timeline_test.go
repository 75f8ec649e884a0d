package tui

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
)

// withPast gives relate_scopes six earlier runs.
func withPast(past func(context.Context, PastQuery) (NodePast, error)) Options {
	return Options{Run: newRun().succeed(), Subject: "requests", Past: past}
}

func sixRuns(_ context.Context, q PastQuery) (NodePast, error) {
	p := NodePast{MedianNS: 400e6, MarginNS: 40e6, Counted: 4, Workers: 2, Judge: func(took int64) string {
		return map[bool]string{true: "slower", false: "usual"}[took > 440e6]
	}}
	for i, took := range []int64{410e6, 395e6, 0, 600e6, 2e9, 400e6} {
		n := PastNode{RunID: fmt.Sprint(i), Started: epoch.Add(-time.Duration(i+1) * time.Hour), State: model.NodeSucceeded, TookNS: took, Rows: 98_000 + int64(i), Profile: "debug", Sources: "0a1b2c3", Counts: i != 2 && i != 4}
		if i == 2 {
			n.State = model.NodeCached
		}
		if i == 4 {
			n.Profile = "prod"
		}
		p.Runs = append(p.Runs, n)
	}
	if q.Node != "relate_scopes" {
		p = NodePast{Workers: 2, Runs: p.Runs[:1], Counted: 1}
	}
	return p, nil
}

func TestTimelineFrames(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			d := newDriver(t, size.w, size.h, withPast(sixRuns))
			d.Press("down", "down", "down", "tab", "[").Expect("usually 400ms ± 40ms", "this run").Press("j").Expect("2 of 6 earlier runs").Golden()
		})
	}
}

func TestTimeline(t *testing.T) {
	d := newDriver(t, 120, 40, withPast(sixRuns)).Press("down", "down", "down", "tab", "[").Expect("890ms", "slower", "cached", "other")
	d.Press("K").Expect("too few runs like this one: 1 of 3")
	newDriver(t, 120, 40, Options{Run: newRun().succeed()}).Press("tab", "[").Expect("Earlier runs are not known here")
	newDriver(t, 120, 40, withPast(func(context.Context, PastQuery) (NodePast, error) { return NodePast{}, errors.New("disk on fire") })).Press("tab", "[").Expect("cannot be read: disk on fire")
	newDriver(t, 120, 40, withPast(func(context.Context, PastQuery) (NodePast, error) { return NodePast{}, nil })).Press("tab", "[").Expect("No earlier run of this repository had the node")
	newDriver(t, 120, 40, withPast(sixRuns)).Open("extract_python").Press("j", "tab", "[").Expect("this row is a span")
}

// A timeline is read beside the screen and given up when its tab is left; what comes
// late for a tab that was left is not shown.
func TestATimelineThatIsLeftIsGivenUp(t *testing.T) {
	begun, ended := make(chan PastQuery, 9), make(chan string, 9)
	gate := make(chan struct{})
	d := newDriver(t, 120, 40, withPast(func(ctx context.Context, q PastQuery) (NodePast, error) {
		begun <- q
		select {
		case <-ctx.Done():
			ended <- q.Node
			return NodePast{}, ctx.Err()
		case <-gate:
			return sixRuns(ctx, q)
		}
	}))
	d.Press("g", "tab", "[").Expect("Reading earlier runs.")
	if q := <-begun; q.Node != "scan_repo" || q.Workers != 2 || q.Profile != "debug" || q.RepoRoot != "/src/requests" || q.RunID == "" {
		t.Errorf("asked for %+v", q)
	}
	d.Press("]") // the first tab: away from the timeline
	if got := <-ended; got != "scan_repo" {
		t.Errorf("%s was given up", got)
	}
	d.Press("[", "J", "J", "J").Expect("Reading earlier runs.")
	asked := map[string]bool{}
	for range 4 {
		asked[(<-begun).Node] = true
	}
	if !asked["relate_scopes"] || len(asked) != 4 {
		t.Errorf("asked for %v", asked)
	}
	close(gate)
	d.Expect("usually 400ms").ExpectNot("context canceled")
}

// enter opens the run of the selected row of a timeline, once the past has been read.
func TestOpenARunOfTheTimeline(t *testing.T) {
	gate := make(chan struct{})
	past := withPast(func(ctx context.Context, q PastQuery) (NodePast, error) {
		select {
		case <-ctx.Done():
			return NodePast{}, ctx.Err()
		case <-gate:
			return sixRuns(ctx, q)
		}
	})
	d := newDriver(t, 120, 40, withBundles(past, newBundle())).Press("down", "down", "down", "tab", "[").Expect("Reading earlier runs.")
	d.Press("enter").Expect("[2 Run]", "no earlier run is listed")
	close(gate)
	d.Expect("1 of 6 earlier runs", "enter open run").Press("j", "j", "enter").Expect("[3 Artifacts]")
	d.until("the bundle of the third run", func() bool { return d.m.shelf.runID == "2" })
	d.Press("2").Expect("3 of 6 earlier runs").Press("[").ExpectNot("enter open run").Press("enter").Expect("neither the tab Error nor Timeline is in front")

	newDriver(t, 120, 40, withPast(sixRuns)).Press("tab", "[").Expect("1 of 1 earlier runs").Press("enter").Expect("no bundles are available to this viewer")
}

// The tab SQL says whether the engine ran the node as in the run before.
func TestThePlanBefore(t *testing.T) {
	plan := func(joins bool) func(context.Context, PastQuery) (NodePast, error) {
		return func(_ context.Context, q PastQuery) (NodePast, error) {
			if !q.Plan || q.Node != "relate_scopes" {
				return NodePast{}, fmt.Errorf("%+v was asked for", q)
			}
			table := func(name string, rows int64) model.Operator {
				return model.Operator{Name: "READ_PARQUET", Rows: rows, Extra: map[string]string{"Table": name}}
			}
			kids := []model.Operator{{Name: "FILTER", Children: []model.Operator{table("py_refs", 600_000)}}, table("py_bindings", 50_000)}
			if joins {
				kids[0], kids[1] = kids[1], kids[0]
			}
			return NodePast{Before: PastPlan{RunID: "0195f0c1-aaaa", Profile: &model.QueryProfile{SQL: scriptPlan.Nodes[3].SQL,
				Root: []model.Operator{{Name: "HASH_JOIN", Children: kids}}}}}, nil
		}
	}
	open := func(past func(context.Context, PastQuery) (NodePast, error)) *driver {
		return newDriver(t, 200, 60, withPast(past)).Press("down", "down", "down", "tab", "]", "]").Expect("py_refs JOIN py_bindings")
	}
	open(plan(false)).Expect("as in run 0195f0c1").ExpectNot("not as in run")
	open(plan(true)).Expect("not as in run 0195f0c1: the sides of a join have changed places", "before py_bindings JOIN py_refs", "py_bindings gave 120,034 rows")
	open(func(context.Context, PastQuery) (NodePast, error) { return NodePast{}, nil }).Expect("no earlier run has one to compare it with")
	open(func(context.Context, PastQuery) (NodePast, error) { return NodePast{}, errors.New("disk on fire") }).Expect("earlier runs cannot be read: disk on fire")
	// Another node has another plan, and the timeline is read anew.
	d := open(plan(true)).Press("shift+tab", "down").ExpectNot("not as in run")
	d.Press("up").Expect("not as in run")
	d.Press("down").ExpectNot("not as in run").Press("up").Expect("not as in run") // also one that was read
}
