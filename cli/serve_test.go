package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/ui"
)

// served is a server with two people who may come in: ann operates, bob watches.
type served struct {
	*process
	t    *testing.T
	dir  string // of the keys
	host string // where it listens
	port string
}

// needsOpenSSH skips a test where there is no client; in CI there is one.
func needsOpenSSH(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"ssh", "ssh-keygen"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") != "true" {
				t.Skip("there is no OpenSSH client on this machine")
			}
			t.Fatal(err)
		}
	}
}

func serveRepo(t *testing.T, name, repo string, args ...string) *served {
	t.Helper()
	needsOpenSSH(t)
	s := &served{t: t, dir: t.TempDir()}
	keys := ""
	for _, who := range []string{"ann", "bob", "eve"} {
		out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", filepath.Join(s.dir, who)).CombinedOutput()
		if err != nil {
			t.Fatalf("ssh-keygen: %v: %s", err, out)
		}
		if public, err := os.ReadFile(filepath.Join(s.dir, who+".pub")); err != nil {
			t.Fatal(err)
		} else if who != "eve" {
			keys += string(public)
		}
	}
	if err := os.WriteFile(filepath.Join(s.dir, "authorized_keys"), []byte(keys), 0o600); err != nil {
		t.Fatal(err)
	}
	s.process = command(t, name, append([]string{"serve", repo, "--listen", "127.0.0.1:0", "--ssh-host-key", filepath.Join(s.dir, "host"),
		"--ssh-authorized-keys", filepath.Join(s.dir, "authorized_keys"), "--ssh-operators", "ann"}, args...)...)
	s.start().says("builds may lie in")
	found := regexp.MustCompile(`listening on ([\d.]+):(\d+), host key SHA256:`).FindStringSubmatch(s.narration())
	if found == nil {
		t.Fatalf("no address in\n%s", s.narration())
	}
	s.host, s.port = found[1], found[2]
	return s
}

// ssh is the client of somebody, with nothing of this user's configuration.
func (s *served) ssh(who string, args ...string) []string {
	return s.sshTo(s.host, s.port, who, args...)
}

func (s *served) sshTo(host, port, who string, args ...string) []string {
	return append([]string{"ssh", "-F", "none", "-i", filepath.Join(s.dir, who), "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=accept-new",
		"-o", "UserKnownHostsFile=" + filepath.Join(s.dir, "known"), "-o", "BatchMode=yes", "-p", port, host}, args...)
}

// at opens a terminal in which somebody is logged in.
func (s *served) at(who string, w, h int) *tmux {
	s.t.Helper()
	m := newTmux(s.t, w, h)
	m.typed(strings.Join(s.ssh(who), " ")).press("Enter")
	m.expect("buildscope", "? help")
	return m
}

// who looks at the list of people until it has a line and nobody of a name any more. What
// is told of comings and goings in the last line is gone again after some seconds.
func (m *tmux) who(line, gone string) {
	m.t.Helper()
	waitFor(m.t, line+", without "+gone, func() bool {
		m.press("W")
		screen := m.expect("Who is here", "this is you")
		m.press("q")
		return strings.Contains(screen, line) && !strings.Contains(screen, gone+" ")
	})
}

