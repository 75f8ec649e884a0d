package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
)

// trial is the check of the setting under the cursor. It runs beside the form and
// is broken off as soon as the cursor or the value moves.
type trial struct {
	id     int // of the newest check, so that answers of older ones are ignored
	key    string
	text   string
	cancel context.CancelFunc
}

// trialMsg is the answer of Options.Check.
type trialMsg struct {
	id  int
	key string
	all []pane.Check
}

const (
	tryAfter = 300 * time.Millisecond // the cursor stands still
	tryFor   = 4 * time.Second        // the whole check
)

// trySetting starts a check when the cursor has come to another setting, or its
// value has changed.
func (m *Model) trySetting() tea.Cmd {
	if m.opts.Check == nil || m.setup == nil || m.setup.Editing() {
		return nil
	}
	key, text := "", ""
	if s, ok := m.setup.Current(); ok && m.screen == screenSetup {
		key, text = s.Key, s.Text
	}
	if key == m.trial.key && text == m.trial.text {
		return nil
	}
	if m.trial.cancel != nil {
		m.trial.cancel()
	}
	m.trial = trial{id: m.trial.id + 1, key: key, text: text}
	check, ok := m.opts.Check(key)
	if !ok {
		m.setup.SetChecks(key, nil)
		return nil
	}
	m.setup.SetChecks(key, []pane.Check{{Word: "checking"}})
	ctx, cancel := context.WithTimeout(m.ctx, tryFor)
	m.trial.cancel = cancel
	id := m.trial.id
	return func() tea.Msg {
		defer cancel()
		if !sleep(ctx, tryAfter) {
			return nil
		}
		return trialMsg{id, key, check(ctx)}
	}
}

// tried shows an answer, unless the cursor has moved on.
func (m *Model) tried(msg trialMsg) {
	if msg.id == m.trial.id {
		m.setup.SetChecks(msg.key, msg.all)
		m.dirty = true
	}
}
