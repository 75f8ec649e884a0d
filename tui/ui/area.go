package ui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textarea"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
)

// maxAreaLines bounds what an Area takes; DuckDB's parser is not made for more.
const maxAreaLines = 5000

// Area is a field of several lines, which takes pasted text with its line ends. Like
// an Input its cursor does not blink, and it never touches the clipboard of the
// machine the program runs on.
type Area struct{ field textarea.Model }

// NewArea gives a focused, empty field.
func NewArea() *Area {
	f := textarea.New()
	f.SetPromptFunc(2, func(p textarea.PromptInfo) string {
		if p.LineNumber == 0 {
			return "> "
		}
		return "  "
	})
	f.ShowLineNumbers, f.CharLimit, f.MaxWidth = false, 0, 0
	f.DynamicHeight, f.MinHeight, f.MaxHeight, f.MaxContentHeight = true, 1, 1, maxAreaLines
	f.KeyMap.Paste = key.NewBinding()
	f.KeyMap.CopySelection = key.NewBinding()
	styles := f.Styles()
	styles.Focused, styles.Blurred = textarea.StyleState{Selection: lipgloss.NewStyle().Reverse(true)}, textarea.StyleState{}
	styles.Cursor.Blink = false
	f.SetStyles(styles)
	f.Focus() // the command it returns only starts blinking
	return &Area{field: f}
}

// Update feeds a key or a paste to the field.
func (a *Area) Update(msg tea.Msg) { a.field, _ = a.field.Update(msg) }

// Value is the text as typed.
func (a *Area) Value() string { return a.field.Value() }

// Set replaces the text and puts the cursor behind it.
func (a *Area) Set(text string) {
	a.field.SetValue(text)
	a.field.MoveToEnd()
}

// Insert puts text in the place of the n characters before the cursor, which are
// those of one line.
func (a *Area) Insert(n int, text string) {
	for range n {
		a.field, _ = a.field.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
	}
	a.field.InsertString(text)
}

// Before is the text of all lines up to the cursor.
func (a *Area) Before() string {
	lines := strings.Split(a.field.Value(), "\n")
	row := min(a.field.Line(), len(lines)-1)
	last := []rune(lines[row])
	lines[row] = string(last[:min(a.field.Column(), len(last))])
	return strings.Join(lines[:row+1], "\n")
}

// AtTop and AtBottom report whether the cursor can go no further up or down.

func (a *Area) AtTop() bool {
	return a.field.Line() == 0 && a.field.LineInfo().RowOffset == 0
}

func (a *Area) AtBottom() bool {
	info := a.field.LineInfo()
	return a.field.Line() == a.field.LineCount()-1 && info.RowOffset >= info.Height-1
}

// View draws the field in lines of exactly w cells: as many as the text needs, and
// h at most, which are those around the cursor.
func (a *Area) View(w, h int) []string {
	a.field.MaxHeight = max(h, 1)
	a.field.SetWidth(w)
	lines := strings.Split(KeepColours(a.field.View()), "\n")
	for i := range lines {
		lines[i] = Window(lines[i], 0, w)
	}
	return lines
}
