package sshd

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// newKey makes a key, and its line in authorized_keys without a comment.
func newKey(t testing.TB) (gossh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := gossh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer, strings.TrimSpace(string(gossh.MarshalAuthorizedKey(signer.PublicKey())))
}

func writeKeys(t testing.TB, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "authorized_keys")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// noFaults is for files in which there are none.
func noFaults(t testing.TB) func(error) {
	return func(err error) { t.Errorf("fault %v", err) }
}

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func from(ip string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: 1} }

func TestOptionsOfKeys(t *testing.T) {
	signer, line := newKey(t)
	for _, c := range []struct {
		options string
		addr    string
		noPty   bool
		fault   string // of the file
		refused string // of the login
	}{
		{"", "10.0.0.1", false, "", ""},
		{"restrict", "10.0.0.1", true, "", ""},
		{"restrict,pty", "10.0.0.1", false, "", ""},
		{"no-pty,no-port-forwarding,no-agent-forwarding,no-X11-forwarding,no-user-rc", "10.0.0.1", true, "", ""},
		{`from="10.0.0.0/8"`, "10.1.2.3", false, "", ""},
		{`from="10.0.0.0/8"`, "::ffff:10.1.2.3", false, "", ""},
		{`from="10.0.0.0/8"`, "11.0.0.1", false, "", "not for the address 11.0.0.1"},
		{`from="10.*,!10.0.0.?"`, "10.2.0.1", false, "", ""},
		{`from="10.*,!10.0.0.?"`, "10.0.0.7", false, "", "not for the address 10.0.0.7"},
		{`from="2001:db8::/32,::1"`, "2001:db8::5", false, "", ""},
		{`from="2001:db8::/32,::1"`, "::1", false, "", ""},
		{`from="*.example.com"`, "10.0.0.1", false, "names of hosts are not looked up", ""},
		{`from="10.0.0.0/99"`, "10.0.0.1", false, "no address with a prefix", ""},
		{`from=""`, "10.0.0.1", false, "no pattern of addresses", ""},
		{`expiry-time="20260601"`, "10.0.0.1", false, "", "has expired"},
		{`expiry-time="20260601120000Z"`, "10.0.0.1", false, "", "has expired at 2026-06-01T12:00:00Z"},
		{`expiry-time="202606011201Z"`, "10.0.0.1", false, "", ""},
		{`expiry-time="tomorrow"`, "10.0.0.1", false, "must be YYYYMMDD", ""},
		{`command="ls"`, "10.0.0.1", false, "option command is not supported", ""},
		{`environment="A=b"`, "10.0.0.1", false, "option environment is not supported", ""},
		{`permitopen="a:1"`, "10.0.0.1", false, "option permitopen is not supported", ""},
		{"cert-authority", "10.0.0.1", false, "", "not among the authorized keys"},
		{`principals="ann"`, "10.0.0.1", false, "principals is for lines with cert-authority", ""},
		{`cert-authority,principals="ann,,bob"`, "10.0.0.1", false, "an empty name", ""},
		{`cert-authority,principals`, "10.0.0.1", false, "option principals is not supported", ""},
		{"port-forwarding", "10.0.0.1", false, "option port-forwarding is not supported", ""},
		{"from=10.0.0.1", "10.0.0.1", false, "must stand in quotes", ""},
	} {
		text := strings.TrimSpace(c.options + " " + line + " ann@laptop")
		keys, faults := ParseKeys([]byte("# people\n\n" + text + "\n"))
		if c.fault != "" {
			if len(keys) != 0 || len(faults) != 1 || !strings.Contains(faults[0].Error(), c.fault) || !strings.HasPrefix(faults[0].Error(), "line 3") {
				t.Errorf("%s: keys %v, faults %v", c.options, keys, faults)
			}
			continue
		}
		if len(keys) != 1 || len(faults) != 0 {
			t.Errorf("%s: keys %v, faults %v", c.options, keys, faults)
			continue
		}
		k, err := OpenKeys(KeyOptions{Path: writeKeys(t, text), Warn: noFaults(t)})
		if err != nil {
			t.Fatal(err)
		}
		p, err := k.Admit(signer.PublicKey(), from(c.addr), noon)
		if c.refused == "" && (err != nil || p.Name != "ann@laptop" || p.NoPty != c.noPty || p.Operator) {
			t.Errorf("%s from %s: %+v, %v", c.options, c.addr, p, err)
		}
		if c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)) {
			t.Errorf("%s from %s: %+v, %v", c.options, c.addr, p, err)
		}
	}
}

