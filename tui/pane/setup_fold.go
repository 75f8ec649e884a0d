package pane

import (
	"fmt"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/ui"
)

// sectionName is how a section is called on the screen.
func sectionName(section string) string {
	if section == "" {
		return "profile"
	}
	return section
}

// Heading is the section whose heading is selected; false on a setting.
func (p *Setup) Heading() (section string, ok bool) {
	if p.scroll.Cursor < len(p.rows) {
		if r := p.rows[p.scroll.Cursor]; r.at < 0 {
			return r.section, true
		}
	}
	return "", false
}

// Toggle folds or unfolds the section whose heading is selected, and reports whether
// there is one. While a filter is on, everything that it finds shows.
func (p *Setup) Toggle() bool {
	section, ok := p.Heading()
	if ok {
		p.fold(section, !p.folded[section])
	}
	return ok
}

func (p *Setup) fold(section string, on bool) {
	p.keep(func() { p.folded[section] = on })
}

// FoldAll folds every section, or unfolds them all if all are folded.
func (p *Setup) FoldAll() {
	all := true
	for _, s := range p.list {
		all = all && p.folded[s.Section]
	}
	p.keep(func() {
		for _, s := range p.list {
			p.folded[s.Section] = !all
		}
	})
}

// Side goes from a setting to the heading of its section (-1), folds that, or
// unfolds it (+1).
func (p *Setup) Side(step int) {
	section, heading := p.Heading()
	s, ok := p.Current()
	switch {
	case heading:
		p.fold(section, step < 0)
	case ok && step < 0:
		p.goToHeading(s.Section)
	}
}

// counts are the settings of a section, and those of them that need a look.
func (p *Setup) counts(section string) (all, edited, failing int) {
	for _, s := range p.list {
		if s.Section != section {
			continue
		}
		all++
		if s.Edited {
			edited++
		}
		if p.failing[s.Key] {
			failing++
		}
	}
	return all, edited, failing
}

// heading draws the heading of a section. A folded one says what is hidden in it.
func (p *Setup) heading(k Look, section string, selected bool) string {
	th := k.Theme
	line := ui.NewLine(p.w, 0)
	if selected {
		line.Over(k.selected())
	}
	folded := p.folded[section] && p.filter == ""
	glyph := th.Glyphs.Open
	if folded {
		glyph = th.Glyphs.Closed
	}
	line.Add(th.Accent, k.marker(selected)).Add(th.Dim, glyph).Gap(1).Add(th.Strong, sectionName(section))
	if !folded {
		return line.String()
	}
	all, edited, failing := p.counts(section)
	line.Gap(2).Add(th.Dim, settingsText(all))
	if edited > 0 {
		line.Add(th.Warn, fmt.Sprintf("  %s %d edited", th.Glyphs.Edited, edited))
	}
	if failing > 0 {
		line.Add(th.Bad, fmt.Sprintf("  %s %d failing", th.Glyphs.State(model.NodeFailed), failing))
	}
	return line.String()
}

func settingsText(n int) string {
	if n == 1 {
		return "1 setting"
	}
	return ui.Counted(n, "setting")
}

// sectionHelp says what a section is about and what in it is not as it comes.
func (p *Setup) sectionHelp(k Look, section string, w int) helpText {
	th := k.Theme
	text := helpText{w: w}
	text.add(th.Text, "", p.settings.SectionTitle(section))
	all, edited, _ := p.counts(section)
	label := "set"
	for _, s := range p.list {
		short := strings.TrimPrefix(s.Key, s.Section+".")
		switch {
		case s.Section != section:
		case p.failing[s.Key]:
			text.add(th.Bad, "failing", short+" failed when it was last tried")
		case s.Source != "default" && !s.FromProfile:
			text.named(th, label, short, s.Text)
			label = ""
		}
	}
	summary := settingsText(all)
	if edited > 0 {
		summary += fmt.Sprintf(", %d edited", edited)
	}
	text.add(th.Dim, "", summary+". Enter folds and unfolds the section.")
	return text
}
