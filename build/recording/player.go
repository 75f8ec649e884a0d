package recording

import (
	"errors"
	"sync"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// Source gives the events of a run in order, as Reader.Next does.
type Source interface{ Next() (*Event, error) }

// Options say how a run is played.
type Options struct {
	Speed  float64       // times as fast as it was; 0 is as fast as it can
	From   time.Duration // since the start of the run: what was before comes at once
	Paused bool          // from From on
}

// Player plays a run into a view of its own. It launches nothing: it reads a source,
// and what viewers do ends at the player. Its methods may be called from any
// goroutine.
type Player struct {
	head Head
	src  Source
	view *runview.DB
	done chan struct{} // closed when its goroutine has ended
	stop chan struct{} // closed by Cancel
	once sync.Once
	turn chan struct{} // capacity 1: speed, pause or position have changed

	caught chan struct{} // closed when what was before Options.From is in the view

	mu     sync.Mutex    // guards what follows
	from   time.Duration // what is before it comes at once
	skips  skip
	snap   model.RunSnapshot
	speed  float64
	paused bool
	at     time.Duration // position as of since
	since  time.Time
	err    error
}

// skip is how far events come at once, whatever their times are.
type skip uint8

const (
	skipNone skip = iota
	skipNode      // up to the end of the next node
	skipAll       // up to the end of the run
)

// Play starts a player. Cancel ends it before its end.
func Play(head Head, src Source, o Options) *Player {
	p := &Player{head: head, src: src, view: runview.New(runview.Options{}), from: o.From, speed: o.Speed, paused: o.Paused,
		at: o.From, since: time.Now(), done: make(chan struct{}), caught: make(chan struct{}), stop: make(chan struct{}), turn: make(chan struct{}, 1),
		snap: model.RunSnapshot{RunID: head.RunID, RepoRoot: head.Subject, Started: head.Started, State: model.RunRunning}}
	p.view.SetRun(head.Started)
	go p.play()
	return p
}

// View is what has been played so far.
func (p *Player) View() *runview.DB { return p.view }

// Done is closed when everything has been played.
func (p *Player) Done() <-chan struct{} { return p.done }

// Snapshot is the run at the position.
func (p *Player) Snapshot() model.RunSnapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.snap
}

// Cancel ends the player. The run it plays ended long ago.
func (p *Player) Cancel(string) { p.once.Do(func() { close(p.stop) }) }

// Err is why the recording could not be played to its end: ErrTruncated, or a line
// that cannot be read. It is nil before that.
func (p *Player) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Now is the time of the run at the position.
func (p *Player) Now() time.Time { return p.head.Started.Add(p.Position()) }

// Position is how far into the run the player is.
func (p *Player) Position() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.position()
}

func (p *Player) position() time.Duration {
	if p.paused || p.speed == 0 || p.skips != skipNone {
		return p.at
	}
	return p.at + time.Duration(float64(time.Since(p.since))*p.speed)
}

// Speed tells how the run is played.
func (p *Player) Speed() (speed float64, paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.speed, p.paused
}

// SetSpeed plays on from here at another speed, or holds.
func (p *Player) SetSpeed(speed float64, paused bool) {
	p.mu.Lock()
	p.at, p.since = p.position(), time.Now()
	p.speed, p.paused = speed, paused
	p.mu.Unlock()
	p.wake()
}

// forward moves on by d; what is between comes at once.
func (p *Player) forward(d time.Duration) {
	p.mu.Lock()
	p.at, p.since = p.position()+d, time.Now()
	p.from = p.at
	p.mu.Unlock()
	p.wake()
}

// skip lets events come at once.
func (p *Player) skip(how skip) {
	p.mu.Lock()
	p.at, p.since = p.position(), time.Now()
	p.skips = how
	p.mu.Unlock()
	p.wake()
}

// wake makes wait look again.
func (p *Player) wake() {
	select {
	case p.turn <- struct{}{}:
	default: // it has not looked yet
	}
}

func (p *Player) play() {
	defer close(p.done)
	behind := true
	catch := func() {
		if behind {
			behind = false
			close(p.caught)
		}
	}
	defer catch()
	p.mu.Lock()
	first := p.from
	p.mu.Unlock()
	last := time.Duration(0)
	for {
		e, err := p.src.Next()
		if err != nil {
			p.end(last, err)
			return
		}
		if time.Duration(e.At) > first {
			catch()
		}
		if !p.wait(time.Duration(e.At)) {
			p.end(p.Position(), errStopped)
			return
		}
		last = time.Duration(e.At)
		if e.Run != nil {
			p.mu.Lock()
			p.snap = *e.Run
			p.mu.Unlock()
		}
		e.Apply(p.view)
		if e.Node != nil && e.Node.State.Ended() {
			p.mu.Lock()
			if p.skips == skipNode {
				p.skips, p.since = skipNone, time.Now()
			}
			p.mu.Unlock()
		}
		if e.End {
			p.end(last, nil)
			return
		}
	}
}

var errStopped = errors.New("the replay was stopped")

// end takes what was played for all there is.
func (p *Player) end(at time.Duration, err error) {
	if err != nil {
		p.view.Close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at, p.speed, p.paused, p.skips = at, 0, false, skipNone
	if err == nil {
		return
	}
	p.snap.State, p.snap.Ended = model.RunIncomplete, p.head.Started.Add(at)
	p.snap.Err = err.Error()
	if !errors.Is(err, errStopped) {
		p.err = err
	}
}

// wait waits until the player has come to a position, and reports whether it should
// go on.
func (p *Player) wait(at time.Duration) bool {
	for {
		p.mu.Lock()
		left, hold := at-p.position(), p.paused
		if at <= p.from {
			left, hold = 0, false
		} else if p.skips != skipNone {
			p.at, left, hold = max(at, p.at), 0, false
		} else if p.speed == 0 && !hold {
			p.at, left = max(at, p.at), 0
		} else if !hold {
			left = time.Duration(float64(left) / p.speed)
		}
		p.mu.Unlock()
		var due <-chan time.Time
		switch {
		case hold:
		case left <= 0:
			select {
			case <-p.stop:
				return false
			default:
				return true
			}
		default:
			due = time.After(left)
		}
		select {
		case <-due:
		case <-p.turn:
		case <-p.stop:
			return false
		}
	}
}
