package tui

// Sizes of the terminal that the layout depends on, in cells.
const (
	minWidth, minHeight = 60, 15 // below it there is only a message
	twoPanes            = 100
	threePanes          = 160
	titleHeight         = 24 // lines from which on there is a title bar
)

// class is how many panes stand side by side.
type class uint8

const (
	tiny   class = iota // too small for anything
	narrow              // one pane, the others behind tabs
	medium              // two panes
	wide                // three panes
)

func classOf(w, h int) class {
	switch {
	case w < minWidth || h < minHeight:
		return tiny
	case w < twoPanes:
		return narrow
	case w < threePanes:
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

// shares are the widths of side by side panes, in percent, by screen.
var shares = [screenCount]struct{ two, three [3]int }{
	screenSetup:     {two: [3]int{60, 40}, three: [3]int{62, 38}},
	screenRun:       {two: [3]int{55, 45}, three: [3]int{40, 34, 26}},
	screenArtifacts: {two: [3]int{38, 62}, three: [3]int{25, 45, 30}},
}

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
		if m.screen == screenSetup && area.h >= 18 {
			const help = 9
			return []placed{
				{panes[0], rect{area.x, area.y, area.w, area.h - help}},
				{panes[1], rect{area.x, area.y + area.h - help, area.w, help}},
			}
		}
		return []placed{{focus, area}}
	case medium:
		second := panes[1]
		if focus != panes[0] {
			second = focus
		}
		return row(area, []paneID{panes[0], second}, shares[m.screen].two)
	default:
		if len(panes) == 2 {
			share := shares[m.screen].two
			if m.screen == screenArtifacts {
				share = [3]int{25, 75}
			}
			return row(area, panes, share)
		}
		return row(area, panes, shares[m.screen].three)
	}
}

// row puts panes side by side; the last one takes what rounding leaves.
func row(area rect, panes []paneID, share [3]int) []placed {
	out := make([]placed, len(panes))
	x := area.x
	for i, id := range panes {
		w := area.w * share[i] / 100
		if i == len(panes)-1 {
			w = area.x + area.w - x
		}
		out[i] = placed{id, rect{x, area.y, w, area.h}}
		x += w
	}
	return out
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
	if b, _ := m.banner(); b != "" {
		n++
	}
	return n
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
