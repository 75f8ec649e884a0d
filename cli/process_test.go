package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// probe is a program with nodes that misbehave as files in the repository say:
//
//	wait      the node wait runs until it is cancelled
//	pause     it runs until the file is gone
//	stubborn  it does not even stop then
//	fail      it fails
//	panic     it panics
//	noise     it writes on stderr, as a library might
var probe = cli.App{Name: "probe", Version: "test", Pipeline: "probe", Nodes: func(s model.BuildSettings) ([]*pipeline.Node, error) {
	asked := func(what string) bool {
		_, err := os.Stat(filepath.Join(s.RepoRoot, what))
		return err == nil
	}
	return []*pipeline.Node{
		pipeline.SQL(pipeline.Spec{Name: "numbers", Publish: true, Version: s.RepoRoot}, "SELECT range AS n, hash(range) AS h FROM range(1000)", "numbers.sql"),
		pipeline.Func(pipeline.Spec{Name: "wait", NoCache: true}, func(ctx context.Context, t *pipeline.Task, in struct{ Numbers pipeline.Table }) (int, error) {
			if asked("noise") {
				fmt.Fprintln(os.Stderr, "stray words")
			}
			switch {
			case asked("panic"):
				panic("out of cheese")
			case asked("fail"):
				return 0, errors.New("asked to fail")
			case asked("stubborn"):
				select {}
			case asked("pause"):
				for asked("pause") && ctx.Err() == nil {
					time.Sleep(20 * time.Millisecond)
				}
			case asked("wait"):
				t.Progress(1, 3, "steps")
				<-ctx.Done()
			}
			return 0, ctx.Err()
		}),
		pipeline.Func(pipeline.Spec{Name: "after"}, func(context.Context, *pipeline.Task, struct{ Wait int }) (string, error) { return "", nil }),
	}, nil
}}

// process is a program that runs beside the test.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout bytes.Buffer

	mu     sync.Mutex // guards stderr
	stderr bytes.Buffer
	ended  chan error
}

// Write takes stderr.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.Write(b)
}

func (p *process) narration() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// program is the path of this test binary under a name that makes it another
// program, see TestMain.
func program(t *testing.T, name string) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(exe, link); err != nil {
		t.Fatal(err)
	}
	return link
}

// command prepares a program of TestMain with nothing of this process's settings.
func command(t *testing.T, name string, args ...string) *process {
	t.Helper()
	return beside(t, program(t, name), args...)
}

// beside prepares any program in the same way.
func beside(t *testing.T, path string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(path, args...), ended: make(chan error, 1)}
	p.cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, p
	return p
}

func (p *process) start() *process {
	p.t.Helper()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // an error says that it has ended
	go func() { p.ended <- p.cmd.Wait() }()
	return p
}

// exit waits for the end and gives the exit code, -1 for a signal.
func (p *process) exit() int {
	p.t.Helper()
	select {
	case err := <-p.ended:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			p.t.Fatal(err)
		}
	case <-time.After(60 * time.Second):
		p.t.Fatalf("the program did not end:\n%s", p.narration())
	}
	return p.cmd.ProcessState.ExitCode()
}

// run runs to the end.
func (p *process) run() int {
	p.t.Helper()
	return p.start().exit()
}

func (p *process) says(text string) *process {
	p.t.Helper()
	waitFor(p.t, fmt.Sprintf("%q in\n%s", text, p.narration()), func() bool { return strings.Contains(p.narration(), text) })
	return p
}

func (p *process) signal(s os.Signal) *process {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
	return p
}

// repository is a folder with the given empty files.
func repository(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		touch(t, dir, f)
	}
	return dir
}

