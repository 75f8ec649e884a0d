package theme

import (
	"strings"

	"charm.land/lipgloss/v2"
)

const reset = "\x1b[m"

// Paint colours a piece of one line. It is a finished escape sequence, because
// rendering a lipgloss style for every cell of a frame costs ten times as much.
// The zero Paint leaves text as it is.
type Paint struct{ open string }

// paintOf takes the escape sequence out of a style without size or border.
func paintOf(s lipgloss.Style) Paint {
	open, _, found := strings.Cut(s.Render("x"), "x")
	if !found {
		return Paint{}
	}
	return Paint{open: open}
}

// S gives s in the paint's colour. s must be free of escape sequences: the
// first reset inside it would end the colour.
func (p Paint) S(s string) string {
	if p.open == "" || s == "" {
		return s
	}
	return p.open + s + reset
}

// To writes s in the paint's colour.
func (p Paint) To(b *strings.Builder, s string) {
	if p.open == "" || s == "" {
		b.WriteString(s)
		return
	}
	b.WriteString(p.open)
	b.WriteString(s)
	b.WriteString(reset)
}

// IsZero reports whether the paint leaves text as it is.
func (p Paint) IsZero() bool { return p.open == "" }
