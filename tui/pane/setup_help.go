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
	if section, ok := p.setup.Heading(); ok {
		return sectionName(section)
	}
	return "Help"
}

// Status tells how much text there is below.
func (p *SetupHelp) Status() string { return textStatus(p.top.Top, p.h, p.lines) }

// Move scrolls the text.
func (p *SetupHelp) Move(n int) { p.top.ScrollBy(n, p.lines, p.h) }

// Side does nothing: the text is wrapped.
func (p *SetupHelp) Side(int) {}

// Lines draws the text.
func (p *SetupHelp) Lines(k Look) []string {
	s, ok := p.setup.Current()
	section, heading := p.setup.Heading()
	switch {
	case heading:
		return p.shown(p.setup.sectionHelp(k, section, p.w))
	case !ok:
		return p.note(k.Theme.Dim, "No setting is selected.")
	}
	text := helpText{w: p.w}
	if err := p.setup.Err(); err != nil {
		text.add(k.Theme.Bad, "invalid", err.Error())
	}
	text.add(k.Theme.Text, "", s.Doc)
	fine := p.checks(k, &text, s.Key)
	if s.Edited {
		text.add(k.Theme.Warn, "value", orEmpty(s.Text)+", set here")
		text.add(k.Theme.Text, "default", orEmpty(s.Default))
	} else if s.Text == s.Default && s.Source == "default" {
		text.add(k.Theme.Text, "value", orEmpty(s.Text)+", the default")
	} else {
		text.add(k.Theme.Text, "value", orEmpty(s.Text)+from(s.Source))
		text.add(k.Theme.Text, "default", orEmpty(s.Default))
	}
	gives := p.setup.given(s.Key)
	switch {
	case len(gives) > 0:
		// this setting chooses the profile: what it gives follows below
	case s.FromProfile:
		text.add(k.Theme.Text, "profile", "gives "+orEmpty(s.Profile))
	default:
		text.add(k.Theme.Dim, "profile", "does not set it")
	}
	if len(s.Allowed) > 0 {
		text.add(k.Theme.Text, "allowed", strings.Join(s.Allowed, ", "))
	}
	kind := s.Kind
	if s.Unit != "" {
		kind += " of " + s.Unit
	}
	if s.Range != "" {
		kind += ", " + s.Range
	}
	text.add(k.Theme.Dim, "kind", kind)
	if s.Flag != "" {
		text.add(k.Theme.Dim, "flag", "--"+s.Flag)
	}
	text.add(k.Theme.Dim, "env", strings.Join(s.Env, ", "))
	for _, c := range fine {
		text.add(c.paint(k.Theme), c.Word, c.Text)
	}
	if section := p.setup.settings.SectionTitle(s.Section); section != "" && s.Section != "" {
		text.add(k.Theme.Dim, "section", section)
	}
	for i, g := range gives {
		label := ""
		if i == 0 {
			label = "gives"
		}
		text.pair(k.Theme, label, g)
	}
	return p.shown(text)
}

// checks adds what trying the setting out has shown, but for what is fine: that may
// come last.
func (p *SetupHelp) checks(k Look, text *helpText, key string) (fine []Check) {
	for _, c := range p.setup.checksOf(key) {
		if c.Word == "ok" {
			fine = append(fine, c)
			continue
		}
		text.add(c.paint(k.Theme), c.Word, orWord(c))
	}
	return fine
}

// shown is the part of the text that is scrolled into view.
func (p *SetupHelp) shown(text helpText) []string {
	p.lines = len(text.lines)
	p.top.ScrollBy(0, p.lines, p.h)
	return p.fill(text.lines[min(p.top.Top, len(text.lines)):])
}

// from says where a value came from, in a sentence.
func from(source string) string {
	if strings.HasPrefix(source, "implied ") {
		return ", " + source
	}
	return " from " + source
}

func orEmpty(s string) string {
	if s == "" {
		return "(empty)"
	}
	return s
}

// pair adds a key and what the profile gives it.
func (t *helpText) pair(th *theme.Theme, label string, g Setting) {
	t.named(th, label, g.Label, g.Profile)
}

// named adds a name and a value.
func (t *helpText) named(th *theme.Theme, label, name, value string) {
	line := ui.NewLine(t.w, 0).Gap(1).Add(th.Text, ui.Fit(label, 8)).Gap(1)
	line.Add(th.Accent, ui.Fit(name, min(max(t.w-24, 8), 24))).Gap(1).Add(th.Text, orEmpty(ui.Clean(value)))
	t.lines = append(t.lines, line.String())
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
