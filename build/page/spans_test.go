package page

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// TestChosenSpans compares the choice with a plain one: below every node and every
// shown span are the failed and the longest of its children, the rest is counted.
func TestChosenSpans(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := r.IntN(400)
		if seed%10 == 0 {
			n = 5000 // more than are shown
		}
		nodes := make([]model.NodeExecution, 1+r.IntN(5))
		ids := make([]model.SpanID, len(nodes))
		for i := range nodes {
			ids[i] = model.SpanID{9, byte(i)}
			nodes[i] = model.NodeExecution{Name: fmt.Sprint(i), SpanID: ids[i].String()}
		}
		heads := make([]bundle.SpanHead, n)
		children := map[model.SpanID][]int{}
		for i := range heads {
			id := model.SpanID{1, byte(i >> 8), byte(i)}
			heads[i] = bundle.SpanHead{ID: id, Parent: ids[r.IntN(min(len(ids), 20+n/20))], Name: fmt.Sprint(i), Start: int64(r.IntN(100)), Failed: r.IntN(20) == 0}
			heads[i].End = heads[i].Start + int64(r.IntN(50))
			children[heads[i].Parent] = append(children[heads[i].Parent], i)
			ids = append(ids, id)
		}
		s := Spans{Below: map[string][]Span{}, Left: map[string]Left{}}
		s.choose(heads, nodes)

		shown := 0
		check := func(parent model.SpanID, list []Span, depth int, left Left) {
			all := children[parent]
			slices.SortStableFunc(all, func(a, b int) int {
				x, y := heads[a], heads[b]
				if x.Failed != y.Failed {
					if x.Failed {
						return -1
					}
					return 1
				}
				return int((y.End - y.Start) - (x.End - x.Start))
			})
			var got, want []string
			for _, sp := range list {
				if sp.Depth == depth {
					got = append(got, sp.Name)
				}
			}
			for _, i := range all[:len(got)] {
				want = append(want, heads[i].Name)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d: below %s are %v, want %v", seed, parent, got, want)
			}
			if len(got) != min(len(all), mostBelow) && s.Shown < mostSpans {
				t.Fatalf("seed %d: %d of %d below %s, although there is room", seed, len(got), len(all), parent)
			}
			var rest Left
			for _, i := range all[len(got):] {
				rest.Count++
				rest.TookNS += heads[i].End - heads[i].Start
			}
			if left != rest {
				t.Fatalf("seed %d: below %s %v are left out, want %v", seed, parent, left, rest)
			}
			shown += len(got)
		}
		for i, node := range nodes {
			list := s.Below[node.Name]
			check(ids[i], list, 1, s.Left[node.Name])
			for k, sp := range list {
				end := k + 1
				for end < len(list) && list[end].Depth > sp.Depth {
					end++
				}
				check(heads[sp.place].ID, list[k+1:end], sp.Depth+1, sp.Left)
			}
		}
		if shown != s.Shown || shown > mostSpans || n == 5000 && shown != mostSpans {
			t.Errorf("seed %d: %d spans are shown, %d are counted", seed, shown, s.Shown)
		}
	}
}
