package sshd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	gossh "golang.org/x/crypto/ssh"

	"github.com/buildscope/buildscope/model"
)

// Person is somebody who has logged in.
type Person struct {
	Name        string // comment of the key, or its fingerprint where it has none; the id of a certificate
	Fingerprint string // SHA256:..., of the key, also when it has a certificate
	Operator    bool   // may start and cancel builds and change settings
	NoPty       bool   // gets no screen
	Certificate *Certificate
}

// Authority is a key whose certificates let in.
type Authority struct {
	Name        string // comment, or fingerprint
	Fingerprint string
	Principals  []string // for which it is trusted; none: for all
}

// KeyOptions say where the keys are.
type KeyOptions struct {
	Path        string // authorized keys
	Authorities string // file of keys that sign certificates; "": only those among the authorized keys
	Revoked     string // file of keys that let nobody in; "": none
	// Operators are the fingerprints or comments of keys, or principals of certificates.
	Operators []string
	Warn      func(error) // told of faults when a file has changed; never nil
}

// Keys are the people who may log in. The files are looked at before every login and
// while somebody is in: a key that was taken out of them is refused from then on.
type Keys struct {
	opts KeyOptions

	mu          sync.Mutex // guards what follows
	keysFile    keyFile
	caFile      keyFile
	revokedFile keyFile
	authorized  []*Key // keys that log in
	authorities []*Key // keys that sign, of the same file
	trusted     []*Key // keys that sign, of a file of their own
	revoked     revoked
}

// OpenKeys reads the files of keys. Every operator must be the fingerprint or the comment
// of a key, or somebody who may have a certificate: an operator who does not exist is a
// slip that would be found out when the build hangs. With a file of authorities that of
// the authorized keys need not be there.
func OpenKeys(o KeyOptions) (*Keys, error) {
	k := &Keys{opts: o, keysFile: keyFile{path: o.Path, what: "authorized keys"}, caFile: keyFile{path: o.Authorities, what: "trusted CA keys"},
		revokedFile: keyFile{path: o.Revoked, what: "revoked keys"}}
	lists, err := k.reload()
	if err != nil {
		return nil, err
	}
	var names []string
	anybody := false
	for _, key := range lists.keys {
		names = append(names, key.Fingerprint(), key.Comment)
	}
	for _, key := range lists.authorities {
		names = append(append(names, key.Fingerprint(), key.Comment), key.limits.principals...)
		anybody = anybody || key.limits.principals == nil
	}
	for _, name := range o.Operators {
		if !slices.Contains(names, name) && !anybody {
			err := fmt.Errorf("operator %q is neither the fingerprint nor the comment of a key in %s", name, o.Path)
			if near := model.Nearest(name, names); near != "" {
				err = fmt.Errorf("%w; did you mean %q?", err, near)
			}
			return nil, err
		}
	}
	if len(lists.keys)+len(lists.authorities) == 0 {
		return nil, fmt.Errorf("%s holds no key that may log in", o.Path)
	}
	return k, nil
}

// People lists who may log in now by a key of their own.
func (k *Keys) People() ([]Person, error) {
	lists, err := k.reload()
	var out []Person
	for _, key := range lists.keys {
		out = append(out, k.person(key, nil))
	}
	return out, err
}

// Authorities lists whose certificates let in now.
func (k *Keys) Authorities() ([]Authority, error) {
	lists, err := k.reload()
	var out []Authority
	for _, key := range lists.authorities {
		p := k.person(key, nil)
		out = append(out, Authority{p.Name, p.Fingerprint, key.limits.principals})
	}
	return out, err
}

// Admit says whom a key, or the key of a certificate, belongs to that is offered from an
// address, and why it does not let in.
func (k *Keys) Admit(offered gossh.PublicKey, from net.Addr, now time.Time) (Person, error) {
	lists, err := k.reload()
	if err != nil {
		return Person{}, err
	}
	return k.admit(lists, offered, from, now)
}

