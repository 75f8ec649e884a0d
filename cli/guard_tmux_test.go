package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// tmuxPane is a bash with job control in a tmux server of its own.
type tmuxPane struct {
	*tmux
}

// newTerminal starts a shell that is not a login shell of anybody: the prompt is "$ ".
func newTerminal(t *testing.T) *tmuxPane {
	t.Helper()
	dir := t.TempDir()
	shell := "exec env -i PS1='$ ' TERM=xterm-256color HISTFILE= GORACE=log_path=" + filepath.Join(dir, "race") + " HOME=" + dir + " PATH=" + os.Getenv("PATH") + " TMPDIR=" + dir + " bash --norc --noprofile -i"
	t.Cleanup(func() { races(t, dir) }) // behind the end of the server
	return &tmuxPane{startTmux(t, dir, 120, 40, shell)}
}

// races reports data races of the programs that ran in the shell, which would not
// fail the test by themselves.
func races(t *testing.T, dir string) {
	t.Helper()
	reports, _ := filepath.Glob(filepath.Join(dir, "race.*"))
	for _, name := range reports {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
		}
		for report := range strings.SplitSeq(string(text), "==================") {
			if strings.Contains(report, "DATA RACE") {
				t.Error(report)
			}
		}
	}
}

func (term *tmuxPane) screen() string { return term.do("capture-pane", "-p", "-J") }

// says is what is on the screen in one line: where lines were broken is no matter.
func (term *tmuxPane) says() string { return strings.Join(strings.Fields(term.screen()), " ") }

// wait is waitFor with the screen in its failure.
func (term *tmuxPane) wait(what string, ok func() bool) {
	term.t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			term.t.Fatalf("waited for %s; the screen is\n%s\n%v", what, term.screen(), term.modes())
		}
	}
}

// restored waits for the prompt and checks that the terminal is as it was.
func (term *tmuxPane) restored(before string) {
	term.t.Helper()
	term.wait("the prompt", func() bool { return strings.HasSuffix(strings.TrimRight(term.screen(), " \n"), "$") })
	if after := term.modes(); after != before {
		term.t.Errorf("the terminal was\n%s\nand is\n%s", before, after)
	}
}

// modes is the terminal's state: what stty says, and what tmux knows beyond that.
func (term *tmuxPane) modes() string {
	tty := term.do("display-message", "-p", "#{pane_tty}")
	stty, err := exec.Command("sh", "-c", "stty -a <"+tty).CombinedOutput()
	if err != nil {
		term.t.Fatalf("stty: %v\n%s", err, stty)
	}
	return string(stty) + term.do("display-message", "-p",
		"alternate #{alternate_on} cursor #{cursor_flag} insert #{insert_flag} keypad #{keypad_flag} mouse #{mouse_any_flag} scroll #{scroll_region_upper}-#{scroll_region_lower}")
}

// processes are the parent and the child of the program that runs in the shell.
func (term *tmuxPane) processes() (parent, child int) {
	term.t.Helper()
	shell, err := strconv.Atoi(term.do("display-message", "-p", "#{pane_pid}"))
	if err != nil {
		term.t.Fatal(err)
	}
	below := func(pid int) int {
		out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
		if err != nil {
			term.t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			var p, of int
			if _, err := fmt.Sscan(line, &p, &of); err == nil && of == pid {
				return p
			}
		}
		return 0
	}
	parent = below(shell)
	return parent, below(parent)
}

// kill signals one process, which the test has found below its own shell. It is the
// system call on purpose: some versions of the program kill take a negative number
// for every process there is.
func (term *tmuxPane) kill(pid int, s syscall.Signal) {
	term.t.Helper()
	if pid <= 1 {
		term.t.Fatalf("no process: %d", pid)
	}
	if err := syscall.Kill(pid, s); err != nil {
		term.t.Fatalf("send %v to %d: %v", s, pid, err)
	}
}

