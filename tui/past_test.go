package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
)

// withHistory gives five runs, newest first: 5 succeeded, 4 failed, 3 is
// incomplete, 2 and 1 succeeded.
func withHistory(compare func(a, b string) ([]string, error)) Options {
	opts := withBundles(Options{Settings: newSettings(), Subject: "requests"}, newBundle())
	opts.Bundles = func(context.Context) ([]BundleInfo, error) {
		var out []BundleInfo
		for i, state := range []model.RunState{model.RunSucceeded, model.RunFailed, model.RunIncomplete, model.RunSucceeded, model.RunSucceeded} {
			start := epoch.Add(-time.Duration(i) * time.Hour)
			b := BundleInfo{RunID: fmt.Sprintf("0195f0c%d-6c1e-7000-8000-000000000001", 5-i), State: state, Started: start, Ended: start.Add(time.Duration(12-2*i) * time.Second), Profile: []string{"dev", "debug"}[i%2], Sources: []string{"0a1b2c3", "0a1b2c3+", "", "77fe012", ""}[i]}
			switch state {
			case model.RunFailed:
				b.Error = "node parse: \x1b[31munexpected indent"
			case model.RunIncomplete:
				b.Ended = time.Time{}
			}
			out = append(out, b)
		}
		return out, nil
	}
	if compare != nil {
		opts.Compare = func(_ context.Context, a, b string) ([]string, error) { return compare(a, b) }
	}
	return opts
}

func TestRunsFrames(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("history %dx%d", size.w, size.h), func(t *testing.T) {
			d := newDriver(t, size.w, size.h, withHistory(nil)).Press("4").Expect("5 runs")
			d.Press("tab").Expect("no setting changed").Press("shift+tab").Golden()
		})
		t.Run(fmt.Sprintf("comparison %dx%d", size.w, size.h), func(t *testing.T) {
			newDriver(t, size.w, size.h, withHistory(nil)).Press("4").Expect("5 runs").Press("tab").Expect("no setting changed").Golden()
		})
	}
}

// Without a mark a run is compared with the last successful one before it; with
// one, the marked and the selected run are, the older one as A.
func TestWhichRunsAreCompared(t *testing.T) {
	d := newDriver(t, 120, 40, withHistory(nil)).Press("4")
	d.Expect("B 0195f0c5-6c1e", "A 0195f0c2-6c1e")
	d.Press("down").Expect("B 0195f0c4-6c1e", "A 0195f0c2-6c1e", "5 runs: node parse: ␛[31munexpected")
	d.Press("space").Expect("1 marked").Press("end").Expect("B 0195f0c4-6c1e", "A 0195f0c1-6c1e")
	d.Press("g").Expect("B 0195f0c5-6c1e", "A 0195f0c4-6c1e")
	d.Press("down", "space").ExpectNot("1 marked")
	d.Press("end").Expect("No run before this one succeeded")
}

func TestFilterTheRuns(t *testing.T) {
	d := newDriver(t, 120, 40, withHistory(nil)).Press("4").Expect("5 runs", "▃▅█  4.0s to 12.0s", "0a1b2c3+")
	d.Press("/").Type("state:succ !profile:debug").Press("enter").Expect("2 runs with state:succ !profile:debug, 3 hidden").ExpectNot("debug ")
	d.Press("end").Expect("No run before").Press("g").Expect("B 0195f0c5-6c1e", "A 0195f0c2-6c1e") // that one is hidden, and is still the last good one
	d.Press("esc").Expect("5 runs")
	for _, tc := range []struct{ filter, want string }{
		{"commit:0a1b", "2 runs with"}, {"COMMIT:77fe0123456789", "1 run with"}, {"0195f0c4", "1 run with"}, {"unexpected", "1 run with"}, {"zebra", "No run matches the filter zebra"},
	} {
		d.Press("/").Type(tc.filter).Press("enter").Expect(tc.want).Press("esc").ExpectNot("hidden")
	}
	d.Press("/").Type("state:sleepy").Expect("state:sleepy: must be one of").Press("esc")
	d.Press("/").Type("x:y").Expect("x: no such key; there are commit, profile, state").Press("esc").Expect("5 runs")
}

