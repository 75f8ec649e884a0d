package cli_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/cli"
)

// The disk below bundles, outputs and the audit log is full in the middle of a build: it
// fails and says why, the server goes on, and once there is room everything works again.
func TestServeOnAFullDisk(t *testing.T) {
	disk, repo := smallDisk(t), repository(t)
	work, audit, ballast := filepath.Join(disk, "work"), filepath.Join(disk, "audit.jsonl"), filepath.Join(disk, "ballast")
	s := serveRepo(t, "probe", repo, "--work-dir", work, "--ssh-audit-log", audit)
	build := func(want int) (said string) {
		t.Helper()
		out, errs, code := s.run("ann", "", "build", ".", "--incremental=false")
		if code != want {
			t.Errorf("exit %d, want %d: %s%s", code, want, out, errs)
		}
		return errs
	}
	current := func() string {
		t.Helper()
		target, err := os.Readlink(filepath.Join(work, "outputs", "latest"))
		if err != nil {
			t.Fatal(err)
		}
		return target
	}
	build(cli.ExitOK)
	good := current()
	files := contents(t, filepath.Join(work, "outputs", good))

	touch(t, repo, "pause")
	ann := s.at("ann", 100, 30)
	ann.press("b")
	ann.expect("1 running")
	fill(t, ballast, disk, 0)
	if err := os.Remove(filepath.Join(repo, "pause")); err != nil {
		t.Fatal(err)
	}
	ann.expect("failed", "device") // the words before may be on the line above
	s.says("no space left on device")
	if said := build(cli.ExitFailed); !strings.Contains(said, "no space left on device") {
		t.Errorf("a build that cannot begin says %s", said)
	}
	if out, errs, code := s.run("bob", "", "runs", "list"); code != cli.ExitOK || !strings.Contains(out, good) {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	fill(t, ballast+"2", disk, 0) // what the failed builds have given back
	waitFor(t, "an audit log that cannot be written", func() bool {
		s.run("bob", "", "runs", "list")
		return strings.Contains(s.narration(), "write the audit log: ")
	})
	if n := strings.Count(s.narration(), "write the audit log: "); n != 1 {
		t.Errorf("it is said %d times that the audit log cannot be written", n)
	}
	unchanged(t, files)

	if err := errors.Join(os.Remove(ballast), os.Remove(ballast+"2")); err != nil {
		t.Fatal(err)
	}
	build(cli.ExitOK)
	if current() == good {
		t.Error("the build with room has published nothing")
	}
	unchanged(t, files)
	ann.press("b")
	ann.expect("succeeded")
	lost := false
	data, err := os.ReadFile(audit)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var l struct{ Event, Detail string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Errorf("the audit log has the line %s", line)
		}
		lost = lost || l.Event == "lost" && strings.Contains(l.Detail, "no space left on device")
	}
	if !lost {
		t.Errorf("the audit log does not say what it lacks:\n%s", data)
	}
}
