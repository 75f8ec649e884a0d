package pane

import (
	"github.com/buildscope/buildscope/tui/ui"
)

// ItemKind says what an item of the Artifacts screen is.
type ItemKind uint8

const (
	ItemHeading  ItemKind = iota
	ItemReport            // the report of the run
	ItemOutput            // a published table
	ItemArtifact          // a JSON artifact
)

// Item is one line of the Artifacts list.
type Item struct {
	Kind ItemKind
	Name string
	Path string // of an output
	Size int64  // bytes
	Rows int64  // of an output
}

// Artifacts lists what a run left: report, output tables, artifacts.
type Artifacts struct {
	box
	all    []Item
	items  []Item
	scroll ui.Scroll
	filter string
	run    string
	empty  string // said while no run has left anything
}

// NewArtifacts gives an empty list.
func NewArtifacts() *Artifacts { return &Artifacts{} }

// SetItems shows the items of one run. The cursor stays on its item.
func (p *Artifacts) SetItems(run string, items []Item) {
	p.run, p.all = run, items
	p.arrange()
}

// SetEmpty says why there is nothing to list.
func (p *Artifacts) SetEmpty(text string) { p.empty = text }

// SetFilter lists only the items whose name contains the text.
func (p *Artifacts) SetFilter(text string) {
	p.filter = text
	p.arrange()
}

// Filter is the text that names must contain.
func (p *Artifacts) Filter() string { return p.filter }

func (p *Artifacts) arrange() {
	current, had := p.Current()
	p.items = p.items[:0:0]
	kind := ItemHeading
	for _, item := range p.all {
		if !containsFold(item.Name, p.filter) {
			continue
		}
		if item.Kind != kind {
			kind = item.Kind
			p.items = append(p.items, Item{Kind: ItemHeading, Name: itemHeadings[kind]})
		}
		p.items = append(p.items, item)
	}
	for i, item := range p.items {
		if had && item.Kind == current.Kind && item.Name == current.Name {
			p.scroll.Set(i, len(p.items), p.h)
		}
	}
	p.settle(1)
}

var itemHeadings = map[ItemKind]string{ItemReport: "report", ItemOutput: "outputs", ItemArtifact: "artifacts"}

// settle moves the cursor off a heading.
func (p *Artifacts) settle(step int) {
	p.scroll.Clamp(len(p.items), p.h)
	at := p.scroll.Cursor
	for at >= 0 && at < len(p.items) && p.items[at].Kind == ItemHeading {
		at += step
	}
	if at < 0 || at >= len(p.items) {
		at = min(1, len(p.items)-1)
	}
	p.scroll.Set(max(at, 0), len(p.items), p.h)
	if p.scroll.Cursor == 1 {
		p.scroll.Top = 0
	}
}

// Current is the selected item; false when there is none.
func (p *Artifacts) Current() (Item, bool) {
	if p.scroll.Cursor < len(p.items) && p.items[p.scroll.Cursor].Kind != ItemHeading {
		return p.items[p.scroll.Cursor], true
	}
	return Item{}, false
}

// Title names the pane.
func (p *Artifacts) Title() string { return "Artifacts" }

// Status tells how many items there are.
func (p *Artifacts) Status() string {
	n := 0
	for _, item := range p.items {
		if item.Kind != ItemHeading {
			n++
		}
	}
	if p.filter != "" {
		return ui.Commas(int64(n)) + " of " + ui.Commas(int64(len(p.all))) + " match " + ui.Clean(p.filter)
	}
	return ui.Commas(int64(len(p.all))) + " items"
}

// Move moves the cursor by a number of items.
func (p *Artifacts) Move(n int) {
	p.scroll.Move(n, len(p.items), p.h)
	if n < 0 {
		p.settle(-1)
	} else {
		p.settle(1)
	}
}

// Click selects the item on a line of the inside.
func (p *Artifacts) Click(line int) {
	if at := p.scroll.Top + line; at < len(p.items) && p.items[at].Kind != ItemHeading {
		p.scroll.Set(at, len(p.items), p.h)
	}
}

// Side does nothing.
func (p *Artifacts) Side(int) {}

// SetSize gives the size of the inside.
func (p *Artifacts) SetSize(w, h int) {
	p.box.SetSize(w, h)
	p.scroll.Clamp(len(p.items), p.h)
}

// Lines draws the list.
func (p *Artifacts) Lines(k Look) []string {
	switch {
	case p.run == "":
		return p.note(k.Theme.Dim, p.empty)
	case len(p.items) == 0:
		return p.note(k.Theme.Dim, "No item matches. Press esc to see all of them.")
	}
	lines := make([]string, 0, p.h)
	for i := p.scroll.Top; i < len(p.items) && len(lines) < p.h; i++ {
		item := p.items[i]
		line := ui.NewLine(p.w, 0)
		if item.Kind == ItemHeading {
			lines = append(lines, line.Gap(1).Add(k.Theme.Strong, item.Name).String())
			continue
		}
		selected := i == p.scroll.Cursor
		if selected {
			line.Over(k.selected())
		}
		size := ui.Bytes(item.Size)
		switch item.Kind {
		case ItemReport:
			size = ""
		case ItemOutput:
			size = ui.Count(item.Rows) + " rows"
			if item.Rows == 1 {
				size = "1 row"
			}
		}
		sizeW := min(11, max(p.w-20, 0))
		line.Text(k.marker(selected)).Gap(1)
		line.Text(ui.Fit(ui.Clean(item.Name), max(p.w-sizeW-3, 4))).Add(k.Theme.Dim, ui.FitRight(size, sizeW))
		lines = append(lines, line.String())
	}
	return p.fill(lines)
}
