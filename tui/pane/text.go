package pane

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/buildscope/buildscope/tui/ui"
)

// Text shows finished lines, such as a rendered report. It scrolls both ways
// and is searched.
type Text struct {
	box
	name   string
	empty  string // shown instead of no lines
	lines  []string
	bare   []string // lines in lower case without colours, for the search
	top    ui.Scroll
	left   int
	search string
	hit    int // line of the last hit, -1 when there is none
}

// NewText gives a pane that says empty until it gets lines.
func NewText(empty string) *Text { return &Text{empty: empty, hit: -1} }

// SetLines shows lines under a name. They may hold colours and nothing else
// that a terminal acts on. For the same name, the place in the text stays.
func (p *Text) SetLines(name string, lines []string) {
	if name != p.name {
		p.top, p.left = ui.Scroll{}, 0
	}
	p.name, p.lines, p.bare, p.hit = name, lines, nil, -1
	p.top.ScrollBy(0, len(p.lines), p.h)
}

// SetEmpty says what to show while there are no lines, and drops the lines.
func (p *Text) SetEmpty(name, text string) {
	p.SetLines(name, nil)
	p.empty = text
}

// Width is the number of cells inside.
func (p *Text) Width() int { return p.w }

// Title names the text.
func (p *Text) Title() string { return p.name }

// Status tells where in the text the view is.
func (p *Text) Status() string {
	s := textStatus(p.top.Top, p.h, len(p.lines))
	if p.search != "" {
		s = strings.TrimPrefix(s+", search: "+ui.Clean(p.search), ", ")
	}
	return s
}

// Move scrolls by lines.
func (p *Text) Move(n int) { p.top.ScrollBy(n, len(p.lines), p.h) }

// Side scrolls sideways.
func (p *Text) Side(step int) { p.left = max(0, p.left+8*step) }

// SetSearch sets the text that Next looks for.
func (p *Text) SetSearch(text string) { p.search, p.hit = text, -1 }

// Search is the text that is looked for.
func (p *Text) Search() string { return p.search }

// Next scrolls to the next (+1) or the previous (-1) line that contains the
// search text, and reports whether there is one.
func (p *Text) Next(step int) bool {
	if p.search == "" || len(p.lines) == 0 {
		return false
	}
	if p.bare == nil {
		p.bare = make([]string, len(p.lines))
		for i, s := range p.lines {
			p.bare[i] = strings.ToLower(ansi.Strip(s))
		}
	}
	at, ok := nextLine(p.bare, p.search, p.hit, p.top.Top, step)
	if ok {
		p.hit = at
		p.top.ScrollBy(at-p.h/3-p.top.Top, len(p.lines), p.h)
	}
	return ok
}

// nextLine is the line after the last hit, in the direction of step and around the
// end, that contains the text; without a hit it begins at the top of the view. Bare
// are the lines in lower case without colours.
func nextLine(bare []string, text string, hit, top, step int) (int, bool) {
	want, n := strings.ToLower(text), len(bare)
	if hit < 0 {
		hit = top - step
	}
	for i := 1; i <= n; i++ {
		if at := ((hit+step*i)%n + n) % n; strings.Contains(bare[at], want) {
			return at, true
		}
	}
	return 0, false
}

// Copy gives the visible lines without colours.
func (p *Text) Copy() string {
	var b strings.Builder
	for _, s := range p.lines[p.top.Top:min(p.top.Top+p.h, len(p.lines))] {
		b.WriteString(strings.TrimRight(ansi.Strip(s), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// Lines draws the visible lines.
func (p *Text) Lines(k Look) []string {
	if len(p.lines) == 0 {
		return p.note(k.Theme.Dim, p.empty)
	}
	out := make([]string, 0, p.h)
	for i := p.top.Top; i < len(p.lines) && len(out) < p.h; i++ {
		mark := " "
		if i == p.hit {
			mark = k.Theme.Warn.S(k.Theme.Glyphs.Marker)
		}
		if p.w < 2 {
			out = append(out, ui.Blank(p.w))
			continue
		}
		out = append(out, mark+ui.Window(p.lines[i], p.left, p.w-1))
	}
	return p.fill(out)
}
