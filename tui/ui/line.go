package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/buildscope/buildscope/tui/theme"
)

// Line builds one line of exact width out of coloured pieces. Make it with
// NewLine; what does not fit is cut.
type Line struct {
	b    strings.Builder
	w    int         // cells of the line
	skip int         // cells that are still to be left out, for sideways scrolling
	n    int         // cells written
	over theme.Paint // one paint for the whole line
	all  bool        // over is in force
}

// NewLine begins a line of w cells that leaves out the first skip cells of what
// is written.
func NewLine(w, skip int) *Line {
	l := &Line{w: w, skip: skip}
	l.b.Grow(w + 48)
	return l
}

// Over gives the whole line one paint, as a selected line has.
func (l *Line) Over(p theme.Paint) *Line {
	l.over, l.all = p, true
	return l
}

// Plain reports whether the line has one paint, so that its pieces must have none.
func (l *Line) Plain() bool { return l.all }

// Add writes clean text in a colour.
func (l *Line) Add(p theme.Paint, s string) *Line {
	if s == "" || l.n >= l.w {
		return l
	}
	n := Width(s)
	if l.skip > 0 {
		if n <= l.skip {
			l.skip -= n
			return l
		}
		s = Cut(s, l.skip, n)
		l.skip = 0
		n = Width(s)
	}
	if free := l.w - l.n; n > free {
		s = ansi.Truncate(s, free, "…")
		n = Width(s)
		if n < free {
			s, n = s+Blank(free-n), free
		}
	}
	l.n += n
	if l.all {
		l.b.WriteString(s)
	} else {
		p.To(&l.b, s)
	}
	return l
}

// Link writes clean text that terminals which know OSC 8 open url for. An url that
// holds anything but printable ASCII is left out.
func (l *Line) Link(p theme.Paint, s, url string) *Line {
	if url == "" || strings.ContainsFunc(url, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return l.Add(p, s)
	}
	l.b.WriteString(ansi.SetHyperlink(url))
	l.Add(p, s)
	l.b.WriteString(ansi.ResetHyperlink())
	return l
}

// Text writes clean text in the terminal's own colour.
func (l *Line) Text(s string) *Line { return l.Add(theme.Paint{}, s) }

// Gap writes n spaces.
func (l *Line) Gap(n int) *Line { return l.Add(theme.Paint{}, Blank(n)) }

// Skip leaves out the first n cells of what is written from here on.
func (l *Line) Skip(n int) *Line {
	l.skip = n
	return l
}

// Raw writes a piece that has colours of its own and is exactly n cells wide, if
// it has room. It does not take part in sideways scrolling.
func (l *Line) Raw(s string, n int) *Line {
	if n <= l.Left() {
		l.b.WriteString(s)
		l.n += n
	}
	return l
}

// Left is the number of cells that are still free.
func (l *Line) Left() int { return l.w - l.n }

// Tail moves to the right end and writes s there, if it has room beside what is
// there already; else it writes nothing.
func (l *Line) Tail(p theme.Paint, s string) *Line {
	if n := Width(s); n < l.Left() {
		l.Gap(l.Left() - n)
		l.Add(p, s)
	}
	return l
}

// String pads the line and gives it.
func (l *Line) String() string {
	if l.n < l.w {
		l.b.WriteString(Blank(l.w - l.n))
		l.n = l.w
	}
	if l.all {
		return l.over.S(l.b.String())
	}
	return l.b.String()
}
