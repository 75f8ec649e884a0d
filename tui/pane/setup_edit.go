package pane

import (
	"fmt"
	"slices"

	"github.com/buildscope/buildscope/tui/ui"
)

// Editing reports whether a value is being typed.
func (p *Setup) Editing() bool { return p.input != nil }

// Begin starts typing a value for the selected setting. The text of a secret is
// not shown and starts empty; leaving it empty keeps the value.
func (p *Setup) Begin() {
	s, ok := p.Current()
	if !ok {
		return
	}
	text := s.Text
	if s.Secret {
		text = ""
	}
	p.input, p.err = ui.NewInput(text, s.Secret), nil
}

// Type feeds a key press or a paste to the field and checks the text.
func (p *Setup) Type(msg any) {
	s, ok := p.Current()
	if p.input == nil || !ok {
		return
	}
	p.input.Update(msg)
	p.err = p.settings.Validate(s.Key, p.input.Value())
}

// Commit takes the typed text over. With an error the field stays open.
func (p *Setup) Commit() error {
	s, ok := p.Current()
	if p.input == nil || !ok {
		p.input = nil
		return nil
	}
	text := p.input.Value()
	if s.Secret && text == "" || !s.Secret && text == s.Text {
		p.Abort()
		return nil
	}
	if err := p.set(s.Key, text); err != nil {
		return err
	}
	p.input = nil
	return nil
}

// Abort closes the field without a change.
func (p *Setup) Abort() { p.input, p.err = nil, nil }

// Set gives the selected setting a value, as a chooser does.
func (p *Setup) Set(text string) error {
	s, ok := p.Current()
	if !ok {
		return nil
	}
	return p.set(s.Key, text)
}

func (p *Setup) set(key, text string) error {
	if p.err = p.settings.Validate(key, text); p.err != nil {
		return p.err
	}
	if p.err = p.settings.Edit(key, text); p.err != nil {
		return p.err
	}
	p.Reload()
	return nil
}

// Choices lists the values among which the selected setting can be switched;
// nil for a setting that must be typed.
func (p *Setup) Choices() []string {
	s, _ := p.Current()
	return s.Values()
}

// Cycle gives the selected setting the next of its choices.
func (p *Setup) Cycle() error {
	s, _ := p.Current()
	choices := p.Choices()
	if len(choices) == 0 {
		return fmt.Errorf("%s has no fixed values: press enter to type one", s.Key)
	}
	return p.set(s.Key, choices[(slices.Index(choices, s.Text)+1)%len(choices)])
}

// ResetCurrent takes the edit of the selected setting back.
func (p *Setup) ResetCurrent() error {
	s, ok := p.Current()
	if !ok {
		return nil
	}
	if p.err = p.settings.Reset(s.Key); p.err != nil {
		return p.err
	}
	p.Reload()
	return nil
}

// Err is what is wrong with the text being typed, or with the last edit.
func (p *Setup) Err() error { return p.err }
