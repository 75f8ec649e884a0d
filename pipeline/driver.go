package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/buildscope/buildscope/model"
)

// Options says how a graph is run. The zero value runs one node at a time and
// stops at the first failure; Dir and Engine must be set.
type Options struct {
	Engine          Engine
	Dir             string // results that are not cached go to directories below it
	Workers         int    // nodes at the same time, and goroutines within a node; 0 means 1
	ContinueOnError bool   // a failure stops only what depends on it
	ChildSpans      bool   // nodes may make spans below their own, see Task.Span
	KeepProfiles    bool   // keep the engine's profile of each SQL node
	Estimates       map[string]time.Duration
	Hooks           []Hook
	HookError       func(error) // told of panics in hooks; may be nil
	Redact          Redact      // nil hides nothing
	Logger          *slog.Logger
	Cache           *Cache   // nil: every node runs
	Capture         *Capture // nil: no statistics of tables
	FullRefresh     bool     // incremental nodes are computed whole, also where nothing has changed
	// Started is the start of the run from which its times are counted, see model.Now;
	// zero means that it starts with the graph.
	Started time.Time
}

// Result is what a run left behind.
type Result struct {
	Plan    model.Plan
	Nodes   []*NodeRun // in plan order
	Err     error      // a *NodeError, or the context's error
	Started time.Time
	Ended   time.Time
	Workers int

	CaptureFailed int64 // columns whose statistics could not be computed
}

// NodeError is the failure of one node.
type NodeError struct {
	Node   string
	Source string // file:line of the node
	Err    error
	Stack  string // of a panic
}

func (e *NodeError) Error() string { return fmt.Sprintf("node %s: %v", e.Node, e.Err) }
func (e *NodeError) Unwrap() error { return e.Err }

// Run executes the graph and waits for every node to end, and for the statistics
// of what they produced. The result is complete
// also when the run failed or was cancelled.
func (g *Graph) Run(ctx context.Context, o Options) *Result {
	o.Workers = max(1, o.Workers)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Started.IsZero() {
		o.Started = time.Now()
	}
	d := &driver{
		graph: g, opts: o, hooks: hooks{o.Hooks, o.HookError},
		priority: g.distances(g.costs(o.Estimates)),
		left:     make([]int, len(g.nodes)),
		values:   map[string]any{}, tables: map[string]Table{},
		ended: make(chan int), jobs: make([]*captureJob, len(g.nodes)), captured: make(chan struct{}),
	}
	r := &Result{Plan: o.Redact.plan(g.Plan(o.Estimates)), Started: model.Now(o.Started), Workers: o.Workers}
	for i := range g.nodes {
		d.left[i] = len(g.deps[i])
		r.Nodes = append(r.Nodes, &NodeRun{Node: g.nodes[i], Plan: r.Plan.Nodes[i],
			Execution: model.NodeExecution{Name: g.nodes[i].Name, Kind: g.nodes[i].Kind, Cache: model.CacheOff}})
		if t := g.nodes[i].Test; t != nil {
			r.Nodes[i].Test = &model.DataTestResult{DataTest: *t, Node: g.nodes[i].Name, Sample: []string{}}
		}
	}
	d.result = r
	ctx = d.hooks.beforeGraph(ctx, r.Plan)
	d.loop(ctx)
	r.CaptureFailed = d.failures.Load()
	r.Ended = d.now()
	d.hooks.afterGraph(ctx, r)
	return r
}

// driver is the state of one run. Only the goroutine of loop touches it, but for
// a node's own NodeRun, which belongs to the node's goroutine while it runs.
type driver struct {
	graph    *Graph
	opts     Options
	hooks    hooks
	result   *Result
	priority []int64 // cost of the most expensive chain that starts with a node
	left     []int   // inputs a node still waits for
	ready    []int
	running  int
	ended    chan int // positions of nodes whose goroutine is done; each sends once
	tables   map[string]Table
	values   map[string]any

	jobs      []*captureJob // by node, set by its goroutine before it ends
	units     []captureUnit // columns that wait for a worker
	capturing int
	captured  chan struct{} // one for each column that is done
	failures  atomic.Int64  // columns that could not be captured
}

// now is the time of the run.
func (d *driver) now() time.Time { return model.Now(d.opts.Started) }

