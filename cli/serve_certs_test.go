package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/cli"
)

// keygen runs ssh-keygen in a folder.
func keygen(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("ssh-keygen", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen %q: %v: %s", args, err, out)
	}
}

// makeKey makes a key, and a certificate of it if there are arguments for ssh-keygen.
func makeKey(t *testing.T, dir, who string, sign ...string) {
	t.Helper()
	keygen(t, dir, "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", who)
	if len(sign) > 0 {
		keygen(t, dir, append(append([]string{"-q"}, sign...), who+".pub")...)
	}
}

// Certificates as ssh-keygen makes them and OpenSSH's client shows them.
func TestServeCertificates(t *testing.T) {
	repo, audit := repository(t), filepath.Join(t.TempDir(), "audit.jsonl")
	needsOpenSSH(t)
	dir := t.TempDir() // of authorities
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	public := func(dir, who string) string {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(dir, who+".pub"))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	makeKey(t, dir, "ca")
	makeKey(t, dir, "other")
	trusted := write("trusted", `principals="dora,emil,boss" `+public(dir, "ca"))
	revoked := write("revoked", "") // read at each login: what is in it comes later
	s := serveRepo(t, "probe", repo, "--ssh-trusted-ca-keys", trusted, "--ssh-revoked-keys", revoked, "--ssh-operators", "ann,boss", "--ssh-audit-log", audit,
		"--ssh-recheck-interval", "200ms")
	s.says("trusts   ca SHA256:").says("to sign for dora, emil, boss")
	makeKey(t, s.dir, "valid", "-s", filepath.Join(dir, "ca"), "-I", "dora@desk", "-n", "dora", "-z", "41", "-V", "-1h:+1h")
	makeKey(t, s.dir, "operator", "-s", filepath.Join(dir, "ca"), "-I", "emil@desk", "-n", "emil,boss", "-z", "42")
	makeKey(t, s.dir, "expired", "-s", filepath.Join(dir, "ca"), "-I", "x", "-n", "dora", "-V", "20200101:20200102")
	makeKey(t, s.dir, "early", "-s", filepath.Join(dir, "ca"), "-I", "x", "-n", "dora", "-V", "20990101:20990102")
	makeKey(t, s.dir, "principal", "-s", filepath.Join(dir, "ca"), "-I", "x", "-n", "nobody")
	makeKey(t, s.dir, "unnamed", "-s", filepath.Join(dir, "ca"), "-I", "x")
	makeKey(t, s.dir, "stranger", "-s", filepath.Join(dir, "other"), "-I", "x", "-n", "boss")
	makeKey(t, s.dir, "host-cert", "-s", filepath.Join(dir, "ca"), "-I", "x", "-n", "dora", "-h")
	makeKey(t, s.dir, "forced", "-s", filepath.Join(dir, "ca"), "-I", "x", "-n", "dora", "-O", "force-command=runs list")
	makeKey(t, s.dir, "elsewhere", "-s", filepath.Join(dir, "ca"), "-I", "x", "-n", "dora", "-O", "source-address=192.0.2.0/24")
	makeKey(t, s.dir, "here", "-s", filepath.Join(dir, "ca"), "-I", "fred", "-n", "dora", "-O", "source-address=127.0.0.0/8", "-O", "no-pty")
	makeKey(t, s.dir, "ann-without")
	makeKey(t, s.dir, "gone", "-s", filepath.Join(dir, "ca"), "-I", "gone", "-n", "dora", "-z", "43")
	write("revoked", public(s.dir, "gone"))

	for _, c := range []struct {
		who, refused string
	}{
		{"valid", ""}, {"operator", ""}, {"here", ""},
		{"expired", "cert has expired"},
		{"early", "cert is not yet valid"},
		{"principal", "the certificate is for nobody, and its authority is trusted for dora, emil, boss"},
		{"unnamed", "names no principal"},
		{"stranger", "the key that has signed the certificate is not trusted"},
		{"host-cert", "not among the authorized keys"}, // the client does not even show it
		{"forced", `unsupported critical option "force-command"`},
		{"elsewhere", "the certificate is not for the address 127.0.0.1"},
		{"gone", "the key is revoked"},
		{"ann-without", "not among the authorized keys"},
	} {
		_, errs, code := s.run(c.who, "", "runs", "list")
		if (code == cli.ExitOK) != (c.refused == "") || c.refused != "" && !strings.Contains(errs, "Permission denied (publickey)") {
			t.Errorf("%s: exit %d: %s", c.who, code, errs)
		}
		if c.refused != "" {
			s.says(c.refused)
		}
	}
	if _, errs, code := s.run("valid", "", "build", "."); code != cli.ExitUsage || !strings.Contains(errs, "build is for operators, and dora@desk may only watch") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if _, errs, code := s.run("operator", "", "build", "."); code != cli.ExitOK {
		t.Errorf("exit %d: %s", code, errs)
	}
	dora := s.at("valid", 100, 30)
	dora.press("W")
	dora.expect("dora@desk watches (this is you)")
	data, err := os.ReadFile(audit)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ssh-keygen", "-lf", filepath.Join(dir, "ca.pub")).Output()
	if err != nil {
		t.Fatal(err)
	}
	ca := strings.Fields(string(out))[1]
	for _, want := range []string{
		`"certificate":{"key_id":"dora@desk","serial":41,"ca":"` + ca + `","principals":["dora"]}`,
		`"event":"build","person":"emil@desk"`, `"operator":true,"certificate":{"key_id":"emil@desk","serial":42,`,
		`"certificate":{"key_id":"gone","serial":43,`,
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %s in\n%s", want, data)
		}
	}
	// An authority that is taken out of its file is none from the next login on, nor for
	// who is in.
	write("trusted", "")
	if _, errs, code := s.run("valid", "", "runs", "list"); code == cli.ExitOK {
		t.Errorf("still in: %s", errs)
	}
	s.says("you are not let in any more: the key that has signed the certificate is not trusted")
}
