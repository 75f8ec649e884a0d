package recording_test

import (
	"errors"
	"testing"
	"time"

	"github.com/buildscope/buildscope/build/recording"
	"github.com/buildscope/buildscope/model"
)

// tape is a run of three seconds: every second one record is dropped, and a node ends
// at 1.5 s.
func tape(opened, closed *int) recording.Tape {
	head := recording.Head{Started: time.Unix(1000, 0)}
	at := func(ms int64) *recording.Event { return &recording.Event{At: ms * 1e6, Dropped: 1} }
	return recording.Tape{Head: head, Open: func() (recording.Source, func() error, error) {
		*opened++
		node := model.NodeExecution{Name: "parse", State: model.NodeSucceeded, Start: 1e9, End: 2e9}
		return &list{at(0), at(1000), {At: 1500e6, Node: &node}, at(2000), at(3000), {At: 3000e6, End: true}}, func() error { *closed++; return nil }, nil
	}}
}

// expectDropped waits until a view has so many dropped records, and fails when it has more.
func expectDropped(t *testing.T, p *recording.Player, want int64) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); p.View().Header().Dropped != want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d records were dropped, want %d", p.View().Header().Dropped, want)
		}
	}
}

// A held session moves to the end of a node, on, back and to both ends; what is before
// its position is in the view, and what is after it is not.
func TestSessionMoves(t *testing.T) {
	var opened, closed int
	s, err := recording.NewSession(tape(&opened, &closed), recording.Options{Speed: 1, Paused: true})
	if err != nil {
		t.Fatal(err)
	}
	first := s.Player()
	seek := func(d, at time.Duration, dropped int64) *recording.Player {
		t.Helper()
		p, err := s.Seek(t.Context(), d)
		if err != nil || p != s.Player() {
			t.Fatalf("seek %v: %v", d, err)
		}
		expectDropped(t, p, dropped)
		if s.Position() != at {
			t.Errorf("after a move by %v at %v, want %v", d, s.Position(), at)
		}
		return p
	}
	expectDropped(t, first, 1)
	seek(1200*time.Millisecond, 1200*time.Millisecond, 2)
	s.ToNodeEnd()
	for end := time.Now().Add(30 * time.Second); s.Position() != 1500*time.Millisecond && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if seek(500*time.Millisecond, 2*time.Second, 3) != first {
		t.Error("a move on made another player")
	}
	back := seek(-1500*time.Millisecond, 500*time.Millisecond, 1)
	if back == first {
		t.Error("a move back went on with a view that has what comes after")
	}
	select {
	case <-first.Done():
	default:
		t.Error("the player of before plays on")
	}
	seek(recording.End, 3*time.Second, 4)
	<-back.Done()
	if _, paused := s.Speed(); paused {
		t.Error("the end is held")
	}
	again := seek(recording.Start, 0, 1)
	if speed, paused := s.Speed(); speed != 1 || !paused {
		t.Errorf("after the end the speed is %v, paused %v", speed, paused)
	}
	if playErr, err := s.Close(); playErr != nil || err != nil {
		t.Error(playErr, err)
	}
	<-again.Done()
	if opened != 3 || closed != 3 {
		t.Errorf("opened %d times, closed %d times", opened, closed)
	}
}

// A tape that cannot be opened again leaves the session where it is.
func TestSessionCannotMoveBack(t *testing.T) {
	var opened, closed int
	tp := tape(&opened, &closed)
	open, gone := tp.Open, errors.New("gone")
	tp.Open = func() (recording.Source, func() error, error) {
		if opened > 0 {
			return nil, nil, gone
		}
		return open()
	}
	s, err := recording.NewSession(tp, recording.Options{From: time.Second, Paused: true})
	if err != nil {
		t.Fatal(err)
	}
	if p, err := s.Seek(t.Context(), recording.Start); p != nil || !errors.Is(err, gone) {
		t.Errorf("the move gave %v, %v", p, err)
	}
	expectDropped(t, s.Player(), 2)
	if _, err := s.Close(); err != nil || closed != 1 {
		t.Errorf("%v, closed %d times", err, closed)
	}
}
