package tui

import (
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// spread runs the commands of a batch itself. The library starts a goroutine more for each
// batch that waits for all of them; some wait for news as long as the screen is up, and a
// server has many screens. Each command ends with the context of the model.
func (c *catcher) spread(send func(tea.Msg)) func(tea.Model, tea.Msg) tea.Msg {
	return func(_ tea.Model, msg tea.Msg) tea.Msg {
		batch, is := msg.(tea.BatchMsg)
		if !is {
			return msg
		}
		for _, cmd := range batch {
			if cmd != nil {
				go c.perform(cmd, send)
			}
		}
		return nil
	}
}

// panicMsg tells of a panic in a command.
type panicMsg struct{ err error }

// perform runs a command. Its panic ends the screen in good order.
func (c *catcher) perform(cmd tea.Cmd, send func(tea.Msg)) {
	defer func() {
		if v := recover(); v != nil {
			send(panicMsg{panicked(v)})
		}
	}()
	if msg := cmd(); msg != nil {
		send(msg)
	}
}

// panicked is the error of a panic that was caught, with its stack.
func panicked(v any) error {
	return fmt.Errorf("%w: %v\n%s", tea.ErrProgramPanic, v, debug.Stack())
}
