package sshd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"github.com/buildscope/buildscope/model"
)

// maxKeysFile bounds the file of keys, in bytes.
const maxKeysFile = 4 << 20

// Person is somebody who has logged in.
type Person struct {
	Name        string // comment of the key, or its fingerprint where it has none
	Fingerprint string // SHA256:...
	Operator    bool   // may start and cancel builds and change settings
	NoPty       bool   // gets no screen
}

// Key is one public key that may log in.
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
func ParseKeys(data []byte) (keys []*Key, faults []error) {
	n := 0
	for line := range bytes.Lines(data) {
		n++
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		public, comment, options, _, err := gossh.ParseAuthorizedKey(line)
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d is no public key", n))
			continue
		}
		if _, is := public.(*gossh.Certificate); is {
			// Its bytes would be a key like any other, and its times and options nothing.
			faults = append(faults, fmt.Errorf("line %d is a certificate, which is no key to list: its validity would not be looked at; list the key that it is for", n))
			continue
		}
		limits, err := parseLimits(options)
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w; the key is not admitted", n, err))
			continue
		}
		keys = append(keys, &Key{Line: n, Comment: strings.TrimSpace(comment), public: public, limits: limits})
	}
	return keys, faults
}

// Keys are the people who may log in. The file is looked at before every login: a
// key that was taken out of it is refused from then on.
type Keys struct {
	path      string
	operators []string
	warn      func(error) // told of faults when the file has changed; never nil

	mu     sync.Mutex // guards what follows
	stamp  fileStamp
	keys   []*Key
	failed error // why nobody gets in
}

// fileStamp tells one state of a file from another.
type fileStamp struct {
	size  int64
	mtime time.Time
	inode uint64
}

// OpenKeys reads a file of keys. Every operator must be the fingerprint or the
// comment of a key of it: an operator who does not exist is a slip that would be
// found out when the build hangs.
func OpenKeys(path string, operators []string, warn func(error)) (*Keys, error) {
	k := &Keys{path: path, operators: operators, warn: warn}
	keys, err := k.reload()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, key := range keys {
		names = append(names, key.Fingerprint(), key.Comment)
	}
	for _, o := range operators {
		if !slices.Contains(names, o) {
			err := fmt.Errorf("operator %q is neither the fingerprint nor the comment of a key in %s", o, path)
			if near := model.Nearest(o, names); near != "" {
				err = fmt.Errorf("%w; did you mean %q?", err, near)
			}
			return nil, err
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s holds no key that may log in", path)
	}
	return k, nil
}

// People lists who may log in now.
func (k *Keys) People() ([]Person, error) {
	keys, err := k.reload()
	var out []Person
	for _, key := range keys {
		out = append(out, k.person(key))
	}
	return out, err
}

// Admit says whom a key belongs to that is offered from an address, and why it does
// not let in.
func (k *Keys) Admit(offered gossh.PublicKey, from net.Addr, now time.Time) (Person, error) {
	keys, err := k.reload()
	if err != nil {
		return Person{}, err
	}
	var refused error
	for _, key := range keys { // the same key may have several lines with other limits
		if !bytes.Equal(key.public.Marshal(), offered.Marshal()) {
			continue
		}
		if refused = key.limits.admit(from, now); refused == nil {
			return k.person(key), nil
		}
	}
	if refused == nil {
		refused = errors.New("the key is not among the authorized keys")
	}
	return Person{}, refused
}

func (k *Keys) person(key *Key) Person {
	p := Person{Name: key.Comment, Fingerprint: key.Fingerprint(), NoPty: key.limits.noPty}
	if p.Name == "" {
		p.Name = p.Fingerprint
	}
	p.Operator = slices.Contains(k.operators, p.Fingerprint) || key.Comment != "" && slices.Contains(k.operators, key.Comment)
	return p
}

// reload gives the keys as the file has them now.
func (k *Keys) reload() ([]*Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	stamp, data, err := readKeys(k.path, k.stamp)
	switch {
	case err != nil:
		k.stamp, k.keys, k.failed = fileStamp{}, nil, err // nobody, rather than those of yesterday
	case stamp != k.stamp:
		var faults []error
		k.stamp, k.failed = stamp, nil
		k.keys, faults = ParseKeys(data)
		for _, f := range faults {
			k.warn(fmt.Errorf("%s: %w", k.path, f))
		}
	}
	return k.keys, k.failed
}

// readKeys reads the file unless it is as it was.
func readKeys(path string, last fileStamp) (fileStamp, []byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return fileStamp{}, nil, fmt.Errorf("read the authorized keys: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fileStamp{}, nil, fmt.Errorf("read the authorized keys: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fileStamp{}, nil, fmt.Errorf("authorized keys %s have mode %04o: others can write to the file and so let themselves in; chmod go-w it", path, mode)
	}
	stamp := fileStamp{size: info.Size(), mtime: info.ModTime(), inode: inode(info)}
	if stamp == last {
		return stamp, nil, nil
	}
	data, err := io.ReadAll(io.LimitReader(f, maxKeysFile+1))
	if err == nil && len(data) > maxKeysFile {
		err = fmt.Errorf("the file has more than %d bytes", maxKeysFile)
	}
	if err != nil {
		return fileStamp{}, nil, fmt.Errorf("read the authorized keys %s: %w", path, err)
	}
	return stamp, data, nil
}
