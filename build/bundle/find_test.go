package bundle_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// leave writes a bundle with some events and a manifest.
func leave(tb testing.TB, work, id string, state model.RunState, events int) {
	tb.Helper()
	w, err := bundle.Create(work, id)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range events {
		if err := w.Event("node_finished", map[string]any{"node": fmt.Sprint("node", i)}); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	if state == model.RunIncomplete {
		return
	}
	m := model.ManifestPayload{RunID: id, Status: state, Started: time.Unix(1e9, 0), Nodes: events}
	for i := range events {
		m.Fingerprints = append(m.Fingerprints, model.Fingerprint{Node: fmt.Sprint("node", i), Code: strings.Repeat("a", 32), Key: strings.Repeat("b", 32)})
	}
	if err := w.JSON("manifest.json", m); err != nil {
		tb.Fatal(err)
	}
}

func TestNamesOfRuns(t *testing.T) {
	work := t.TempDir()
	leave(t, work, "a1", model.RunSucceeded, 1)
	leave(t, work, "a2", model.RunFailed, 1)
	leave(t, work, "b3", model.RunSucceeded, 1)
	leave(t, work, "b4", model.RunIncomplete, 2)
	for _, tc := range []struct{ ref, before, want, err string }{
		{"latest", "", "b4", ""},
		{"previous", "", "b3", ""},
		{"last-good", "", "b3", ""},
		{"last-good", "b3", "a1", ""},
		{"previous", "b3", "a2", ""},
		{"previous", "a1", "", "no run before a1"},
		{"last-good", "a1", "", "no run before a1 succeeded"},
		{"a2", "", "a2", ""},
		{"b", "", "", "not unique"},
		{"c", "", "", "runs list"},
	} {
		b, err := bundle.FindBefore(work, tc.ref, tc.before)
		switch {
		case tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)):
			t.Errorf("%+v: %v", tc, err)
		case tc.err == "" && (err != nil || b.RunID != tc.want):
			t.Errorf("%+v: %+v, %v", tc, b, err)
		}
	}
	list, err := bundle.List(work)
	if err != nil || len(list) != 4 || list[0].RunID != "b4" || list[0].Nodes != 2 || list[3].Nodes != 1 || list[2].Status != model.RunFailed {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := bundle.Find(filepath.Join(work, "none"), "latest"); err == nil {
		t.Error("a run was found where there is none")
	}
}

// A thousand runs of fifty nodes, with manifests of this version; incomplete ones
// have none, so that their events are read.
func BenchmarkListThousandRuns(b *testing.B) {
	for _, state := range []model.RunState{model.RunSucceeded, model.RunIncomplete} {
		b.Run(state.String(), func(b *testing.B) {
			work := b.TempDir()
			for i := range 1000 {
				leave(b, work, fmt.Sprintf("%04d", i), state, 50)
			}
			b.ReportAllocs()
			for b.Loop() {
				if list, err := bundle.List(work); err != nil || len(list) != 1000 {
					b.Fatal(len(list), err)
				}
			}
		})
	}
}
