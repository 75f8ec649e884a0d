package ui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// An Area keeps the lines of what is pasted, knows what stands before its cursor, and
// draws exact widths, however little room there is.
func TestArea(t *testing.T) {
	a := NewArea()
	a.Update(tea.PasteMsg{Content: "SELECT 'größe' -- all\nFROM t\n\nWHERE x"})
	if got := a.Value(); got != "SELECT 'größe' -- all\nFROM t\n\nWHERE x" {
		t.Errorf("pasted: %q", got)
	}
	if a.AtTop() || !a.AtBottom() {
		t.Error("the cursor is not in the last line")
	}
	a.Insert(1, "y\nAND z")
	if got := a.Before(); !strings.HasSuffix(got, "\n\nWHERE y\nAND z") {
		t.Errorf("before the cursor: %q", got)
	}
	for _, h := range []int{1, 3, 20} {
		for _, w := range []int{4, 10, 80} {
			lines := a.View(w, h)
			if len(lines) > h {
				t.Errorf("%d lines of %d", len(lines), h)
			}
			for _, l := range lines {
				if Width(l) != w {
					t.Errorf("%d cells of %d: %q", Width(l), w, l)
				}
			}
		}
	}
	for range 4 {
		a.Update(tea.KeyPressMsg{Code: tea.KeyUp})
	}
	if !a.AtTop() || a.AtBottom() {
		t.Error("the cursor is not in the first line")
	}
	if got := a.Before(); got != "SELEC" {
		t.Errorf("before the cursor in the first line: %q", got)
	}
	a.Set("")
	if !a.AtTop() || !a.AtBottom() || a.Before() != "" || len(a.View(10, 5)) != 1 {
		t.Error("an empty area")
	}
}
