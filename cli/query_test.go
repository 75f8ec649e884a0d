package cli_test

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/buildscope/buildscope/cli"
)

// firstWrite tells when something is written, and forgets it.
type firstWrite struct {
	once sync.Once
	came chan struct{}
}

func (f *firstWrite) Write(p []byte) (int, error) {
	f.once.Do(func() { close(f.came) })
	return len(p), nil
}

// An interrupt ends a query while it gives rows, with the exit code of a cancelled one.
func TestAQueryIsInterrupted(t *testing.T) {
	repo := repository(t)
	if code := command(t, "probe", "build", repo).run(); code != cli.ExitOK {
		t.Fatalf("build: exit %d", code)
	}
	p := command(t, "probe", "query", "latest", "SELECT i FROM range(100000000000) t(i)", repo, "--format", "csv")
	out := &firstWrite{came: make(chan struct{})}
	p.cmd.Stdout = out
	p.start()
	<-out.came
	p.signal(syscall.SIGINT)
	if code := p.exit(); code != cli.ExitCancelled || !strings.Contains(p.narration(), "query interrupted: interrupted") {
		t.Errorf("exit %d: %s", code, p.narration())
	}
}

// A reader that has seen enough is no failure.
func TestAQueryEndsWithItsReader(t *testing.T) {
	repo := repository(t)
	if code := command(t, "probe", "build", repo).run(); code != cli.ExitOK {
		t.Fatalf("build: exit %d", code)
	}
	p := command(t, "probe", "query", "latest", "SELECT i FROM range(100000000000) t(i)", repo, "--format", "csv")
	head := exec.Command("head", "-n", "3")
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, head.Stdin = to, from // files: the program itself gets the error of the closed pipe
	var text strings.Builder
	head.Stdout = &text
	if err := head.Start(); err != nil {
		t.Fatal(err)
	}
	from.Close()
	p.start()
	to.Close()
	if code := p.exit(); code != cli.ExitOK || p.narration() != "" {
		t.Errorf("exit %d: %s", code, p.narration())
	}
	if err := head.Wait(); err != nil || text.String() != "i\n0\n1\n" {
		t.Errorf("%q, %v", text.String(), err)
	}
}
