package receiver

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

const (
	// smallTrace is the number of spans and log lines up to which the trace of an
	// unknown sender is kept as lists: a view has a price, and a server may make
	// thousands of such traces a second.
	smallTrace = 32
	// maxNodes bounds the spans of a build that become nodes.
	maxNodes = 10_000
	// settleAfter is how long a build must have been silent after its end before it
	// counts as over: requests overtake each other.
	settleAfter = 1500 * time.Millisecond
	// orphansAfter is the silence after which a parent that has not come is not
	// expected any more.
	orphansAfter = 10 * time.Second
)

// Build is one trace that is received: a build that runs elsewhere. It has the
// methods of a run of this process.
type Build struct {
	Trace   model.TraceID
	number  int // in the order in which builds were first heard of, from 1
	options runview.Options
	done    chan struct{}

	mu       sync.Mutex // guards all below
	sender   string     // senderOwn, senderHamilton or "" for any other
	view     *runview.DB
	held     []model.SpanRecord // of a trace without a view
	heldLogs []model.LogRecord
	res      Resource
	snap     model.RunSnapshot
	root     model.SpanRecord      // zero until it came
	nodes    map[string]int        // index in execs by span id
	execs    []model.NodeExecution // nodes, in the order in which they came
	roots    map[model.SpanID]bool // spans that the view takes for the build itself
	failedAt int64                 // end of the node that failed first
	heard    time.Time             // of the last record
	waits    bool                  // there may be spans whose parent is still expected
	settled  bool
	causes   causes
}

func newBuild(number int, trace model.TraceID, o runview.Options, now time.Time) *Build {
	return &Build{Trace: trace, number: number, options: o, done: make(chan struct{}), heard: now, nodes: map[string]int{}, roots: map[model.SpanID]bool{}, causes: causes{deps: map[string][]string{}},
		snap: model.RunSnapshot{RunID: trace.String(), State: model.RunRunning, Profile: "unknown"}}
}

// View is the build as viewers read it.
func (b *Build) View() *runview.DB {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open()
	return b.view
}

// Snapshot is the build at this moment.
func (b *Build) Snapshot() model.RunSnapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	snap := b.snap
	snap.WhySlow = b.slow()
	return snap
}

// Cancel does nothing: OTLP has no way back to the sender.
func (b *Build) Cancel(string) {}

// Done is closed when the build is over: its root span has ended and nothing has
// come since for a while, or the session was closed.
func (b *Build) Done() <-chan struct{} { return b.done }

// Sender is what makes the spans: buildscope, hamilton, or "" for anything else.
func (b *Build) Sender() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sender
}

// Resource is the process that sends.
func (b *Build) Resource() Resource {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.res
}

// Nodes is what became of the nodes that are known, by start.
func (b *Build) Nodes() []model.NodeExecution {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.SortedStableFunc(slices.Values(b.execs), func(x, y model.NodeExecution) int { return cmp.Compare(x.Start, y.Start) })
}

// Spans counts the spans that came, each once, and those of them that found the
// view full.
func (b *Build) Spans() (all, dropped int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count()
}

func (b *Build) count() (all, dropped int64) {
	if b.view == nil {
		return int64(len(b.held)), 0
	}
	h := b.view.Header()
	return h.Spans + h.Dropped + int64(len(b.roots)), h.Dropped
}

// open makes the view.
func (b *Build) open() []model.NodeExecution {
	if b.view != nil {
		return nil
	}
	b.view = runview.New(b.options)
	held, logs := b.held, b.heldLogs
	b.held, b.heldLogs = nil, nil
	ended := b.write(held)
	for _, l := range logs {
		b.view.AddLog(l)
	}
	return ended
}

// take takes over spans and returns the nodes that have ended with them. The
// records are the caller's again afterwards.
func (b *Build) take(recs []model.SpanRecord, res *Resource, now time.Time) []model.NodeExecution {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard, b.waits = now, true
	if b.res.Attrs == nil {
		b.res = *res
	}
	if b.view != nil {
		return b.write(recs)
	}
	for i := range recs {
		if _, sender := roleOf(&recs[i]); sender != "" {
			return append(b.open(), b.write(recs)...)
		}
	}
	if len(b.held)+len(recs) > smallTrace {
		return append(b.open(), b.write(recs)...)
	}
	for _, r := range recs {
		b.held = append(b.held, r.Clone())
	}
	for i := range recs {
		b.meet(&recs[i], roleSpan)
	}
	return nil
}

// write puts spans into the view.
func (b *Build) write(recs []model.SpanRecord) (ended []model.NodeExecution) {
	var nodes []*model.SpanRecord
	came := false // the root, without a plan of who are its nodes
	for i := range recs {
		r := &recs[i]
		role, sender := roleOf(r)
		if sender != "" {
			b.sender = sender
		}
		if role == roleSpan && b.sender == "" && r.Parent.IsZero() {
			role = roleRoot
			if !b.root.ID.IsZero() && b.root.ID != r.ID {
				role = roleNode // a trace with several beginnings
			}
			came = role == roleRoot
		}
		b.meet(r, role)
		switch {
		case role == roleRoot:
			b.root = r.Clone()
			if len(b.roots) < maxNodes {
				b.roots[r.ID] = true
			}
			r.Name = model.SpanBuild // so does the view know it
		case r.Name == model.SpanBuild:
			r.Name += " (of another program)" // else the view would take it for the build
		}
		if role == roleNode || b.sender == "" && r.Parent == b.root.ID && !r.Parent.IsZero() {
			nodes = append(nodes, r)
		}
	}
	b.view.Apply(recs)
	for _, r := range nodes {
		ended = b.node(r, ended)
	}
	if came {
		ended = append(ended, b.top(false)...)
	}
	return ended
}

