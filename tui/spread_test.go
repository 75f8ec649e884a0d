package tui

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// What comes of a batch arrives, whatever else of it takes; a batch in it is one too.
func TestSpreadBatches(t *testing.T) {
	sent, hold := make(chan tea.Msg), make(chan struct{})
	c := &catcher{}
	filter := c.spread(func(msg tea.Msg) { sent <- msg })
	word := func(s string) tea.Cmd { return func() tea.Msg { return s } }
	slow := func() tea.Msg { <-hold; return "slow" }
	if msg := filter(nil, "x"); msg != "x" {
		t.Errorf("became %v", msg)
	}
	if msg := filter(nil, tea.BatchMsg{slow, nil, func() tea.Msg { return nil }, tea.Batch(word("a"), word("b"))}); msg != nil {
		t.Errorf("became %v", msg)
	}
	inner := <-sent
	if msg := filter(nil, inner); msg != nil {
		t.Errorf("became %v", msg)
	}
	got := []string{(<-sent).(string), (<-sent).(string)}
	if got[0] > got[1] {
		got[0], got[1] = got[1], got[0]
	}
	if got[0] != "a" || got[1] != "b" {
		t.Errorf("%q", got)
	}
	close(hold)
	if msg := <-sent; msg != "slow" {
		t.Errorf("%v", msg)
	}
	filter(nil, tea.BatchMsg{func() tea.Msg { panic("out of cheese") }})
	_, cmd := c.Update(<-sent)
	if cmd == nil || cmd() != tea.Quit() || !errors.Is(c.panicked, tea.ErrProgramPanic) || !strings.Contains(c.panicked.Error(), "out of cheese") {
		t.Errorf("%v", c.panicked)
	}
}
