package page

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"
	"sort"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// Spans is a choice of the spans below the nodes of a run: of each parent the ones
// that failed and the longest, from the top down until there are mostSpans.
type Spans struct {
	Below   map[string][]Span // by node, each followed by what is shown below it
	Left    map[string]Left   // by node: spans directly below it that are not shown
	Total   int               // spans of the run, those of the nodes included
	Shown   int
	Missing string // why there are none
}

// Span is one span below a node.
type Span struct {
	Name       string
	Subject    string // the file that it is about
	Message    string // of its failure
	Depth      int    // 1 directly below the node
	Start, End int64  // unix nanoseconds
	Failed     bool
	Left       Left // spans directly below it that are not shown
	place      int  // in the file of spans
	children   []*Span
}

// Left is what a choice left out.
type Left struct {
	Count  int
	TookNS int64 // sum of durations, nanoseconds
}

// ReadSpans chooses among the spans in a file that a run left. A file that cannot be
// read costs the page only its spans.
func ReadSpans(ctx context.Context, path string, nodes []model.NodeExecution) Spans {
	s := Spans{Below: map[string][]Span{}, Left: map[string]Left{}}
	heads, err := bundle.ReadSpanHeads(ctx, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.Missing = "there is no spans.parquet"
		return s
	case err != nil:
		s.Missing = err.Error()
		return s
	}
	s.Total = len(heads)
	s.choose(heads, nodes)
	if err := s.describe(ctx, path); err != nil {
		s.Missing = err.Error()
	}
	return s
}

// family finds the children of a span: a run of order, those that failed first and
// then the longest.
type family struct {
	heads []bundle.SpanHead
	order []int32 // by parent
}

func newFamily(heads []bundle.SpanHead) family {
	f := family{heads, make([]int32, len(heads))}
	for i := range f.order {
		f.order[i] = int32(i)
	}
	slices.SortFunc(f.order, func(a, b int32) int {
		x, y := &heads[a], &heads[b]
		switch c := slices.Compare(x.Parent[:], y.Parent[:]); {
		case c != 0:
			return c
		case x.Failed != y.Failed && x.Failed:
			return -1
		case x.Failed != y.Failed:
			return 1
		}
		return cmp.Or(cmp.Compare(y.End-y.Start, x.End-x.Start), cmp.Compare(a, b))
	})
	return f
}

func (f family) of(id model.SpanID) []int32 {
	at := func(after bool) int {
		return sort.Search(len(f.order), func(i int) bool {
			c := slices.Compare(f.heads[f.order[i]].Parent[:], id[:])
			return c > 0 || c == 0 && !after
		})
	}
	return f.order[at(false):at(true)]
}

// choose takes children level by level, so that a node with many files does not
// crowd out the queries of the others. Of one level the longest parents come first.
func (s *Spans) choose(heads []bundle.SpanHead, nodes []model.NodeExecution) {
	fam := newFamily(heads)
	type parent struct {
		id   model.SpanID
		took int64
		into *[]*Span
		left *Left
	}
	tops, lefts := make([][]*Span, len(nodes)), make([]Left, len(nodes))
	var level []parent
	for i, n := range nodes {
		if id, ok := spanID(n.SpanID); ok {
			level = append(level, parent{id, n.DurationNS(), &tops[i], &lefts[i]})
		}
	}
	seen := map[int32]bool{} // ids that repeat could make a circle
	for depth := 1; len(level) > 0; depth++ {
		slices.SortStableFunc(level, func(a, b parent) int { return cmp.Compare(b.took, a.took) })
		var next []parent
		for _, p := range level {
			taken := 0
			for _, i := range fam.of(p.id) {
				h := heads[i]
				if seen[i] {
					continue
				}
				if s.Shown == mostSpans || taken == mostBelow {
					p.left.Count++
					p.left.TookNS += h.End - h.Start
					continue
				}
				taken++
				s.Shown++
				seen[i] = true
				sp := &Span{Name: h.Name, Depth: depth, Start: h.Start, End: h.End, Failed: h.Failed, place: int(i)}
				*p.into = append(*p.into, sp)
				next = append(next, parent{h.ID, h.End - h.Start, &sp.children, &sp.Left})
			}
		}
		level = next
	}
	for i, n := range nodes {
		if len(tops[i]) > 0 {
			s.Below[n.Name] = flatten(nil, tops[i])
		}
		if lefts[i].Count > 0 {
			s.Left[n.Name] = lefts[i]
		}
	}
}

// flatten lists spans by their start, each followed by those below it.
func flatten(list []Span, spans []*Span) []Span {
	slices.SortStableFunc(spans, func(a, b *Span) int { return cmp.Compare(a.Start, b.Start) })
	for _, s := range spans {
		list = append(list, *s)
		list[len(list)-1].children = nil
		list = flatten(list, s.children)
	}
	return list
}

func spanID(text string) (id model.SpanID, ok bool) {
	if len(text) != hex.EncodedLen(len(id)) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(text))
	return id, err == nil
}

// describe reads what else is told of the chosen spans.
func (s *Spans) describe(ctx context.Context, path string) error {
	places, at := map[int]bool{}, map[int]*Span{}
	for _, list := range s.Below {
		for i := range list {
			places[list[i].place], at[list[i].place] = true, &list[i]
		}
	}
	if len(places) == 0 {
		return nil
	}
	return bundle.ReadSpanAttrs(ctx, path, places, func(place int, attrs []model.Attr, message string) {
		sp := at[place]
		sp.Message = message
		for _, a := range attrs {
			if a.Key == model.AttrFilePath {
				sp.Subject, _ = a.Value.(string)
			}
		}
	})
}
