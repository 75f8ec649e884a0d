package runview

import (
	"strings"
	"unicode/utf8"
)

// needle is a text to be looked for in others, whatever the case of letters.
type needle struct {
	low   string
	ascii bool
}

func newNeedle(text string) needle {
	n := needle{low: strings.ToLower(text), ascii: true}
	for i := range len(n.low) {
		n.ascii = n.ascii && n.low[i] < utf8.RuneSelf
	}
	return n
}

// lower maps the letters of ASCII.
var lower = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			t[i] += 'a' - 'A'
		}
	}
	return t
}()

// in reports whether a text contains the needle. A million paths must be looked
// through in a tenth of a second, and lower-casing each of them takes longer; so
// ASCII is compared in place, and the rest, where letters may change length, is
// left to strings.ToLower.
func (t needle) in(s string) bool { return containsFold(t, s) }

func containsFold[S string | []byte](t needle, s S) bool {
	if t.low == "" {
		return true
	}
	if t.ascii {
		first, n := t.low[0], len(t.low)
		var high byte
		for i := range len(s) {
			high |= s[i]
			if lower[s[i]] != first || i+n > len(s) {
				continue
			}
			j := 1
			for j < n && lower[s[i+j]] == t.low[j] {
				j++
			}
			if j == n {
				return true
			}
		}
		if high < utf8.RuneSelf {
			return false
		}
	}
	return strings.Contains(strings.ToLower(string(s)), t.low)
}
