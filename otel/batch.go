package otel

import (
	"context"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/buildscope/buildscope/model"
)

// batcher is a span processor with a bounded queue before one exporter. Unlike
// the SDK's it knows at every moment what became of each span: all counts move
// under one lock, so they always add up.
type batcher struct {
	exporter sdktrace.SpanExporter
	delay    time.Duration // longest wait for a batch to fill
	timeout  time.Duration // of one export call
	queue    int           // spans that wait at most
	batch    int           // spans of one export call at most

	some, full chan struct{} // capacity 1: the first span waits; a batch is full
	stop, done chan struct{}
	once       sync.Once
	ctx        context.Context // of the export calls
	cancel     context.CancelFunc

	mu      sync.Mutex // guards what follows
	pending []sdktrace.ReadOnlySpan
	closed  bool // no span is taken any more
	counts  model.ExportCounts
}

// shutdownGrace is how long a cancelled export call may take to notice.
const shutdownGrace = 200 * time.Millisecond

func newBatcher(e sdktrace.SpanExporter, s model.OTelSettings, c model.ExportCounts) *batcher {
	b := &batcher{exporter: e, counts: c, delay: max(s.BSPScheduleDelay, time.Millisecond), timeout: s.BSPExportTimeout,
		queue: max(s.BSPMaxQueueSize, 1), some: make(chan struct{}, 1), full: make(chan struct{}, 1),
		stop: make(chan struct{}), done: make(chan struct{})}
	b.batch = min(max(s.BSPMaxExportBatch, 1), b.queue)
	b.ctx, b.cancel = context.WithCancel(context.Background())
	go b.run()
	return b
}

func (b *batcher) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd queues a sampled span or drops it. It never waits.
func (b *batcher) OnEnd(s sdktrace.ReadOnlySpan) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.counts.Created++
	switch {
	case !s.SpanContext().IsSampled():
		b.counts.SampledOut++
		return
	case b.closed || len(b.pending) >= b.queue:
		b.counts.Dropped++
		return
	}
	b.counts.Queued++
	b.pending = append(b.pending, s)
	if len(b.pending) == 1 {
		signal(b.some)
	}
	if len(b.pending) >= b.batch {
		signal(b.full)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is waiting already
	}
}

// run sleeps until there is a span, so an idle run costs nothing.
func (b *batcher) run() {
	defer close(b.done)
	for stopped := false; !stopped; {
		select {
		case <-b.some:
			timer := time.NewTimer(b.delay)
			select {
			case <-timer.C:
			case <-b.full:
			case <-b.stop:
			}
			timer.Stop()
		case <-b.stop:
			stopped = true
		}
		for b.export() {
		}
	}
}

// export sends one batch and reports whether there was one.
func (b *batcher) export() bool {
	b.mu.Lock()
	n := min(len(b.pending), b.batch)
	spans := make([]sdktrace.ReadOnlySpan, n)
	copy(spans, b.pending)
	rest := copy(b.pending, b.pending[n:])
	clear(b.pending[rest:])
	b.pending = b.pending[:rest]
	b.mu.Unlock()
	if n == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(b.ctx, b.timeout)
	defer cancel()
	var answer partial
	start := time.Now()
	err := b.exporter.ExportSpans(context.WithValue(ctx, partialKey{}, &answer), spans)
	b.book(int64(n), time.Since(start), err, &answer)
	return true
}

// book enters the result of one export call.
func (b *batcher) book(n int64, spent time.Duration, err error, answer *partial) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := &b.counts
	c.SpentNS += spent.Nanoseconds()
	c.ExportCalls++
	rejected, message, said := answer.get()
	if err != nil {
		c.LastError = sanitize(err.Error())
	}
	if c.Queued == 0 {
		return // given up at shutdown: these spans are booked as dropped
	}
	c.Queued -= n
	switch {
	case said: // the receiver took the rest, whatever the exporter calls it
		rejected = min(max(rejected, 0), n)
		c.Rejected += rejected
		c.Sent += n - rejected
		c.LastError = sanitize("the receiver says: " + message)
	case err != nil:
		c.Failed += n
	default:
		c.Sent += n
	}
}

// ForceFlush does nothing: spans leave by size, by delay and at the end.
func (b *batcher) ForceFlush(context.Context) error { return nil }

// Shutdown sends what waits. When ctx ends first it breaks the running call off
// and books as dropped what is left. It may be called twice.
func (b *batcher) Shutdown(ctx context.Context) (err error) {
	b.once.Do(func() {
		b.mu.Lock()
		b.closed = true
		b.mu.Unlock()
		close(b.stop)
		select {
		case <-b.done:
		case <-ctx.Done():
			err = ctx.Err()
			b.giveUp()
		}
		b.cancel()
		stop, cancel := context.WithTimeout(context.Background(), shutdownGrace)
		defer cancel()
		// The spans are booked; a complaint about closing changes nothing for the user.
		_ = b.exporter.Shutdown(stop)
		select {
		case <-b.done:
		case <-stop.Done():
		}
	})
	return err
}

// giveUp drops everything that is queued or under way.
func (b *batcher) giveUp() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.counts.Dropped += b.counts.Queued
	b.counts.Queued = 0
	clear(b.pending)
	b.pending = nil
}

func (b *batcher) state() model.ExportCounts {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.counts
}
