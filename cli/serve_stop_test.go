package cli_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
)

// Builds that are to be finished keep a server that was told to stop, until it is told
// a second time.
func TestServeFinishesItsBuilds(t *testing.T) {
	repo := repository(t, "wait")
	s := serveRepo(t, "probe", repo, "--ssh-on-shutdown", "finish", "--ssh-health-listen", "127.0.0.1:0")
	ann := s.at("ann", 100, 30)
	found := regexp.MustCompile(`metrics on (http://\S+)`).FindStringSubmatch(s.narration())
	if found == nil {
		t.Fatal(s.narration())
	}
	ask := func(path string) (int, string) {
		t.Helper()
		resp, err := http.Get(found[1] + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	ann.press("b")
	ann.expect("1 running")
	if code, body := ask("/healthz"); code != 200 || !strings.Contains(body, `"status":"ok","connections":1,"sessions":1,"builds_running":1`) {
		t.Errorf("%d: %s", code, body)
	}
	if code, body := ask("/metrics"); code != 200 || !strings.Contains(body, "\nbuildscope_ssh_builds_running 1\n") {
		t.Errorf("%d: %s", code, body)
	}
	s.signal(syscall.SIGTERM)
	ann.expect("the server stops", "$")
	s.says("ends first")
	if code, body := ask("/healthz"); code != 503 || !strings.Contains(body, `"status":"stopping"`) {
		t.Errorf("%d: %s", code, body)
	}
	s.signal(syscall.SIGTERM)
	if code := s.exit(); code != cli.ExitFailed || !strings.Contains(s.narration(), "left before all builds had ended") {
		t.Errorf("exit %d\n%s", code, s.narration())
	}
	if b := newest(t, repo); b.Status != model.RunIncomplete {
		t.Errorf("bundle %+v", b.Summary)
	}
}

// The end of a server cancels what it builds, and the bundle says so.
func TestServeEndsItsBuilds(t *testing.T) {
	repo := repository(t, "wait")
	s := serveRepo(t, "probe", repo)
	ann := s.at("ann", 100, 30)
	ann.press("b")
	ann.expect("1 running")
	ann.press("q") // leaves the build as it is
	ann.expect("$")
	if b := newest(t, repo); b.Status != model.RunIncomplete {
		t.Errorf("the build ended with the screen: %+v", b.Summary)
	}
	s.signal(os.Interrupt)
	if code := s.exit(); code != cli.ExitOK {
		t.Errorf("exit %d\n%s", code, s.narration())
	}
	if b := newest(t, repo); b.Status != model.RunCancelled || !strings.Contains(b.Error, "the server stops") {
		t.Errorf("bundle %+v", b.Summary)
	}
}

// A build that is to be finished is, and what it has made is published; one that waits
// for its turn is not begun any more, and whoever asked for it is told.
func TestServeFinishesThenEnds(t *testing.T) {
	repo := repository(t, "pause")
	s := serveRepo(t, "probe", repo, "--ssh-on-shutdown", "finish", "--ssh-max-builds", "1")
	ann := s.at("ann", 100, 30)
	ann.press("b")
	ann.expect("1 running")
	waiting := s.begin("ann", "build", ".", "--batch", "--json")
	s.says("build .")
	ann.expect("waits: 1 are running")
	s.signal(syscall.SIGTERM)
	ann.expect("the server stops", "$")
	s.says("ends first")
	if code := waiting.exit(); code != cli.ExitFailed || !strings.Contains(waiting.narration(), "the server stops") {
		t.Errorf("the build that waited: exit %d: %s%s", code, &waiting.stdout, waiting.narration())
	}
	if err := os.Remove(filepath.Join(repo, "pause")); err != nil {
		t.Fatal(err)
	}
	if code := s.exit(); code != cli.ExitOK {
		t.Errorf("exit %d\n%s", code, s.narration())
	}
	if list := runs(t, repo); len(list) != 1 || list[0].Status != model.RunSucceeded || latest(t, repo) != list[0].RunID {
		t.Errorf("bundles %+v; latest %s", list, latest(t, repo))
	}
}

// A build that does not stop when it is cancelled keeps the server, until a second signal.
func TestServeLeavesABuildThatDoesNotStop(t *testing.T) {
	repo := repository(t)
	if code := command(t, "probe", "build", repo).run(); code != cli.ExitOK {
		t.Fatal(code)
	}
	good := latest(t, repo)
	files := contents(t, filepath.Join(repo, ".buildscope", "outputs", good))
	touch(t, repo, "stubborn")
	s := serveRepo(t, "probe", repo)
	ann := s.at("ann", 100, 30)
	ann.press("b")
	ann.expect("1 running")
	s.signal(syscall.SIGTERM)
	ann.expect("the server stops", "$")
	s.says("what is being built (1) is cancelled; a second signal leaves at once")
	second := time.Now()
	s.signal(syscall.SIGTERM)
	if code := s.exit(); code != cli.ExitFailed || !strings.Contains(s.narration(), "left before all builds had ended") {
		t.Errorf("exit %d\n%s", code, s.narration())
	}
	if took := time.Since(second); took > 5*time.Second {
		t.Errorf("the second signal took %s", took)
	}
	if b := newest(t, repo); b.Status != model.RunIncomplete {
		t.Errorf("bundle %+v", b.Summary)
	}
	if err := os.Remove(filepath.Join(repo, "stubborn")); err != nil {
		t.Fatal(err)
	}
	unchanged(t, files)
	s = serveRepo(t, "probe", repo)
	s.says("has not ended, or its process died")
	if out, errs, code := s.run("ann", "", "build", "."); code != cli.ExitOK {
		t.Errorf("the next build: exit %d: %s%s", code, out, errs)
	}
}
