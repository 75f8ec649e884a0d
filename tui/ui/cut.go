package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/buildscope/buildscope/model/human"
)

// Cut gives the cells from left to right of a line. A wide character that lies
// across an end becomes spaces, so that the result is never wider than asked
// for. Colours stay in force, also when they begin in front of the cut.
func Cut(s string, left, right int) string {
	if human.Plain(s) {
		left = min(max(left, 0), len(s))
		return s[left:max(left, min(right, len(s)))]
	}
	var b strings.Builder
	b.Grow(len(s))
	var state byte
	for at := 0; len(s) > 0; {
		piece, w, n, next := ansi.DecodeSequence(s, state, nil)
		if n == 0 {
			break
		}
		state, s = next, s[n:]
		from, to := at, at+w
		at = to
		switch {
		case w == 0:
			if strings.HasPrefix(piece, "\x1b") || from > left && from <= right {
				b.WriteString(piece)
			}
		case to <= left || from >= right:
		case from < left || to > right:
			b.WriteString(Blank(min(to, right) - max(from, left)))
		default:
			b.WriteString(piece)
		}
	}
	return b.String()
}
