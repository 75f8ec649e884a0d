package capture

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/buildscope/buildscope/model"
)

// lists counts columns of lists, and of maps, which are lists of entries: their
// lengths, and the first items of each.
type lists struct {
	limit int // items looked at in each list
	len   lengths
	empty int64
	long  int64 // lists with more items than limit
	left  int64 // items that were not looked at
	items column
	what  string // the items in words
	one   string // of what a list of them is
}

func newLists(t arrow.ListLikeType, o Options) *lists {
	return &lists{limit: o.MaxListLength, items: newColumn(t.Elem(), o), what: "items", one: "lists"}
}

// newMaps counts the keys of maps like the items of lists.
func newMaps(t *arrow.MapType, o Options) *lists {
	return &lists{limit: o.MaxDictLength, items: newColumn(t.KeyType(), o), what: "keys", one: "maps"}
}

func (c *lists) add(a arrow.Array, weights []int64, buf *scratch) {
	list := a.(array.ListLike)
	values := list.ListValues()
	if m, ok := a.(*array.Map); ok {
		values = m.Keys()
	}
	// Items that follow each other go to their column together.
	from, to := int64(0), int64(0)
	flush := func() {
		if from < to {
			part := array.NewSlice(values, from, to)
			feed(c.items, part, nil, buf)
			part.Release()
		}
	}
	for i := range list.Len() {
		n := weight(weights, i)
		if n == 0 || list.IsNull(i) {
			continue
		}
		start, end := list.ValueOffsets(i)
		end -= c.addLength(end-start, n)
		for ; n > 0; n-- { // more than once only for lists in a dictionary
			if start != to {
				flush()
				from = start
			}
			to = end
		}
	}
	flush()
}

// addLength counts n lists of a length and returns how many items are too many.
func (c *lists) addLength(length, n int64) (over int64) {
	c.len.add(length, n)
	if length == 0 {
		c.empty += n
	}
	if over = length - int64(c.limit); over > 0 {
		c.long += n
		c.left += over * n
		return over
	}
	return 0
}

func (c *lists) merge(other column) {
	o := other.(*lists)
	c.len.merge(o.len)
	c.empty += o.empty
	c.long += o.long
	c.left += o.left
	c.items.merge(o.items)
}

func (c *lists) stats(s *model.ColumnStats) {
	s.Empty = ptr(c.empty)
	c.len.stats(s)
	if c.limit > 0 {
		var items model.ColumnStats
		c.items.stats(&items)
		s.Distinct, s.DistinctExact, s.Top = items.Distinct, items.DistinctExact, items.Top
		s.Reason = "distinct and top values are those of the " + c.what
	}
	if c.long > 0 {
		cut(s, fmt.Sprintf("%d %s are longer than %d; %d %s were not looked at", c.long, c.one, c.limit, c.left, c.what))
	}
}
