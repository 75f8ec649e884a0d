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