func (d *driver) loop(outer context.Context) {
	ctx, stop := context.WithCancelCause(outer)
	defer stop(nil)
	for i := range d.graph.nodes {
		if d.left[i] == 0 {
			d.makeReady(i)
		}
	}
	for {
		for ctx.Err() == nil && d.running < d.opts.Workers && len(d.ready) > 0 {
			d.start(ctx, d.take())
		}
		// What the nodes of a run that fails have produced is worth knowing: only the
		// end of the outer context ends the reading.
		for len(d.units) > 0 && d.capturing < d.lanes() {
			d.startCapture(outer)
		}
		if d.running == 0 && d.capturing == 0 {
			break
		}
		select {
		case i := <-d.ended:
			d.running--
			d.finish(ctx, i, stop)
			if job := d.jobs[i]; job != nil {
				d.units = append(d.units, job.units()...)
			}
		case <-d.captured:
			d.capturing--
		}
	}
	if err := context.Cause(ctx); err != nil && d.result.Err == nil {
		d.result.Err = err
	}
	for i, n := range d.result.Nodes {
		if !n.Execution.State.Ended() {
			d.skip(ctx, i, model.NodeCancelled, "")
		}
	}
}

func (d *driver) makeReady(i int) {
	d.result.Nodes[i].Execution.Ready = d.now().UnixNano()
	d.ready = append(d.ready, i)
}

// take removes the ready node with the longest expected chain behind it; equal
// ones go in plan order, so that a serial run is the same every time.
func (d *driver) take() int {
	best := 0
	for k, i := range d.ready {
		b := d.ready[best]
		if d.priority[i] > d.priority[b] || d.priority[i] == d.priority[b] && i < b {
			best = k
		}
	}
	i := d.ready[best]
	d.ready = slices.Delete(d.ready, best, best+1)
	return i
}

func (d *driver) start(ctx context.Context, i int) {
	inputs := d.gather(i)
	d.running++
	go func() {
		d.jobs[i] = d.runNode(ctx, d.result.Nodes[i], inputs)
		d.ended <- i
	}()
}

// gather copies a node's inputs out of the maps that only loop may touch.
func (d *driver) gather(i int) map[string]any {
	in := map[string]any{}
	for _, name := range d.graph.refs[d.graph.nodes[i].Name] {
		if t, ok := d.tables[name]; ok {
			in[name] = t
		} else {
			in[name] = d.values[name]
		}
	}
	return in
}

func (d *driver) finish(ctx context.Context, i int, stop context.CancelCauseFunc) {
	n := d.result.Nodes[i]
	switch n.Execution.State {
	case model.NodeSucceeded, model.NodeCached:
		for _, t := range n.Tables {
			d.tables[t.Name] = d.tables[t.Name].append(t)
		}
		if !n.Node.tabular() {
			d.values[n.Node.Name] = n.Value
		}
		for _, r := range d.graph.readers[i] {
			if d.left[r]--; d.left[r] == 0 && !d.result.Nodes[r].Execution.State.Ended() {
				d.makeReady(r)
			}
		}
	case model.NodeFailed:
		err := &NodeError{Node: n.Node.Name, Source: n.Node.source, Err: n.Err, Stack: n.Stack}
		if d.result.Err == nil {
			d.result.Err = err
		}
		d.block(ctx, i, n.Node.Name)
		if !d.opts.ContinueOnError {
			stop(err)
		}
	}
}

// block marks everything that depends on a failed node.
func (d *driver) block(ctx context.Context, i int, origin string) {
	for _, r := range d.graph.readers[i] {
		if !d.result.Nodes[r].Execution.State.Ended() {
			d.skip(ctx, r, model.NodeBlocked, origin)
			d.block(ctx, r, origin)
		}
	}
}

func (d *driver) skip(ctx context.Context, i int, s model.NodeState, origin string) {
	n := d.result.Nodes[i]
	n.Execution.State, n.Execution.BlockedBy = s, origin
	d.hooks.afterNode(ctx, n)
	d.hooks.afterCapture(ctx, n)
}

// Table finds a table of the run by name.
func (r *Result) Table(name string) (Table, bool) {
	var t Table
	for _, n := range r.Nodes {
		for _, part := range n.Tables {
			if part.Name == name {
				t = t.append(part)
			}
		}
	}
	return t, t.Schema != nil
}

// Cancelled reports whether the run ended because its context did.
func (r *Result) Cancelled() bool {
	var node *NodeError
	return r.Err != nil && !errors.As(r.Err, &node)
}
