package doctor

import (
	"context"
	"slices"
	"time"
)

// Step says that a check has begun, or that it is over: all of its findings have
// been handed over then.
type Step struct {
	ID   string
	Over bool
	// Took is how long it took, once it is over. Checks that one connection or one
	// request answers together took the same time; of several collectors the
	// slowest one counts.
	Took time.Duration
}

// localFor is how long a check of this machine may take. Only a file system that
// has stopped to answer takes so long.
const localFor = 5 * time.Second

// step tells about a check, if it was asked for.
func (d *doctor) step(s Step) {
	if d.Step == nil || !d.wants(s.ID) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Step(s)
}

// try makes one check and reports what it found. A check that waits
// for a disk that hangs is given up after localFor: no system lets go of such a
// call, so its goroutine ends when the disk answers.
func (d *doctor) try(ctx context.Context, id string, check func() []Finding) {
	d.step(Step{ID: id})
	start := time.Now()
	answer := make(chan []Finding, 1)
	go func() { answer <- check() }()
	late := time.NewTimer(localFor)
	defer late.Stop()
	select {
	case list := <-answer:
		d.report(id, list)
	case <-ctx.Done():
		d.report(id, skip(id, brokenOff))
	case <-late.C:
		d.report(id, []Finding{{ID: id, Severity: Fail, Means: "there is no answer within " + localFor.String(), Advice: "look whether a disk or network file system of these settings hangs"}})
	}
	d.step(Step{ID: id, Over: true, Took: time.Since(start)})
}

// brokenOff is why a check has no result when its context has ended.
const brokenOff = "the examination was broken off"

// flush hands over what the target has found since the last time, and what has
// not been examined when ctx has ended: what failed then says nothing. It reports
// whether to go on.
func (t *target) flush(ctx context.Context) bool {
	if ctx.Err() != nil {
		t.findings = t.findings[:t.told]
		t.skipRest(brokenOff)
	}
	took := time.Since(t.began)
	fresh := merge(t.findings[t.told:])
	t.told, t.began = len(t.findings), time.Now()
	var ids []string
	for _, f := range fresh {
		t.tell(f)
		if !slices.Contains(ids, f.ID) {
			ids = append(ids, f.ID)
		}
	}
	for _, id := range ids {
		t.answered(id, took)
	}
	return ctx.Err() == nil
}

// answered counts that one more target has findings of a check. It is over when
// all have some.
func (d *doctor) answered(id string, took time.Duration) {
	d.mu.Lock()
	d.open[id]--
	d.slowest[id] = max(d.slowest[id], took)
	over, took := d.open[id] == 0, d.slowest[id]
	d.mu.Unlock()
	if over {
		d.step(Step{ID: id, Over: true, Took: took})
	}
}
