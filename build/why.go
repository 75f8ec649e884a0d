package build

import (
	"context"
	"encoding/hex"
	"maps"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/buildscope/buildscope/build/compare"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/why"
	"github.com/buildscope/buildscope/pipeline"
)

// whyEvery bounds how often the causes of a running build are found anew, however
// many viewers ask.
const whyEvery = time.Second

// whyHook gathers what the causes of a build's time are found in, while it runs.
type whyHook struct {
	pipeline.NoHook
	parts why.Watch

	mu       sync.Mutex // guards all below
	plan     model.Plan
	nodes    map[string]model.NodeExecution // those that have started or ended
	queries  []model.NodeQuery
	captured []model.TableStats
	running  map[string]bool
	solo     map[string]why.Solo
	usual    map[string]why.Usual // never changed once it is set
	earlier  int                  // runs it was learned from
	started  time.Time            // of the run
	at, cpu  int64                // time of the run and CPU time of the process at the last change of running, nanoseconds

	last  *model.WhySlowPayload // what viewers see; never changed
	asked time.Time
	over  bool // last is of the whole run
}

func newWhyHook(started time.Time) *whyHook {
	return &whyHook{started: started, nodes: map[string]model.NodeExecution{}, running: map[string]bool{}, solo: map[string]why.Solo{}}
}

// BeforeGraph implements pipeline.Hook.
func (h *whyHook) BeforeGraph(ctx context.Context, plan model.Plan) context.Context {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.plan = plan
	return ctx
}

// BeforeNode implements pipeline.Hook. The node's span has been made by an earlier hook.
func (h *whyHook) BeforeNode(ctx context.Context, n *pipeline.NodeRun) context.Context {
	var id model.SpanID
	if got, err := hex.Decode(id[:], []byte(n.Execution.SpanID)); err == nil && got == len(id) {
		h.parts.Node(id, n.Node.Name)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.account()
	h.running[n.Node.Name] = true
	h.nodes[n.Node.Name] = n.Execution
	return ctx
}

// AfterNode implements pipeline.Hook.
func (h *whyHook) AfterNode(_ context.Context, n *pipeline.NodeRun) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.account()
	delete(h.running, n.Node.Name)
	h.nodes[n.Node.Name] = n.Execution
	if n.Query != nil {
		h.queries = append(h.queries, model.NodeQuery{Node: n.Node.Name, Profile: *n.Query})
	}
}

// AfterCapture implements pipeline.Hook.
func (h *whyHook) AfterCapture(_ context.Context, n *pipeline.NodeRun) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.captured = append(h.captured, n.Stats...)
}

// account gives the time since the last change to the node that ran alone in it.
// The lock is held.
func (h *whyHook) account() {
	at, cpu := model.Now(h.started).UnixNano(), processCPU()
	if len(h.running) == 1 && cpu != 0 && h.cpu != 0 {
		for name := range h.running {
			s := h.solo[name]
			h.solo[name] = why.Solo{WallNS: s.WallNS + at - h.at, CPUNS: s.CPUNS + cpu - h.cpu}
		}
	}
	h.at, h.cpu = at, cpu
}

// processCPU is the CPU time of the process so far in nanoseconds, 0 when the
// system does not tell.
func processCPU() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// facts are copies of what is known now. Nodes that run end at the present for as
// long as they do: they are what everything waits for.
func (h *whyHook) facts(workers int) why.Facts {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.account()
	nodes := make([]model.NodeExecution, 0, len(h.nodes))
	for _, n := range h.plan.Nodes {
		if e, known := h.nodes[n.Name]; known {
			if e.State == model.NodeRunning {
				e.End = h.at
			}
			nodes = append(nodes, e)
		}
	}
	return why.Facts{Execution: why.Execution(h.plan, workers, nodes, slices.Clone(h.queries)), Parts: h.parts.Parts(),
		Solo: maps.Clone(h.solo), Captured: slices.Clone(h.captured), Usual: h.usual, Earlier: h.earlier}
}

// learn reads what is usual for runs like this one, and gives how long nodes took when
// they last ran.
func (r *Run) learn() map[string]time.Duration {
	b := r.opts.Resolved.Settings.Build
	l, err := compare.Learn(b.WorkDir, r.id, compare.Like{Pipeline: r.opts.Pipeline, RepoRoot: b.RepoRoot,
		Profile: r.opts.Resolved.Profile, Workers: r.workers()})
	if err != nil {
		r.logger.Warn("learn from earlier runs what is usual", "error", err.Error())
	}
	r.why.mu.Lock()
	defer r.why.mu.Unlock()
	r.why.usual, r.why.earlier = l.Usual, l.Runs
	return l.Newest
}

// slowFacts are what is known of the time of the run so far.
func (r *Run) slowFacts() why.Facts {
	f := r.why.facts(r.workers())
	f.Settings, f.CPUs, f.Dropped = r.opts.Resolved.Settings, runtime.GOMAXPROCS(0), r.view.Header().Dropped
	f.Caches = r.session.CacheAccounts(r.opts.Resolved.Values)
	return f
}

// endedSlow finds what the time of the run went into when all of it is over.
func (r *Run) endedSlow(res *pipeline.Result, exec model.PlanExecutionPayload, exports []model.ExportCounts) model.WhySlowPayload {
	f := r.slowFacts()
	f.Execution, f.Flush, f.Exports = exec, r.flush, exports
	f.Reading = reading(res)
	p := why.Find(f)
	r.why.show(p, true)
	return p
}

// reading is how long a run went on after its last node, to read tables for their
// statistics.
func reading(res *pipeline.Result) time.Duration {
	var last int64
	for _, n := range res.Nodes {
		last = max(last, n.Execution.End)
	}
	if last == 0 {
		return 0
	}
	return res.Ended.Sub(time.Unix(0, last))
}

// slowNow is what viewers see. While the build goes on it is found anew at most once
// in whyEvery, and only if somebody asks.
func (r *Run) slowNow() *model.WhySlowPayload {
	h := r.why
	h.mu.Lock()
	last, known := h.last, h.over || len(h.plan.Nodes) == 0 || time.Since(h.asked) < whyEvery
	if !known {
		h.asked = time.Now()
	}
	h.mu.Unlock()
	if known {
		return last
	}
	p := why.Find(r.slowFacts())
	h.show(p, false)
	return &p
}

// show gives viewers what was found; what was found when all was over stays.
func (h *whyHook) show(p model.WhySlowPayload, over bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.over {
		h.last, h.over = &p, over
	}
}
