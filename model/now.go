package model

import "time"

// Now is the time by what the monotonic clock has counted since start, a time.Now of
// this process. Whoever measures within a run asks it: when the clock of the machine is
// set, nothing ends before it has begun, and nothing waits for an hour to come again.
// Without a start, or with one from elsewhere, it is the clock's.
func Now(start time.Time) time.Time {
	if start.IsZero() {
		return time.Now()
	}
	return start.Add(time.Since(start))
}
