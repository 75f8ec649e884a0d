package ui

import (
	"strings"

	"github.com/buildscope/buildscope/tui/theme"
)

// Frame is a border with a title. It keeps its finished lines until something
// about it changes: drawing borders anew for every frame costs more than the
// text inside. The zero value is ready for use.
type Frame struct {
	key               frameKey
	top, bottom, edge string
}

type frameKey struct {
	theme         *theme.Theme
	w             int
	title, status string
	focused       bool
}

// Wrap puts a border of w cells around lines that are w-2 cells wide each, and
// appends the result to out. The title stands in the upper border, the status
// at the right end of the lower one; both may be text from outside.
func (f *Frame) Wrap(out []string, th *theme.Theme, w int, title, status string, focused bool, lines []string) []string {
	key := frameKey{theme: th, w: w, title: title, status: status, focused: focused}
	if key != f.key {
		f.build(key)
	}
	out = append(out, f.top)
	for _, line := range lines {
		out = append(out, f.edge+line+f.edge)
	}
	return append(out, f.bottom)
}

func (f *Frame) build(k frameKey) {
	f.key = k
	g, paint := &k.theme.Glyphs, k.theme.Border
	titlePaint := k.theme.Dim
	if k.focused {
		paint, titlePaint = k.theme.Accent, k.theme.Strong
	}
	f.edge = paint.S(g.Vertical)
	f.top = borderLine(paint, titlePaint, g.TopLeft, g.Horizontal, g.TopRight, k.w, Clean(k.title), "")
	f.bottom = borderLine(paint, k.theme.Dim, g.BottomLeft, g.Horizontal, g.BottomRight, k.w, "", Clean(k.status))
}

// borderLine draws one horizontal border with a label on its left or its right.
func borderLine(paint, label theme.Paint, left, middle, right string, w int, begin, end string) string {
	if w < 2 {
		return Blank(w)
	}
	room := w - 4 // corners and one line cell at each side
	switch {
	case begin != "" && room > 4:
		text := " " + strings.TrimRight(Fit(begin, min(Width(begin), room-2)), " ") + " "
		return paint.S(left+middle) + label.S(text) + paint.S(strings.Repeat(middle, room-Width(text)+1)+right)
	case end != "" && room > 4:
		text := " " + strings.TrimRight(Fit(end, min(Width(end), room-2)), " ") + " "
		return paint.S(left+strings.Repeat(middle, room-Width(text)+1)) + label.S(text) + paint.S(middle+right)
	default:
		return paint.S(left + strings.Repeat(middle, w-2) + right)
	}
}
