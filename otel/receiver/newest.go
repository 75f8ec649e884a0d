package receiver

import (
	"context"
	"encoding/hex"
	"slices"

	"github.com/buildscope/buildscope/model"
)

func (s *Session) list() []*Build {
	out := make([]*Build, 0, len(s.builds))
	for _, b := range s.builds {
		out = append(out, b.Build)
	}
	slices.SortFunc(out, func(a, b *Build) int { return a.number - b.number })
	return out
}

// newest is the build that was heard of last, one of a known sender before any
// other trace; nil when there is none.
func (s *Session) newest() (out *Build) {
	for _, b := range s.builds {
		if out == nil || better(b.Build, out) {
			out = b.Build
		}
	}
	return out
}

func better(a, b *Build) bool {
	if x, y := a.Sender() != "", b.Sender() != ""; x != y {
		return x
	}
	return a.number > b.number
}

// Show keeps a build for as long as it is on the screen; nil lets go of it.
func (s *Session) Show(b *Build) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown = b
}

// Next waits for a build that is newer than another and returns it; nil when ctx
// ended before.
func (s *Session) Next(ctx context.Context, than *Build) *Build {
	for {
		s.mu.Lock()
		b, ch := s.newest(), s.changed
		s.mu.Unlock()
		if b != nil && b != than && (than == nil || better(b, than)) {
			return b
		}
		select {
		case <-ch:
		case <-ctx.Done():
			return nil
		}
	}
}

func parseTrace(s string) (t model.TraceID, ok bool) {
	if len(s) != 2*len(t) {
		return t, false
	}
	_, err := hex.Decode(t[:], []byte(s))
	return t, err == nil
}
