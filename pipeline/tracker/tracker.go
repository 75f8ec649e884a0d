// Package tracker sends runs to a Hamilton UI. Its lifecycle hook only appends to
// a bounded queue; one goroutine writes what comes out of it to a journal in the
// run's bundle and then to the server. What the server does not get stays in the
// journal and is sent later, by the next run or by [Push]. Nothing that the server
// does, or fails to do, changes the build.
package tracker

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

const (
	// queueSize bounds what waits for the worker; what finds it full is taken
	// from the run's result instead.
	queueSize = 4096
	// flushInterval is how long a node must run to be shown as running, and how
	// long ended nodes wait for others to be sent with them.
	flushInterval = time.Second
	// breakerFailures in a row open the circuit for breakerPause: a server that is
	// away is not asked again at every node.
	breakerFailures = 4
	breakerPause    = 30 * time.Second
)

// Options says what to send and where.
type Options struct {
	Target     Target
	RunID      string
	Started    time.Time         // of the run
	Dir        string            // of the run's bundle
	Earlier    []string          // bundles whose journals are sent first
	DAGName    string            // name of the graph
	Code       string            // version of the program: part of the template's key
	Config     map[string]string // shown with the graph, and part of its key
	Tags       map[string]string // of the run
	Repository map[string]string // by the semantic conventions for version control
	Types      map[string]string // Go types of the nodes' results, by node
	Statistics bool              // send statistics and values
	Limits     Limits            // of values
	Redact     *model.Redactor   // what must not be sent of values; nil hides nothing
	Outputs    []string          // nodes whose results the build publishes
	LastGood   int64             // run at the server to compare this one with; 0: none
}

// counts are what the worker did; any goroutine may read them.
type counts struct {
	requests, failures, nodes, attributes, overflow, earlier atomic.Int64
	lastError                                                atomic.Pointer[string]
	spool                                                    atomic.Pointer[string] // why the journal does not have everything
	run                                                      atomic.Int64           // the run at the server; 0: it has none
	away                                                     atomic.Bool            // the last request had no good answer
	delivered                                                atomic.Bool
}

// event is one item of the queue.
type event struct {
	plan    *model.Plan
	start   *pipeline.NodeRun // it has started
	startNS int64
	end     *pipeline.NodeRun // it has ended, and nothing of it changes
	result  *pipeline.Result
	close   *closing
	more    []Attribute // of nodes that have ended, with close
}

// Tracker is the client of one run. Close it.
type Tracker struct {
	pipeline.NoHook
	opts    Options
	client  *Client
	queue   chan event
	counts  counts
	cancel  context.CancelFunc // of the requests
	done    chan struct{}      // closed by the worker when it ends
	started time.Time

	// Only the worker touches these until done is closed.
	rec     *record
	journal *journal
	err     error // of the journal
}

var _ pipeline.Hook = (*Tracker)(nil)

// Start starts the worker of a run.
func Start(o Options) (*Tracker, error) {
	j, err := openJournal(o.Dir)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	t := &Tracker{opts: o, client: NewClient(o.Target), queue: make(chan event, queueSize), cancel: cancel,
		done: make(chan struct{}), started: o.Started, rec: newRecord(), journal: j}
	go t.work(ctx)
	return t, nil
}

// push never waits.
func (t *Tracker) push(e event) {
	select {
	case t.queue <- e:
	default:
		t.counts.overflow.Add(1)
	}
}

// BeforeGraph implements pipeline.Hook.
func (t *Tracker) BeforeGraph(ctx context.Context, p model.Plan) context.Context {
	t.push(event{plan: &p})
	return ctx
}

// BeforeNode implements pipeline.Hook.
func (t *Tracker) BeforeNode(ctx context.Context, n *pipeline.NodeRun) context.Context {
	t.push(event{start: n, startNS: n.Execution.Start})
	return ctx
}

// AfterCapture implements pipeline.Hook.
func (t *Tracker) AfterCapture(_ context.Context, n *pipeline.NodeRun) { t.push(event{end: n}) }

