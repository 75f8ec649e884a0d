package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/buildscope/buildscope/model"
)

// Task is what a running node may use beyond its inputs.
type Task struct {
	run     *NodeRun
	driver  *driver // for what tables of the node are captured
	ctx     context.Context
	hooks   hooks
	dir     string
	workers int
	spans   bool
	logger  *slog.Logger
	told    atomic.Int64 // unix nanoseconds of the last Progress that went out
}

// progressEvery bounds how often hooks hear of progress.
const progressEvery = 100 * time.Millisecond

// Workers is how many goroutines the node may use for its own work.
func (t *Task) Workers() int { return t.workers }

// Logger writes to the run's structured log. Pass it the node's context, so that
// the line carries the node's trace_id and span_id.
func (t *Task) Logger() *slog.Logger { return t.logger }

// Span starts a child span of the node's, when the run has child spans; end ends
// it, with the error if there is one.
func (t *Task) Span(ctx context.Context, name string, attrs ...attribute.KeyValue) (_ context.Context, end func(error)) {
	if !t.spans {
		return ctx, func(error) {}
	}
	// The provider of the span that ctx carries: the package needs none of its own,
	// and a run without one costs nothing.
	ctx, span := trace.SpanFromContext(ctx).TracerProvider().Tracer(model.ScopePipeline).Start(ctx, name, trace.WithAttributes(attrs...), trace.WithTimestamp(t.driver.now()))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}

// Dir is a directory of this node's own, for the files of its tables. It is
// removed when the node fails.
func (t *Task) Dir() string { return t.dir }

// Progress says how far the node is; total 0 means not known. It may be called
// as often as is handy and from several goroutines: most calls cost a clock read.
func (t *Task) Progress(done, total int64, unit string) {
	now := t.driver.now().UnixNano()
	last := t.told.Load()
	if done < total && now-last < int64(progressEvery) || !t.told.CompareAndSwap(last, now) {
		return
	}
	t.hooks.progress(t.ctx, t.run, Progress{Done: done, Total: total, Unit: unit})
}

// NewTable starts a table of the node. Close the writer to get the table.
func (t *Task) NewTable(name string, schema *arrow.Schema) (*TableWriter, error) {
	w := &TableWriter{name: name, schema: schema, dir: t.dir, shards: make(chan *shard, t.workers)}
	if c := t.driver.opts.Capture; c != nil {
		w.capture = &c.Options
		w.failed = func(columns int64, err error) { t.driver.captureFailed(t.run, name, columns, err) }
	}
	for i := range t.workers {
		w.shards <- &shard{path: filepath.Join(t.dir, fmt.Sprintf("%s-%d.parquet", name, i))}
	}
	return w, nil
}
