package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// The resource says which commit is built, and whether the tree is that commit. It
// runs no program that the repository's own settings name.
func TestRepositoryResource(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.go")
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=n", "-c", "user.email=e@x"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dirty := func(want string) {
		t.Helper()
		if got := repositoryResource(t.Context(), dir)["buildscope.vcs.dirty"]; got != want {
			t.Errorf("dirty is %q, want %q", got, want)
		}
	}
	if r := repositoryResource(t.Context(), dir); len(r) != 0 {
		t.Errorf("no repository gave %v", r)
	}
	write("package a\n")
	run("init", "-q", "-b", "trunk")
	run("remote", "add", "origin", "https://host/team/project.git")
	run("add", ".")
	run("commit", "-q", "-m", "first")
	mark := filepath.Join(dir, "ran")
	run("config", "core.fsmonitor", "touch "+mark+"; false")
	r := repositoryResource(t.Context(), dir)
	if r["vcs.ref.head.name"] != "trunk" || len(r["vcs.ref.head.revision"]) != 40 || r["vcs.repository.name"] != "project" {
		t.Errorf("%v", r)
	}
	dirty("false")
	if err := os.Chtimes(file, time.Now(), time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	dirty("false") // the content is what it was
	write("package b\n")
	dirty("true")
	run("-c", "core.fsmonitor=", "add", ".")
	dirty("true") // staged, and not committed
	run("-c", "core.fsmonitor=", "commit", "-q", "-m", "second")
	dirty("false")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	dirty("true")
	if _, err := os.Stat(mark); err == nil {
		t.Error("a program of the repository's settings ran")
	}
}
