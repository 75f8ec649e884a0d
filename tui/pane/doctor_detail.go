package pane

import (
	"strings"

	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// DoctorDetail explains the check that is selected in a Doctor: what is looked at,
// what was found, which setting is responsible, and what would mend it.
type DoctorDetail struct {
	box
	list  *Doctor
	top   ui.Scroll
	lines int    // of the text at the last drawing
	id    string // of the check that was drawn last
}

// NewDoctorDetail explains the selection of a Doctor.
func NewDoctorDetail(list *Doctor) *DoctorDetail { return &DoctorDetail{list: list} }

// Title names the check.
func (p *DoctorDetail) Title() string {
	c, _ := p.list.Current()
	return c.ID + " " + c.Title
}

// Status tells how much text there is below.
func (p *DoctorDetail) Status() string { return textStatus(p.top.Top, p.h, p.lines) }

// Move scrolls the text.
func (p *DoctorDetail) Move(n int) { p.top.ScrollBy(n, p.lines, p.h) }

// Side does nothing: the text is wrapped.
func (p *DoctorDetail) Side(int) {}

// Lines draws the text.
func (p *DoctorDetail) Lines(k Look) []string {
	if len(p.list.rows) == 0 {
		return p.note(k.Theme.Dim, "There are no checks.")
	}
	r := &p.list.rows[p.list.scroll.Cursor]
	if r.ID != p.id {
		p.id, p.top = r.ID, ui.Scroll{}
	}
	text := helpText{w: p.w}
	glyph, paint := wordLook(k.Theme, r.word)
	state := glyph + " " + r.word
	if len(r.findings) > 0 && r.took > 0 {
		state += ", took " + tookText(r.took)
	}
	text.add(paint, "state", state)
	if r.stale {
		text.add(k.Theme.Warn, "old", "Settings that this check looks at have changed since. Press r to make it again.")
	}
	for i, f := range r.findings {
		if i > 0 {
			text.lines = append(text.lines, ui.Blank(p.w))
		}
		text.finding(k.Theme, f, i == 0)
	}
	if len(r.findings) == 0 && r.word == wordNever {
		text.add(k.Theme.Dim, "", "It has not been made. Press r to make it, R to make all of them.")
	}
	text.lines = append(text.lines, ui.Blank(p.w))
	text.add(k.Theme.Dim, "checks", strings.ReplaceAll(r.Doc, "`", ""))
	p.lines = len(text.lines)
	p.top.ScrollBy(0, p.lines, p.h)
	return p.fill(text.lines[min(p.top.Top, len(text.lines)):])
}

// finding adds one finding, label by label.
func (t *helpText) finding(th *theme.Theme, f DoctorFinding, first bool) {
	_, paint := wordLook(th, f.Word)
	means := f.Means
	if means == "" && f.Seen == "" && f.Word == wordOK {
		means = "nothing to do"
	}
	if !first || f.Problem() {
		signals := ""
		if len(f.Signals) > 0 {
			signals = " (" + strings.Join(f.Signals, ", ") + ")"
		}
		t.add(paint, f.Word, orWord(Check{Text: means + signals}))
	} else {
		t.add(th.Text, "result", means)
	}
	if f.Key != "" {
		t.add(th.Accent, "setting", f.Key)
		t.add(th.Text, "value", orEmpty(f.Value)+from(f.Source))
	}
	t.add(th.Text, "seen", f.Seen)
	if f.Mends {
		t.add(th.Good, "mend", "set it to "+orEmpty(f.Fix))
	}
	t.add(th.Text, "advice", f.Advice)
	for _, form := range f.Forms {
		t.add(th.Dim, form[0], form[1])
	}
}

// Copy gives the text about the selected check without colours.
func (p *DoctorDetail) Copy() string {
	c, findings := p.list.Current()
	var b strings.Builder
	b.WriteString(c.ID + " " + c.Title + "\n")
	for _, f := range findings {
		b.WriteString(f.text())
	}
	return b.String()
}

// text is a finding in lines to copy.
func (f DoctorFinding) text() string {
	var b strings.Builder
	b.WriteString(f.Word)
	if f.Key != "" {
		b.WriteString(" " + f.Key + " = " + orEmpty(f.Value) + from(f.Source))
	}
	b.WriteString("\n")
	for _, part := range append([][2]string{{"means", f.Means}, {"seen", f.Seen}, {"advice", f.Advice}}, f.Forms...) {
		if part[1] != "" {
			b.WriteString("  " + part[0] + "  " + strings.ReplaceAll(part[1], "\n", "\n    ") + "\n")
		}
	}
	return b.String()
}
