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
	status := ui.Counted(len(p.list), "setting")
	if p.filter != "" {
		shown := 0
		for _, r := range p.rows {
			if r.at >= 0 {
				shown++
			}
		}
		status = fmt.Sprintf("%d of %d match %s", shown, len(p.list), ui.Clean(p.filter))
	}
	if n := p.settings.Edits(); n > 0 {
		status += fmt.Sprintf(", %d edited", n)
	}
	return status
}

// setupColumns are the widths of the columns; 0 leaves one out.
type setupColumns struct{ key, value, source, standard, profile int }

// columns divides the width: first goes the key, then the value, and the rest is for
// where it comes from and what else it could be.
func (p *Setup) columns() setupColumns {
	c := setupColumns{key: min(max(18, p.w*2/5), 34)}
	if p.w >= 60 {
		c.source = min(max(18, p.w/4), 40)
	}
	if p.wide() {
		c.source = min(p.w/5, 34)
		c.standard = min(p.w/7, 24)
		c.profile = min(p.w/8, 20)
	}
	c.value = max(p.w-c.key-c.source-c.standard-c.profile-5, 4)
	return c
}

// wide reports whether there is room for default and profile beside the value.
func (p *Setup) wide() bool { return p.w >= 100 }

// heads is the number of lines above the rows, and listed that of the rows.
func (p *Setup) heads() int {
	if p.wide() && p.h > 5 {
		return 1
	}
	return 0
}

func (p *Setup) listed() int { return p.h - p.heads() }

// Lines draws the list.
func (p *Setup) Lines(k Look) []string {
	if len(p.rows) == 0 {
		return p.note(k.Theme.Dim, "No setting contains "+p.filter+". Press esc to see all of them.")
	}
	c := p.columns()
	lines := make([]string, 0, p.h)
	if p.heads() > 0 {
		line := ui.NewLine(p.w, 0).Gap(3).Add(k.Theme.Dim, ui.Fit("setting", c.key)).Gap(1).Add(k.Theme.Dim, ui.Fit("value", c.value)).Gap(1)
		line.Add(k.Theme.Dim, ui.Fit("from", c.source)).Add(k.Theme.Dim, ui.Fit("default", c.standard)).Add(k.Theme.Dim, "profile gives")
		lines = append(lines, line.String())
	}
	for i := p.scroll.Top; i < len(p.rows) && len(lines) < p.h; i++ {
		if p.rows[i].at < 0 {
			lines = append(lines, p.heading(k, p.rows[i].section, i == p.scroll.Cursor))
			continue
		}
		lines = append(lines, p.row(k, p.list[p.rows[i].at], i == p.scroll.Cursor, c))
	}
	return p.fill(lines)
}

func (p *Setup) row(k Look, s Setting, selected bool, c setupColumns) string {
	th := k.Theme
	editing := selected && p.input != nil
	lineW := p.w
	if editing {
		lineW = c.key + 4 // the field has colours of its own and follows
	}
	line := ui.NewLine(lineW, 0)
	if selected && !editing {
		line.Over(k.selected())
	}
	edited := " "
	if s.Edited {
		edited = th.Glyphs.Edited
	}
	line.Add(th.Accent, k.marker(selected)).Add(th.Warn, edited)
	if p.failing[s.Key] {
		line.Add(th.Bad, th.Glyphs.State(model.NodeFailed))
	} else {
		line.Gap(1)
	}
	line.Add(th.Text, ui.Fit(strings.TrimPrefix(s.Key, s.Section+"."), c.key)).Gap(1)
	if editing {
		rest := ui.NewLine(p.w-c.key-4-c.value, 0).Gap(1)
		if p.err != nil {
			rest.Add(th.Bad, th.Glyphs.State(model.NodeFailed)+" not valid")
		} else {
			rest.Add(th.Dim, "enter to set")
		}
		return line.String() + p.input.View(c.value) + rest.String()
	}
	paint := th.Text
	if s.Edited {
		paint = th.Warn
	}
	value := ui.Clean(s.Text)
	if value == "" {
		value, paint = "(empty)", th.Dim
	}
	line.Add(paint, ui.Fit(value, c.value))
	for _, more := range []struct {
		w     int
		text  string
		empty string
	}{{c.source, s.Source, ""}, {c.standard, s.Default, "(empty)"}, {c.profile, s.Profile, ""}} {
		if more.text == "" {
			more.text = more.empty
		}
		if more.w > 0 {
			line.Gap(1).Add(th.Dim, ui.Fit(ui.Clean(more.text), more.w-1))
		}
	}
	return line.String()
}
