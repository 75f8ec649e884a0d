package receiver

import (
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/why"
)

// whyEvery bounds how often the causes of a build that goes on are found anew.
const whyEvery = time.Second

// causes are what the time of a build went into, as far as its spans tell.
type causes struct {
	deps  map[string][]string // nodes that a node reads, for those whose sender says so
	ended int                 // nodes that have ended
	last  *model.WhySlowPayload
	of    int // ended at last
	at    time.Time
	whole bool // last is of the whole build
}

// slow gives the causes; nil where the sender does not say what its nodes read, and
// so nobody knows what waited for what. The lock is held.
func (b *Build) slow() *model.WhySlowPayload {
	c := &b.causes
	if b.view == nil || c.ended == 0 || b.sender != senderOwn && len(c.deps) == 0 {
		return nil
	}
	if c.whole || !b.settled && (c.of == c.ended || time.Since(c.at) < whyEvery) {
		return c.last
	}
	plan := model.Plan{}
	var queries []model.NodeQuery
	for _, e := range b.execs {
		plan.Nodes = append(plan.Nodes, model.PlanNode{Name: e.Name, Kind: e.Kind, Deps: c.deps[e.Name]})
		if !b.settled { // profiles of queries may come after their nodes
			continue
		}
		if id, ok := b.view.Find(e.Name); ok {
			if d, ok := b.view.Detail(id); ok && d.Query.Profile != nil {
				queries = append(queries, model.NodeQuery{Node: e.Name, Profile: *d.Query.Profile})
			}
		}
	}
	p := why.Elsewhere(plan, b.execs, queries)
	c.last, c.of, c.at, c.whole = &p, c.ended, time.Now(), b.settled
	return c.last
}