func touch(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

// latest is the run that latest points to in the default output folder.
func latest(t *testing.T, repo string) string {
	t.Helper()
	target, err := os.Readlink(filepath.Join(repo, ".buildscope", "outputs", "latest"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return target
}

// newest opens the newest bundle of a repository.
func newest(t *testing.T, repo string) *bundle.Bundle {
	t.Helper()
	b, err := bundle.Find(filepath.Join(repo, ".buildscope"), "latest")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSignalsCancelABuild(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			repo := repository(t, "wait")
			p := command(t, "probe", "build", repo, "--json").start().says("started   wait").signal(s)
			if code := p.exit(); code != cli.ExitCancelled {
				t.Errorf("exit %d", code)
			}
			if !strings.Contains(p.stdout.String(), `"status": "cancelled"`) || !strings.Contains(p.narration(), "2 cancelled") {
				t.Errorf("result %s, narration\n%s", &p.stdout, p.narration())
			}
			if b := newest(t, repo); b.Status != model.RunCancelled || latest(t, repo) != "" {
				t.Errorf("bundle %+v, latest %s", b.Summary, latest(t, repo))
			}
		})
	}
}

func TestASecondSignalLeavesAtOnce(t *testing.T) {
	repo := repository(t, "stubborn")
	p := command(t, "probe", "build", repo).start().says("started   wait").signal(os.Interrupt).says("a second signal leaves at once").signal(os.Interrupt)
	if code := p.exit(); code != cli.ExitCancelled || !strings.Contains(p.narration(), "opens as far as it got") {
		t.Errorf("exit %d\n%s", code, p.narration())
	}
	if b := newest(t, repo); b.Status != model.RunIncomplete || b.Nodes != 1 {
		t.Errorf("bundle %+v", b.Summary)
	}
}

func TestKilledBuildLeavesABundleAndIsCleanedUpAfter(t *testing.T) {
	repo := repository(t)
	if code := command(t, "probe", "build", repo).run(); code != 0 {
		t.Fatal(code)
	}
	first := latest(t, repo)
	touch(t, repo, "wait")
	p := command(t, "probe", "build", repo, "--incremental=false").start().says("started   wait").signal(os.Kill)
	if code := p.exit(); code != -1 {
		t.Errorf("exit %d", code)
	}
	dead := newest(t, repo)
	if dead.Status != model.RunIncomplete || dead.Nodes != 1 || latest(t, repo) != first {
		t.Errorf("bundle %+v, latest %s, want %s", dead.Summary, latest(t, repo), first)
	}
	// What a death at the worst moments leaves behind, beside a folder of the user's.
	outputs := filepath.Join(repo, ".buildscope", "outputs")
	half, link, users := filepath.Join(outputs, dead.RunID+".tmp"), filepath.Join(outputs, ".latest-"+dead.RunID), filepath.Join(outputs, "mine.tmp")
	for _, dir := range []string{half, users} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(dead.RunID, link); err != nil {
		t.Fatal(err)
	}
	captured, artifact := filepath.Join(dead.Dir, "capture.parquet.tmp"), filepath.Join(dead.Dir, "artifacts", "batch_result_v1.json.tmp")
	for _, path := range []string{captured, artifact} {
		if err := os.WriteFile(path, []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dead.Dir, "work")); err != nil {
		t.Errorf("the dead run has no working files to clean up: %v", err)
	}
	if err := os.Remove(filepath.Join(repo, "wait")); err != nil {
		t.Fatal(err)
	}
	if p := command(t, "probe", "build", repo); p.run() != 0 {
		t.Fatalf("the build after a killed one: %s", p.narration())
	}
	for _, path := range []string{half, link, captured, artifact, filepath.Join(dead.Dir, "work"), filepath.Join(dead.Dir, "spans.parquet.tmp")} {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s was left: %v", path, err)
		}
	}
	if _, err := os.Stat(users); err != nil {
		t.Errorf("a folder that no build made is gone: %v", err)
	}
	if b, err := bundle.Open(dead.Dir); err != nil || b.Nodes != 1 || latest(t, repo) == first {
		t.Errorf("bundle of the dead run %+v, %v; latest %s", b, err, latest(t, repo))
	}
	show := command(t, "probe", "runs", "show", dead.RunID, repo)
	if code := show.run(); code != 0 || !strings.Contains(show.stdout.String(), "nodes 2: 1 ran, 1 running") {
		t.Errorf("exit %d: %s%s", code, &show.stdout, show.narration())
	}
}

