package tui

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"time"
)

// fakeReplay is a replay that stands at one moment.
type fakeReplay struct {
	mu     sync.Mutex // guards what follows
	at     time.Duration
	end    time.Duration
	before Run // is there after a move back
	nodes  int // calls of ToNodeEnd
	speed  float64
	paused bool
}

func (r *fakeReplay) Now() time.Time { return epoch.Add(r.Position()) }

func (r *fakeReplay) Position() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

func (r *fakeReplay) ToNodeEnd() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.nodes++
}

func (r *fakeReplay) Seek(_ context.Context, d time.Duration) (Run, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.before == nil:
		return nil, errors.New("the file is gone")
	case d == math.MinInt64:
		r.at = 0
	case d == math.MaxInt64:
		r.at = r.end
	default:
		r.at += d
	}
	return r.before, nil
}

func (r *fakeReplay) Speed() (float64, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.speed, r.paused
}

func (r *fakeReplay) SetSpeed(speed float64, paused bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.speed, r.paused = speed, paused
}

// A replay says that it is one, shows the clock of the run, and is steered by keys.
func TestReplayIsSteered(t *testing.T) {
	r := &fakeReplay{at: 9 * time.Second, speed: 512}
	years := func() time.Time { return epoch.AddDate(3, 0, 0) }
	d := newDriver(t, 120, 40, Options{Run: newRun().midway(), Replay: r, Subject: "net", Clock: years})
	d.Expect("REPLAY 512x", "00:09.0")
	d.Press("p").Expect("REPLAY held", "the replay is held at 00:09.0")
	d.Press("p").Expect("REPLAY 512x", "512x as fast")
	d.Press("+").Expect("REPLAY 1024x")
	d.Press("+").Expect("REPLAY max", "as fast as it can")
	d.Press("+").Expect("REPLAY max")
	d.Press("-").Expect("REPLAY 1024x")
	for range 20 {
		d.Press("-")
	}
	d.Expect("REPLAY 0.0625x")
	d.Press("c").Expect("cancel the build: this viewer may only watch")
}

// A move back shows the run as it was then, at the node that was looked at.
func TestReplayMoves(t *testing.T) {
	r := &fakeReplay{at: 9 * time.Second, end: 14 * time.Second, speed: 1}
	d := newDriver(t, 80, 24, Options{Run: newRun().midway(), Replay: r, Subject: "net"})
	d.Expect("p hold", "{ -5s", "} +5s", "E node end").Press("{").Expect("the replay cannot move there: the file is gone")
	before := newRun()
	before.node("scan_repo", at(0), at(210), 1204)
	r.before = before
	d.Press("g", "down", "enter").Expect("extract_python  [Stats]", "412 of 868 files")
	d.Press("{").Expect("the replay is at 00:04.0", "extract_python  [Stats]").ExpectNot("412 of 868 files")
	d.Press("}").Expect("the replay is at 00:09.0").Press("(").Expect("the replay is at 00:00.0").Press(")").Expect("the replay is at 00:14.0")
	d.Press("E").Expect("to the end of the next node")
	if r.nodes != 1 {
		t.Errorf("%d times to the end of a node", r.nodes)
	}
}

// At the end only moves back are left.
func TestReplayAtItsEnd(t *testing.T) {
	r := &fakeReplay{at: 14 * time.Second, before: newRun().midway()}
	d := newDriver(t, 80, 24, Options{Run: newRun().succeed(), Replay: r, Subject: "net"})
	d.Expect("REPLAY ended", "{ -5s").ExpectNot("+5s", "E node end").Press("}").Expect("the replay has ended")
	d.Press("{").Expect("REPLAY", "the replay is at 00:09.0", "▶1 running").ExpectNot("REPLAY ended")
}

// Without a replay nobody hears of its keys.
func TestNoReplay(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().midway()})
	d.Press("p").Expect("p does nothing here")
	d.Press("?").Expect("to the details of the row").ExpectNot("replay")
}