// build starts a build on the screen that writes on stderr and waits, and gives its
// processes when it does, and the state of the terminal before. What the program
// writes goes to the file raw.
func (term *tmuxPane) build() (parent, child int, before string) {
	term.t.Helper()
	repo := filepath.Join(term.dir, "repo")
	if err := os.MkdirAll(repo, 0o755); err != nil {
		term.t.Fatal(err)
	}
	for _, file := range []string{"wait", "noise"} {
		if err := os.WriteFile(filepath.Join(repo, file), nil, 0o644); err != nil {
			term.t.Fatal(err)
		}
	}
	exe := program(term.t, "probe")
	before = term.modes()
	term.do("pipe-pane", "cat >"+filepath.Join(term.dir, "raw"))
	term.press("clear; "+exe+" build --tui-mouse repo; echo code=$? | tee code", "Enter")
	term.wait("the build to wait", func() bool {
		return strings.Contains(term.says(), "wait 1/3") || strings.Contains(term.says(), "2 running") || strings.Contains(term.says(), "1 running")
	})
	term.wait("the node wait", func() bool {
		events, _ := filepath.Glob(filepath.Join(repo, ".buildscope", "runs", "*", "events.jsonl"))
		if len(events) != 1 {
			return false
		}
		data, err := os.ReadFile(events[0])
		return err == nil && strings.Contains(string(data), `"node":"wait"`)
	})
	if during := term.modes(); during == before || !strings.Contains(during, "alternate 1") {
		term.t.Fatalf("the screen is not up:\n%s", during)
	}
	parent, child = term.processes()
	if parent == 0 || child == 0 {
		term.t.Fatalf("parent %d, child %d", parent, child)
	}
	return parent, child, before
}

// exited waits for the shell and gives the exit code that it saw.
func (term *tmuxPane) exited() (code int) {
	term.t.Helper()
	term.wait("the end of the program", func() bool {
		text, err := os.ReadFile(filepath.Join(term.dir, "code"))
		if err != nil {
			return false // not yet
		}
		_, err = fmt.Sscanf(string(text), "code=%d\n", &code)
		return err == nil
	})
	return code
}

// Whatever kills the working process, the shell gets its terminal back as it was,
// and one paragraph says what died where.
func TestTerminalSurvivesADeath(t *testing.T) {
	for _, c := range []struct {
		signal syscall.Signal
		code   int
		says   string
	}{
		{syscall.SIGKILL, 137, "died of SIGKILL: somebody killed it, or the kernel did because memory ran out"},
		{syscall.SIGABRT, 134, `died of SIGABRT (it used up to`}, // as a C++ exception that nobody catches
		{syscall.SIGSEGV, 139, `died of SIGSEGV`},
		{syscall.SIGBUS, 135, `died of SIGBUS`},
		{syscall.SIGQUIT, 131, `died of SIGQUIT`},
	} {
		name := unix.SignalName(c.signal)
		t.Run(name, func(t *testing.T) {
			term := newTerminal(t)
			_, child, before := term.build()
			term.kill(child, c.signal)
			if code := term.exited(); code != c.code {
				t.Errorf("exit code %d, not %d", code, c.code)
			}
			term.restored(before)
			said := term.says()
			runs, _ := filepath.Glob(filepath.Join(term.dir, "repo", ".buildscope", "runs", "*"))
			if len(runs) != 1 {
				t.Fatalf("%d runs", len(runs))
			}
			for _, want := range []string{c.says, "was through with 1 of its nodes; it was at the node wait (", "process_test.go:", "The terminal is as it was before", runs[0]} {
				if !strings.Contains(strings.ReplaceAll(said, " ", ""), strings.ReplaceAll(want, " ", "")) {
					t.Errorf("%q is not said:\n%s", want, term.screen())
				}
			}
			raw, err := os.ReadFile(filepath.Join(term.dir, "raw"))
			if err != nil {
				t.Fatal(err)
			}
			program, _, _ := strings.Cut(string(raw), "code=1") // then the shell has it
			for on, off := range map[string]string{"\x1b[?1049h": "\x1b[?1049l", "\x1b[?2004h": "\x1b[?2004l", "\x1b[?1002h": "\x1b[?1002l", "\x1b[?1006h": "\x1b[?1006l", "\x1b[?25l": "\x1b[?25h"} {
				if strings.LastIndex(program, on) < 0 || strings.LastIndex(program, off) < strings.LastIndex(program, on) {
					t.Errorf("%q was not followed by %q", on, off)
				}
			}
			crash, err := os.ReadFile(filepath.Join(runs[0], "crash.txt"))
			if err != nil || !strings.Contains(string(crash), "stray words") || c.signal != syscall.SIGKILL && !strings.Contains(string(crash), name) {
				t.Errorf("crash.txt: %v %.100s", err, crash)
			}
		})
	}
}

