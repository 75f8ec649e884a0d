package tui

import (
	"encoding/base64"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/ui"
)

// toast is a short message in the last line that goes away by itself.
type toast struct {
	text string
	id   int // counts toasts, so that an old timer does not end a new one
}

type toastOverMsg struct{ id int }

const toastTime = 4 * time.Second

// say shows a short message in the last line.
func (m *Model) say(text string) tea.Cmd {
	m.toast = toast{text: ui.Clean(text), id: m.toast.id + 1}
	m.dirty = true
	id, ctx := m.toast.id, m.ctx
	return func() tea.Msg {
		if !sleep(ctx, toastTime) {
			return nil
		}
		return toastOverMsg{id}
	}
}

// maxClipboard is how many bytes most terminals take in one OSC 52 sequence.
const maxClipboard = 74_994

// copy puts text on the viewer's clipboard. It goes through the terminal, so it
// works over SSH, but terminals bound its size.
func (m *Model) copy(text string) tea.Cmd {
	if text == "" {
		return m.say("there is nothing to copy")
	}
	if n := base64.StdEncoding.EncodedLen(len(text)); n > maxClipboard {
		return m.say("too large to copy: " + ui.Commas(int64(n)) + " bytes encoded, terminals take " + ui.Commas(maxClipboard))
	}
	return tea.Batch(tea.SetClipboard(text), m.say("copied "+ui.Commas(int64(len(text)))+" bytes"))
}