// Two people with real clients: one starts a build, the other watches and may not
// cancel, a connection is lost, the build goes on, and whoever comes back finds it.
func TestServeTwoPeople(t *testing.T) {
	repo := repository(t, "wait")
	s := serveRepo(t, "probe", repo)
	ann, bob := s.at("ann", 120, 40), s.at("bob", 80, 24)
	bob.expect("2 here", "No build to watch.")
	if screen := bob.screen(); strings.Contains(screen, "Setup") || strings.Contains(screen, "Doctor") {
		t.Errorf("a viewer sees the settings:\n%s", screen)
	}
	bob.press("W")
	bob.expect("ann is in control", "bob watches (this is you)")
	bob.press("Escape")
	ann.press("b")
	ann.expect("[2 Run]", "running", "wait")
	bob.expect("running", "wait", "1 running")
	bob.press("c")
	bob.expect("this viewer may only watch")
	bob.do("resize-window", "-x", "100", "-y", "30")
	bob.expect("─╮╭─") // two panes have room now

	ann.typed("\r~.") // the client's own way to drop a connection
	ann.expect("closed.")
	s.says("ann from").says("end ")
	bob.who("bob watches (this is you)", "ann")
	bob.expect("1 running")
	ann.typed("clear; " + strings.Join(s.ssh("ann"), " ")).press("Enter")
	ann.expect("[2 Run]", "1 running")
	ann.press("c")
	ann.expect("Cancel")
	ann.press("y")
	ann.expect("cancelled")
	bob.expect("cancelled")
	ann.press("q")
	ann.expect("$")
	// The node is cancelled on the screen before the run has ended.
	waitFor(t, "a bundle of a cancelled run", func() bool { return newest(t, repo).Status == model.RunCancelled })

	s.signal(syscall.SIGTERM)
	bob.expect("buildscope: the server stops", "$")
	if code := s.exit(); code != cli.ExitOK {
		t.Errorf("exit %d\n%s", code, s.narration())
	}
}