// AfterGraph implements pipeline.Hook.
func (t *Tracker) AfterGraph(_ context.Context, r *pipeline.Result) {
	select {
	case t.queue <- event{result: r}: // the graph is over: a moment's wait holds up nothing
	case <-t.done:
	}
}

// Ending is how a run ended.
type Ending struct {
	Succeeded bool
	At        time.Time
	Tags      map[string]string // added to those of the run
	Diagnosis map[string]string // by node: what its share in the time of the run was, in words
}

// Close tells how the run ended, and waits for the server to have it, but no
// longer than ctx. It ends the worker in any case.
func (t *Tracker) Close(ctx context.Context, end Ending) error {
	stop := context.AfterFunc(ctx, t.cancel)
	defer stop()
	c := &closing{Status: failure, End: end.At.UTC(), Tags: end.Tags}
	if end.Succeeded {
		c.Status = success
	}
	select {
	case t.queue <- event{close: c, more: diagnosis(end.Diagnosis)}:
	case <-t.done: // it has been closed before
	}
	<-t.done
	t.cancel()
	t.client.Close()
	return t.err
}

func newBackoff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = 200*time.Millisecond, breakerPause
	return b
}

// work is the worker. It ends when the run is closed and delivered, or the
// context ends.
func (t *Tracker) work(ctx context.Context) {
	defer close(t.done)
	defer func() { t.err = errors.Join(t.err, t.journal.close(t.rec.closed || t.rec.open == nil)) }()
	s := &sender{client: t.client, rec: t.rec, journal: t.journal, counts: &t.counts}
	tick := time.NewTicker(flushInterval)
	defer tick.Stop()
	pause := newBackoff()
	var notBefore time.Time
	inRow := 0
	for {
		select {
		case e := <-t.queue:
			t.take(e)
			if t.rec.close == nil && t.rec.run != 0 || e.plan == nil && e.close == nil {
				continue
			}
		case <-tick.C:
		}
		if t.rec.close == nil && time.Now().Before(notBefore) {
			continue
		}
		err := t.sendEarlier(ctx)
		if err == nil {
			err = s.deliver(ctx)
		}
		if err == nil {
			pause.Reset()
			inRow = 0
		} else {
			inRow++
			notBefore = time.Now().Add(pause.NextBackOff())
			if inRow >= breakerFailures || refused(err) {
				notBefore = time.Now().Add(breakerPause)
			}
		}
		if t.rec.close == nil {
			continue
		}
		if t.rec.closed || t.rec.open == nil || refused(err) || ctx.Err() != nil || inRow >= breakerFailures {
			return
		}
		// The run is over: what is left of the time goes to trying again.
		if err != nil {
			select {
			case <-time.After(pause.NextBackOff()):
			case <-ctx.Done():
				return
			}
			t.push(event{close: t.rec.close})
		}
	}
}

// sendEarlier sends what earlier runs have left behind, the oldest first. A
// journal that the server refuses must not keep this run from it.
func (t *Tracker) sendEarlier(ctx context.Context) error {
	for len(t.opts.Earlier) > 0 {
		n, _, err := push(ctx, t.opts.Earlier[0], t.opts.Target, 1)
		if err != nil && !refused(err) && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		t.counts.earlier.Add(n)
		t.opts.Earlier = t.opts.Earlier[1:]
	}
	return nil
}

// take turns an event into facts.
func (t *Tracker) take(e event) {
	switch {
	case e.plan != nil:
		o, err := t.opening(*e.plan)
		if err != nil {
			t.fail(err)
			return
		}
		t.add(line{Open: o})
	case e.start != nil:
		if t.rec.byName[e.start.Node.Name] == nil {
			t.add(line{Node: &node{Name: e.start.Node.Name, Deps: e.start.Plan.Deps, Status: running, Start: unixTime(e.startNS)}})
		}
	case e.end != nil:
		t.ended(e.end)
	case e.result != nil:
		for _, n := range e.result.Nodes {
			t.ended(n) // those that found the queue full
		}
	case e.close != nil && t.rec.close == nil:
		if len(e.more) > 0 {
			t.add(line{More: e.more})
		}
		t.add(line{Close: e.close})
	}
}

