package why

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/buildscope/buildscope/model"
)

// Parts is how the time of one node went to its parts: files, shards, or whatever
// else it makes a span for. Times are unix nanoseconds.
type Parts struct {
	Count  int
	BusyNS int64 // sum of their durations

	LastSpan           model.SpanID
	Last               string // the part that ended last: the path of its file, or the name of its span
	LastStart, LastEnd int64
	OthersEnd          int64 // when the last of the others ended; 0 when there was none
}

// add takes one part.
func (p *Parts) add(span model.SpanID, name string, start, end int64) {
	p.Count++
	p.BusyNS += end - start
	if end > p.LastEnd {
		p.OthersEnd = p.LastEnd
		p.LastSpan, p.Last, p.LastStart, p.LastEnd = span, name, start, end
	} else {
		p.OthersEnd = max(p.OthersEnd, end)
	}
}

// Watch adds up the parts of the nodes of a run out of its span records. It holds
// one Parts for each node, however many spans there are. The zero value is ready;
// its methods may be called from any goroutine.
type Watch struct {
	mu    sync.Mutex
	nodes map[model.SpanID]*watched // guarded by mu
}

type watched struct {
	node  string
	parts Parts
	whole bool // the node's span has ended, so all of its parts have come
}

// Node says which span a node has, before any part of it ends.
func (w *Watch) Node(id model.SpanID, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.nodes == nil {
		w.nodes = map[model.SpanID]*watched{}
	}
	w.nodes[id] = &watched{node: name}
}

// Add takes records in. Only what has ended right below a node's span counts; what
// the engine tells of a query is no part of it in this sense.
func (w *Watch) Add(recs []model.SpanRecord) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range recs {
		r := &recs[i]
		if r.End == 0 || r.Scope != model.ScopePipeline {
			continue
		}
		if n := w.nodes[r.ID]; n != nil {
			n.whole = true
			continue
		}
		n := w.nodes[r.Parent]
		if n == nil {
			continue
		}
		name := r.Name
		for _, a := range r.Attrs {
			if path, ok := a.Value.(string); ok && a.Key == model.AttrFilePath {
				name = path
			}
		}
		n.parts.add(r.ID, name, r.Start, r.End)
	}
}

// Parts gives the parts of the nodes of which all have come: records arrive a moment
// after the fact, and a part that seems to be the last one may not be.
func (w *Watch) Parts() map[string]Parts {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]Parts{}
	for _, n := range w.nodes {
		if n.whole && n.parts.Count > 0 {
			out[n.node] = n.parts
		}
	}
	return out
}

// skewed names the parts that ran on when all others of their node had ended. The
// cost is the time in which nothing else ran at all: neither another part nor
// another node.
func skewed(f Facts) []model.Cause {
	if f.Execution.WorkersAllowed < 2 || f.Dropped > 0 {
		return nil // one worker never has two parts at work; and what was lost may have ended later
	}
	var out []model.Cause
	for _, n := range f.onCriticalPath() {
		p := f.Parts[n.Name]
		if p.Count < 2 {
			continue
		}
		from := max(p.OthersEnd, p.LastStart)
		if p.LastEnd-from < f.least() {
			continue // most nodes: only few have room for more, so looking at all nodes for each is cheap
		}
		idle := unshared(f.Execution.Nodes, n.Name, from, p.LastEnd)
		if idle == 0 {
			continue
		}
		took := p.LastEnd - p.LastStart
		out = append(out, model.Cause{Kind: model.CauseSkew, Node: n.Name, Span: p.LastSpan.String(), CostNS: idle,
			Text: fmt.Sprintf("%s took node %s %s, the other %d parts %s each on average: for %s it was the last at work, and %d of %d workers had none.",
				p.Last, n.Name, round(took), p.Count-1, round((p.BusyNS-took)/int64(p.Count-1)), round(idle), f.Execution.WorkersAllowed-1, f.Execution.WorkersAllowed)})
	}
	return out
}

// unshared is the time between two moments in which no other node ran than this one.
func unshared(nodes []model.NodeExecution, node string, from, to int64) int64 {
	others := slices.DeleteFunc(slices.Clone(nodes), func(n model.NodeExecution) bool {
		return n.Name == node || n.Start == 0 || n.End <= from || n.Start >= to
	})
	slices.SortFunc(others, func(a, b model.NodeExecution) int { return cmp.Compare(a.Start, b.Start) })
	var free int64
	at := from
	for _, n := range others {
		free += max(n.Start-at, 0)
		at = max(at, n.End)
	}
	return free + max(to-at, 0)
}