// Of two operators one is in control; the other takes it over, gives it back, and gets
// it when the first leaves. All that is in the audit log.
func TestServeControl(t *testing.T) {
	repo, audit := repository(t, "wait"), filepath.Join(t.TempDir(), "state", "audit.jsonl")
	s := serveRepo(t, "probe", repo, "--ssh-operators", "ann,bob", "--ssh-audit-log", audit)
	ann := s.at("ann", 100, 30)
	bob := s.at("bob", 100, 30)
	bob.expect("2 here")
	bob.press("b")
	bob.expect("ann is in control; T takes over")
	bob.press("T")
	bob.expect("bob has taken control over from ann")
	ann.expect("bob has taken control over from ann")
	ann.press("b")
	ann.expect("bob is in control; T takes over")
	bob.press("b")
	ann.expect("[2 Run]", "1 running")
	ann.press("c")
	ann.expect("bob is in control; T takes over")
	bob.press("H")
	bob.expect("Hand control over to", "ann")
	bob.press("Enter")
	ann.expect("bob has handed control over to ann")
	ann.press("B")
	ann.expect("Builds of this server", "by bob")
	ann.press("q", "c")
	ann.expect("Cancel")
	ann.press("y")
	bob.expect("cancelled")
	ann.press("q")
	ann.expect("$")
	bob.who("bob is in control (this is you)", "ann")
	s.signal(syscall.SIGTERM)
	if code := s.exit(); code != cli.ExitOK {
		t.Errorf("exit %d\n%s", code, s.narration())
	}
	if b := newest(t, repo); b.Status != model.RunCancelled || !strings.Contains(b.Error, "by ann") {
		t.Errorf("bundle %+v", b.Summary)
	}
	data, err := os.ReadFile(audit)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"event":"login","person":"ann"`, `"event":"control","person":"bob"`, `"detail":"taken over from ann"`, `"detail":"handed over to ann"`,
		`"event":"build","person":"bob"`, `cancelled`, `"event":"end"`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %s in\n%s", want, data)
		}
	}
	if info, err := os.Stat(audit); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestServeCancelsWithoutOperators(t *testing.T) {
	repo := repository(t, "wait")
	s := serveRepo(t, "probe", repo, "--cancel-when-last-operator-leaves")
	ann, bob := s.at("ann", 100, 30), s.at("bob", 100, 30)
	ann.press("b")
	bob.expect("1 running")
	ann.press("q")
	bob.expect("cancelled", "ann, the last operator, has left")
}

// A terminal that is larger than the server believes gets a screen of that size, at the
// login and when it changes.
func TestServeBoundsTheWindow(t *testing.T) {
	s := serveRepo(t, "probe", repository(t), "--ssh-max-columns", "100", "--ssh-max-rows", "25")
	bob := s.at("bob", 130, 40)
	bounded := func() {
		t.Helper()
		waitFor(t, "a screen of 100 by 25", func() bool {
			lines := strings.Split(strings.TrimRight(bob.screen(), "\n"), "\n")
			widest := 0
			for _, line := range lines {
				widest = max(widest, ui.Width(strings.TrimRight(line, " ")))
			}
			return len(lines) == 25 && widest == 100 && strings.Contains(lines[24], "? help")
		})
	}
	bounded()
	bob.do("resize-window", "-x", "140", "-y", "50")
	bounded()
	bob.do("resize-window", "-x", "80", "-y", "24")
	waitFor(t, "a screen of 80 by 24", func() bool {
		lines := strings.Split(bob.screen(), "\n")
		return len(lines) == 24 && strings.Contains(lines[23], "? help")
	})
}

func TestServeRefuses(t *testing.T) {
	s := serveRepo(t, "probe", repository(t))
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{s.ssh("eve", "true"), "Permission denied (publickey)", 255},
		{s.ssh("ann", "-T"), "needs a terminal", cli.ExitUsage},
		{append(s.ssh("ann")[:len(s.ssh("ann"))-1], "-s", "127.0.0.1", "sftp"), "subsystem request failed", 255},
	} {
		out, err := exec.Command(c.args[0], c.args[1:]...).CombinedOutput()
		if code := exitCode(err); code != c.code || !strings.Contains(string(out), c.want) {
			t.Errorf("%q: exit %d: %s", c.args, code, out)
		}
	}
	s.says("refused").says("the key is not among the authorized keys")
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}

func TestServeSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGU2sSYAVPoXeGZbPpT2NTgn3yAvUIgxUHpmTfyEvxxa ann\n"
	good := write("good", key, 0o600)
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "put the public keys of those who may come in there"},
		{[]string{"--ssh-authorized-keys", write("open", key, 0o666)}, "mode 0666"},
		{[]string{"--ssh-authorized-keys", good, "--ssh-operators", "anne"}, `operator "anne" is neither`},
		{[]string{"--ssh-authorized-keys", good, "--ssh-host-key", write("host", "x", 0o644)}, "chmod 600"},
		{[]string{"--ssh-authorized-keys", good, "--ssh-revoked-keys", write("krl", "SSHKRL\n\x00\x00\x00\x00\x01", 0o600)}, "krl: this is a KRL"},
		{[]string{"--ssh-authorized-keys", good, "--ssh-revoked-keys", filepath.Join(dir, "none")}, "revoked keys"},
		{[]string{"--ssh-authorized-keys", good, "--ssh-trusted-ca-keys", filepath.Join(dir, "none")}, "trusted CA keys"},
		{[]string{"--ssh-authorized-keys", good, "--ssh-trusted-ca-keys", write("open-ca", key, 0o622)}, "mode 0622"},
		{[]string{"--ssh-authorized-keys", good, "--listen", "nowhere"}, "ssh.listen"},
		{[]string{"--ssh-authorized-keys", good, "--ssh-allowed-roots", "relative"}, "must be an absolute path"},
		{[]string{"--ssh-authorized-keys", good, "--ssh-allowed-roots", filepath.Join(dir, "none")}, "no such file"},
		{[]string{"--ssh-authorized-keys", good, "--ssh-allowed-roots", t.TempDir()}, "build.repo_root"},
	} {
		p := command(t, "probe", append([]string{"serve", repository(t)}, c.args...)...)
		if code := p.run(); code != cli.ExitUsage || !strings.Contains(p.narration(), c.want) {
			t.Errorf("%q: exit %d: %s", c.args, code, p.narration())
		}
	}
}