// A signal that asks the program to end reaches the build whichever of the two
// processes gets it, once.
func TestSignalsReachTheBuild(t *testing.T) {
	for _, c := range []struct {
		to     string
		signal syscall.Signal
		cause  string
	}{
		{"parent", syscall.SIGTERM, "terminated"},
		{"parent", syscall.SIGINT, "interrupted"},
		{"parent", syscall.SIGHUP, "the terminal was closed"},
		{"child", syscall.SIGTERM, "terminated"},
		{"both", syscall.SIGINT, "interrupted"}, // as the terminal sends it
		{"both", syscall.SIGTERM, "terminated"},
	} {
		t.Run(c.to+" "+unix.SignalName(c.signal), func(t *testing.T) {
			term := newTerminal(t)
			parent, child, before := term.build()
			if c.to != "child" {
				term.kill(parent, c.signal)
			}
			if c.to != "parent" {
				term.kill(child, c.signal)
			}
			if code := term.exited(); code != 130 {
				t.Errorf("exit code %d", code)
			}
			term.restored(before)
			if said := term.says(); !strings.Contains(said, c.cause) || strings.Contains(said, "died of") || strings.Contains(said, "left before") || !strings.Contains(said, "stray words") {
				t.Errorf("it says\n%s", said)
			}
		})
	}
}

// Without its parent the child ends the build by itself and leaves the screen.
func TestChildEndsWithItsParent(t *testing.T) {
	term := newTerminal(t)
	parent, child, before := term.build()
	term.kill(parent, syscall.SIGKILL)
	if code := term.exited(); code != 137 {
		t.Errorf("exit code %d", code)
	}
	term.wait("the end of the child", func() bool { return syscall.Kill(child, 0) != nil })
	term.wait("the terminal", func() bool { return term.modes() == before })
	events, _ := filepath.Glob(filepath.Join(term.dir, "repo", ".buildscope", "runs", "*", "manifest.json"))
	if len(events) != 1 {
		t.Errorf("the child has not written its manifest: %q", events)
	}
}

// ctrl+z stops the program and fg brings it back, as without a guard; in between
// the terminal is the shell's.
func TestJobControl(t *testing.T) {
	term := newTerminal(t)
	_, _, before := term.build()
	term.press("C-z")
	term.wait("the shell", func() bool { return strings.Contains(term.says(), "Stopped") && term.modes() == before })
	term.press("clear; rm code; fg; echo code=$? | tee code", "Enter")
	term.wait("the screen", func() bool {
		return strings.Contains(term.modes(), "alternate 1") && strings.Contains(term.says(), "1 running")
	})
	term.press("C-c") // asks; the second one leaves at once
	term.press("C-c")
	if code := term.exited(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	term.restored(before)
}

// The guard can be turned off, for a debugger.
func TestGuardIsOff(t *testing.T) {
	term := newTerminal(t)
	term.press("export BUILDSCOPE_GUARD=off; clear", "Enter")
	repo := filepath.Join(term.dir, "repo")
	if err := os.MkdirAll(repo, 0o755); err != nil {
		t.Fatal(err)
	}
	term.press(program(t, "probe")+" tui repo", "Enter")
	term.wait("the screen", func() bool {
		return strings.Contains(term.says(), "settings") && strings.Contains(term.modes(), "alternate 1")
	})
	if program, child := term.processes(); program == 0 || child != 0 {
		t.Errorf("program %d, child %d", program, child)
	}
	term.press("q")
	term.wait("the shell", func() bool { return strings.Contains(term.modes(), "alternate 0") })
}
