package pane

import (
	"fmt"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/ui"
)

// Title names the pane.
func (p *Setup) Title() string { return "Settings" }

// Status tells how much is listed and edited.
func (p *Setup) Status() string {
	shown := 0
	for _, r := range p.rows {
		if r.at >= 0 {
			shown++
		}
	}
	status := fmt.Sprintf("%d settings", len(p.list))
	if p.filter != "" {
		status = fmt.Sprintf("%d of %d match %s", shown, len(p.list), ui.Clean(p.filter))
	}
	if n := p.settings.Edits(); n > 0 {
		status += fmt.Sprintf(", %d edited", n)
	}
	return status
}

// Side does nothing: every value is shown in full by the help beside the list.
func (p *Setup) Side(int) {}

// columns gives the widths of key, value and source.
func (p *Setup) columns() (key, value, source int) {
	key = min(max(18, p.w*2/5), 34)
	source = 0
	if p.w >= 60 {
		source = min(max(18, p.w/4), 40)
	}
	return key, max(p.w-key-source-5, 4), source
}

// Lines draws the list.
func (p *Setup) Lines(k Look) []string {
	if len(p.rows) == 0 {
		return p.note(k.Theme.Dim, "No setting contains "+p.filter+". Press esc to see all of them.")
	}
	keyW, valueW, sourceW := p.columns()
	lines := make([]string, 0, p.h)
	for i := p.scroll.Top; i < len(p.rows) && len(lines) < p.h; i++ {
		if p.rows[i].at < 0 {
			lines = append(lines, ui.NewLine(p.w, 0).Gap(1).Add(k.Theme.Strong, p.rows[i].heading).String())
			continue
		}
		lines = append(lines, p.row(k, p.list[p.rows[i].at], i == p.scroll.Cursor, keyW, valueW, sourceW))
	}
	return p.fill(lines)
}

func (p *Setup) row(k Look, s Setting, selected bool, keyW, valueW, sourceW int) string {
	th := k.Theme
	editing := selected && p.input != nil
	lineW := p.w
	if editing {
		lineW = keyW + 4 // the field has colours of its own and follows
	}
	line := ui.NewLine(lineW, 0)
	if selected && !editing {
		line.Over(k.selected())
	}
	edited := " "
	if s.Edited {
		edited = th.Glyphs.Edited
	}
	line.Add(th.Accent, k.marker(selected)).Add(th.Warn, edited).Gap(1)
	line.Add(th.Text, ui.Fit(strings.TrimPrefix(s.Key, s.Section+"."), keyW)).Gap(1)
	if editing {
		rest := ui.NewLine(p.w-keyW-4-valueW, 0).Gap(1)
		if p.err != nil {
			rest.Add(th.Bad, th.Glyphs.State(model.NodeFailed)+" not valid")
		} else {
			rest.Add(th.Dim, "enter to set")
		}
		return line.String() + p.input.View(valueW) + rest.String()
	}
	paint := th.Text
	if s.Edited {
		paint = th.Warn
	}
	value := ui.Clean(s.Text)
	if value == "" {
		value, paint = "(empty)", th.Dim
	}
	line.Add(paint, ui.Fit(value, valueW)).Gap(1)
	if sourceW > 0 {
		line.Add(th.Dim, ui.Fit(ui.Clean(s.Source), sourceW-1))
	}
	return line.String()
}
