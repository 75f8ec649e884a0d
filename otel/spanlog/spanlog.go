// Package spanlog is the in-memory span processor: it notes starts and ends of
// spans in a bounded buffer and hands them to one goroutine, which a viewer's
// slowness can never reach.
package spanlog

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/buildscope/buildscope/model"
)

// capacity bounds the records between two deliveries; more are counted as lost.
const capacity = 1 << 16

// pause is the shortest time between two deliveries.
const pause = 33 * time.Millisecond

// Processor implements sdktrace.SpanProcessor. Make one with New.
type Processor struct {
	mu   sync.Mutex // guards buf and lost
	buf  []entry
	lost int64

	wake chan struct{} // capacity 1: there is something to deliver
	stop chan struct{} // closed by Shutdown
	once sync.Once
	done chan struct{} // closed when the delivering goroutine has ended
}

// entry keeps the span itself only until it is delivered.
type entry struct {
	span  sdktrace.ReadOnlySpan
	ended bool
}

var _ sdktrace.SpanProcessor = (*Processor)(nil)

// New starts a processor whose goroutine calls sink with what happened, in order,
// and lost with the number of records that found the buffer full. Shutdown ends it.
func New(sink func([]model.SpanRecord), lost func(int64)) *Processor {
	p := &Processor{wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	go p.deliver(sink, lost)
	return p
}

// OnStart notes a running span.
func (p *Processor) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) { p.note(entry{span: s}) }

// OnEnd notes an ended span.
func (p *Processor) OnEnd(s sdktrace.ReadOnlySpan) { p.note(entry{span: s, ended: true}) }

func (p *Processor) note(e entry) {
	p.mu.Lock()
	first := len(p.buf) == 0
	if len(p.buf) < capacity {
		p.buf = append(p.buf, e)
	} else {
		p.lost++
	}
	p.mu.Unlock()
	if !first {
		return // the record that was first has woken the goroutine
	}
	select {
	case p.wake <- struct{}{}:
	default: // a wake-up is already waiting
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

func (p *Processor) deliver(sink func([]model.SpanRecord), lost func(int64)) {
	defer close(p.done)
	var spare []entry
	for stopped := false; !stopped; {
		select {
		case <-p.wake:
			select {
			case <-time.After(pause):
			case <-p.stop:
			}
		case <-p.stop:
			stopped = true
		}
		p.mu.Lock()
		batch, n := p.buf, p.lost
		p.buf, p.lost = spare[:0], 0
		p.mu.Unlock()
		if len(batch) > 0 {
			recs := make([]model.SpanRecord, len(batch))
			for i, e := range batch {
				recs[i] = record(e)
			}
			sink(recs)
		}
		if n > 0 {
			lost(n)
		}
		clear(batch)
		spare = batch
	}
}

func record(e entry) model.SpanRecord {
	s := e.span
	r := model.SpanRecord{Trace: model.TraceID(s.SpanContext().TraceID()), ID: model.SpanID(s.SpanContext().SpanID()),
		Parent: model.SpanID(s.Parent().SpanID()), Name: s.Name(), Scope: s.InstrumentationScope().Name,
		Start: s.StartTime().UnixNano(), Sampled: s.SpanContext().IsSampled(), Attrs: attrs(s.Attributes())}
	if !e.ended {
		return r
	}
	r.End = s.EndTime().UnixNano()
	r.StatusMessage = s.Status().Description
	switch s.Status().Code {
	case codes.Ok:
		r.Status = model.StatusOK
	case codes.Error:
		r.Status = model.StatusError
	}
	for _, ev := range s.Events() {
		r.Events = append(r.Events, model.SpanEvent{Name: ev.Name, Time: ev.Time.UnixNano(), Attrs: attrs(ev.Attributes)})
	}
	return r
}

func attrs(list []attribute.KeyValue) []model.Attr {
	out := make([]model.Attr, len(list))
	for i, kv := range list {
		out[i] = model.Attr{Key: string(kv.Key), Value: kv.Value.AsInterface()}
	}
	return out
}
