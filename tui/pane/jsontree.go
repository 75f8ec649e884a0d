package pane

import (
	"fmt"
	"sort"

	"github.com/buildscope/buildscope/tui/ui"
)

// JSONTree shows a JSON value as a tree that folds.
type JSONTree struct {
	box
	name    string
	doc     *JSONDoc
	closed  map[int32]bool
	visible []int32 // nodes that show, in order
	scroll  ui.Scroll
	left    int
	search  string
	hits    int
}

// NewJSONTree gives an empty tree.
func NewJSONTree() *JSONTree { return &JSONTree{} }

// startOpen is the number of levels that are open at first: those of the
// artifact itself and of its payload.
const startOpen = 2

// SetDoc shows a value under a name. Its upper levels are open, unless they are
// long.
func (p *JSONTree) SetDoc(name string, doc *JSONDoc) {
	p.name, p.doc, p.closed = name, doc, make(map[int32]bool)
	p.scroll, p.left = ui.Scroll{}, 0
	if doc == nil {
		p.visible = nil
		return
	}
	for i, n := range doc.nodes {
		if n.kind != 'v' && (n.depth >= startOpen || n.depth > 0 && n.children > 200) {
			p.closed[int32(i)] = true
		}
	}
	p.arrange()
	p.SetSearch(p.search)
}

// arrange lists the nodes that are not inside a closed one.
func (p *JSONTree) arrange() {
	p.visible = p.visible[:0]
	for i := int32(0); i < int32(len(p.doc.nodes)); {
		p.visible = append(p.visible, i)
		if p.closed[i] {
			i = p.doc.nodes[i].next
		} else {
			i++
		}
	}
	p.scroll.Clamp(len(p.visible), p.h)
}

func (p *JSONTree) current() (int32, bool) {
	if p.doc == nil || p.scroll.Cursor >= len(p.visible) {
		return 0, false
	}
	return p.visible[p.scroll.Cursor], true
}

// reveal opens what a node is in and selects it.
func (p *JSONTree) reveal(at int32) {
	for up := p.doc.nodes[at].parent; up >= 0; up = p.doc.nodes[up].parent {
		delete(p.closed, up)
	}
	p.arrange()
	i := sort.Search(len(p.visible), func(i int) bool { return p.visible[i] >= at })
	p.scroll.Set(i, len(p.visible), p.h)
}

// Title names the value.
func (p *JSONTree) Title() string { return p.name }

// Status tells the path of the selected node and what the search found.
func (p *JSONTree) Status() string {
	at, ok := p.current()
	if !ok {
		return ""
	}
	s := p.doc.path(at)
	if p.search != "" {
		s += fmt.Sprintf(", %s with %s", ui.Commas(int64(p.hits)), ui.Clean(p.search))
	}
	return s
}

// SetSize gives the size of the inside.
func (p *JSONTree) SetSize(w, h int) {
	p.box.SetSize(w, h)
	p.scroll.Clamp(len(p.visible), p.h)
}

// Move moves the cursor by a number of lines.
func (p *JSONTree) Move(n int) { p.scroll.Move(n, len(p.visible), p.h) }

// Click selects the node on a line of the inside.
func (p *JSONTree) Click(line int) { p.scroll.Set(p.scroll.Top+line, len(p.visible), p.h) }

// Side closes (-1) or opens (+1) a node. On a plain value it scrolls sideways;
// left on a closed node goes to its parent.
func (p *JSONTree) Side(step int) {
	at, ok := p.current()
	if !ok {
		return
	}
	n := p.doc.nodes[at]
	switch {
	case p.left > 0 && step < 0, n.kind == 'v' && step > 0:
		p.left = max(0, p.left+8*step)
	case step > 0 && p.closed[at]:
		delete(p.closed, at)
		p.arrange()
	case step > 0:
		p.Move(1)
	case n.kind != 'v' && !p.closed[at]:
		p.closed[at] = true
		p.arrange()
	case n.parent >= 0:
		p.reveal(n.parent)
	}
}

// Toggle opens or closes the selected node.
func (p *JSONTree) Toggle() {
	if at, ok := p.current(); ok && p.doc.nodes[at].kind != 'v' {
		if p.closed[at] {
			delete(p.closed, at)
		} else {
			p.closed[at] = true
		}
		p.arrange()
	}
}

// SetSearch sets the text that Next looks for, and marks it.
func (p *JSONTree) SetSearch(text string) {
	p.search, p.hits = text, 0
	if p.doc != nil && text != "" {
		p.hits = p.doc.count(text)
	}
}

// Search is the text that is looked for.
func (p *JSONTree) Search() string { return p.search }

// Next selects the next (+1) or the previous (-1) node that contains the search
// text, and reports whether there is one.
func (p *JSONTree) Next(step int) bool {
	at, ok := p.current()
	if !ok || p.search == "" {
		return false
	}
	hit := p.doc.find(at, p.search, int32(step))
	if hit < 0 {
		return false
	}
	p.reveal(hit)
	return true
}

// Copy gives the selected node: its path and value in one line, or its JSON.
func (p *JSONTree) Copy(asJSON bool) string {
	at, ok := p.current()
	if !ok {
		return ""
	}
	if asJSON || p.doc.nodes[at].kind != 'v' {
		return p.doc.source(at)
	}
	return p.doc.path(at) + " = " + p.doc.source(at)
}

// Lines draws the tree.
func (p *JSONTree) Lines(k Look) []string {
	if p.doc == nil {
		return p.note(k.Theme.Dim, "Select an artifact.")
	}
	th := k.Theme
	lines := make([]string, 0, p.h)
	for i := p.scroll.Top; i < len(p.visible) && len(lines) < p.h; i++ {
		at := p.visible[i]
		n := &p.doc.nodes[at]
		line := ui.NewLine(p.w, 0)
		selected := i == p.scroll.Cursor
		if selected {
			line.Over(k.selected())
		}
		line.Text(k.marker(selected)).Skip(p.left)
		fold := " "
		if n.kind != 'v' {
			fold = th.Glyphs.Open
			if p.closed[at] {
				fold = th.Glyphs.Closed
			}
		}
		line.Gap(2*int(min(n.depth, 30))).Add(th.Dim, fold).Gap(1)
		if n.name != "" {
			paint := th.Accent
			if p.search != "" && containsFold(n.name, p.search) {
				paint = th.Match
			}
			line.Add(paint, n.name).Add(th.Dim, ": ")
		}
		switch {
		case n.kind == '{':
			line.Add(th.Dim, fmt.Sprintf("{%d}", n.children))
		case n.kind == '[':
			line.Add(th.Dim, fmt.Sprintf("[%d]", n.children))
		case p.search != "" && containsFold(n.value, p.search):
			line.Add(th.Match, n.value)
		default:
			line.Text(n.value)
		}
		lines = append(lines, line.String())
	}
	return p.fill(lines)
}
