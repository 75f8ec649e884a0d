package pane

import (
	"slices"
	"strings"

	"github.com/buildscope/buildscope/tui/ui"
)

// Setup is the list of settings by section.
type Setup struct {
	box
	settings Settings
	list     []Setting
	rows     []setupRow
	scroll   ui.Scroll
	filter   string

	checked string // key of the setting that checks are about
	checks  []Check

	input *ui.Input // nil unless a value is being edited
	err   error     // what is wrong with the text in input, or with the last edit
}

// setupRow is a heading (at -1) or a setting.
type setupRow struct {
	heading string
	at      int // index into list
}

// NewSetup shows the settings.
func NewSetup(s Settings) *Setup {
	p := &Setup{settings: s}
	p.Reload()
	p.Move(-Far)
	return p
}

// Reload reads the settings anew. The cursor stays on its setting.
func (p *Setup) Reload() {
	current, ok := p.Current()
	p.list = p.settings.List()
	p.arrange()
	if ok {
		p.Select(current.Key)
	}
}

// arrange lists the rows that the filter lets through, below their headings.
func (p *Setup) arrange() {
	p.rows = p.rows[:0]
	section, first := "", true
	for i, s := range p.list {
		if !matches(s, p.filter) {
			continue
		}
		if first || s.Section != section {
			section, first = s.Section, false
			title := s.Section
			if title == "" {
				title = "profile"
			}
			p.rows = append(p.rows, setupRow{heading: title, at: -1})
		}
		p.rows = append(p.rows, setupRow{at: i})
	}
	p.settle(1)
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
	p.scroll.Clamp(len(p.rows), p.h)
	at := p.scroll.Cursor
	for at >= 0 && at < len(p.rows) && p.rows[at].at < 0 {
		at += step
	}
	if at < 0 || at >= len(p.rows) {
		at = slices.IndexFunc(p.rows, func(r setupRow) bool { return r.at >= 0 })
	}
	if at >= 0 {
		p.scroll.Set(at, len(p.rows), p.h)
		if at > 0 && p.rows[at-1].at < 0 {
			p.scroll.Top = min(p.scroll.Top, at-1) // a heading belongs to its first setting
		}
	}
}

// Current is the selected setting; false when the filter hides them all.
func (p *Setup) Current() (Setting, bool) {
	if p.scroll.Cursor < len(p.rows) {
		if at := p.rows[p.scroll.Cursor].at; at >= 0 && at < len(p.list) {
			return p.list[at], true
		}
	}
	return Setting{}, false
}

// Select moves the cursor to a setting, if it is listed.
func (p *Setup) Select(key string) bool {
	for i, r := range p.rows {
		if r.at >= 0 && p.list[r.at].Key == key {
			p.scroll.Set(i, len(p.rows), p.h)
			return true
		}
	}
	return false
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

// SetFilter lists only settings that contain every word of the text.
func (p *Setup) SetFilter(text string) {
	current, ok := p.Current()
	p.filter = text
	p.arrange()
	if ok {
		p.Select(current.Key)
	}
}

// SetSize gives the size of the inside and keeps the cursor visible.
func (p *Setup) SetSize(w, h int) {
	p.box.SetSize(w, h)
	p.scroll.Clamp(len(p.rows), p.h)
}

// Move moves the cursor by a number of settings.
func (p *Setup) Move(n int) {
	p.err = nil
	p.scroll.Move(n, len(p.rows), p.h)
	if n < 0 {
		p.settle(-1)
	} else {
		p.settle(1)
	}
}

// Click selects the setting on a line of the inside.
func (p *Setup) Click(line int) {
	if at := p.scroll.Top + line; at < len(p.rows) && p.rows[at].at >= 0 {
		p.scroll.Set(at, len(p.rows), p.h)
	}
}
