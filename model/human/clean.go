package human

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text from outside safe for one line of a terminal or a page. Names, paths,
// attributes and log lines may hold anything; escape sequences, control
// characters and marks that turn the writing direction become visible
// characters instead of doing something. Every string from outside goes through
// here, or through CleanLines, exactly once.
func Clean(s string) string { return clean(s, false) }

// CleanLines is Clean for text of several lines: line feeds stay.
func CleanLines(s string) string { return clean(s, true) }

func clean(s string, lines bool) string {
	if Plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			b.WriteRune(utf8.RuneError)
		case r == '\n' && lines:
			b.WriteByte('\n')
		case r == '\r' && strings.HasPrefix(s[i+n:], "\n"):
			// a line end of two characters reads as one
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
			if r == '\t' {
				b.WriteByte(' ')
			}
		case r < 0x20:
			b.WriteRune('␀' + r) // the pictures of the control characters stand in their order
		case r == 0x7f:
			b.WriteRune('␡')
		case r >= 0x80 && r < 0xa0, unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			b.WriteRune('·')
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// Plain reports whether s is printable ASCII throughout, as most text is: such
// text is clean and has one cell per byte.
func Plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
