package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text from outside safe for one line of a terminal. Names, paths,
// attributes and log lines may hold anything; escape sequences, control
// characters and marks that turn the writing direction become visible
// characters instead of doing something. Every string from outside goes through
// here, or through CleanLines, exactly once.
func Clean(s string) string { return clean(s, false) }

// CleanLines is Clean for text of several lines: line feeds stay.
func CleanLines(s string) string { return clean(s, true) }

func clean(s string, lines bool) string {
	if plain(s) {
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

// plain reports whether s is printable ASCII throughout, as most text is: such
// text is clean and has one cell per byte.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// KeepColours removes every escape sequence but colours and bold from text that
// a renderer made, for example links and titles.
func KeepColours(s string) string {
	if !strings.ContainsRune(s, 0x1b) {
		return CleanLines(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		i := strings.IndexByte(s, 0x1b)
		if i < 0 {
			b.WriteString(CleanLines(s))
			break
		}
		b.WriteString(CleanLines(s[:i]))
		s = s[i:]
		n, colour := sequence(s)
		if colour {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// sequence measures the escape sequence at the start of s and reports whether it
// is a colour (CSI … m).
func sequence(s string) (n int, colour bool) {
	if len(s) < 2 {
		return len(s), false
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			switch c := s[i]; {
			case c >= 0x40 && c <= 0x7e:
				return i + 1, c == 'm'
			case c < 0x20 || c > 0x7e:
				return i, false
			}
		}
		return len(s), false
	case ']', 'P', '_', '^', 'X': // strings, ended by BEL or ST
		for i := 2; i < len(s); i++ {
			if s[i] == 0x07 {
				return i + 1, false
			}
			if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\' {
				return i + 2, false
			}
		}
		return len(s), false
	default:
		return 2, false
	}
}
