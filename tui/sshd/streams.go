package sshd

import (
	"io"
	"sync/atomic"
	"time"
)

// idle ends a session in which nothing is typed.
type idle struct {
	after time.Duration
	timer *time.Timer
	off   atomic.Bool
}

func newIdle(after time.Duration, f func()) *idle {
	i := &idle{after: after}
	if after > 0 {
		i.timer = time.AfterFunc(after, f)
	}
	return i
}

func (i *idle) touch() {
	if i.timer != nil && !i.off.Load() && i.timer.Stop() {
		i.timer.Reset(i.after)
	}
}

// pause lets no time pass until resume.
func (i *idle) pause() {
	if i.timer != nil {
		i.timer.Stop()
	}
}

func (i *idle) resume() {
	if i.timer != nil && !i.off.Load() {
		i.timer.Reset(i.after)
	}
}

func (i *idle) stop() {
	i.off.Store(true)
	if i.timer != nil {
		i.timer.Stop()
	}
}

// watched notes what is typed.
type watched struct {
	io.Reader
	idle *idle
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if n > 0 {
		w.idle.touch()
	}
	return n, err
}

// stalling ends a session whose client takes nothing for too long.
type stalling struct {
	w     io.Writer
	limit time.Duration
	end   func()
}

func (s *stalling) Write(p []byte) (int, error) {
	timer := time.AfterFunc(s.limit, s.end)
	defer timer.Stop()
	return s.w.Write(p)
}
