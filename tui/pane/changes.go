package pane

import (
	"strings"

	"github.com/buildscope/buildscope/model/jsondiff"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// Changes shows what is different between a JSON value of two runs: a line for each
// place with both values side by side, and below them all of the selected one.
type Changes struct {
	box
	name   string // what is compared
	a, b   string // the runs
	note   string // shown instead of changes
	quiet  bool   // ids and times are left out
	list   []ListedChange
	scroll ui.Scroll
	search string
}

// ListedChange is a change with the texts that are shown of it.
type ListedChange struct {
	jsondiff.Change
	path, a, b string
}

// maxValue bounds the letters that are shown of a value: more than any screen holds.
const maxValue = 4000

// ListChanges prepares changes for the screen. That may take a while: it is for
// goroutines beside the screen.
func ListChanges(changes []jsondiff.Change) []ListedChange {
	list := make([]ListedChange, len(changes))
	for i, c := range changes {
		a, b := c.Sides()
		list[i] = ListedChange{c, ui.Clean(c.Path.String()), ui.Clean(a[:min(len(a), maxValue)]), ui.Clean(b[:min(len(b), maxValue)])}
	}
	return list
}

// NewChanges gives an empty pane.
func NewChanges() *Changes { return &Changes{note: "Comparing."} }

// SetNote says why there is nothing to show.
func (p *Changes) SetNote(name, text string) {
	p.name, p.note, p.list = name, text, nil
}

// SetChanges shows what is different between run a and run b. The cursor stays where
// it is for the same name.
func (p *Changes) SetChanges(name, a, b string, quiet bool, list []ListedChange) {
	if name != p.name {
		p.scroll = ui.Scroll{}
	}
	p.name, p.a, p.b, p.quiet, p.list, p.note = name, a, b, quiet, list, ""
	p.scroll.Clamp(len(p.list), p.listed())
}

// about is the number of lines for the selected change.
func (p *Changes) about() int {
	if p.h < 12 || len(p.list) == 0 {
		return 0
	}
	return max(5, p.h/3)
}

// listed is the number of lines for changes, below that of heads.
func (p *Changes) listed() int { return max(p.h-1-p.about(), 1) }

// SetSize gives the size of the inside.
func (p *Changes) SetSize(w, h int) {
	p.box.SetSize(w, h)
	p.scroll.Clamp(len(p.list), p.listed())
}

// Title names what is compared.
func (p *Changes) Title() string {
	if p.note != "" {
		return ui.Clean(p.name)
	}
	return ui.Clean(p.name) + ": A " + ui.Clean(p.a) + ", B " + ui.Clean(p.b)
}

// Status tells how many differences there are and what was left out.
func (p *Changes) Status() string {
	s := ""
	switch {
	case p.note != "":
		return ""
	case len(p.list) > 0:
		s = ui.Commas(int64(p.scroll.Cursor+1)) + " of " + ui.Commas(int64(len(p.list))) + " differences"
	default:
		s = "no difference"
	}
	if p.quiet {
		s += " beside ids and times"
	}
	if p.search != "" {
		s += ", search: " + ui.Clean(p.search)
	}
	return s
}

// Move moves the cursor by lines.
func (p *Changes) Move(n int) { p.scroll.Move(n, len(p.list), p.listed()) }

// Side does nothing.
func (p *Changes) Side(int) {}

// Click selects the change on a line of the inside.
func (p *Changes) Click(line int) {
	if at := p.scroll.Top + line - 1; line >= 1 && line <= p.listed() && at < len(p.list) {
		p.scroll.Set(at, len(p.list), p.listed())
	}
}

// SetSearch sets the text that Next looks for.
func (p *Changes) SetSearch(text string) { p.search = text }

// Search is the text that is looked for.
func (p *Changes) Search() string { return p.search }

// Next selects the next (+1) or the previous (-1) change with the search text in its
// path or values, and reports whether there is one.
func (p *Changes) Next(step int) bool {
	n := len(p.list)
	for i := 1; i <= n; i++ {
		at := ((p.scroll.Cursor+step*i)%n + n) % n
		if l := p.list[at]; containsFold(l.path+"\n"+l.a+"\n"+l.b, p.search) {
			p.scroll.Set(at, n, p.listed())
			return true
		}
	}
	return false
}

// Copy gives the selected change in one line, or all of them as JSON.
func (p *Changes) Copy(asJSON bool) string {
	switch {
	case asJSON:
		lines := make([]string, len(p.list))
		for i, c := range p.list {
			lines[i] = jsondiff.Text(c.Change)
		}
		return "[" + strings.Join(lines, ",\n") + "]"
	case p.scroll.Cursor < len(p.list):
		l := p.list[p.scroll.Cursor]
		return strings.Join([]string{string(l.Op), l.path, l.a, l.b}, "\t")
	}
	return ""
}

// sign marks a change, so that colour is not the only sign.
func sign(th *theme.Theme, op jsondiff.Op) (string, theme.Paint) {
	switch op {
	case jsondiff.Added:
		return "+", th.Good
	case jsondiff.Removed:
		return "-", th.Bad
	case jsondiff.Moved:
		return th.Glyphs.Down, th.Info
	}
	return "~", th.Warn
}

// Lines draws the list.
func (p *Changes) Lines(k Look) []string {
	switch {
	case p.note != "":
		return p.box.note(k.Theme.Dim, p.note)
	case len(p.list) == 0 && p.quiet:
		return p.box.note(k.Theme.Good, "Nothing is different but ids and times.")
	case len(p.list) == 0:
		return p.box.note(k.Theme.Good, "Nothing is different.")
	}
	th := k.Theme
	side := max((p.w-4)/4, 6)
	path := max(p.w-4-2*(side+1), 4)
	lines := append(make([]string, 0, p.h), ui.NewLine(p.w, 0).Gap(3).Add(th.Dim, ui.Fit("path", path)).Gap(1).Add(th.Dim, ui.Fit("A", side)).Gap(1).Add(th.Dim, "B").String())
	for i := p.scroll.Top; i < len(p.list) && len(lines) <= p.listed(); i++ {
		line, l := ui.NewLine(p.w, 0), p.list[i]
		if i == p.scroll.Cursor {
			line.Over(k.selected())
		}
		mark, paint := sign(th, l.Op)
		name := l.path
		if n := ui.Width(name); n > path { // places in one object differ at the end
			name = "…" + ui.Cut(name, n-path+1, n)
		}
		lines = append(lines, line.Text(k.marker(i == p.scroll.Cursor)).Add(paint, mark).Gap(1).Add(th.Accent, ui.Fit(name, path)).
			Gap(1).Text(ui.Fit(l.a, side)).Gap(1).Text(ui.Fit(l.b, side)).String())
	}
	for len(lines) <= p.listed() {
		lines = append(lines, ui.Blank(p.w))
	}
	if n := p.about(); n > 0 {
		lines = append(lines, p.aboutLines(th, n)...)
	}
	return p.fill(lines)
}

// aboutLines shows all of the selected change that has room.
func (p *Changes) aboutLines(th *theme.Theme, n int) []string {
	l := p.list[p.scroll.Cursor]
	d := document{theme: th, w: p.w}
	d.done(d.line().Add(th.Border, strings.Repeat(th.Glyphs.Horizontal, p.w)))
	where := l.path + " " + string(l.Op)
	if delta := l.Delta(); delta != "" {
		where += ": " + delta
	}
	d.wrapped(th.Strong, where)
	if l.a != "" {
		d.wrapped(th.Text, "A "+l.a)
	}
	if l.b != "" {
		d.wrapped(th.Text, "B "+l.b)
	}
	return d.lines[:min(len(d.lines), n)]
}
