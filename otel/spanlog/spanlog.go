// Package spanlog is the in-memory span processor: it notes starts and ends of
// spans in a bounded buffer and hands them to one goroutine, which a viewer's
// slowness can never reach.
package spanlog

import (
	"context"
	"slices"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/buildscope/buildscope/model"
)

// capacity bounds the records between two deliveries; more are counted as lost.
const capacity = 1 << 16

// chunk is how many records are converted and handed over at once.
const chunk = 4096

// pause is the shortest time between two deliveries.
const pause = 33 * time.Millisecond

// Processor implements sdktrace.SpanProcessor. Make one with New.
type Processor struct {
	mu   sync.Mutex // guards buf and lost
	buf  []entry
	lost int64

	wake  chan struct{} // capacity 1: there is something to deliver
	hurry chan struct{} // capacity 1: the buffer is half full
	stop  chan struct{} // closed by Shutdown
	once  sync.Once
	done  chan struct{} // closed when the delivering goroutine has ended
}

// entry keeps the span itself only until it is delivered.
type entry struct {
	span  sdktrace.ReadOnlySpan
	ended bool
}

var _ sdktrace.SpanProcessor = (*Processor)(nil)

// New starts a processor whose goroutine calls sink with what happened, in order,
// and lost with the number of records that found the buffer full. Shutdown ends it.
// The records are sink's only until it returns. The start of a span that has ended
// by the time of the delivery is left out: its end, which is in this delivery or
// the next, repeats all of it. What keys hides is hidden in the records: the screen
// and the bundle are made of them. keys may be nil.
func New(sink func([]model.SpanRecord), lost func(int64), keys *model.Redactor) *Processor {
	p := &Processor{wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	go p.deliver(sink, lost, newConverter(keys))
	return p
}

// OnStart notes a running span.
func (p *Processor) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) { p.note(entry{span: s}) }

// OnEnd notes an ended span.
func (p *Processor) OnEnd(s sdktrace.ReadOnlySpan) { p.note(entry{span: s, ended: true}) }

func (p *Processor) note(e entry) {
	p.mu.Lock()
	n := len(p.buf)
	if n < capacity {
		p.buf = append(p.buf, e)
	} else {
		p.lost++
	}
	p.mu.Unlock()
	switch n { // only these records wake the goroutine: a send takes longer than all the rest
	case 0:
		signal(p.wake)
	case capacity / 2:
		signal(p.hurry)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is already waiting
	}
}

// Shutdown delivers what is left and waits for the goroutine.
func (p *Processor) Shutdown(ctx context.Context) error {
	p.once.Do(func() { close(p.stop) })
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ForceFlush does nothing: delivery is never more than a moment behind.
func (p *Processor) ForceFlush(context.Context) error { return nil }

func (p *Processor) deliver(sink func([]model.SpanRecord), lost func(int64), c *converter) {
	defer close(p.done)
	var spare []entry
	for stopped := false; !stopped; {
		select {
		case <-p.wake:
			select {
			case <-time.After(pause):
			case <-p.hurry:
			case <-p.stop:
			}
		case <-p.stop:
			stopped = true
		}
		p.mu.Lock()
		batch, n := p.buf, p.lost
		p.buf, p.lost = spare[:0], 0
		p.mu.Unlock()
		for part := range slices.Chunk(batch, chunk) {
			if recs := c.convert(part); len(recs) > 0 {
				sink(recs)
			}
		}
		if n > 0 {
			lost(n)
		}
		clear(batch)
		spare = batch
	}
}
