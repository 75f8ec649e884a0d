package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/buildscope/buildscope/model/human"
)

const blanks = "                                                                                                    " +
	"                                                                                                    " +
	"                                                                                                    "

// Blank gives n spaces.
func Blank(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blanks) {
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// Width is the number of cells of a line, escape sequences not counted.
func Width(s string) int {
	if human.Plain(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// Fit makes clean text exactly w cells wide: padded on the right, or cut with
// an ellipsis.
func Fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	n := Width(s)
	switch {
	case n < w:
		return s + Blank(w-n)
	case n == w:
		return s
	}
	s = ansi.Truncate(s, w, "…")
	return s + Blank(w-Width(s)) // a wide character that did not fit leaves a cell
}

// FitPath cuts clean text to at most w cells without padding it. Of a path the
// end is kept: there the files of one folder differ.
func FitPath(s string, w int) string {
	n := Width(s)
	switch {
	case n <= w || w <= 0:
		return s
	case !strings.Contains(s, "/"):
		return strings.TrimRight(Fit(s, w), " ")
	}
	end := strings.TrimLeft(Cut(s, n-w+1, n), " ")
	if i := strings.IndexByte(end, '/'); i > 0 && i <= w/3 && i < len(end)-1 {
		end = end[i:] // a piece of a name tells nothing, where little is lost by it
	}
	return "…" + end
}

// FitRight is Fit for numbers: padded on the left. A number that does not fit
// is cut at its end.
func FitRight(s string, w int) string {
	if n := Width(s); n < w {
		return Blank(w-n) + s
	}
	return Fit(s, w)
}

// Window gives the w cells of a line that begin at cell left, padded. The line
// may hold colours.
func Window(s string, left, w int) string {
	if w <= 0 {
		return ""
	}
	left = max(left, 0)
	if left > 0 || Width(s) > w {
		s = Cut(s, left, left+w)
	}
	if n := Width(s); n < w {
		s += Blank(w - n)
	}
	return s
}

// Wrap breaks clean text into lines of at most w cells, at spaces where there
// are any. Line feeds in the text stay.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(s, w, ""), "\n")
}
