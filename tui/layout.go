package tui

import "slices"

// Sizes of the terminal that the layout depends on, in cells.
const (
	minWidth, minHeight = 60, 15 // below it there is only a message
	twoPanes            = 100
	threePanes          = 160
	threeHeight         = 36 // lines from which on a third pane has room below the second
	titleHeight         = 24 // lines from which on there is a title bar
)

// class is how many panes stand side by side.
type class uint8

const (
	tiny   class = iota // too small for anything
	narrow              // one pane, the others behind tabs
	medium              // two panes
	wide                // three panes: one on the left, two on the right
)

func classOf(w, h int) class {
	switch {
	case w < minWidth || h < minHeight:
		return tiny
	case w < twoPanes:
		return narrow
	case w < threePanes || h < threeHeight:
		return medium
	}
	return wide
}

func (m *Model) class() class { return classOf(m.w, m.h) }

// rect is a part of the screen in cells.
type rect struct{ x, y, w, h int }

func (r rect) contains(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// placed is a pane with its place, borders included.
type placed struct {
	id paneID
	rect
}

// shares say how the panes divide the screen, in percent: the width of the left
// one, and the height of the upper one of two on the right.
var shares = [screenCount]struct{ left, leftOfWide, upper int }{
	screenSetup:     {left: 60, leftOfWide: 60},
	screenRun:       {left: 55, leftOfWide: 46, upper: 66},
	screenArtifacts: {left: 38, leftOfWide: 25, upper: 58},
	screenRuns:      {left: 45, leftOfWide: 36},
	screenDoctor:    {left: 55, leftOfWide: 55},
}

// narrowLower is the height of the second pane of a screen that has both of its panes,
// one below the other, in a narrow terminal; the comparison of runs gets what the list
// leaves, with pastList lines for that.
var narrowLower = [screenCount]int{screenSetup: 9, screenDoctor: 9}

const pastList = 9

// place lays the panes of the screen into the area between header and footer.
// The first pane of a screen always shows unless another one is zoomed or the
// terminal is narrow; where two fit, the second place is for the focused one of
// the others.
func (m *Model) place(area rect) []placed {
	focus, panes := m.focused(), m.panesOf(m.screen)
	if m.zoom {
		return []placed{{focus, area}}
	}
	switch m.class() {
	case narrow:
		lower := narrowLower[m.screen]
		if m.screen == screenRuns {
			lower = area.h - pastList
		}
		if lower > 0 && area.h >= 18 {
			return []placed{
				{panes[0], rect{area.x, area.y, area.w, area.h - lower}},
				{panes[1], rect{area.x, area.y + area.h - lower, area.w, lower}},
			}
		}
		return []placed{{focus, area}}
	case medium:
		second := panes[1]
		if focus != panes[0] {
			second = focus
		}
		left := shares[m.screen].left
		if m.screen == screenRun && area.w < 112 {
			left = 60 // else there is no room for time bars
		}
		return beside(area, panes[0], second, left)
	default:
		out := beside(area, panes[0], panes[1], shares[m.screen].leftOfWide)
		if len(panes) > 2 {
			upper, third := &out[1], panes[2]
			if slices.Contains(panes[3:], focus) {
				third = focus
			}
			below := placed{third, upper.rect}
			upper.h = area.h * shares[m.screen].upper / 100
			if panes[2] == paneStats && m.stats.Empty() {
				upper.h = area.h - 5 // room to say why
			}
			below.y, below.h = upper.y+upper.h, area.h-upper.h
			out = append(out, below)
		}
		return out
	}
}

// beside puts two panes side by side, the left one with a share of the width.
func beside(area rect, left, right paneID, percent int) []placed {
	w := area.w * percent / 100
	return []placed{{left, rect{area.x, area.y, w, area.h}}, {right, rect{area.x + w, area.y, area.w - w, area.h}}}
}

// shows reports whether a pane is on the screen.
func (m *Model) shows(id paneID) bool {
	return slices.ContainsFunc(m.places, func(p placed) bool { return p.id == id })
}

// area is what the panes have: the screen without header, banner and footer.
func (m *Model) area() rect {
	top := m.headerHeight()
	return rect{0, top, m.w, m.h - top - 1}
}

// headerHeight is the number of lines above the panes.
func (m *Model) headerHeight() int {
	n := 0
	if m.h >= titleHeight {
		n++
	}
	if m.screen == screenRun {
		n++
	}
	text, _ := m.banner()
	return n + len(m.bannerLines(text))
}

// arrange places the panes anew and tells them their sizes.
func (m *Model) arrange() {
	if m.class() == tiny {
		m.places = nil
		return
	}
	m.detail.WithLogs(m.class() != wide)
	m.places = m.place(m.area())
	for _, p := range m.places {
		m.panes[p.id].SetSize(p.w-2, p.h-2)
	}
	m.dirty = true
}
