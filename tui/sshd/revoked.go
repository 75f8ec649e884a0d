package sshd

import (
	"bytes"
	"errors"
	"fmt"

	gossh "golang.org/x/crypto/ssh"
)

// revoked are keys that let nobody in, by their bytes.
type revoked map[string]bool

// krlMagic begins a key revocation list of OpenSSH.
var krlMagic = []byte("SSHKRL\n\x00")

// ParseRevoked reads a list of public keys, one a line. A line that is not understood is
// an error: what it was to keep out would get in.
func ParseRevoked(data []byte) (revoked, error) {
	if bytes.HasPrefix(data, krlMagic) {
		return nil, errors.New("this is a KRL of ssh-keygen -k, which is not read here: list the public keys that are revoked, one a line")
	}
	list := revoked{}
	for n, line := range keyLines(data) {
		public, _, options, _, err := gossh.ParseAuthorizedKey(line)
		switch {
		case err != nil:
			return nil, fmt.Errorf("line %d is no public key", n)
		case len(options) > 0:
			return nil, fmt.Errorf("line %d: a key that is revoked has no options", n)
		}
		if cert, is := public.(*gossh.Certificate); is {
			public = cert.Key // and with it this certificate
		}
		list[string(public.Marshal())] = true
	}
	return list, nil
}

// has says why a key lets nobody in, by itself or by a certificate.
func (r revoked) has(key gossh.PublicKey) error {
	if cert, is := key.(*gossh.Certificate); is {
		if r[string(cert.SignatureKey.Marshal())] {
			return errors.New("the key that has signed the certificate is revoked")
		}
		key = cert.Key
	}
	if r[string(key.Marshal())] {
		return errors.New("the key is revoked")
	}
	return nil
}
