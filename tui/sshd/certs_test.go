package sshd

import (
	"crypto/rand"
	"crypto/rsa"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// Who gets in by a certificate, from 10.0.0.1 at noon.
func TestCertificates(t *testing.T) {
	owner, ownerLine := newKey(t)
	authority, caLine := newKey(t)
	stranger, _ := newKey(t)
	at := func(d time.Duration) uint64 { return uint64(noon.Add(d).Unix()) }
	for _, c := range []struct {
		name    string
		line    string // before the authority's key
		trusted bool   // the line is in the file of authorities
		change  func(*gossh.Certificate)
		signer  gossh.Signer
		revoked string
		want    Person
		refused string
	}{
		{name: "valid", line: "cert-authority", want: Person{Name: "ann@laptop"}},
		{name: "of its own file", line: "", trusted: true, want: Person{Name: "ann@laptop"}},
		{name: "a key is no authority", line: "", refused: "not trusted"},
		{name: "operator by principal", line: `cert-authority,principals="x,boss"`, change: func(c *gossh.Certificate) { c.ValidPrincipals = []string{"ann", "boss"} }, want: Person{Name: "ann@laptop", Operator: true}},
		{name: "a principal of another line", line: `cert-authority,principals="ann"`, change: func(c *gossh.Certificate) { c.ValidPrincipals = []string{"ann", "boss"} }, want: Person{Name: "ann@laptop"}},
		{name: "no id", line: "cert-authority", change: func(c *gossh.Certificate) { c.KeyId = "" }, want: Person{Name: "ann"}},
		{name: "an id that is none", line: "cert-authority", change: func(c *gossh.Certificate) { c.KeyId = "\x1b[2Jann\n" + strings.Repeat("x", 500) }, want: Person{Name: "[2Jann" + strings.Repeat("x", maxName-6)}},
		{name: "no terminal", line: "cert-authority", change: func(c *gossh.Certificate) { c.Extensions = nil }, want: Person{Name: "ann@laptop", NoPty: true}},
		{name: "no terminal by line", line: "cert-authority,no-pty", want: Person{Name: "ann@laptop", NoPty: true}},
		{name: "source-address", line: "cert-authority", change: func(c *gossh.Certificate) {
			c.CriticalOptions = map[string]string{sourceAddress: "192.168.0.0/16,10.0.0.1"}
		}, want: Person{Name: "ann@laptop"}},
		{name: "wrong source-address", line: "cert-authority", change: func(c *gossh.Certificate) {
			c.CriticalOptions = map[string]string{sourceAddress: "192.168.0.0/16"}
		}, refused: "not for the address 10.0.0.1"},
		{name: "strange source-address", line: "cert-authority", change: func(c *gossh.Certificate) {
			c.CriticalOptions = map[string]string{sourceAddress: "10.0.0.1,*"}
		}, refused: "not understood"},
		{name: "force-command", line: "cert-authority", change: func(c *gossh.Certificate) { c.CriticalOptions = map[string]string{"force-command": "runs list"} }, refused: `unsupported critical option "force-command"`},
		{name: "unknown option", line: "cert-authority", change: func(c *gossh.Certificate) { c.CriticalOptions = map[string]string{"new@example.com": ""} }, refused: "unsupported critical option"},
		{name: "expired", line: "cert-authority", change: func(c *gossh.Certificate) { c.ValidBefore = at(0) }, refused: "expired"},
		{name: "just not expired", line: "cert-authority", change: func(c *gossh.Certificate) { c.ValidBefore = at(time.Second) }, want: Person{Name: "ann@laptop"}},
		{name: "not yet valid", line: "cert-authority", change: func(c *gossh.Certificate) { c.ValidAfter = at(time.Second) }, refused: "not yet valid"},
		{name: "wrong principal", line: `cert-authority,principals="bob"`, refused: "for ann, and its authority is trusted for bob"},
		{name: "no principal", line: "cert-authority", change: func(c *gossh.Certificate) { c.ValidPrincipals = nil }, refused: "names no principal"},
		{name: "host", line: "cert-authority", change: func(c *gossh.Certificate) { c.CertType = gossh.HostCert }, refused: "none of a user"},
		{name: "wrong authority", line: "cert-authority", signer: stranger, refused: "not trusted"},
		{name: "wrong address", line: `cert-authority,from="192.168.*"`, refused: "not for the address 10.0.0.1"},
		{name: "line has expired", line: `cert-authority,expiry-time="20260601120000Z"`, refused: "has expired"},
		{name: "revoked key", line: "cert-authority", revoked: ownerLine, refused: "the key is revoked"},
		{name: "revoked authority", line: "cert-authority", revoked: caLine, refused: "has signed the certificate is revoked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cert := &gossh.Certificate{Key: owner.PublicKey(), Serial: 7, CertType: gossh.UserCert, KeyId: "ann@laptop", ValidPrincipals: []string{"ann"},
				ValidAfter: at(-time.Hour), ValidBefore: at(time.Hour), Permissions: gossh.Permissions{Extensions: map[string]string{permitPty: ""}}}
			if c.change != nil {
				c.change(cert)
			}
			if c.signer == nil {
				c.signer = authority
			}
			if err := cert.SignCert(rand.Reader, c.signer); err != nil {
				t.Fatal(err)
			}
			o := KeyOptions{Operators: []string{"boss"}, Warn: noFaults(t), Path: writeKeys(t)}
			if text := strings.TrimSpace(c.line + " " + caLine + " ca"); c.trusted {
				o.Authorities = writeKeys(t, text)
			} else {
				o.Path = writeKeys(t, text)
			}
			if c.revoked != "" {
				o.Revoked = writeKeys(t, "# gone", c.revoked+" somebody")
			}
			if !strings.Contains(c.line, "boss") {
				o.Operators = nil
			}
			k, err := OpenKeys(o)
			if err != nil {
				t.Fatal(err)
			}
			p, err := k.Admit(cert, from("10.0.0.1"), noon)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("%+v, %v", p, err)
				}
				return
			}
			if err != nil || p.Certificate == nil {
				t.Fatal(err)
			}
			if p.Certificate.KeyID != cert.KeyId || p.Certificate.Serial != 7 || p.Certificate.Authority != gossh.FingerprintSHA256(authority.PublicKey()) {
				t.Errorf("certificate %+v", p.Certificate)
			}
			p.Certificate, c.want.Fingerprint = nil, gossh.FingerprintSHA256(owner.PublicKey())
			if p != c.want {
				t.Errorf("%+v, want %+v", p, c.want)
			}
			if _, err := k.Admit(owner.PublicKey(), from("10.0.0.1"), noon); err == nil {
				t.Error("the key is in without its certificate")
			}
			if _, err := k.Admit(authority.PublicKey(), from("10.0.0.1"), noon); err == nil {
				t.Error("the authority itself is in")
			}
		})
	}
}