func (t *Tracker) ended(n *pipeline.NodeRun) {
	if n.Execution.Start == 0 {
		return // it never ran: the UI draws it as such when it hears nothing of it
	}
	if e := t.rec.byName[n.Node.Name]; e != nil && e.Status != running {
		return
	}
	end := unixTime(n.Execution.End)
	status := failure
	if n.Execution.State == model.NodeSucceeded || n.Execution.State == model.NodeCached {
		status = success
	}
	t.add(line{Node: &node{Name: n.Node.Name, Deps: n.Plan.Deps, Status: status, Start: unixTime(n.Execution.Start), End: &end,
		Attributes: attributes(n, t.opts)}})
}

func (t *Tracker) add(l line) {
	t.rec.apply(l)
	t.counts.unkept(t.journal.write(l))
}

// unkept notes that a line of the journal is lost; nil is none. What the server gets is
// not less for it.
func (c *counts) unkept(err error) {
	if err != nil {
		msg := err.Error()
		c.spool.Store(&msg)
	}
}

func (t *Tracker) fail(err error) {
	msg := err.Error()
	t.counts.lastError.Store(&msg)
}

// Snapshot is what the server has at this moment, with the page of the node that
// failed first, if one did; any goroutine may ask.
func (t *Tracker) Snapshot(failed string) model.TrackerSnapshot {
	s := model.TrackerSnapshot{Enabled: true, Statistics: t.opts.Statistics, NodesSent: t.counts.nodes.Load(),
		Delivered: t.counts.delivered.Load(), Away: t.counts.away.Load()}
	if run := t.counts.run.Load(); run != 0 {
		s.RunURL = t.opts.Target.RunURL(run)
		if failed != "" {
			s.ErrorURL = t.opts.Target.ErrorURL(run, failed)
		}
		if t.opts.LastGood != 0 {
			s.CompareURL = t.opts.Target.CompareURL(run, t.opts.LastGood)
		}
	}
	return s
}

// Status is what became of the run at the server. Call it after Close.
func (t *Tracker) Status() model.TrackerStatusPayload {
	p := model.TrackerStatusPayload{Enabled: true, APIURL: t.opts.Target.APIURL, ProjectID: t.opts.Target.ProjectID, Username: t.opts.Target.Username,
		Statistics: t.opts.Statistics, TemplateID: t.rec.template, RunID: t.rec.run, Delivered: t.rec.closed,
		Requests: t.counts.requests.Load(), FailedRequests: t.counts.failures.Load(), NodesSent: t.counts.nodes.Load(),
		AttributesSent: t.counts.attributes.Load(), NodesSpooled: t.rec.pending(), NodesRejected: int64(t.rec.rejected),
		QueueOverflows: t.counts.overflow.Load(), EarlierSent: t.counts.earlier.Load(), EarlierWaiting: int64(len(t.opts.Earlier))}
	if t.rec.run != 0 {
		p.RunURL = t.opts.Target.RunURL(t.rec.run)
	}
	if !p.Delivered {
		p.Spool = filepath.Join(t.opts.Dir, journalName)
	}
	if e := t.counts.spool.Load(); e != nil && !p.Delivered {
		p.SpoolError, p.NodesSpooled = *e, 0
		if kept, err := readJournal(t.opts.Dir); err == nil { // as a push will find it
			p.NodesSpooled = kept.pending()
		}
	}
	if e := t.counts.lastError.Load(); e != nil {
		p.LastError = *e
	}
	return p
}

// Waiting lists the bundles of a work directory whose journals are not sent, the
// oldest first: run ids are ordered by time.
func Waiting(workDir string) []string {
	found, _ := filepath.Glob(filepath.Join(workDir, "runs", "*", journalName)) // fails only for a malformed pattern: a directory with brackets has none waiting
	dirs := make([]string, len(found))
	for i, f := range found {
		dirs[i] = filepath.Dir(f)
	}
	slices.Sort(dirs)
	return dirs
}

func unixTime(ns int64) time.Time { return time.Unix(0, ns).UTC() }
