package why

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// Parts of random nodes, in random order and batches, against lists of them.
func TestWatch(t *testing.T) {
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var w Watch
		nodes := map[string]model.SpanID{"a": {1}, "b": {2}, "none": {3}}
		for name, id := range nodes {
			w.Node(id, name)
		}
		all := map[string][]model.SpanRecord{}
		var recs []model.SpanRecord
		for range rnd.IntN(40) {
			name := []string{"a", "b"}[rnd.IntN(2)]
			start := 1 + rnd.Int64N(100)
			r := model.SpanRecord{Parent: nodes[name], Scope: model.ScopePipeline, Name: model.SpanFile, Start: start, End: start + 1 + rnd.Int64N(100),
				Attrs: []model.Attr{{Key: model.AttrFilePath, Value: string(rune('a'+len(recs)%26)) + ".go"}}}
			all[name] = append(all[name], r)
			running := r
			running.End = 0
			engine := r
			engine.Scope, engine.End = model.ScopeEngine, 900
			below := r
			below.Parent, below.End = model.SpanID{9}, 900
			recs = append(recs, running, r, engine, below)
		}
		for batch := range slices.Chunk(recs, 7) {
			w.Add(batch)
		}
		if got := w.Parts(); len(got) != 0 {
			t.Fatalf("seed %d: parts of nodes that have not ended: %v", seed, got)
		}
		for name, id := range nodes {
			w.Add([]model.SpanRecord{{ID: id, Parent: model.SpanID{8}, Name: name, Scope: model.ScopePipeline, Start: 1, End: 300}})
		}
		got := w.Parts()
		if len(got) != len(all) {
			t.Fatalf("seed %d: parts of %d nodes, want %d", seed, len(got), len(all))
		}
		for name, list := range all {
			slices.SortStableFunc(list, func(a, b model.SpanRecord) int { return int(b.End - a.End) })
			want := Parts{Count: len(list), LastStart: got[name].LastStart, LastEnd: list[0].End, Last: got[name].Last}
			for i, r := range list {
				want.BusyNS += r.End - r.Start
				if i > 0 {
					want.OthersEnd = max(want.OthersEnd, r.End)
				}
			}
			is := func(r model.SpanRecord) bool {
				return r.End == want.LastEnd && r.Start == want.LastStart && r.Attrs[0].Value == want.Last
			}
			if got[name] != want || !slices.ContainsFunc(list, is) {
				t.Fatalf("seed %d: node %s: got %+v, want %+v", seed, name, got[name], want)
			}
		}
	}
}

// The time in which only one node ran, against counting each nanosecond.
func TestUnshared(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		nodes := []model.NodeExecution{{Name: "me", Start: 1, End: 100}, {Name: "never"}}
		for range rnd.IntN(6) {
			start := 1 + rnd.Int64N(90)
			nodes = append(nodes, model.NodeExecution{Name: "other", Start: start, End: start + rnd.Int64N(40)})
		}
		from := rnd.Int64N(60)
		to := from + rnd.Int64N(60)
		var want int64
		for at := from; at < to; at++ {
			if !slices.ContainsFunc(nodes, func(n model.NodeExecution) bool { return n.Name == "other" && n.Start <= at && at < n.End }) {
				want++
			}
		}
		if got := unshared(nodes, "me", from, to); got != want {
			t.Fatalf("seed %d: %d ns from %d to %d beside %v, want %d", seed, got, from, to, nodes, want)
		}
	}
}
