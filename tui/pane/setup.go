package pane

import (
	"slices"
	"strings"

	"github.com/buildscope/buildscope/tui/ui"
)

// Setup is the list of settings below their sections, which fold.
type Setup struct {
	box
	settings Settings
	list     []Setting
	rows     []setupRow
	scroll   ui.Scroll
	filter   string
	folded   map[string]bool // by section; a filter shows what it finds all the same

	checked string // key of the setting that checks are about
	checks  []Check
	failing map[string]bool // keys whose last check has failed

	input *ui.Input // nil unless a value is being edited
	err   error     // what is wrong with the text in input, or with the last edit
}

// setupRow is the heading of a section (at -1) or a setting.
type setupRow struct {
	section string
	at      int // index into list
}

// NewSetup shows the settings.
func NewSetup(s Settings) *Setup {
	p := &Setup{settings: s, folded: map[string]bool{}, failing: map[string]bool{}}
	p.Reload()
	p.settle(1)
	return p
}

// Reload reads the settings anew. The cursor stays on its row.
func (p *Setup) Reload() {
	p.keep(func() { p.list = p.settings.List() })
}

// keep makes a change, lists the rows anew and goes back to the row that was
// selected, or to the heading of its section if the row is gone.
func (p *Setup) keep(change func()) {
	current, ok := p.Current()
	section, heading := p.Heading()
	change()
	p.arrange()
	switch {
	case ok && p.goTo(current.Key):
	case ok:
		p.goToHeading(current.Section)
	case heading:
		p.goToHeading(section)
	}
}

// arrange lists the rows that filter and folds let through, below their headings.
func (p *Setup) arrange() {
	p.rows = p.rows[:0]
	section, first := "", true
	for i, s := range p.list {
		if !matches(s, p.filter) {
			continue
		}
		if first || s.Section != section {
			section, first = s.Section, false
			p.rows = append(p.rows, setupRow{section, -1})
		}
		if p.filter != "" || !p.folded[section] {
			p.rows = append(p.rows, setupRow{section, i})
		}
	}
	p.scroll.Clamp(len(p.rows), p.listed())
}

func matches(s Setting, filter string) bool {
	text := strings.ToLower(s.Key + " " + s.Label + " " + s.Text + " " + s.Source + " " + s.Doc)
	for _, word := range strings.Fields(strings.ToLower(filter)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// settle moves the cursor off a heading, in the given direction if possible.
func (p *Setup) settle(step int) {
	p.scroll.Clamp(len(p.rows), p.listed())
	at := p.scroll.Cursor
	for at >= 0 && at < len(p.rows) && p.rows[at].at < 0 {
		at += step
	}
	if at < 0 || at >= len(p.rows) {
		at = slices.IndexFunc(p.rows, func(r setupRow) bool { return r.at >= 0 })
	}
	if at >= 0 {
		p.scroll.Set(at, len(p.rows), p.listed())
	}
	p.reveal()
}

// reveal shows the heading together with its first setting.
func (p *Setup) reveal() {
	if at := p.scroll.Cursor; at > 0 && at < len(p.rows) && p.rows[at-1].at < 0 {
		p.scroll.Top = min(p.scroll.Top, at-1)
	}
}

// Current is the selected setting; false on a heading, or when the filter hides them
// all.
func (p *Setup) Current() (Setting, bool) {
	if p.scroll.Cursor < len(p.rows) {
		if at := p.rows[p.scroll.Cursor].at; at >= 0 && at < len(p.list) {
			return p.list[at], true
		}
	}
	return Setting{}, false
}

// Select moves the cursor to a setting, if the filter lets it through. Its section
// unfolds.
func (p *Setup) Select(key string) bool {
	if s, ok := p.Find(key); ok && p.folded[s.Section] {
		delete(p.folded, s.Section)
		p.arrange()
	}
	return p.goTo(key)
}

func (p *Setup) goTo(key string) bool {
	return p.goToRow(func(r setupRow) bool { return r.at >= 0 && p.list[r.at].Key == key })
}

func (p *Setup) goToHeading(section string) bool {
	return p.goToRow(func(r setupRow) bool { return r.at < 0 && r.section == section })
}

func (p *Setup) goToRow(is func(setupRow) bool) bool {
	at := slices.IndexFunc(p.rows, is)
	if at >= 0 {
		p.scroll.Set(at, len(p.rows), p.listed())
	}
	return at >= 0
}

// Find gives a setting by its key.
func (p *Setup) Find(key string) (Setting, bool) {
	for _, s := range p.list {
		if s.Key == key {
			return s, true
		}
	}
	return Setting{}, false
}

// ProfileKey is the setting that chooses the profile.
const ProfileKey = "diagnostics_profile"

// given lists the settings that the present profile gives, if key is the one
// that chooses it.
func (p *Setup) given(key string) []Setting {
	if key != ProfileKey {
		return nil
	}
	var out []Setting
	for _, s := range p.list {
		if s.FromProfile {
			out = append(out, s)
		}
	}
	return out
}

// Filter is the text that settings must contain to be listed.
func (p *Setup) Filter() string { return p.filter }

// SetFilter lists only settings that contain every word of the text, whether their
// sections are folded or not. The cursor goes to the first one if it was on none.
func (p *Setup) SetFilter(text string) {
	p.keep(func() { p.filter = text })
	if text != "" {
		p.settle(1)
	}
}

// SetSize gives the size of the inside and keeps the cursor visible.
func (p *Setup) SetSize(w, h int) {
	p.box.SetSize(w, h)
	p.scroll.Clamp(len(p.rows), p.listed())
}

// Move moves the cursor by a number of rows.
func (p *Setup) Move(n int) {
	p.err = nil
	p.scroll.Move(n, len(p.rows), p.listed())
	p.reveal()
}

// Next moves the cursor to the next (+1) or the previous (-1) setting, past headings.
func (p *Setup) Next(step int) {
	p.Move(step)
	p.settle(step)
}

// Click selects the row on a line of the inside; a heading folds.
func (p *Setup) Click(line int) {
	at := p.scroll.Top + line - p.heads()
	if line < p.heads() || at >= len(p.rows) {
		return
	}
	p.scroll.Set(at, len(p.rows), p.listed())
	p.Toggle()
}
