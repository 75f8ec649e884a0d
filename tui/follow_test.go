package tui

import (
	"context"
	"testing"
)

// Where runs come by themselves, a finished one makes room for the next, and one
// that still runs stays until the viewer wants the other.
func TestNewerRunsAreFollowed(t *testing.T) {
	runs := make(chan Run, 2)
	next := func(ctx context.Context) (Run, string) {
		select {
		case r := <-runs:
			return r, "second"
		case <-ctx.Done():
			return nil, ""
		}
	}
	first := newRun().midway()
	d := newDriver(t, 120, 40, Options{Run: first, Next: next, Subject: "first"})
	d.Press("w").Expect("there is no newer build", "first")
	runs <- newRun().fail()
	d.Expect("another build has started")
	d.Expect("first")
	d.Press("w").Expect("second", "failed")
	runs <- newRun().midway()
	d.Expect("running")
}
