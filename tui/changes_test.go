package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// withArtifacts gives the five runs of withHistory artifacts of their own.
func withArtifacts() Options {
	opts := withHistory(nil)
	opts.Open = func(_ context.Context, runID string) (Bundle, error) {
		b := newBundle()
		n := int(runID[7] - '0') // 1 to 5
		b.artifacts["plan_execution_v1"] = fmt.Sprintf(`{"name": "plan_execution_v1", "version": 1, "run_id": %q, "created_at": "2026-03-1%dT09:26:53Z",
			"payload": {"workers": 2, "nodes": [{"name": "scan_repo", "rows": %d, "dir": "/out/%s/x"}, {"name": "extract_%d", "rows": 7}]}}`, runID, n, 1000*n, runID, n)
		if n == 4 {
			delete(b.artifacts, "plan_execution_v1")
		}
		return b, nil
	}
	return opts
}

func toExecution(d *driver) *driver {
	d.Press("3").Expect("plan_execution_v1").until("the newest run", func() bool { return strings.HasPrefix(d.m.shelf.runID, "0195f0c5") })
	return d.Press("/").Type("execution").Press("enter").ExpectSelected("plan_execution_v1")
}

func TestChangesFrames(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			d := toExecution(newDriver(t, size.w, size.h, withArtifacts())).Press("d")
			if size.w < 100 {
				d.Press("tab")
			} else {
				d.Press("tab").Expect("A 0195f0c2-6c1e, B 0195f0c5-6c1e")
			}
			d.Expect("1 of 6 differences").Press("j", "j").Expect("3 of 6").Golden()
		})
	}
}

// An artifact is compared with the last good run before, with the marked one, or with
// any that is chosen; the older one is A.
func TestCompareArtifacts(t *testing.T) {
	d := toExecution(newDriver(t, 120, 40, withArtifacts()))
	d.Press("d").Expect("A 0195f0c2-6c1e, B 0195f0c5-6c1e", "[scan_repo].rows", "2000", "5000", "6 differences").ExpectNot(".workers")
	d.Press("tab", "x").Expect("3 differences beside ids and times").ExpectNot("created_at")
	d.Press("/").Type("repo].rows").Press("enter").ExpectSelected("[scan_repo].rows").Expect("+3000, +150.0 %")
	d.Press("y").until("copying a change", func() bool { return d.copied == "changed\t.payload.nodes[scan_repo].rows\t2000\t5000" })
	d.Press("Y").until("copying all", func() bool {
		return strings.HasPrefix(d.copied, `[{"op":"removed","path":".payload.nodes[extract_2]","a":{"name":"extract_2"`)
	})
	d.Press("esc", "esc", "D").Expect("Compare with run", "0195f0c4").Press("end", "enter").Expect("A 0195f0c1-6c1e, B 0195f0c5-6c1e", "+4000, +400.0 %")
	d.Press("D", "home", "enter").Expect("cannot be compared: run 0195f0c4")
	d.Press("d").Expect("payload: {2}").ExpectNot("differences")

	d = newDriver(t, 120, 40, withArtifacts()).Press("4").Expect("5 runs").Press("end", "space")
	toExecution(d).Press("d").Expect("A 0195f0c1-6c1e, B 0195f0c5-6c1e")
	d.Press("esc", "g").ExpectSelected("report").Press("d").Expect("only artifacts are compared")
}

// The newest good run before the open one is the other; the next one after it, where
// there is none before.
func TestWhichRunIsTheOther(t *testing.T) {
	run := func(n int, s model.RunState) BundleInfo { return BundleInfo{RunID: fmt.Sprint(n), State: s} }
	good, bad := model.RunSucceeded, model.RunFailed
	for _, tc := range []struct {
		open, chosen, want string
		runs               []BundleInfo
	}{
		{"3", "", "1", []BundleInfo{run(4, good), run(3, good), run(2, bad), run(1, good)}},
		{"1", "", "3", []BundleInfo{run(4, good), run(3, good), run(2, bad), run(1, good)}},
		{"3", "2", "2", []BundleInfo{run(3, good), run(2, bad), run(1, good)}},
		{"3", "3", "1", []BundleInfo{run(3, good), run(2, bad), run(1, good)}},
		{"2", "", "", []BundleInfo{run(3, bad), run(2, good)}},
	} {
		m := newDriver(t, 80, 24, Options{}).m
		m.shelf.runs, m.shelf.runID, m.shelf.against.runID = tc.runs, tc.open, tc.chosen
		if id, ok := m.otherRun(); id != tc.want || ok != (tc.want != "") {
			t.Errorf("open %s, chosen %q: %q %v, not %q", tc.open, tc.chosen, id, ok, tc.want)
		}
	}
}
