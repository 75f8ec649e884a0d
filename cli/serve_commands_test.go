package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
)

// run runs a command over SSH as somebody, and gives its streams and exit code.
func (s *served) run(who, stdin string, args ...string) (stdout, stderr string, code int) {
	s.t.Helper()
	line := s.ssh(who, args...)
	cmd := exec.Command(line[0], line[1:]...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	code = exitCode(cmd.Run())
	return out.String(), errs.String(), code
}

// begin runs a command over SSH as somebody, beside the test.
func (s *served) begin(who string, args ...string) *process {
	s.t.Helper()
	line := s.ssh(who, args...)
	return beside(s.t, line[0], line[1:]...).start()
}

func TestServeCommands(t *testing.T) {
	repo := repository(t)
	s := serveRepo(t, "probe", repo, "--ssh-query-rows", "7")
	out, narration, code := s.run("ann", "", "build", ".", "--batch", "--json")
	if code != 0 || !strings.Contains(out, `"status": "succeeded"`) || !strings.Contains(narration, "succeeded numbers") {
		t.Fatalf("build: exit %d: %s%s", code, out, narration)
	}
	id := newest(t, repo).RunID
	for _, c := range []struct {
		who, stdin string
		args       []string
		out, err   string
		code       int
	}{
		{"bob", "", []string{"runs", "list"}, id, "", 0},
		{"bob", "", []string{"runs", "show", "latest"}, "# Run " + id, "", 0},
		{"bob", "SELECT n FROM numbers", []string{"query", "latest", "-"}, "n", "7 rows", 0},
		{"bob", "", []string{"query", "latest", "'SELECT 6*7 AS answer'", "--format", "csv"}, "answer\n42\n", "", 0},
		{"bob", "", []string{"query", "latest", "SELECT"}, "", "", cli.ExitFailed},
		{"bob", "", []string{"query", "latest", "'SELECT 1'", "--out", "x.csv"}, "", "--out is not available over SSH", cli.ExitUsage},
		{"bob", "", []string{"runs", "export", "latest"}, "\x28\xb5\x2f\xfd", "", 0}, // zstd begins so
		{"bob", "", []string{"runs", "export", "latest", "/"}, "", "outside of the allowed roots", cli.ExitUsage},
		{"bob", "", []string{"query", "/etc", "'SELECT 1'"}, "", "over SSH a run is named by its id", cli.ExitUsage},
		{"bob", "", []string{"query", "latest", `"SELECT * FROM read_text('/etc/passwd')"`}, "", "", cli.ExitFailed},
		{"bob", "", []string{"build", "."}, "", "build is for operators, and bob may only watch", cli.ExitUsage},
		{"bob", "", []string{"config", "show"}, "", "for operators", cli.ExitUsage},
		{"bob", "", []string{"runs", "prune", "--keep", "0"}, "", "for operators", cli.ExitUsage},
		{"bob", "", []string{"runs", "list", "/"}, "", "outside of the allowed roots", cli.ExitUsage},
		{"bob", "", []string{"runs", "list", "--work-dir", "/etc"}, "", "outside of the allowed roots", cli.ExitUsage},
		{"bob", "", []string{"tui", "latest"}, "", "needs a terminal", cli.ExitUsage},
		{"bob", "", []string{"'unbalanced"}, "", "", cli.ExitUsage},
		{"bob", "", []string{"doctor"}, "", `unknown command "doctor"`, cli.ExitUsage},
		{"ann", "", []string{"config", "show", "build.workers"}, "build.workers", "", 0},
		{"ann", "", []string{"build", "/etc"}, "", "outside of the allowed roots", cli.ExitUsage},
		{"ann", "", []string{"build", ".", "--record", "x"}, "", "--record is not available over SSH", cli.ExitUsage},
		{"ann", "", []string{"build", ".", "--config", "/etc/passwd"}, "", "unknown flag: --config", cli.ExitUsage},
	} {
		out, errs, code := s.run(c.who, c.stdin, c.args...)
		if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.err) || c.code != 0 && (out != "" || errs == "") {
			t.Errorf("%s %q: exit %d, stdout %q, stderr %q", c.who, c.args, code, out, errs)
		}
	}
	m := newTmux(t, 100, 30)
	line := s.ssh("bob", "tui", "latest")
	m.typed(strings.Join(append([]string{line[0], "-t"}, line[1:]...), " ")).press("Enter")
	m.expect("[2 Run]", "numbers", "succeeded")
}

