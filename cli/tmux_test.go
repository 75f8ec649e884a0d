package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tmux is a terminal multiplexer with a server of its own, without the user's
// settings.
type tmux struct {
	t   *testing.T
	dir string // working directory of its shell
}

func newTmux(t *testing.T, w, h int) *tmux {
	t.Helper()
	dir := t.TempDir()
	return startTmux(t, dir, w, h, "exec env -i HOME="+dir+" TMPDIR="+dir+" PATH="+os.Getenv("PATH")+
		" LANG=C.UTF-8 LC_ALL=C.UTF-8 TERM=xterm-256color PS1='$ ' SHELL=/bin/sh /bin/sh")
}

// startTmux starts a shell in a folder and waits for its prompt, which has a "$".
func startTmux(t *testing.T, dir string, w, h int, shell string) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("CI") != "true" {
			t.Skip("there is no tmux on this machine")
		}
		t.Fatal(err)
	}
	m := &tmux{t: t, dir: dir}
	m.do("-f", os.DevNull, "new-session", "-d", "-x", strconv.Itoa(w), "-y", strconv.Itoa(h), "-c", dir, shell)
	t.Cleanup(func() { m.do("kill-server") })
	m.expect("$")
	return m
}

// do gives tmux a command, and its answer without the newlines at the end.
func (m *tmux) do(args ...string) string {
	m.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", filepath.Join(m.dir, "socket")}, args...)...)
	cmd.Env = append(os.Environ(), "TMUX=", "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimRight(string(out), "\n")
}

func (m *tmux) screen() string { m.t.Helper(); return m.do("capture-pane", "-p") }

// press presses keys, by tmux's names.
func (m *tmux) press(keys ...string) *tmux {
	m.t.Helper()
	m.do(append([]string{"send-keys"}, keys...)...)
	return m
}

// typed types a text and nothing else.
func (m *tmux) typed(text string) *tmux {
	m.t.Helper()
	m.do("send-keys", "-l", text)
	return m
}

// expect waits until the screen shows all of the texts.
func (m *tmux) expect(texts ...string) string {
	m.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		screen, missing := m.screen(), ""
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				missing = text
			}
		}
		if missing == "" {
			return screen
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("%q is not on\n%s", missing, screen)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// sh runs a command of the shell and gives what it prints.
func (m *tmux) sh(command string) string {
	m.t.Helper()
	path := filepath.Join(m.t.TempDir(), "out")
	m.typed(command + " > " + path + "; mv " + path + " " + path + ".done").press("Enter")
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if out, err := os.ReadFile(path + ".done"); err == nil {
			return string(out)
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("%s does not end:\n%s", command, m.screen())
		}
	}
}
