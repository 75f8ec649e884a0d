package build

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// pastRunAt leaves a bundle and outputs of a run that started some time ago.
func pastRunAt(t *testing.T, b model.BuildSettings, ago time.Duration, state model.RunState) string {
	t.Helper()
	u := uuid.Must(uuid.NewV7())
	ms := time.Now().Add(-ago).UnixMilli()
	for i := range 6 {
		u[i] = byte(ms >> (8 * (5 - i)))
	}
	w, err := bundle.Create(b.WorkDir, u.String())
	if err != nil {
		t.Fatal(err)
	}
	m := model.ManifestPayload{RunID: u.String(), Status: state, Started: time.UnixMilli(ms), Ended: time.UnixMilli(ms + 1)}
	if err := w.JSON("manifest.json", m); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(b.OutputDir, u.String())
	if err := os.MkdirAll(out, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, "t.parquet"), make([]byte, 1000), 0o644); err != nil {
		t.Fatal(err)
	}
	return u.String()
}

func TestPrune(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name    string
		options PruneOptions
		removed []int // numbers of the runs below
		kept    map[int]string
	}{
		{"by count", PruneOptions{Keep: 2}, []int{0, 1}, map[int]string{2: "Hamilton", 3: "latest"}},
		{"by age", PruneOptions{OlderThan: 8 * day}, []int{0, 1}, nil},
		{"by both", PruneOptions{Keep: 1, OlderThan: 9*day + time.Hour}, []int{0}, nil},
		{"everything", PruneOptions{OlderThan: time.Minute}, []int{0, 1, 5}, map[int]string{2: "Hamilton", 3: "latest", 4: "newest"}},
		{"nothing is that old", PruneOptions{OlderThan: 100 * day}, nil, nil},
		{"dry", PruneOptions{Keep: 2, DryRun: true}, []int{0, 1}, map[int]string{2: "Hamilton", 3: "latest"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			b := model.BuildSettings{OutputDir: filepath.Join(dir, "out"), WorkDir: filepath.Join(dir, "work")}
			runs := []string{
				pastRunAt(t, b, 10*day, model.RunSucceeded), pastRunAt(t, b, 9*day, model.RunFailed),
				pastRunAt(t, b, 7*day, model.RunSucceeded), pastRunAt(t, b, 5*day, model.RunSucceeded),
				pastRunAt(t, b, 3*day, model.RunSucceeded), pastRunAt(t, b, day, model.RunFailed),
			}
			if err := os.WriteFile(filepath.Join(b.WorkDir, "runs", runs[2], "tracker.jsonl"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(runs[3], filepath.Join(b.OutputDir, "latest")); err != nil {
				t.Fatal(err)
			}
			other := filepath.Join(b.WorkDir, "runs", "mine") // no run: not ours to remove
			if err := os.Mkdir(other, 0o755); err != nil {
				t.Fatal(err)
			}
			got, err := Prune(t.Context(), b, c.options)
			if err != nil {
				t.Fatal(err)
			}
			var removed []int
			for _, r := range got {
				n := slices.Index(runs, r.RunID)
				if r.Kept == "" {
					removed = append(removed, n)
				} else if c.kept[n] == "" || !strings.Contains(r.Kept, c.kept[n]) {
					t.Errorf("run %d is kept because %q, want %q", n, r.Kept, c.kept[n])
				}
				if len(r.Dirs) != 2 || r.Bytes <= 1000 {
					t.Errorf("run %d: folders %q of %d bytes", n, r.Dirs, r.Bytes)
				}
			}
			if !slices.Equal(removed, c.removed) || len(got) != len(c.removed)+len(c.kept) {
				t.Errorf("removed %v and told of %d runs, want %v and %d", removed, len(got), c.removed, len(c.removed)+len(c.kept))
			}
			for i, id := range runs {
				want := c.options.DryRun || !slices.Contains(c.removed, i)
				for _, path := range []string{filepath.Join(b.WorkDir, "runs", id), filepath.Join(b.OutputDir, id)} {
					if _, err := os.Stat(path); (err == nil) != want {
						t.Errorf("run %d: %s there: %t, want %t", i, path, err == nil, want)
					}
				}
			}
			if _, err := os.Stat(other); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPruneWaitsForNoBuild(t *testing.T) {
	dir := t.TempDir()
	b := model.BuildSettings{OutputDir: filepath.Join(dir, "out"), WorkDir: filepath.Join(dir, "work")}
	if runs, err := Prune(t.Context(), b, PruneOptions{Keep: 0}); err != nil || len(runs) > 0 {
		t.Errorf("nothing was built yet: %v, %v", runs, err)
	}
	id := pastRunAt(t, b, time.Hour, model.RunFailed)
	locks, err := lockDirs(b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Prune(t.Context(), b, PruneOptions{}); err == nil || !strings.Contains(err.Error(), "another build") {
		t.Errorf("a build uses the folders: %v", err)
	}
	for _, unlock := range locks {
		if err := unlock(); err != nil {
			t.Fatal(err)
		}
	}
	if runs, err := Prune(t.Context(), b, PruneOptions{}); err != nil || len(runs) != 1 || runs[0].RunID != id {
		t.Errorf("after the build: %v, %v", runs, err)
	}
}
