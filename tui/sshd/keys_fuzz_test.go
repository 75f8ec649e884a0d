package sshd

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"
)

// FuzzParseKeys looks for lines that panic, get in with options that are not understood,
// or log in although they only sign.
func FuzzParseKeys(f *testing.F) {
	signer, line := newKey(f)
	authority, caLine := newKey(f)
	cert := &gossh.Certificate{Key: signer.PublicKey(), CertType: gossh.UserCert, KeyId: "ann", ValidPrincipals: []string{"ann"}, ValidBefore: gossh.CertTimeInfinity,
		Permissions: gossh.Permissions{CriticalOptions: map[string]string{sourceAddress: "10.0.0.0/8"}}}
	if err := cert.SignCert(rand.Reader, authority); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`from="10.0.0.0/8,!10.1.*",no-pty ` + line + " ann"))
	f.Add([]byte(`restrict,pty,expiry-time="20270101Z" ` + line))
	f.Add([]byte(`command="sh \"-c\" x",restrict ` + line))
	f.Add([]byte("# comment\n\n@cert-authority * " + line))
	f.Add([]byte(`cert-authority,principals="ann,bob",from="10.*",no-pty ` + caLine + " ca"))
	f.Add([]byte("cert-authority,restrict " + caLine + "\n" + line + " ann\n" + string(gossh.MarshalAuthorizedKey(cert))))
	f.Add([]byte(`principals="ann" ` + caLine))
	f.Add([]byte(`cert-authority,principals="" ` + caLine))
	f.Add([]byte(`cert-authority="ann",principals=ann ` + caLine))
	f.Add([]byte("SSHKRL\n\x00\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := strings.Count(string(data), "\n") + 1
		for _, parse := range []func([]byte) ([]*Key, []error){ParseKeys, ParseAuthorities} {
			keys, faults := parse(data)
			if len(keys)+len(faults) > lines {
				t.Fatalf("%d keys and %d faults of %d lines", len(keys), len(faults), lines)
			}
			for _, k := range keys {
				if _, is := k.public.(*gossh.Certificate); is || k.Line < 1 || k.Line > lines || k.public == nil || k.limits.principals != nil && !k.limits.authority {
					t.Fatalf("%+v", k)
				}
				for _, addr := range []string{"10.0.0.1", "::1"} {
					_ = k.limits.admit(from(addr), noon)
				}
			}
			_, c, err := admitCertificate(cert, keys, from("10.0.0.1"), noon)
			if err == nil && (len(c.Principals) != 1 || !slices.ContainsFunc(keys, func(k *Key) bool { return k.Fingerprint() == c.Authority })) {
				t.Fatalf("%+v", c)
			}
			if _, _, err := admitCertificate(cert, keys, from("11.0.0.1"), noon); err == nil {
				t.Fatal("in from elsewhere")
			}
			for _, err := range faults {
				if !strings.HasPrefix(err.Error(), "line ") {
					t.Fatalf("fault %q", err)
				}
			}
		}
		if list, err := ParseRevoked(data); err == nil && len(list) > lines {
			t.Fatalf("%d keys of %d lines", len(list), lines)
		}
	})
}
