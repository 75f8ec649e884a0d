package sshd

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"
)

// keyLimits are the options of a key that limit its use.
type keyLimits struct {
	noPty      bool
	from       []string  // patterns of addresses, as in OpenSSH; none: from everywhere
	expiry     time.Time // zero: never
	authority  bool      // the key signs certificates, and does not log in
	principals []string  // of certificates that let in; nil: all
}

// parseLimits understands the options of authorized_keys that this server honours,
// and refuses all others. Forwarding and user files, which several options forbid,
// there are none of.
func parseLimits(options []string) (l keyLimits, err error) {
	for _, option := range options {
		name, value, valued := strings.Cut(option, "=")
		if valued {
			if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
				return l, fmt.Errorf("the value of the option %s must stand in quotes", name)
			}
			value = strings.ReplaceAll(value[1:len(value)-1], `\"`, `"`)
		}
		switch key := strings.ToLower(name); {
		case key == "from" && valued:
			l.from, err = parseFrom(value)
		case key == "expiry-time" && valued:
			l.expiry, err = parseExpiry(value)
		case key == "principals" && valued:
			l.principals, err = parsePrincipals(value)
		case valued:
			err = fmt.Errorf("the option %s is not supported", name)
		case key == "restrict" || key == "no-pty":
			l.noPty = true
		case key == "cert-authority":
			l.authority = true
		case key == "pty":
			l.noPty = false
		case key == "no-port-forwarding" || key == "no-agent-forwarding" || key == "no-x11-forwarding" || key == "no-user-rc":
		default:
			err = fmt.Errorf("the option %s is not supported", name)
		}
		if err != nil {
			return l, err
		}
	}
	return l, nil
}

// parseFrom splits the patterns of an option from. Names of hosts would have to be
// looked up, and who owns an address may answer what he likes.
func parseFrom(text string) ([]string, error) {
	var out []string
	for _, p := range strings.Split(text, ",") {
		p = strings.TrimSpace(p)
		bare := strings.TrimPrefix(p, "!")
		if strings.Contains(bare, "/") {
			if _, err := netip.ParsePrefix(bare); err != nil {
				return nil, fmt.Errorf("option from: %q is no address with a prefix", bare)
			}
		} else if bare == "" || strings.Trim(bare, "0123456789abcdefABCDEF.:*?") != "" {
			return nil, fmt.Errorf("option from: %q is no pattern of addresses; names of hosts are not looked up", bare)
		}
		out = append(out, p)
	}
	return out, nil
}

// parsePrincipals splits the names of an option principals.
func parsePrincipals(text string) ([]string, error) {
	names := strings.Split(text, ",")
	if slices.Contains(names, "") {
		return nil, fmt.Errorf("option principals: there is an empty name in %q", text)
	}
	return names, nil
}

// parseExpiry reads YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with a Z for UTC.
func parseExpiry(text string) (time.Time, error) {
	digits, zone := strings.TrimSuffix(strings.TrimSuffix(text, "Z"), "z"), time.Local
	if digits != text {
		zone = time.UTC
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(layout) == len(digits) {
			if at, err := time.ParseInLocation(layout, digits, zone); err == nil {
				return at, nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("option expiry-time: %q must be YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with a Z for UTC", text)
}

// admit says why the limits keep somebody out.
func (l *keyLimits) admit(from net.Addr, now time.Time) error {
	if !l.expiry.IsZero() && !now.Before(l.expiry) {
		return fmt.Errorf("the key has expired at %s", l.expiry.Format(time.RFC3339))
	}
	if len(l.from) == 0 {
		return nil
	}
	addr, ok := addrOf(from)
	if !ok {
		return errors.New("the key is for certain addresses, and that of the client is not known")
	}
	admitted := false
	for _, p := range l.from {
		bare := strings.TrimPrefix(p, "!")
		if !matchAddr(bare, addr) {
			continue
		}
		if bare != p {
			return fmt.Errorf("the key is not for the address %s", addr)
		}
		admitted = true
	}
	if !admitted {
		return fmt.Errorf("the key is not for the address %s", addr)
	}
	return nil
}

func matchAddr(pattern string, addr netip.Addr) bool {
	if prefix, err := netip.ParsePrefix(pattern); err == nil {
		return prefix.Contains(addr)
	}
	if exact, err := netip.ParseAddr(pattern); err == nil {
		return exact.Unmap() == addr
	}
	ok, err := path.Match(pattern, addr.String()) // an address holds no slash, for which Match makes an exception
	return ok && err == nil
}

// addrOf is the address of a client without its port; IPv4 has one form.
func addrOf(a net.Addr) (netip.Addr, bool) {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}, false
	}
	addr, ok := netip.AddrFromSlice(tcp.IP)
	return addr.Unmap(), ok
}
