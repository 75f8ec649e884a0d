package ui

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
)

// Input is a field of one line. Its cursor does not blink, so that a waiting
// field costs nothing, and it never reads the clipboard of the machine the
// program runs on: over SSH that would be the wrong one. A pasted text of
// several lines becomes one line.
type Input struct{ field textinput.Model }

// NewInput gives a focused field that holds text. A secret field shows dots.
func NewInput(text string, secret bool) *Input {
	f := textinput.New()
	f.Prompt = ""
	f.KeyMap.Paste = key.NewBinding()
	f.KeyMap.AcceptSuggestion = key.NewBinding()
	f.KeyMap.NextSuggestion = key.NewBinding()
	f.KeyMap.PrevSuggestion = key.NewBinding()
	if secret {
		f.EchoMode, f.EchoCharacter = textinput.EchoPassword, '•'
	}
	none := textinput.StyleState{
		Text: lipgloss.NewStyle(), Placeholder: lipgloss.NewStyle(), Suggestion: lipgloss.NewStyle(), Prompt: lipgloss.NewStyle(),
	}
	f.SetStyles(textinput.Styles{Focused: none, Blurred: none})
	f.SetValue(text)
	f.Focus() // the command it returns only starts blinking
	f.CursorEnd()
	return &Input{field: f}
}

// Update feeds a key or a paste to the field.
func (in *Input) Update(msg tea.Msg) {
	in.field, _ = in.field.Update(msg)
}

// Value is the text as typed.
func (in *Input) Value() string { return in.field.Value() }

// Set replaces the text.
func (in *Input) Set(text string) {
	in.field.SetValue(text)
	in.field.CursorEnd()
}

// View draws the field in exactly w cells. Where there is no cursor to see, as
// in a golden file, the text is the same.
func (in *Input) View(w int) string {
	if w < 2 {
		return Blank(w)
	}
	in.field.SetWidth(w - 1)
	return Window(KeepColours(in.field.View()), 0, w)
}