// Withdrawn reads the files once, and gives what says why a key that has let in at a time no
// longer does. What the passing of time alone ends lasts for who is in, as with sshd; and
// as long as a file cannot be read it is not known who has lost his place.
func (k *Keys) Withdrawn() func(offered gossh.PublicKey, from net.Addr, at time.Time) error {
	lists, unread := k.reload()
	return func(offered gossh.PublicKey, from net.Addr, at time.Time) error {
		if unread != nil {
			return nil
		}
		_, err := k.admit(lists, offered, from, at)
		return err
	}
}

func (k *Keys) admit(lists keyLists, offered gossh.PublicKey, from net.Addr, now time.Time) (Person, error) {
	if err := lists.revoked.has(offered); err != nil {
		return Person{}, err
	}
	if cert, is := offered.(*gossh.Certificate); is {
		key, c, err := admitCertificate(cert, lists.authorities, from, now)
		if err != nil {
			return Person{}, err
		}
		p := k.person(key, c)
		p.Fingerprint = gossh.FingerprintSHA256(cert.Key)
		_, pty := cert.Extensions[permitPty]
		p.NoPty = p.NoPty || !pty
		return p, nil
	}
	var refused error
	for _, key := range lists.keys { // the same key may have several lines with other limits
		if !bytes.Equal(key.public.Marshal(), offered.Marshal()) {
			continue
		}
		if refused = key.limits.admit(from, now); refused == nil {
			return k.person(key, nil), nil
		}
	}
	if refused == nil {
		refused = errors.New("the key is not among the authorized keys")
	}
	return Person{}, refused
}

// person is who has a key, or a certificate of it.
func (k *Keys) person(key *Key, c *Certificate) Person {
	p := Person{Name: key.Comment, Fingerprint: key.Fingerprint(), NoPty: key.limits.noPty, Certificate: c}
	names := []string{key.Comment, p.Fingerprint}
	if c != nil {
		if p.Name = shown(c.KeyID); p.Name == "" {
			p.Name = shown(c.Principals[0])
		}
		names = append(names, c.Principals...)
	}
	if p.Name == "" {
		p.Name = p.Fingerprint
	}
	// The empty comment is no name: it would make everybody without one an operator.
	p.Operator = slices.ContainsFunc(names, func(name string) bool { return name != "" && slices.Contains(k.opts.Operators, name) })
	return p
}

// maxName bounds a name that is not of our own files, in bytes.
const maxName = 100

// shown is what of a name in a certificate other people see.
func shown(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, name)
	return strings.ToValidUTF8(name[:min(len(name), maxName)], "")
}

// keyLists are the keys at one time.
type keyLists struct {
	keys, authorities []*Key
	revoked           revoked
}

// reload gives the keys as the files have them now. When one of them cannot be read
// nobody gets in, rather than those of yesterday.
func (k *Keys) reload() (keyLists, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	data, changed, err := k.keysFile.read()
	if errors.Is(err, fs.ErrNotExist) && k.opts.Authorities != "" {
		err = nil // then nobody has a key of his own
	}
	if err == nil && changed {
		all, faults := ParseKeys(data)
		k.warn(k.opts.Path, faults)
		k.authorized = slices.DeleteFunc(slices.Clone(all), func(key *Key) bool { return key.limits.authority })
		k.authorities = slices.DeleteFunc(all, func(key *Key) bool { return !key.limits.authority })
	}
	if err == nil && k.opts.Authorities != "" {
		if data, changed, err = k.caFile.read(); err == nil && changed {
			var faults []error
			k.trusted, faults = ParseAuthorities(data)
			k.warn(k.opts.Authorities, faults)
		}
	}
	if err == nil && k.opts.Revoked != "" {
		if data, changed, err = k.revokedFile.read(); err == nil && changed {
			if k.revoked, err = ParseRevoked(data); err != nil {
				k.revokedFile.stamp = fileStamp{} // to be read again: no list is not an empty one
				err = fmt.Errorf("read the revoked keys %s: %w", k.opts.Revoked, err)
			}
		}
	}
	if err != nil {
		return keyLists{}, err
	}
	return keyLists{k.authorized, slices.Concat(k.authorities, k.trusted), k.revoked}, nil
}

func (k *Keys) warn(path string, faults []error) {
	for _, f := range faults {
		k.opts.Warn(fmt.Errorf("%s: %w", path, f))
	}
}
