package cli

import (
	"context"
	"time"

	"github.com/buildscope/buildscope/build/recording"
	"github.com/buildscope/buildscope/tui"
)

// screenReplay is a session as the screen steers it.
type screenReplay struct{ *recording.Session }

func (r screenReplay) Seek(ctx context.Context, d time.Duration) (tui.Run, error) {
	p, err := r.Session.Seek(ctx, d)
	if p == nil {
		return nil, err
	}
	return p, err
}
