package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
)

// Somebody removes the bundle of a build that runs, all bundles, or the whole work folder:
// the build says so at its end, the server goes on, and the next build works.
func TestServeBundleIsRemoved(t *testing.T) {
	for _, c := range []struct {
		name, dir string // below the work folder; * stands for the run
		outputs   bool   // those of earlier builds are still there
	}{
		{"the bundle", "runs/*", true},
		{"all bundles", "runs", true},
		{"the work folder", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			repo := repository(t)
			work := filepath.Join(repo, ".buildscope")
			s := serveRepo(t, "probe", repo)
			if out, errs, code := s.run("ann", "", "build", ".", "--incremental=false"); code != cli.ExitOK {
				t.Fatalf("exit %d: %s%s", code, out, errs)
			}
			files := contents(t, filepath.Join(work, "outputs", latest(t, repo)))
			touch(t, repo, "pause")
			ann := s.at("ann", 120, 40)
			ann.press("b")
			ann.expect("1 running")
			removed := newest(t, repo).RunID
			if err := os.RemoveAll(filepath.Join(work, strings.Replace(c.dir, "*", removed, 1))); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(repo, "pause")); err != nil {
				t.Fatal(err)
			}
			ann.expect("✘ failed", "removed") // the rest may be on the next line
			s.says("somebody has removed the bundle while the build ran")
			if c.outputs {
				unchanged(t, files)
			}
			if out, errs, code := s.run("bob", "", "runs", "list"); code != cli.ExitOK || strings.Contains(out, removed) {
				t.Errorf("exit %d: %s%s", code, out, errs)
			}
			out, errs, code := s.run("ann", "", "build", ".", "--incremental=false")
			if code != cli.ExitOK || newest(t, repo).Status != model.RunSucceeded || latest(t, repo) != newest(t, repo).RunID {
				t.Errorf("the next build: exit %d: %s%s", code, out, errs)
			}
			if c.outputs {
				unchanged(t, files)
			}
			if left, err := filepath.Glob(filepath.Join(work, "outputs", "*.tmp")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}
