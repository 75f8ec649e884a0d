package compare

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/why"
)

// leave writes what Learn reads of a run.
func leave(t testing.TB, workDir, id string, status model.RunState, like Like, times map[string]int64) {
	t.Helper()
	w, err := bundle.Create(workDir, id)
	if err != nil {
		t.Fatal(err)
	}
	slow := model.WhySlowPayload{Workers: like.Workers}
	for name, took := range times {
		slow.Nodes = append(slow.Nodes, model.NodeEnd{Name: name, State: model.NodeSucceeded, TookNS: took})
	}
	slow.Nodes = append(slow.Nodes, model.NodeEnd{Name: "cached", State: model.NodeCached, TookNS: 1})
	for _, err := range []error{
		w.Artifact(model.ArtifactWhySlow, slow),
		w.JSON("manifest.json", model.ManifestPayload{RunID: id, Status: status, Pipeline: like.Pipeline, RepoRoot: like.RepoRoot, Profile: like.Profile}),
		w.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Only earlier successful runs of the same kind tell what is usual.
func TestLearn(t *testing.T) {
	dir := t.TempDir()
	like := Like{Pipeline: "cpg", RepoRoot: "/r", Profile: "dev", Workers: 2}
	const ms = int64(1e6)
	for i, took := range []int64{100, 120, 110} {
		leave(t, dir, fmt.Sprintf("r%d", i), model.RunSucceeded, like, map[string]int64{"a": took * ms, "b": ms})
	}
	leave(t, dir, "r3", model.RunSucceeded, like, map[string]int64{"b": ms}) // a was cached
	leave(t, dir, "r4", model.RunFailed, like, map[string]int64{"a": 9000 * ms})
	for i, change := range []func(*Like){func(l *Like) { l.Pipeline = "sql" }, func(l *Like) { l.RepoRoot = "/s" },
		func(l *Like) { l.Profile = "debug" }, func(l *Like) { l.Workers = 1 }} {
		other := like
		change(&other)
		leave(t, dir, fmt.Sprintf("r5%d", i), model.RunSucceeded, other, map[string]int64{"a": 9000 * ms})
	}
	if err := os.MkdirAll(filepath.Join(dir, "runs", "r6"), 0o755); err != nil { // killed
		t.Fatal(err)
	}
	leave(t, dir, "r9", model.RunSucceeded, like, map[string]int64{"a": 9000 * ms})     // after it
	old := filepath.Join(dir, "runs", "r2", "artifacts", model.ArtifactWhySlow+".json") // as earlier versions wrote it
	if err := os.WriteFile(old, []byte(`{"payload": {"workers": 2, "node_ns": {"a": 110000000, "b": 1000000}}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := Learn(dir, "r8", like)
	if err != nil {
		t.Fatal(err)
	}
	usual, runs := l.Usual, l.Runs
	want := why.Usual{Runs: 3, MedianNS: 110 * ms, MarginNS: int64(deviations * float64(10*ms)), LeastNS: 100 * ms, MostNS: 120 * ms}
	if runs != 4 || usual["a"] != want || usual["b"].Runs != 4 {
		t.Errorf("%d runs, a %+v, b %+v; want 4, %+v and 4 times of b", runs, usual["a"], usual["b"], want)
	}
	// When a node last ran is known from any profile and number of workers.
	if _, cached := l.Newest["cached"]; cached || l.Newest["a"] != 9*time.Second || l.Newest["b"] != time.Millisecond {
		t.Errorf("newest times %v", l.Newest)
	}
	if l, err = Learn(filepath.Join(dir, "none"), "r8", like); l.Runs != 0 || len(l.Usual)+len(l.Newest) != 0 || err != nil {
		t.Errorf("without a run: %+v, %v", l, err)
	}
}

// BenchmarkLearn is what every build pays for it: ten earlier runs of a graph
// of 60 nodes, with outputs and fingerprints as a graph of code leaves them.
func BenchmarkLearn(b *testing.B) {
	dir := b.TempDir()
	like := Like{Pipeline: "cpg", RepoRoot: "/r", Profile: "dev", Workers: 2}
	times := map[string]int64{}
	m := model.ManifestPayload{Status: model.RunSucceeded, Pipeline: "cpg", RepoRoot: "/r", Profile: "dev"}
	for i := range 60 {
		name := fmt.Sprintf("some_node_%d", i)
		times[name] = int64(i)
		m.Fingerprints = append(m.Fingerprints, model.Fingerprint{Node: name, Code: name, Key: fmt.Sprintf("%064d", i)})
	}
	data, err := json.Marshal(m)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 10 {
		id := fmt.Sprintf("r%d", i)
		leave(b, dir, id, model.RunSucceeded, like, times)
		if err := os.WriteFile(filepath.Join(dir, "runs", id, "manifest.json"), data, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if l, err := Learn(dir, "r99", like); l.Runs != 10 || err != nil {
			b.Fatal(l.Runs, err)
		}
	}
}
