package tui

import (
	"context"
	"math"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/ui"
)

// Replay is how the run on the screen is played, where it is a recording. All
// methods may be called from any goroutine, and all but Seek never wait.
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
	// ToNodeEnd plays at once up to the end of the next node.
	ToNodeEnd()
	// Seek moves by d and gives the run as it is there, which after a move back is
	// another one than before. The lowest d means the start, the highest the end. It
	// may wait: the screen calls it in the background.
	Seek(ctx context.Context, d time.Duration) (Run, error)
}

// The speeds that keys choose; beyond them it is as fast as can be.
const (
	slowest = 1.0 / 16
	fastest = 1024.0
)

// runNow is the time of the run on the screen: the clock's as it was at its start, see
// model.Now, except in a replay.
func (m *Model) runNow() time.Time {
	if m.opts.Replay != nil {
		return m.opts.Replay.Now()
	}
	if started := m.live.snap.Started; !started.IsZero() {
		return started.Add(m.clock().Sub(started))
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
		return "REPLAY held"
	case speed == 0:
		return "REPLAY max"
	}
	return "REPLAY " + speedText(speed)
}

// seekStep is how far a key moves in the run.
const seekStep = 5 * time.Second

// soughtMsg is the answer of Replay.Seek.
type soughtMsg struct {
	run Run
	err error
}

// seek moves in the replay.
func (m *Model) seek(d time.Duration) tea.Cmd {
	ctx, replay := m.ctx, m.opts.Replay
	return func() tea.Msg {
		run, err := replay.Seek(ctx, d)
		return soughtMsg{run, err}
	}
}

// sought shows the run where the replay has moved to. After a move back that is
// another view of the same run: what the viewer looks at stays the same node, in the
// same tab.
func (m *Model) sought(msg soughtMsg) tea.Cmd {
	if msg.err != nil || msg.run == nil {
		if msg.err == nil || m.ctx.Err() != nil {
			return nil
		}
		return m.say("the replay cannot move there: " + msg.err.Error())
	}
	at := m.say("the replay is at " + ui.Clock(m.opts.Replay.Position()))
	if msg.run == m.live.run {
		m.refresh()
		return at
	}
	node, chosen := m.selectedNode(), !m.tree.Follow() && !m.live.done
	m.attach(msg.run)
	if id, ok := m.live.db.Find(node); ok && chosen {
		m.tree.Reveal(m.live.db, id)
		m.refresh()
	}
	m.arrange() // the banner of the end is gone
	return tea.Batch(at, m.watch())
}

// selectedNode is the name of the selected node, or of the node that the selected row
// is below.
func (m *Model) selectedNode() string {
	row, ok := m.tree.Selected()
	for ok && !row.Node && row.Parent != 0 {
		d, known := m.live.db.Detail(row.Parent)
		row, ok = d.Row, known
	}
	return row.Name
}

func speedText(speed float64) string { return strconv.FormatFloat(speed, 'g', 4, 64) + "x" }

// replayCommands steer a replay.
func replayCommands() []Command {
	replayed := func(o *Options) bool { return o.Replay != nil }
	playing := func(m *Model) (bool, string) { return !m.live.done, "the replay has ended" }
	set := func(m *Model, speed float64, paused bool) tea.Cmd {
		m.opts.Replay.SetSpeed(speed, paused)
		m.refresh()
		at := " at " + ui.Clock(m.opts.Replay.Position())
		switch {
		case paused:
			return m.say("the replay is held" + at)
		case speed == 0:
			return m.say("the replay goes on as fast as it can" + at)
		}
		return m.say("the replay goes on " + speedText(speed) + " as fast" + at)
	}
	first := func(*Model) (string, int) { return "", 1 }
	// In the waterfall + and - zoom.
	rows := in(paneTree, paneGraph, paneGrid, paneDetail, paneLogs, paneWhy)
	return []Command{
		{ID: "replay.hold", Title: "hold the replay, or let it go on", Short: "hold", Keys: []string{"p"}, In: onRun, Enabled: playing, For: replayed,
			Hint: func(m *Model) (string, int) {
				if _, paused := m.opts.Replay.Speed(); paused {
					return "go on", 1
				}
				return "", 1
			},
			Run: func(m *Model) tea.Cmd {
				speed, paused := m.opts.Replay.Speed()
				return set(m, speed, !paused)
			}},
		{ID: "replay.back", Title: "move the replay back by 5 s", Short: "-5s", Keys: []string{"{"}, In: onRun, For: replayed, Hint: first,
			Run: func(m *Model) tea.Cmd { return m.seek(-seekStep) }},
		{ID: "replay.forward", Title: "move the replay on by 5 s", Short: "+5s", Keys: []string{"}"}, In: onRun, Enabled: playing, For: replayed, Hint: first,
			Run: func(m *Model) tea.Cmd { return m.seek(seekStep) }},
		{ID: "replay.node", Title: "play at once up to the end of the next node", Short: "node end", Keys: []string{"E"}, In: onRun, Enabled: playing, For: replayed, Hint: first,
			Run: func(m *Model) tea.Cmd {
				m.opts.Replay.ToNodeEnd()
				return m.say("to the end of the next node")
			}},
		{ID: "replay.start", Title: "to the start of the replay", Keys: []string{"("}, In: onRun, For: replayed,
			Run: func(m *Model) tea.Cmd { return m.seek(math.MinInt64) }},
		{ID: "replay.end", Title: "to the end of the replay", Keys: []string{")"}, In: onRun, Enabled: playing, For: replayed,
			Run: func(m *Model) tea.Cmd { return m.seek(math.MaxInt64) }},
		{ID: "replay.faster", Title: "play the replay twice as fast", Keys: []string{"+"}, In: rows, Enabled: playing, For: replayed,
			Run: func(m *Model) tea.Cmd {
				speed, _ := m.opts.Replay.Speed()
				if speed *= 2; speed > fastest {
					speed = 0
				}
				return set(m, speed, false)
			}},
		{ID: "replay.slower", Title: "play the replay half as fast", Keys: []string{"-"}, In: rows, Enabled: playing, For: replayed,
			Run: func(m *Model) tea.Cmd {
				speed, _ := m.opts.Replay.Speed()
				if speed == 0 {
					speed = fastest * 2
				}
				return set(m, max(speed/2, slowest), false)
			}},
	}
}
