package sshd

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// Certificate is what of a certificate somebody has logged in with.
type Certificate struct {
	KeyID      string // what who signed it calls its owner
	Serial     uint64
	Authority  string   // fingerprint of the key that has signed
	Principals []string // that count here
}

// Critical options and extensions of certificates, see PROTOCOL.certkeys of OpenSSH.
const (
	sourceAddress = "source-address"
	permitPty     = "permit-pty"
)

// admitCertificate says whom a certificate belongs to, and why it does not let in. The
// same authority may have several lines with other limits.
func admitCertificate(cert *gossh.Certificate, authorities []*Key, from net.Addr, now time.Time) (*Key, *Certificate, error) {
	refused := errors.New("the key that has signed the certificate is not trusted")
	for _, key := range authorities {
		if !bytes.Equal(key.public.Marshal(), cert.SignatureKey.Marshal()) {
			continue
		}
		var principals []string
		if principals, refused = key.limits.certified(cert, from, now); refused == nil {
			return key, &Certificate{KeyID: cert.KeyId, Serial: cert.Serial, Authority: key.Fingerprint(), Principals: principals}, nil
		}
	}
	return nil, nil, refused
}

// certified gives the principals of a certificate that count, and says why it is not good
// for a line of its authority.
func (l *keyLimits) certified(cert *gossh.Certificate, from net.Addr, now time.Time) ([]string, error) {
	if cert.CertType != gossh.UserCert {
		return nil, errors.New("the certificate is none of a user")
	}
	principals := cert.ValidPrincipals
	if l.principals != nil {
		principals = slices.DeleteFunc(slices.Clone(principals), func(p string) bool { return !slices.Contains(l.principals, p) })
	}
	switch {
	case len(cert.ValidPrincipals) == 0:
		return nil, errors.New("the certificate names no principal; ssh-keygen -n does")
	case len(principals) == 0:
		return nil, fmt.Errorf("the certificate is for %s, and its authority is trusted for %s", strings.Join(cert.ValidPrincipals, ", "), strings.Join(l.principals, ", "))
	}
	switch cert.Signature.Format {
	case gossh.KeyAlgoRSA, "ssh-dss": // SHA-1; sshd does not take them either
		return nil, fmt.Errorf("the certificate is signed with %s, which is too weak", cert.Signature.Format)
	}
	// Times, critical options and the signature. All options but this one are refused,
	// force-command among them.
	checker := gossh.CertChecker{Clock: func() time.Time { return now }, SupportedCriticalOptions: []string{sourceAddress}}
	if err := checker.CheckCert(principals[0], cert); err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "ssh: "))
	}
	if list, limited := cert.CriticalOptions[sourceAddress]; limited {
		if err := inSourceAddress(list, from); err != nil {
			return nil, err
		}
	}
	return principals, l.admit(from, now)
}

// inSourceAddress looks for an address in a list of addresses and prefixes.
func inSourceAddress(list string, from net.Addr) error {
	addr, ok := addrOf(from)
	if !ok {
		return errors.New("the certificate is for certain addresses, and that of the client is not known")
	}
	found := false
	for _, item := range strings.Split(list, ",") {
		if exact, err := netip.ParseAddr(item); err == nil {
			found = found || exact.Unmap() == addr
		} else if prefix, err := netip.ParsePrefix(item); err == nil {
			found = found || prefix.Contains(addr)
		} else {
			return fmt.Errorf("the certificate is for addresses that are not understood: %q", list)
		}
	}
	if !found {
		return fmt.Errorf("the certificate is not for the address %s", addr)
	}
	return nil
}
