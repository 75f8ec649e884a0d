package sshd

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	gossh "golang.org/x/crypto/ssh"
)

// Key is one public key that may log in, or whose certificates may.
type Key struct {
	Line    int // in its file, from 1
	Comment string
	public  gossh.PublicKey
	limits  keyLimits
}

// Fingerprint is the key's SHA-256 in the form of OpenSSH.
func (k *Key) Fingerprint() string { return gossh.FingerprintSHA256(k.public) }

// ParseKeys reads public keys in the form of OpenSSH's authorized_keys, see
// sshd(8). Lines that cannot be honoured as they are written give no key but a
// fault: a key whose limits are not understood must not get in without them.
func ParseKeys(data []byte) (keys []*Key, faults []error) { return parseKeys(data, false) }

// ParseAuthorities is ParseKeys of a file in which every key is one that signs
// certificates, whether its line says so or not.
func ParseAuthorities(data []byte) (keys []*Key, faults []error) { return parseKeys(data, true) }

func parseKeys(data []byte, authorities bool) (keys []*Key, faults []error) {
	for n, line := range keyLines(data) {
		k, err := parseKey(line, authorities)
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d%w; the key is not admitted", n, err))
			continue
		}
		k.Line = n
		keys = append(keys, k)
	}
	return keys, faults
}

// keyLines gives the lines of a file of keys that are neither empty nor a comment, with
// their numbers.
func keyLines(data []byte) func(yield func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		n := 0
		for line := range bytes.Lines(data) {
			n++
			line = bytes.TrimSpace(line)
			if len(line) > 0 && line[0] != '#' && !yield(n, line) {
				return
			}
		}
	}
}

// parseKey reads a line. Its error goes on after the line's number.
func parseKey(line []byte, authority bool) (*Key, error) {
	public, comment, options, _, err := gossh.ParseAuthorizedKey(line)
	if err != nil {
		return nil, errors.New(" is no public key")
	}
	if _, is := public.(*gossh.Certificate); is {
		// Its bytes would be a key like any other, and its times and options nothing.
		return nil, errors.New(" is a certificate, whose validity would not be looked at: list the key that it is for, or with cert-authority the key that signs")
	}
	limits, err := parseLimits(options)
	limits.authority = limits.authority || authority
	if err == nil && limits.principals != nil && !limits.authority {
		err = errors.New("the option principals is for lines with cert-authority")
	}
	if err != nil {
		return nil, fmt.Errorf(": %w", err)
	}
	return &Key{Comment: strings.TrimSpace(comment), public: public, limits: limits}, nil
}