// A line that is a certificate would let in whoever holds its key, whatever the times
// and options in it say.
func TestACertificateIsNoKey(t *testing.T) {
	signer, _ := newKey(t)
	authority, line := newKey(t)
	expired := &gossh.Certificate{Key: signer.PublicKey(), CertType: gossh.UserCert, KeyId: "ann", ValidAfter: 1, ValidBefore: 2}
	if err := expired.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	path := writeKeys(t, line+" ca", string(gossh.MarshalAuthorizedKey(expired)))
	var faults []string
	k, err := OpenKeys(KeyOptions{Path: path, Warn: func(err error) { faults = append(faults, err.Error()) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(faults) != 1 || !strings.HasPrefix(faults[0], path+": line 2 is a certificate") {
		t.Errorf("faults %q", faults)
	}
	if p, err := k.Admit(expired, from("::1"), noon); err == nil {
		t.Errorf("%+v is in", p)
	}
}

// Who is taken out of the file, or put in, is so from the next login on, and a file
// that has become unreadable lets nobody in.
func TestKeysChange(t *testing.T) {
	ann, annLine := newKey(t)
	bob, bobLine := newKey(t)
	path := writeKeys(t, annLine+" ann")
	var faults []string
	k, err := OpenKeys(KeyOptions{Path: path, Operators: []string{"ann"}, Warn: func(err error) { faults = append(faults, err.Error()) }})
	if err != nil {
		t.Fatal(err)
	}
	in := func(s gossh.Signer) bool {
		_, err := k.Admit(s.PublicKey(), from("::1"), noon)
		return err == nil
	}
	if p, err := k.Admit(ann.PublicKey(), from("::1"), noon); err != nil || !p.Operator {
		t.Errorf("ann is %+v, %v", p, err)
	}
	if in(bob) {
		t.Error("bob is in")
	}
	if err := os.WriteFile(path, []byte("nonsense\n"+bobLine+" bob\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if in(ann) || !in(bob) {
		t.Error("the keys are those of before")
	}
	if len(faults) != 1 || !strings.Contains(faults[0], "line 1 is no public key") {
		t.Errorf("faults %q", faults)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Admit(bob.PublicKey(), from("::1"), noon); err == nil || !strings.Contains(err.Error(), "mode 0666") {
		t.Errorf("a file that everybody can write to lets in: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if in(bob) {
		t.Error("bob is in without a file")
	}
}

func TestOpenKeysRefuses(t *testing.T) {
	_, line := newKey(t)
	for _, c := range []struct {
		lines     []string
		operators []string
		want      string
	}{
		{nil, nil, "no key that may log in"},
		{[]string{line + " ann"}, []string{"anne"}, `operator "anne" is neither`},
		{[]string{line + " ann"}, []string{"anm"}, `did you mean "ann"`},
		{[]string{line}, []string{""}, ""},
	} {
		_, err := OpenKeys(KeyOptions{Path: writeKeys(t, c.lines...), Operators: c.operators, Warn: noFaults(t)})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: %v", c, err)
		}
	}
	// The empty comment is no name: it would make everybody without one an operator.
	k, err := OpenKeys(KeyOptions{Path: writeKeys(t, line), Operators: []string{""}, Warn: noFaults(t)})
	if err != nil {
		t.Fatal(err)
	}
	if people, err := k.People(); err != nil || len(people) != 1 || people[0].Operator {
		t.Errorf("%+v, %v", people, err)
	}
}

func TestHostKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "key")
	first, made, err := HostKey(path)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	second, made, err := HostKey(path)
	if err != nil || made || gossh.FingerprintSHA256(first.PublicKey()) != gossh.FingerprintSHA256(second.PublicKey()) {
		t.Errorf("another key: %v, %v", made, err)
	}
	if list, err := os.ReadDir(filepath.Dir(path)); err != nil || len(list) != 1 {
		t.Errorf("left behind: %v, %v", list, err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, _, err := HostKey(path); err == nil || !strings.Contains(err.Error(), "mode 0640") || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("took a key that others can read: %v", err)
	}
	if err := os.WriteFile(path, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := HostKey(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("took nonsense for a key: %v", err)
	}
}

func ExampleParseKeys() {
	_, faults := ParseKeys([]byte("ssh-ed25519 nonsense ann\n"))
	fmt.Println(faults)
	// Output: [line 1 is no public key; the key is not admitted]
}
