package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// cpuTime is what the threads of a process have used.
func cpuTime(t *testing.T, pid int) (used time.Duration) {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		t.Fatal(threads, err)
	}
	for _, path := range threads {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // the thread has ended
		}
		ns, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		used += time.Duration(ns)
	}
	return used
}

// child finds the process of a program below the shell.
func (m *tmux) child(name string) int {
	m.t.Helper()
	for pids := []string{strings.TrimSpace(m.do("list-panes", "-F", "#{pane_pid}"))}; len(pids) > 0; pids = pids[1:] {
		if args, err := os.ReadFile("/proc/" + pids[0] + "/cmdline"); err == nil && strings.HasSuffix(strings.SplitN(string(args), "\x00", 2)[0], "/"+name) {
			pid, err := strconv.Atoi(pids[0])
			if err != nil {
				m.t.Fatal(err)
			}
			return pid
		}
		kids, err := os.ReadFile("/proc/" + pids[0] + "/task/" + pids[0] + "/children")
		if err != nil {
			m.t.Fatal(err)
		}
		pids = append(pids, strings.Fields(string(kids))...)
	}
	m.t.Fatalf("no %s runs:\n%s", name, m.screen())
	return 0
}

// A user's way through all screens in a real terminal: settings, a build, its tables,
// history, doctor, and back to the shell as it was.
func TestWalkInTmux(t *testing.T) {
	repo := t.TempDir()
	for i := range 20 {
		text := fmt.Sprintf("package a\n\n// F%d calls.\nfunc F%d() int { return F%d() }\n", i, i, (i+1)%20)
		if err := os.WriteFile(filepath.Join(repo, fmt.Sprintf("f%d.go", i)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			m := newTmux(t, size[0], size[1])
			stty := m.sh("stty -a")
			work := t.TempDir()
			m.typed("clear; echo before; " + program(t, "buildscope") + " tui " + repo + " --work-dir " + work).press("Enter")
			m.expect("[1 Setup]", "diagnostics_profile")
			m.typed(":set build.workers 1").press("Enter")
			m.expect("build.workers is 1 now")
			m.press("b")
			m.expect("[2 Run]", "100% of")
			m.expect("press 3 to see them")
			m.press("3")
			m.expect("[3 Artifacts]", "cpg_nodes", "Report")
			m.press("4")
			m.expect("[4 Runs]", "1 run")
			m.press("5")
			m.expect("[5 Doctor]", "0 fail")
			m.press("C-z")
			m.expect("before")
			if got := m.sh("stty -a"); got != stty {
				t.Errorf("while it is suspended, the terminal is\n%s\nit was\n%s", got, stty)
			}
			m.typed("fg").press("Enter")
			m.expect("[5 Doctor]", "D01")

			pid := m.child("buildscope")
			start, used := time.Now(), cpuTime(t, pid)
			time.Sleep(3 * time.Second)
			t.Logf("idle for %s: %.3f %% of a core", time.Since(start).Round(time.Second), 100*(cpuTime(t, pid)-used).Seconds()/time.Since(start).Seconds())

			m.press("q")
			m.expect("succeeded in", "14 tables")
			if code := m.sh("echo $?"); code != "0\n" {
				t.Errorf("exit code %s", code)
			}
			if got := m.sh("stty -a"); got != stty {
				t.Errorf("after the end the terminal is\n%s\nit was\n%s", got, stty)
			}
			if got := m.do("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"); got != "0 1 0" {
				t.Errorf("alternate screen, cursor, mouse: %s", got)
			}
		})
	}
}