func TestOpenAnEarlierRun(t *testing.T) {
	d := newDriver(t, 120, 40, withHistory(nil)).Press("4").Expect("5 runs")
	d.Press("down", "enter").Expect("[3 Artifacts]", "Build 0195f0c2")
	d.until("the bundle of the selected run", func() bool { return strings.HasPrefix(d.m.shelf.runID, "0195f0c4") })
	d.Press("4").ExpectSelected("failed")
}

// While a comparison is being made no other one begins; the one that is wanted by
// then follows.
func TestOneComparisonAtATime(t *testing.T) {
	gate := make(chan struct{})
	var made, at atomic.Int32
	d := newDriver(t, 120, 40, withHistory(func(a, b string) ([]string, error) {
		if at.Add(1) > 1 {
			t.Error("two comparisons at a time")
		}
		defer at.Add(-1)
		made.Add(1)
		<-gate
		return []string{"compared " + b}, nil
	})).Press("4").Expect("5 runs")
	d.Press("down", "down", "down")
	close(gate)
	d.Expect("compared 0195f0c2")
	if n := made.Load(); n != 2 {
		t.Errorf("%d comparisons were made", n)
	}
}

// Who left the list at the newest run finds it at the newest one; elsewhere the
// cursor stays with its run.
func TestANewRunIsFoundAtTheTop(t *testing.T) {
	opts, more := withHistory(nil), new(atomic.Bool)
	old := opts.Bundles
	opts.Bundles = func(ctx context.Context) ([]BundleInfo, error) {
		list, err := old(ctx)
		if more.Load() {
			list = append([]BundleInfo{{RunID: "0195f0d0-6c1e-7000-8000-000000000001", State: model.RunSucceeded, Started: epoch, Ended: epoch.Add(time.Second), Profile: "dev", Sources: "c0ffee1"}}, list...)
		}
		return list, err
	}
	d := newDriver(t, 80, 24, opts).Press("4").Expect("5 runs").ExpectSelected("0a1b2c3 ")
	d.until("the first bundle is open", func() bool { return d.m.shelf.bundle != nil })
	more.Store(true)
	d.Press("1", "4").Expect("6 runs").ExpectSelected("c0ffee1").Expect("from A 0a1b2c3 to B c0ffee1")
	d.Press("down", "down").ExpectSelected("failed").Press("1", "4").Expect("6 runs").ExpectSelected("failed")
}

// Who comes to the runs while a bundle is still being opened sees the runs that there
// are by then.
func TestTheRunsAreListedWhileABundleOpens(t *testing.T) {
	opts, more, opened := withHistory(nil), new(atomic.Bool), make(chan struct{})
	list, open := opts.Bundles, opts.Open
	opts.Bundles = func(ctx context.Context) ([]BundleInfo, error) {
		runs, err := list(ctx)
		if more.Load() {
			runs = append([]BundleInfo{{RunID: "0195f0d0-6c1e-7000-8000-000000000001", State: model.RunSucceeded, Started: epoch, Ended: epoch.Add(time.Second), Profile: "dev", Sources: "c0ffee1"}}, runs...)
		}
		return runs, err
	}
	opts.Open = func(ctx context.Context, id string) (Bundle, error) {
		<-opened
		return open(ctx, id)
	}
	d := newDriver(t, 80, 24, opts)
	d.until("a bundle is being opened", func() bool { return d.m.shelf.opening != "" })
	more.Store(true)
	d.Press("4").Expect("6 runs").ExpectSelected("c0ffee1").Expect("from A 0a1b2c3 to B c0ffee1")
	close(opened)
	d.until("the bundle is open", func() bool { return d.m.shelf.bundle != nil })
}

func TestComparisonThatFails(t *testing.T) {
	d := newDriver(t, 120, 40, withHistory(func(string, string) ([]string, error) { return nil, errors.New("disk on fire") })).Press("4")
	d.Expect("cannot be compared: disk on fire")
}

func TestNoRunsScreen(t *testing.T) {
	newDriver(t, 120, 40, Options{Settings: newSettings()}).Press("4").Expect("no earlier runs are available to this viewer")
}
