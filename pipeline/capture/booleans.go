package capture

import (
	"cmp"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/buildscope/buildscope/model"
)

// booleans counts true and false.
type booleans struct{ yes, no int64 }

func (c *booleans) add(a arrow.Array, weights []int64, _ *scratch) {
	b := a.(*array.Boolean)
	for i := range b.Len() {
		switch n := weight(weights, i); {
		case b.IsNull(i):
		case b.Value(i):
			c.yes += n
		default:
			c.no += n
		}
	}
}

func (c *booleans) merge(other column) {
	o := other.(*booleans)
	c.yes += o.yes
	c.no += o.no
}

func (c *booleans) stats(s *model.ColumnStats) {
	s.Zeros = ptr(c.no)
	s.Top = []model.TopValue{{Value: "false", Count: c.no}, {Value: "true", Count: c.yes}}
	s.Top = slices.DeleteFunc(s.Top, func(v model.TopValue) bool { return v.Count == 0 })
	s.Distinct, s.DistinctExact = ptr(int64(len(s.Top))), true
	slices.SortStableFunc(s.Top, func(a, b model.TopValue) int { return cmp.Compare(b.Count, a.Count) })
}
