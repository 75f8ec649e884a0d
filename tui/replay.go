package tui

import (
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/ui"
)

// Replay is how the run on the screen is played, where it is a recording. All
// methods may be called from any goroutine and never wait.
type Replay interface {
	// Now is the time of the run as far as it has been played.
	Now() time.Time
	// Position is how far into the run that is.
	Position() time.Duration
	// Speed is how many times as fast as it was the run is played; 0 is as fast as
	// can be.
	Speed() (speed float64, paused bool)
	// SetSpeed plays on from here at another speed, or holds.
	SetSpeed(speed float64, paused bool)
}

// The speeds that keys choose; beyond them it is as fast as can be.
const (
	slowest = 1.0 / 16
	fastest = 1024.0
)

// runNow is the time of the run on the screen: the clock's, except in a replay.
func (m *Model) runNow() time.Time {
	if m.opts.Replay != nil {
		return m.opts.Replay.Now()
	}
	return m.clock()
}

// replayMark says in the title that this is a replay, how it is played, and the keys
// that change it.
func (m *Model) replayMark() string {
	if m.opts.Replay == nil {
		return ""
	}
	speed, paused := m.opts.Replay.Speed()
	switch {
	case m.live.done:
		return "REPLAY ended"
	case paused:
		return "REPLAY held (p + -)"
	case speed == 0:
		return "REPLAY max (p + -)"
	}
	return "REPLAY " + speedText(speed) + " (p + -)"
}

func speedText(speed float64) string { return strconv.FormatFloat(speed, 'g', 4, 64) + "x" }

// replayCommands steer a replay.
func replayCommands() []Command {
	playing := func(m *Model) (bool, string) {
		switch {
		case m.opts.Replay == nil:
			return false, "this is no replay"
		case m.live.done:
			return false, "the replay has ended"
		}
		return true, ""
	}
	set := func(m *Model, speed float64, paused bool) tea.Cmd {
		m.opts.Replay.SetSpeed(speed, paused)
		m.refresh()
		at := " at " + ui.Duration(m.opts.Replay.Position())
		switch {
		case paused:
			return m.say("the replay is held" + at)
		case speed == 0:
			return m.say("the replay goes on as fast as it can" + at)
		}
		return m.say("the replay goes on " + speedText(speed) + " as fast" + at)
	}
	// In the waterfall + and - zoom.
	rows := in(paneTree, paneGraph, paneGrid, paneDetail, paneLogs, paneWhy)
	return []Command{
		{ID: "replay.hold", Title: "hold the replay, or let it go on", Keys: []string{"p"}, In: rows | in(paneWaterfall), Enabled: playing,
			Run: func(m *Model) tea.Cmd {
				speed, paused := m.opts.Replay.Speed()
				return set(m, speed, !paused)
			}},
		{ID: "replay.faster", Title: "play the replay twice as fast", Keys: []string{"+"}, In: rows, Enabled: playing,
			Run: func(m *Model) tea.Cmd {
				speed, _ := m.opts.Replay.Speed()
				if speed *= 2; speed > fastest {
					speed = 0
				}
				return set(m, speed, false)
			}},
		{ID: "replay.slower", Title: "play the replay half as fast", Keys: []string{"-"}, In: rows, Enabled: playing,
			Run: func(m *Model) tea.Cmd {
				speed, _ := m.opts.Replay.Speed()
				if speed == 0 {
					speed = fastest * 2
				}
				return set(m, max(speed/2, slowest), false)
			}},
	}
}