// node makes a span a node, or takes over its end.
func (b *Build) node(r *model.SpanRecord, ended []model.NodeExecution) []model.NodeExecution {
	id := r.ID.String()
	if i, known := b.nodes[id]; known && b.execs[i].End != 0 || !known && len(b.execs) >= maxNodes {
		return ended
	}
	e, plan := execution(r), planOf(r)
	b.view.Found(r.ID, e, plan)
	if len(plan.Deps) > 0 {
		b.causes.deps[e.Name] = plan.Deps
	}
	return b.note(e, ended)
}

// note keeps what became of a node.
func (b *Build) note(e model.NodeExecution, ended []model.NodeExecution) []model.NodeExecution {
	if i, known := b.nodes[e.SpanID]; known {
		b.execs[i] = e
	} else {
		b.nodes[e.SpanID] = len(b.execs)
		b.execs = append(b.execs, e)
	}
	if e.End == 0 {
		return ended
	}
	b.causes.ended++
	b.failed(e)
	return append(ended, e)
}

// top makes nodes of the spans that stand at the top.
func (b *Build) top(orphans bool) (ended []model.NodeExecution) {
	for _, e := range b.view.FoundTop(kindNode, maxNodes, orphans) {
		ended = b.note(e, ended)
	}
	return ended
}

// failed notes the first failure of a build.
func (b *Build) failed(e model.NodeExecution) {
	if e.State != model.NodeFailed || b.failedAt != 0 && b.failedAt <= e.End {
		return
	}
	b.failedAt = e.End
	b.snap.ErrNode, b.snap.Err = e.Name, e.Name+": "+e.Error
}

// meet takes over what a span says about the build as a whole, and puts its times
// right. A clock that was set while a span ran may let it end before it started.
func (b *Build) meet(r *model.SpanRecord, role role) {
	if r.Start == 0 {
		r.Start = r.End
	}
	if r.End != 0 && r.End < r.Start {
		r.End = r.Start
	}
	start := time.Unix(0, r.Start)
	if start.After(b.heard) {
		start = b.heard // its clock is ahead of ours, by which viewers tell how long it has run
	}
	if b.snap.Started.IsZero() || start.Before(b.snap.Started) {
		b.snap.Started = start
		if b.view != nil {
			b.view.SetRun(start)
		}
	}
	if id := text(r.Attrs, model.AttrRunID); id != "" {
		b.snap.RunID = id
	}
	if role != roleRoot {
		return
	}
	if b.sender == senderHamilton {
		b.snap.RunID = r.Name
	}
	if p := text(r.Attrs, model.AttrProfile); p != "" {
		b.snap.Profile = p
	}
	if r.End == 0 || !b.snap.Ended.IsZero() {
		return
	}
	b.snap.Started, b.snap.Ended = time.Unix(0, r.Start), time.Unix(0, r.End)
	if b.view != nil {
		b.view.SetRun(b.snap.Started)
	}
	b.snap.State = model.RunSucceeded
	if r.Status == model.StatusError {
		b.snap.State = model.RunFailed
		if b.snap.Err == "" {
			b.snap.Err = r.StatusMessage
		}
	}
}

// log takes over a log line.
func (b *Build) log(l model.LogRecord, now time.Time) (ended []model.NodeExecution) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard = now
	if id := text(l.Attrs, model.AttrRunID); id != "" {
		b.snap.RunID = id
	}
	if b.view == nil && len(b.heldLogs) < smallTrace {
		b.heldLogs = append(b.heldLogs, l)
		return nil
	}
	ended = b.open()
	b.view.AddLog(l)
	return ended
}

// due is when the build has to be looked at again; zero when that is not needed.
func (b *Build) due() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.settled:
		return time.Time{}
	case !b.snap.Ended.IsZero():
		return b.heard.Add(settleAfter)
	case b.waits && b.sender == "":
		return b.heard.Add(orphansAfter)
	}
	return time.Time{}
}

// look does what is due.
func (b *Build) look(now time.Time) (ended []model.NodeExecution, over bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.settled:
	case !b.snap.Ended.IsZero() && !now.Before(b.heard.Add(settleAfter)):
		return b.settle(), true
	case b.waits && b.sender == "" && !now.Before(b.heard.Add(orphansAfter)):
		b.waits = false
		ended = b.open()
		ended = append(ended, b.top(true)...)
	}
	return ended, false
}

// end settles a build whatever is still missing.
func (b *Build) end() (ended []model.NodeExecution, over bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.settled {
		return nil, false
	}
	return b.settle(), true
}

func (b *Build) settle() []model.NodeExecution {
	ended := append(b.open(), b.finish()...)
	b.close()
	if h := b.view.Header(); b.snap.State == model.RunFailed && h.States[model.NodeFailed] == 0 && h.States[model.NodeCancelled] > 0 {
		b.snap.State = model.RunCancelled
	}
	return ended
}

// drop ends a build that nobody will look at any more.
func (b *Build) drop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.settled {
		b.close()
	}
}

func (b *Build) close() {
	b.settled = true
	if b.snap.Ended.IsZero() {
		b.snap.State = model.RunIncomplete
		b.snap.Ended = b.heard
	}
	close(b.done)
}

// finish puts the last things into the view: what nobody claims becomes a node, and
// so does a root that has nothing below it.
func (b *Build) finish() (ended []model.NodeExecution) {
	if b.sender == "" {
		if !b.root.ID.IsZero() && b.view.Header().Spans == 0 {
			delete(b.roots, b.root.ID)
			b.view.Apply([]model.SpanRecord{b.root})
		}
		ended = b.top(true)
	}
	b.view.Close()
	return ended
}
