package pane

import (
	"strings"

	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// SetupHelp explains the setting that is selected in a Setup: what it does,
// what it may be, where its value comes from and what the profile would give.
type SetupHelp struct {
	box
	setup *Setup
	top   ui.Scroll
	lines int // of the text at the last drawing
}

// NewSetupHelp explains the selection of a Setup.
func NewSetupHelp(s *Setup) *SetupHelp { return &SetupHelp{setup: s} }

// Title names the setting.
func (p *SetupHelp) Title() string {
	if s, ok := p.setup.Current(); ok {
		return s.Key
	}
	return "Help"
}

// Status is empty: the help is short.
func (p *SetupHelp) Status() string { return "" }

// Move scrolls the text.
func (p *SetupHelp) Move(n int) { p.top.ScrollBy(n, p.lines, p.h) }

// Edge scrolls to the beginning or the end.
func (p *SetupHelp) Edge(last bool) {
	p.top.Top = 0
	if last {
		p.top.ScrollBy(p.lines, p.lines, p.h)
	}
}

// Side does nothing: the text is wrapped.
func (p *SetupHelp) Side(int) {}

// Lines draws the text.
func (p *SetupHelp) Lines(k Look) []string {
	s, ok := p.setup.Current()
	if !ok {
		return p.note(k.Theme.Dim, "No setting is selected.")
	}
	text := helpText{w: p.w}
	if err := p.setup.Err(); err != nil {
		text.add(k.Theme.Bad, "invalid", err.Error())
	}
	text.add(k.Theme.Text, "", s.Doc)
	if !s.Edited && s.Text == s.Default && s.Source == "default" {
		text.add(k.Theme.Text, "value", orEmpty(s.Text)+", the default")
	} else {
		text.add(k.Theme.Text, "value", orEmpty(s.Text)+" from "+s.Source)
		text.add(k.Theme.Text, "default", orEmpty(s.Default))
	}
	if s.FromProfile {
		text.add(k.Theme.Text, "profile", "gives "+orEmpty(s.Profile))
	} else {
		text.add(k.Theme.Dim, "profile", "does not set it")
	}
	if len(s.Allowed) > 0 {
		text.add(k.Theme.Text, "allowed", strings.Join(s.Allowed, ", "))
	}
	text.add(k.Theme.Text, "range", s.Range)
	kind := s.Kind
	if s.Unit != "" {
		kind += " of " + s.Unit
	}
	text.add(k.Theme.Dim, "kind", kind)
	if section := p.setup.settings.SectionTitle(s.Section); section != "" && s.Section != "" {
		text.add(k.Theme.Dim, s.Section, section)
	}
	p.lines = len(text.lines)
	p.top.ScrollBy(0, p.lines, p.h)
	return p.fill(text.lines[min(p.top.Top, len(text.lines)):])
}

func orEmpty(s string) string {
	if s == "" {
		return "(empty)"
	}
	return s
}

// helpText collects wrapped paragraphs with a label in front.
type helpText struct {
	w     int
	lines []string
}

// add appends a paragraph, unless it is empty.
func (t *helpText) add(p theme.Paint, label, text string) {
	const indent = 10
	if text == "" {
		return
	}
	left := 1
	if label != "" {
		left = indent
	}
	for i, s := range ui.Wrap(ui.CleanLines(text), t.w-left-1) {
		line := ui.NewLine(t.w, 0).Gap(1)
		if label != "" {
			if i == 0 {
				line.Text(ui.Fit(label, indent-2))
			} else {
				line.Gap(indent - 2)
			}
			line.Gap(1)
		}
		t.lines = append(t.lines, line.Add(p, s).String())
	}
}
