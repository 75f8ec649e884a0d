package capture

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/buildscope/buildscope/model"
)

// structs counts how often each field of a struct is set. Values of fields are not
// looked at.
type structs struct {
	names []string // of the fields that are counted
	all   int      // number of fields
	set   []int64
}

func newStructs(t *arrow.StructType, o Options) *structs {
	c := &structs{all: t.NumFields()}
	for _, f := range t.Fields()[:min(t.NumFields(), max(0, o.MaxDictLength))] {
		c.names = append(c.names, f.Name)
	}
	c.set = make([]int64, len(c.names))
	return c
}

func (c *structs) add(a arrow.Array, weights []int64, _ *scratch) {
	s := a.(*array.Struct)
	for f := range c.set {
		field := s.Field(f)
		for i := range s.Len() {
			if s.IsValid(i) && field.IsValid(i) {
				c.set[f] += weight(weights, i)
			}
		}
	}
}

func (c *structs) merge(other column) {
	for f, n := range other.(*structs).set {
		c.set[f] += n
	}
}

func (c *structs) stats(s *model.ColumnStats) {
	for f, n := range c.set {
		s.Top = append(s.Top, model.TopValue{Value: c.names[f], Count: n})
	}
	slices.SortStableFunc(s.Top, func(a, b model.TopValue) int { return cmp.Compare(b.Count, a.Count) })
	s.Reason = "top values say how often each field is set"
	if len(c.names) < c.all {
		cut(s, fmt.Sprintf("%d of %d fields are counted", len(c.names), c.all))
	}
}
