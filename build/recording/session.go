package recording

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Start and End are the moves to the ends of a run.
const (
	Start = time.Duration(math.MinInt64)
	End   = time.Duration(math.MaxInt64)
)

// Tape is a run that can be played from its start any number of times.
type Tape struct {
	Head Head
	// Open gives the events from the first one on, and what to call after the last.
	Open func() (Source, func() error, error)
}

// Session plays a tape forwards and backwards. A view only grows: a move back is
// another player, whose view has what was before. Its methods may be called from any
// goroutine; all but Seek and Close never wait.
type Session struct {
	tape    Tape
	current atomic.Pointer[Player]

	seeking sync.Mutex // one move at a time; guards finish
	finish  func() error

	mu     sync.Mutex // guards what follows
	speed  float64    // as wanted: that of a player that has ended is 0
	paused bool
}

// NewSession starts to play a tape. Close ends it.
func NewSession(tape Tape, o Options) (*Session, error) {
	src, finish, err := tape.Open()
	if err != nil {
		return nil, err
	}
	s := &Session{tape: tape, finish: finish, speed: o.Speed, paused: o.Paused}
	s.current.Store(Play(tape.Head, src, o))
	return s, nil
}

// Player is the one that plays now.
func (s *Session) Player() *Player { return s.current.Load() }

// Now is the time of the run at the position.
func (s *Session) Now() time.Time { return s.Player().Now() }

// Position is how far into the run the session is.
func (s *Session) Position() time.Duration { return s.Player().Position() }

// Speed tells how the run is played.
func (s *Session) Speed() (speed float64, paused bool) { return s.Player().Speed() }

// SetSpeed plays on from here at another speed, or holds.
func (s *Session) SetSpeed(speed float64, paused bool) {
	s.mu.Lock()
	s.speed, s.paused = speed, paused
	s.mu.Unlock()
	s.Player().SetSpeed(speed, paused)
}

// ToNodeEnd plays at once up to the end of the next node.
func (s *Session) ToNodeEnd() { s.Player().skip(skipNode) }

// Seek moves by d, which may be Start or End, and gives the player that plays from
// there. After a move back that is another one, and the one before has ended; Seek
// returns when it has caught up, or with ctx.
func (s *Session) Seek(ctx context.Context, d time.Duration) (*Player, error) {
	s.seeking.Lock()
	defer s.seeking.Unlock()
	p := s.Player()
	switch {
	case d == End:
		p.skip(skipAll)
		return p, nil
	case d >= 0:
		p.forward(d)
		return p, nil
	}
	to := max(p.Position()+d, 0)
	src, finish, err := s.tape.Open()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	next := Play(s.tape.Head, src, Options{Speed: s.speed, From: to, Paused: s.paused})
	s.current.Store(next)
	s.mu.Unlock()
	p.Cancel("")
	<-p.Done()
	err = s.finish()
	s.finish = finish
	select {
	case <-next.caught:
	case <-ctx.Done():
	}
	return next, err
}

// Close ends the session and gives what went wrong, as Player.Err does.
func (s *Session) Close() (playErr, closeErr error) {
	s.seeking.Lock()
	defer s.seeking.Unlock()
	p := s.Player()
	p.Cancel("")
	<-p.Done()
	closeErr = s.finish()
	s.finish = func() error { return errors.New("the session is closed") }
	return p.Err(), closeErr
}
