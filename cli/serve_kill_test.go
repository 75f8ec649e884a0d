package cli_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
)

// moments is how often the server is killed; more of them are for a machine that has
// the time (BUILDSCOPE_TEST_KILLS).
func moments(t *testing.T) int {
	if text := os.Getenv("BUILDSCOPE_TEST_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 8
}

// Killed at any moment of a build, a server leaves bundles that open and the outputs of
// the builds before as they were; the next one says what it found, and the next build
// removes what was half done.
func TestServeIsKilled(t *testing.T) {
	repo := repository(t)
	outputs := filepath.Join(repo, ".buildscope", "outputs")
	if code := command(t, "probe", "build", repo).run(); code != cli.ExitOK {
		t.Fatal(code)
	}
	good := latest(t, repo)
	goodFiles := contents(t, filepath.Join(outputs, good))
	s := serveRepo(t, "probe", repo)
	begun := time.Now()
	if _, errs, code := s.run("ann", "", "build", ".", "--incremental=false"); code != cli.ExitOK {
		t.Fatalf("exit %d: %s", code, errs)
	}
	whole := time.Since(begun)
	good = latest(t, repo)
	known := map[string]bool{} // runs that died
	for range moments(t) {
		line := s.ssh("ann", "build", ".", "--incremental=false")
		cmd := exec.Command(line[0], line[1:]...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(whole))))
		s.signal(os.Kill)
		s.exit()
		_ = cmd.Wait() // its server is gone
		list, err := bundle.List(filepath.Join(repo, ".buildscope"))
		if err != nil {
			t.Errorf("a bundle does not open: %v", err)
		}
		died := ""
		for _, b := range list {
			if b.Status == model.RunIncomplete && !known[b.RunID] {
				died, known[b.RunID] = b.RunID, true
			}
		}
		if target := latest(t, repo); target != good && len(contents(t, filepath.Join(outputs, target))) != len(goodFiles) {
			t.Errorf("latest is %s with %v", target, contents(t, filepath.Join(outputs, target)))
		}
		s = serveRepo(t, "probe", repo)
		if died != "" {
			s.says("run " + died + " has not ended, or its process died")
		}
		if _, errs, code := s.run("ann", "", "build", ".", "--incremental=false"); code != cli.ExitOK {
			t.Fatalf("the build after a kill: exit %d: %s", code, errs)
		}
		good = latest(t, repo)
		for _, left := range []string{filepath.Join(outputs, "*.tmp"), filepath.Join(outputs, ".latest-*"), filepath.Join(repo, ".buildscope", "runs", "*", "work"), filepath.Join(repo, ".buildscope", "runs", "*", "*.tmp")} {
			if found, _ := filepath.Glob(left); len(found) > 0 {
				t.Errorf("left behind: %v", found)
			}
		}
	}
	unchanged(t, goodFiles)
	t.Logf("%d of the kills met a build", len(known))
}

// contents has the text of each file of a folder, and the folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{"dir": dir}
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = strings.Clone(string(data))
	}
	return out
}

// unchanged says what differs in a folder of which was has the contents.
func unchanged(t *testing.T, was map[string]string) {
	t.Helper()
	if now := contents(t, was["dir"]); !maps.Equal(now, was) {
		t.Errorf("the outputs of an earlier build are %v, were %v", slices.Sorted(maps.Keys(now)), slices.Sorted(maps.Keys(was)))
	}
}
