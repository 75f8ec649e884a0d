package tui

import (
	"sync"
	"testing"
	"time"
)

// fakeReplay is a replay that stands at one moment.
type fakeReplay struct {
	at     time.Duration
	mu     sync.Mutex // guards what follows
	speed  float64
	paused bool
}

func (r *fakeReplay) Now() time.Time          { return epoch.Add(r.at) }
func (r *fakeReplay) Position() time.Duration { return r.at }

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
	d.Expect("REPLAY 512x (p + -)", "00:09.0")
	d.Press("p").Expect("REPLAY held", "the replay is held at 9.0s")
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

// Without a replay its keys say why they do nothing.
func TestNoReplay(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().midway()})
	d.Press("p").Expect("this is no replay")
}
