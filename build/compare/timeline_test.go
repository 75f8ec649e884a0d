package compare

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// putRun writes the part of a bundle that a timeline reads; took is in milliseconds, 0
// is cached.
func putRun(t *testing.T, work, id, status, profile, repo string, workers int, took int64) {
	t.Helper()
	state := "succeeded"
	if took == 0 {
		state = "cached"
	}
	for name, text := range map[string]string{
		"manifest.json":              fmt.Sprintf(`{"status": %q, "started": "2026-01-01T00:00:00Z", "profile": %q, "repo_root": %q, "nodes_finished": 1}`, status, profile, repo),
		"artifacts/why_slow_v1.json": fmt.Sprintf(`{"payload": {"workers": %d, "nodes": [{"name": "parse", "state": %q, "took_ns": %d, "rows": 5}]}}`, workers, state, took*1_000_000),
	} {
		path := filepath.Join(work, "runs", id, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTimelineOfANode(t *testing.T) {
	work := t.TempDir()
	id := func(i int) string { return fmt.Sprintf("01a00000-0000-7000-8000-00000000000%d", i) }
	for i, r := range []struct {
		status, profile, repo string
		workers               int
		took                  int64
	}{
		{"succeeded", "dev", "/repo", 2, 400}, {"succeeded", "dev", "/repo", 2, 410}, {"succeeded", "dev", "/repo", 2, 390}, {"failed", "dev", "/repo", 2, 900},
		{"succeeded", "debug", "/repo", 2, 900}, {"succeeded", "dev", "/repo", 4, 200}, {"succeeded", "dev", "/repo", 2, 0}, {"succeeded", "dev", "/else", 2, 400},
	} {
		putRun(t, work, id(i), r.status, r.profile, r.repo, r.workers, r.took)
	}
	if err := os.MkdirAll(filepath.Join(work, "runs", id(9)), 0o755); err != nil { // goes on: it has no manifest
		t.Fatal(err)
	}
	like := Like{RepoRoot: "/repo", Profile: "dev", Workers: 2}
	r := new(Recall)
	for range 2 { // the second time from memory
		got, err := r.Node(t.Context(), work, id(9), like, "parse")
		if err != nil {
			t.Fatal(err)
		}
		var text []string
		for _, p := range got.Runs {
			text = append(text, fmt.Sprintf("%s %s %dms %v", p.RunID[35:], p.State, p.TookNS/1e6, p.Counts))
		}
		if s := strings.Join(text, ", "); s != "6 cached 0ms false, 5 succeeded 200ms false, 4 succeeded 900ms false, 3 succeeded 900ms false, 2 succeeded 390ms true, 1 succeeded 410ms true, 0 succeeded 400ms true" {
			t.Errorf("runs %s", s)
		}
		if got.Workers != 2 || got.Noise.Runs != 3 || got.Noise.MedianNS != 400e6 || got.Judge(900e6) != Slower || got.Judge(405e6) != Usual || got.Judge(0) != Unknown {
			t.Errorf("%+v", got.Noise)
		}
		if err := os.RemoveAll(filepath.Join(work, "runs", id(2), "artifacts")); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := r.Node(t.Context(), work, id(9), like, "other"); err != nil || len(got.Runs) != 0 {
		t.Errorf("of a node that no run had: %+v %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Node(ctx, work, id(9), like, "parse"); err == nil {
		t.Error("not given up")
	}
}
