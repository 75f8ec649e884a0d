package ui

import "strings"

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
