package pane

import (
	"fmt"
	"strings"
	"time"

	"github.com/buildscope/buildscope/tui/ui"
)

// Title names the pane.
func (p *Doctor) Title() string { return "Doctor" }

// Status sums up what was found, and how far an examination is.
func (p *Doctor) Status() string {
	if p.Fresh() {
		return ui.Counted(len(p.rows), "check")
	}
	var parts []string
	if p.Running() {
		parts = append(parts, fmt.Sprintf("%d of %d made", p.over, p.asked))
	}
	for _, word := range []string{wordFail, wordWarn, wordOK, wordSkipped} {
		if n := p.count(word); n > 0 || word == wordFail && !p.Running() {
			parts = append(parts, fmt.Sprintf("%d %s", n, word))
		}
	}
	stale := 0
	for _, r := range p.rows {
		if r.stale {
			stale++
		}
	}
	if stale > 0 {
		parts = append(parts, fmt.Sprintf("%d out of date", stale))
	}
	return strings.Join(parts, ", ")
}

// Widths of the columns of the list, in cells.
const (
	doctorWordWidth = 9
	doctorTookWidth = 7
)

// titleWidth is that of the longest title.
func (p *Doctor) titleWidth() int {
	w := 0
	for _, r := range p.rows {
		w = max(w, ui.Width(r.Title))
	}
	return w
}

// Lines draws the list.
func (p *Doctor) Lines(k Look) []string {
	title := p.titleWidth()
	lines := make([]string, 0, p.h)
	for i := p.scroll.Top; i < len(p.rows) && len(lines) < p.h; i++ {
		lines = append(lines, p.line(k, &p.rows[i], i == p.scroll.Cursor, title))
	}
	return p.fill(lines)
}

func (p *Doctor) line(k Look, r *doctorRow, selected bool, title int) string {
	th := k.Theme
	line := ui.NewLine(p.w, 0)
	if selected {
		line.Over(k.selected())
	}
	glyph, paint := wordLook(th, r.word)
	mark := " "
	if r.stale {
		mark = th.Glyphs.Edited
	}
	took := ""
	if len(r.findings) > 0 && r.word != wordSkipped && r.word != wordRunning {
		took = tookText(r.took)
	}
	line.Text(k.marker(selected)).Add(th.Warn, mark).Add(paint, ui.Fit(glyph+" "+r.word, doctorWordWidth)).Gap(1)
	line.Add(th.Accent, r.ID).Gap(1).Text(ui.Fit(r.Title, title)).Add(th.Dim, ui.FitRight(took, doctorTookWidth)).Gap(2)
	return line.Add(th.Dim, ui.Clean(r.summary())).String()
}

// tookText is how long a check took; most of them take no time worth telling.
func tookText(d time.Duration) string {
	if d < time.Millisecond {
		return "<1ms"
	}
	return ui.Duration(d)
}

// summary is the row's findings in one line.
func (r *doctorRow) summary() string {
	if len(r.findings) == 0 {
		return ""
	}
	f := r.findings[0]
	text := f.Means
	if text == "" {
		text = f.Seen
	}
	if f.Key != "" {
		text = f.Key + ": " + text
	}
	if r.stale {
		text = "(old) " + text
	}
	return text
}
