package tui

import (
	tea "charm.land/bubbletea/v2"
)

// history is what was asked, the oldest text first, and where in it the viewer is.
type history struct {
	lines  []string
	at     int    // len(lines): at what is being typed
	draft  string // that was being typed when the viewer went back
	loaded bool
}

type sqlHistoryMsg struct {
	lines []string
	err   error
}

// loadSQLHistory reads what was asked in earlier programs, once.
func (m *Model) loadSQLHistory() tea.Cmd {
	h := &m.console.history
	if h.loaded || m.opts.SQL.History == nil {
		return nil
	}
	h.loaded = true
	load := m.opts.SQL.History.Load
	return func() tea.Msg {
		lines, err := load()
		return sqlHistoryMsg{lines, err}
	}
}

// set puts the texts of earlier programs before those of this one.
func (h *history) set(lines []string) {
	h.lines = append(lines[:len(lines):len(lines)], h.lines...)
	h.at += len(lines)
}

// remember adds a text that is asked, also to what outlives the program.
func (m *Model) remember(text string) tea.Cmd {
	h := &m.console.history
	if !h.keep(text) || m.opts.SQL.History == nil {
		return nil
	}
	add := m.opts.SQL.History.Add
	return func() tea.Msg {
		if err := add(text); err != nil {
			return sqlHistoryMsg{err: err}
		}
		return nil
	}
}

// step goes to an older (-1) or newer (+1) text; ok is false at either end.
func (h *history) step(n int, typed string) (text string, ok bool) {
	to := h.at + n
	if to < 0 || to > len(h.lines) {
		return "", false
	}
	if h.at == len(h.lines) {
		h.draft = typed
	}
	h.at = to
	if to == len(h.lines) {
		return h.draft, true
	}
	return h.lines[to], true
}

// keep adds a text for as long as the program runs, and reports whether it is not
// the newest one anyway.
func (h *history) keep(text string) bool {
	fresh := len(h.lines) == 0 || h.lines[len(h.lines)-1] != text
	if fresh {
		h.lines = append(h.lines, text)
	}
	h.at = len(h.lines)
	return fresh
}
