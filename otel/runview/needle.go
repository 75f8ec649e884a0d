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
func (t needle) in(s string) bool { return contains(t, s) }

func contains[S string | []byte](t needle, s S) bool {
	found, sure := look(t, s)
	return found || !sure && strings.Contains(strings.ToLower(string(s)), t.low)
}

// look compares what is ASCII, and is not sure that a text does not contain the
// needle if more than that is in them.
func look[S string | []byte](t needle, s S) (found, sure bool) {
	if t.low == "" || !t.ascii {
		return t.low == "", t.low == ""
	}
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
			return true, true
		}
	}
	return false, high < utf8.RuneSelf
}