// A failure has its exit code, and a signal or the end of the client ends the build.
func TestServeCommandsEnd(t *testing.T) {
	repo := repository(t, "fail")
	s := serveRepo(t, "probe", repo)
	if out, errs, code := s.run("ann", "", "build", "."); code != cli.ExitFailed || !strings.Contains(errs, "asked to fail") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	waiting := repository(t, "wait")
	s = serveRepo(t, "probe", waiting)
	line := s.ssh("ann", "build", ".")
	cmd := exec.Command(line[0], line[1:]...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.says("begin ").says("build .")
	waitFor(t, "the build", func() bool {
		out, _, _ := s.run("bob", "", "runs", "list")
		return strings.Contains(out, "incomplete") || strings.Contains(out, "running")
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	waitFor(t, "the end of the build", func() bool { return newest(t, waiting).Status == model.RunCancelled })
}

// A command that waits for its turn and ends leaves no build behind.
func TestServeCommandsWait(t *testing.T) {
	repo := repository(t, "pause")
	s := serveRepo(t, "probe", repo, "--ssh-max-builds", "1")
	first := s.begin("ann", "build", ".")
	waitFor(t, "the build", func() bool { return len(runs(t, repo)) == 1 })
	second := s.begin("ann", "build", ".")
	waitFor(t, "the second command", func() bool { return strings.Count(s.narration(), ": build .") == 2 })
	second.signal(os.Kill).exit()
	waitFor(t, "its end", func() bool { return strings.Count(s.narration(), "the client has closed the session") == 1 })
	if err := os.Remove(filepath.Join(repo, "pause")); err != nil {
		t.Fatal(err)
	}
	if code := first.exit(); code != cli.ExitOK {
		t.Errorf("exit %d: %s", code, first.narration())
	}
	s.signal(os.Interrupt)
	if code := s.exit(); code != cli.ExitOK {
		t.Errorf("exit %d\n%s", code, s.narration())
	}
	if list := runs(t, repo); len(list) != 1 {
		t.Errorf("%d builds were begun", len(list))
	}
}

// runs are the bundles of a repository, the newest first.
func runs(t *testing.T, repo string) []bundle.Summary {
	t.Helper()
	list, err := bundle.List(filepath.Join(repo, ".buildscope"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Sources come with links, and with bundles: what was put among them shows nobody what lies
// outside of the roots, and makes no build write there.
func TestServeFollowsNoLinksOut(t *testing.T) {
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("top secret\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	repo := repository(t)
	s := serveRepo(t, "probe", repo)
	if out, errs, code := s.run("ann", "", "build", "."); code != cli.ExitOK {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	id := newest(t, repo).RunID
	work, table := filepath.Join(repo, ".buildscope"), filepath.Join(outside, "numbers.parquet")
	if err := os.Rename(filepath.Join(work, "outputs", id, "numbers.parquet"), table); err != nil {
		t.Fatal(err)
	}
	link := func(to string, from ...string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(append([]string{work}, from...)...)); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(who string, args ...string) {
		t.Helper()
		out, errs, code := s.run(who, "", args...)
		if strings.Contains(out+errs, "top secret") || code == 0 || !strings.Contains(errs, "outside of the allowed roots") && !strings.Contains(errs, "no regular file") {
			t.Errorf("%q: exit %d: %s%s", args, code, out, errs)
		}
	}
	link(table, "outputs", id, "numbers.parquet")
	refused("bob", "query", "latest", "'SELECT n FROM numbers'")
	refused("ann", "build", ".", "--incremental=false")
	if err := os.Remove(filepath.Join(work, "outputs", id, "numbers.parquet")); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(work, "runs", id, "report.md")
	if err := os.Remove(report); err != nil {
		t.Fatal(err)
	}
	link(secret, "runs", id, "report.md")
	refused("bob", "runs", "show", "latest")
	if err := os.Remove(report); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(work, "runs"), filepath.Join(outside, "runs")); err != nil {
		t.Fatal(err)
	}
	link(filepath.Join(outside, "runs"), "runs")
	for _, args := range [][]string{{"runs", "list"}, {"runs", "show", id}, {"runs", "export", id}, {"query", id, "'SELECT 1'"}, {"runs", "diff", id, id}, {"capture", "merge", id}} {
		refused("bob", args...)
	}
	refused("ann", "build", ".")
	refused("ann", "runs", "prune", "--keep", "0")
	list, err := os.ReadDir(filepath.Join(outside, "runs"))
	if err != nil || len(list) != 1 {
		t.Errorf("outside there is now %v, %v", list, err)
	}
}
