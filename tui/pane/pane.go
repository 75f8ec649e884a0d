package pane

import (
	"math"
	"time"

	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// Look is what a pane needs to know to draw itself.
type Look struct {
	Theme   *theme.Theme
	Focused bool
	Now     time.Time // for the durations of what still runs
}

// selected is the paint of the selected line.
func (k Look) selected() theme.Paint {
	if k.Focused {
		return k.Theme.Selected
	}
	return k.Theme.Passive
}

// marker is the cell before a line: the selected one has a mark, so that colour
// is not the only sign.
func (k Look) marker(selected bool) string {
	if selected {
		return k.Theme.Glyphs.Marker
	}
	return " "
}

// Far is further than any pane is long, and can be added to a position in it.
const Far = math.MaxInt / 4

// Pane is one part of the screen.
type Pane interface {
	// Title stands in the upper border, Status in the lower one.
	Title() string
	Status() string
	// SetSize gives the size of the inside, in cells.
	SetSize(w, h int)
	// Lines draws the inside: as many lines as SetSize said, each exactly that
	// wide.
	Lines(Look) []string
	// Move moves the cursor or the text by a number of lines, as far as there are
	// any: by Far to the last one, by -Far to the first.
	Move(lines int)
	// Side goes one step left (-1) or right (+1): a fold, or some cells of text.
	Side(step int)
	// Height is the number of lines inside, for moves by pages.
	Height() int
}

// box is the size of a pane's inside.
type box struct{ w, h int }

// SetSize gives the size of the inside, in cells.
func (b *box) SetSize(w, h int) { b.w, b.h = max(w, 0), max(h, 0) }

// Height is the number of lines inside.
func (b *box) Height() int { return b.h }

// fill appends empty lines until there are h of them, and cuts what is more.
func (b *box) fill(lines []string) []string {
	for len(lines) < b.h {
		lines = append(lines, ui.Blank(b.w))
	}
	return lines[:b.h]
}

// note is a pane's inside when there is nothing to list: wrapped text.
func (b *box) note(p theme.Paint, text string) []string {
	lines := make([]string, 0, b.h)
	for _, s := range ui.Wrap(ui.CleanLines(text), b.w-2) {
		lines = append(lines, ui.NewLine(b.w, 0).Gap(1).Add(p, s).String())
	}
	return b.fill(lines)
}