// A certificate that somebody has changed after it was signed is worth nothing.
func TestAChangedCertificate(t *testing.T) {
	owner, _ := newKey(t)
	authority, caLine := newKey(t)
	cert := &gossh.Certificate{Key: owner.PublicKey(), CertType: gossh.UserCert, ValidPrincipals: []string{"ann"}, ValidBefore: gossh.CertTimeInfinity}
	if err := cert.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	k, err := OpenKeys(KeyOptions{Path: writeKeys(t, "cert-authority "+caLine), Warn: noFaults(t)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Admit(cert, from("::1"), noon); err != nil {
		t.Fatal(err)
	}
	cert.ValidPrincipals = []string{"boss"}
	if p, err := k.Admit(cert, from("::1"), noon); err == nil || !strings.Contains(err.Error(), "signature") {
		t.Errorf("%+v, %v", p, err)
	}
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := gossh.NewSignerFromKey(weak)
	if err != nil {
		t.Fatal(err)
	}
	sha1, err := gossh.NewSignerWithAlgorithms(signer.(gossh.AlgorithmSigner), []string{gossh.KeyAlgoRSA})
	if err != nil {
		t.Fatal(err)
	}
	if err := cert.SignCert(rand.Reader, sha1); err != nil {
		t.Fatal(err)
	}
	k, err = OpenKeys(KeyOptions{Path: writeKeys(t, "cert-authority "+strings.TrimSpace(string(gossh.MarshalAuthorizedKey(signer.PublicKey())))), Warn: noFaults(t)})
	if err != nil {
		t.Fatal(err)
	}
	if p, err := k.Admit(cert, from("::1"), noon); err == nil || !strings.Contains(err.Error(), "too weak") {
		t.Errorf("%+v, %v", p, err)
	}
}

// While it is not known whose keys are revoked nobody gets in.
func TestRevokedKeysChange(t *testing.T) {
	ann, annLine := newKey(t)
	bob, bobLine := newKey(t)
	list := writeKeys(t, annLine)
	k, err := OpenKeys(KeyOptions{Path: writeKeys(t, annLine+" ann", bobLine+" bob"), Revoked: list, Warn: noFaults(t)})
	if err != nil {
		t.Fatal(err)
	}
	check := func(s gossh.Signer, want string) {
		t.Helper()
		for range 2 { // also when it has not changed meanwhile
			_, err := k.Admit(s.PublicKey(), from("::1"), noon)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%v, want %q", err, want)
			}
		}
	}
	check(ann, "the key is revoked")
	check(bob, "")
	for text, want := range map[string]string{"SSHKRL\n\x00\x00": "this is a KRL", "nonsense": "line 1 is no public key", "no-pty " + annLine: "line 1: a key that is revoked has no options"} {
		if err := os.WriteFile(list, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		check(bob, want)
		if _, err := OpenKeys(k.opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("opened: %v", err)
		}
	}
	if err := os.WriteFile(list, []byte("# nobody\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	check(ann, "")
	if err := os.Remove(list); err != nil {
		t.Fatal(err)
	}
	check(bob, "revoked keys")
	if err := k.Withdrawn()(bob.PublicKey(), from("::1"), noon); err != nil { // which nobody knows now
		t.Errorf("withdrawn: %v", err)
	}
}

// Without keys of their own people come by certificates alone, and a slip in the name of
// an operator is found where all names are known.
func TestAuthoritiesAlone(t *testing.T) {
	_, line := newKey(t)
	missing := t.TempDir() + "/none"
	authorities := writeKeys(t, `principals="ann,bob" `+line+" ca")
	k, err := OpenKeys(KeyOptions{Path: missing, Authorities: authorities, Operators: []string{"ann"}, Warn: noFaults(t)})
	if err != nil {
		t.Fatal(err)
	}
	if list, err := k.Authorities(); err != nil || len(list) != 1 || list[0].Name != "ca" || !slices.Equal(list[0].Principals, []string{"ann", "bob"}) {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := OpenKeys(KeyOptions{Path: missing, Authorities: authorities, Operators: []string{"anm"}, Warn: noFaults(t)}); err == nil || !strings.Contains(err.Error(), `did you mean "ann"`) {
		t.Errorf("%v", err)
	}
	if _, err := OpenKeys(KeyOptions{Path: missing, Warn: noFaults(t)}); err == nil {
		t.Error("opened without any key")
	}
}
