package pane

import (
	"strings"

	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// document collects lines of text that is scrolled both ways. Wrapped lines do
// not scroll sideways, all others do.
type document struct {
	theme *theme.Theme
	w     int
	left  int // cells scrolled sideways
	lines []string
}

// line begins a line that scrolls sideways; done appends it.
func (d *document) line() *ui.Line { return ui.NewLine(d.w, d.left) }

func (d *document) done(l *ui.Line) { d.lines = append(d.lines, l.String()) }

// blank appends an empty line, but never two in a row and none at the top.
func (d *document) blank() {
	if n := len(d.lines); n > 0 && strings.TrimSpace(d.lines[n-1]) != "" {
		d.lines = append(d.lines, ui.Blank(d.w))
	}
}

// head appends a heading after an empty line.
func (d *document) head(text string) {
	d.blank()
	d.done(d.line().Gap(1).Add(d.theme.Strong, text))
}

// pair appends a name and a value, broken to the width, unless the value is empty.
func (d *document) pair(name string, p theme.Paint, value string) {
	if value == "" {
		return
	}
	for _, s := range ui.Wrap(ui.Clean(value), max(d.w-15, 8)) {
		d.done(ui.NewLine(d.w, 0).Gap(1).Add(d.theme.Dim, ui.Fit(name, 12)).Gap(1).Add(p, s))
		name = ""
	}
}

// wrapped appends text broken to the width.
func (d *document) wrapped(p theme.Paint, text string) {
	for _, s := range ui.Wrap(ui.CleanLines(text), d.w-2) {
		d.done(ui.NewLine(d.w, 0).Gap(1).Add(p, s))
	}
}

// verbatim appends text line by line as it is, tabs as four spaces.
func (d *document) verbatim(p theme.Paint, text string) {
	text = strings.ReplaceAll(strings.TrimRight(text, "\n "), "\t", "    ")
	for _, s := range strings.Split(ui.CleanLines(text), "\n") {
		d.done(d.line().Gap(1).Add(p, s))
	}
}
