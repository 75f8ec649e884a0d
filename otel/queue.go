package otel

import (
	"context"
	"sync"
	"time"

	"github.com/buildscope/buildscope/model"
)

// queue is a bounded buffer of spans or log records before one exporter. Unlike
// the SDK's batch processors it knows at every moment what became of each item:
// all counts move under one lock, so they always add up.
type queue[T any] struct {
	export func(context.Context, []T) error
	close  func(context.Context) error // of the exporter
	limits limits

	some, full chan struct{} // capacity 1: the first item waits; a batch is full
	stop, done chan struct{}
	once       sync.Once
	ctx        context.Context // of the export calls
	cancel     context.CancelFunc

	mu      sync.Mutex // guards what follows
	pending []T
	closed  bool // no item is taken any more
	ledger
}

// limits are the settings of a queue.
type limits struct {
	delay   time.Duration // longest wait for a batch to fill
	timeout time.Duration // of one export call
	queue   int           // items that wait at most
	batch   int           // items of one export call at most
}

// shutdownGrace is how long a cancelled export call may take to notice.
const shutdownGrace = 200 * time.Millisecond

func newQueue[T any](l limits, book ledger, export func(context.Context, []T) error, stop func(context.Context) error) *queue[T] {
	// The settings refuse what is corrected here; a queue that could spin or panic
	// must not depend on that.
	l.delay, l.queue = max(l.delay, time.Millisecond), max(l.queue, 1)
	l.batch = min(max(l.batch, 1), l.queue)
	q := &queue[T]{export: export, close: stop, limits: l, ledger: book, some: make(chan struct{}, 1), full: make(chan struct{}, 1),
		stop: make(chan struct{}), done: make(chan struct{})}
	q.ctx, q.cancel = context.WithCancel(context.Background())
	go q.run()
	return q
}

// put queues an item or drops it; one that is not sampled is only counted. It
// never waits.
func (q *queue[T]) put(item T, sampled bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.counts.Created++
	switch {
	case !sampled:
		q.counts.SampledOut++
		return
	case q.closed || len(q.pending) >= q.limits.queue:
		q.counts.Dropped++
		return
	}
	q.counts.Queued++
	q.pending = append(q.pending, item)
	if len(q.pending) == 1 {
		signal(q.some)
	}
	if len(q.pending) >= q.limits.batch {
		signal(q.full)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is waiting already
	}
}

// run sleeps until there is an item, so an idle run costs nothing.
func (q *queue[T]) run() {
	defer close(q.done)
	for stopped := false; !stopped; {
		select {
		case <-q.some:
			timer := time.NewTimer(q.limits.delay)
			select {
			case <-timer.C:
			case <-q.full:
			case <-q.stop:
			}
			timer.Stop()
		case <-q.stop:
			stopped = true
		}
		for q.send() {
		}
	}
}

// send exports one batch and reports whether there was one.
func (q *queue[T]) send() bool {
	q.mu.Lock()
	n := min(len(q.pending), q.limits.batch)
	batch := make([]T, n)
	copy(batch, q.pending)
	rest := copy(q.pending, q.pending[n:])
	clear(q.pending[rest:])
	q.pending = q.pending[:rest]
	q.mu.Unlock()
	if n == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(q.ctx, q.limits.timeout)
	defer cancel()
	a := answer{tell: func(err error) {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.counts.LastError = q.words(err.Error())
	}}
	start := time.Now()
	err := q.export(context.WithValue(ctx, answerKey{}, &a), batch)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.book(int64(n), time.Since(start), err, &a)
	return true
}

// Shutdown sends what waits. When ctx ends first it breaks the running call off
// and books as lost what is left. It may be called twice.
func (q *queue[T]) Shutdown(ctx context.Context) (err error) {
	q.once.Do(func() {
		q.mu.Lock()
		q.closed = true
		q.mu.Unlock()
		close(q.stop)
		select {
		case <-q.done:
		case <-ctx.Done():
			err = ctx.Err()
			q.giveUp()
		}
		q.cancel()
		stop, cancel := context.WithTimeout(context.Background(), shutdownGrace)
		defer cancel()
		// The items are booked; a complaint about closing changes nothing for the user.
		_ = q.close(stop)
		select {
		case <-q.done:
		case <-stop.Done():
		}
	})
	return err
}

// ForceFlush does nothing: items leave by size, by delay and at the end.
func (q *queue[T]) ForceFlush(context.Context) error { return nil }

// giveUp loses everything that is queued or under way.
func (q *queue[T]) giveUp() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.counts.Lost += q.counts.Queued
	q.counts.Queued = 0
	clear(q.pending)
	q.pending = nil
}

func (q *queue[T]) state() model.ExportCounts {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.copy()
}
