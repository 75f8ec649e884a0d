package cli

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The history is the user's own, and there is none without a home.
func TestLineHistory(t *testing.T) {
	home := t.TempDir()
	for name, c := range map[string]struct{ env, file string }{
		"home":  {"", filepath.Join(home, ".local", "state", "buildscope", "history")},
		"state": {filepath.Join(home, "state"), filepath.Join(home, "state", "buildscope", "history")},
		"bad":   {"relative", filepath.Join(home, ".local", "state", "buildscope", "history")},
	} {
		t.Run(name, func(t *testing.T) {
			h := (&globals{io: Streams{Env: map[string]string{"HOME": home, "XDG_STATE_HOME": c.env}}}).lineHistory()
			os.Remove(c.file)
			if lines, err := h.Load(); err != nil || lines != nil {
				t.Errorf("%q, %v", lines, err)
			}
			want := []string{"screen runs", "set build.workers 4"}
			if err := h.Save(want); err != nil {
				t.Fatal(err)
			}
			if lines, err := h.Load(); err != nil || !slices.Equal(lines, want) {
				t.Errorf("%q, %v", lines, err)
			}
			if info, err := os.Stat(c.file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%v, %v", info, err)
			}
		})
	}
	if h := (&globals{io: Streams{Env: map[string]string{}}}).lineHistory(); h.Load != nil || h.Save != nil {
		t.Error("a history without a home")
	}
}

// A history of before, a plain line for each, is not lost, and what is written stays what
// it is: texts with line ends, too.
func TestHistoryOfBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(path, []byte("screen runs\n\nset build.workers 4\r\n\"cut of"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := &historyFile{path: path}
	want := []string{"screen runs", "set build.workers 4"}
	for _, add := range []string{"FROM spans\nLIMIT 3", `"quoted"`, `{"a": 1}`, `{"a": 1}`, "123"} {
		if err := h.Add(add); err != nil {
			t.Fatal(err)
		}
		if want[len(want)-1] != add {
			want = append(want, add)
		}
		if got, err := h.Load(); err != nil || !slices.Equal(got, want) {
			t.Errorf("after %q: %q, %v", add, got, err)
		}
	}
	if err := h.Save(slices.Repeat([]string{"x"}, maxHistory+50)); err != nil {
		t.Fatal(err)
	}
	if got, err := h.Load(); err != nil || len(got) != maxHistory {
		t.Errorf("%d texts, %v", len(got), err)
	}
}