func TestTwoBuildsAtOnce(t *testing.T) {
	repo := repository(t, "wait")
	first := command(t, "probe", "build", repo).start().says("started   wait")
	second := command(t, "probe", "build", repo)
	if code := second.run(); code != cli.ExitFailed || !strings.Contains(second.narration(), "in use by another build") {
		t.Errorf("exit %d: %s", code, second.narration())
	}
	// One output directory, but work directories of their own.
	out := t.TempDir()
	third := command(t, "probe", "build", repo, "--work-dir", t.TempDir(), "--output-dir", out).start().says("started   wait")
	fourth := command(t, "probe", "build", repo, "--work-dir", t.TempDir(), "--output-dir", out)
	if code := fourth.run(); code != cli.ExitFailed || !strings.Contains(fourth.narration(), "output directory "+out+" is in use") {
		t.Errorf("exit %d: %s", code, fourth.narration())
	}
	for _, p := range []*process{first, third} {
		if code := p.signal(syscall.SIGTERM).exit(); code != cli.ExitCancelled {
			t.Errorf("exit %d", code)
		}
	}
}

func TestFailuresComeFirstAndOnce(t *testing.T) {
	for file, message := range map[string]string{"fail": "asked to fail", "panic": "panic: out of cheese"} {
		repo := repository(t, file)
		p := command(t, "probe", "build", repo, "--json")
		if code := p.run(); code != cli.ExitFailed {
			t.Errorf("exit %d", code)
		}
		text := p.narration()
		report := text[strings.Index(text, "error: node"):]
		want := "    " + message + "\n  it kept from running: after\nnext: probe runs show "
		if !strings.HasPrefix(report, "error: node wait at ") || !strings.Contains(report, "process_test.go:") || !strings.Contains(report, want) || strings.Count(text, message) != 1 {
			t.Errorf("narration:\n%s", text)
		}
		show := command(t, "probe", "runs", "show", "latest", repo)
		if code := show.run(); code != 0 || !strings.HasPrefix(show.stdout.String(), "error: node wait at ") {
			t.Errorf("exit %d: %s", code, &show.stdout)
		}
		if file == "panic" && !strings.Contains(show.stdout.String(), "goroutine ") {
			t.Errorf("no stack: %s", &show.stdout)
		}
		again := command(t, "probe", "runs", "show", "latest", repo, "--json")
		if again.run() != 0 || !strings.Contains(again.stdout.String(), `"message": "`+message) {
			t.Errorf("%s", &again.stdout)
		}
		data := filepath.Join(t.TempDir(), "result.json")
		if err := os.WriteFile(data, again.stdout.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		validate(t, "batch_result_v1", data)
	}
}

// The reader of stdout may leave, and the disk behind it be full: the bundle is
// whole all the same, and the exit code says that the result was not delivered.
func TestStdoutThatTakesNothing(t *testing.T) {
	repo := repository(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []*os.File{w, full} {
		p := command(t, "probe", "build", repo)
		p.cmd.Stdout = out
		if code := p.run(); code != cli.ExitFailed || !strings.Contains(p.narration(), "the build succeeded, but its result could not be printed") {
			t.Errorf("exit %d:\n%s", code, p.narration())
		}
		if err := out.Close(); err != nil {
			t.Error(err)
		}
		if b := newest(t, repo); b.Status != model.RunSucceeded || latest(t, repo) != b.RunID {
			t.Errorf("bundle %+v, latest %s", b.Summary, latest(t, repo))
		}
	}
	// The same for the narration.
	p := command(t, "probe", "build", repo)
	p.cmd.Stderr, err = os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if code := p.run(); code != 0 || !strings.Contains(p.stdout.String(), "numbers\t1000\t") {
		t.Errorf("exit %d: %s", code, &p.stdout)
	}
}
