package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestRecentRepositories(t *testing.T) {
	path := recentFile(map[string]string{"XDG_STATE_HOME": filepath.Join(t.TempDir(), "state")})
	base := t.TempDir()
	repo := func(i int) string { return filepath.Join(base, fmt.Sprintf("r%02d \n'", i)) }
	if list, err := readRecent(path); len(list) != 0 || err != nil {
		t.Fatalf("without a file: %q, %v", list, err)
	}
	for i := range maxRecent + 5 {
		if err := os.Mkdir(repo(i), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := addRecent(path, repo(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := addRecent(path, repo(10)); err != nil {
		t.Fatal(err)
	}
	list, err := readRecent(path)
	if err != nil || len(list) != maxRecent || list[0] != repo(10) || list[1] != repo(24) || slices.Contains(list[1:], repo(10)) {
		t.Errorf("%q, %v", list, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.Remove(repo(24)); err != nil {
		t.Fatal(err)
	}
	if list, err := readRecent(path); err != nil || slices.Contains(list, repo(24)) || len(list) != maxRecent-1 {
		t.Errorf("a repository that is gone is offered: %q, %v", list, err)
	}
}

// Whatever the file holds, the program goes on, and the next build mends it.
func TestBrokenListOfRecentRepositories(t *testing.T) {
	repo := t.TempDir()
	for _, text := range []string{"", "{", "null", "{}", "[1, 2]", "[\"relative\", \"\"]", "\x00\xff"} {
		path := filepath.Join(t.TempDir(), "recent.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if list, err := readRecent(path); len(list) != 0 || err != nil {
			t.Errorf("%q: %q, %v", text, list, err)
		}
		if err := addRecent(path, repo); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		list, err := readRecent(path)
		info, statErr := os.Stat(path)
		if !slices.Equal(list, []string{repo}) || err != nil || statErr != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%q afterwards: %q, %v, %v", text, list, err, info.Mode())
		}
	}
	if err := addRecent(t.TempDir(), repo); err == nil {
		t.Error("wrote over a folder")
	}
	if path := recentFile(nil); path != "" || addRecent(path, repo) != nil {
		t.Errorf("without a home: %q", path)
	}
}
