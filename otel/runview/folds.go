package runview

import (
	"cmp"
	"slices"
	"sync"
)

// fold is a row that a viewer has opened or closed, or a row above one. The list
// of them is all that sets the viewer's tree apart from the default rule.
type fold struct {
	id     RowID
	said   bool  // the viewer decides, not the default rule
	wants  bool  // what the viewer said
	depth  int32 // 1 for rows at the top, 0 for the tree itself
	up     int32 // index of the fold of the row above
	lo, hi int32 // folds of the rows directly below, in their order
	group  int32 // of the row, among its siblings
	inner  sums  // what the folds below change in the sums of the row's branch
	change sums  // what this row adds to the sums of the rows above
}

// sums are those of a branch that depend on folds.
type sums struct{ sum, hidden int32 }

// open says whether what is below a row is shown. The nil fold follows the rule.
func (f *fold) open(b *branch) bool {
	if b == nil || b.n == 0 {
		return false
	}
	if f != nil && f.said {
		return f.wants
	}
	return b.open()
}

// inside is what the folds below change in the row's own sum.
func (f *fold) inside() int32 {
	if f == nil {
		return 0
	}
	return f.inner.sum
}

// folds are those of one viewer over one shape, the deepest first, so that one
// pass brings all of them up to date; the last is the tree itself.
type folds struct {
	list     []fold
	complete bool // every row that the viewer named was there
	key      foldKey
	at       stamp
}

type foldKey struct {
	view uint64 // 0 is the tree of the DB
	said uint64 // hash of what the viewer said
}

// stamp tells whether a list still holds; that over a view always does.
type stamp struct {
	layout uint64 // DB.layout, for the order of the list
	data   uint64 // DB.data, for its sums
}

func (f *folds) top() *fold { return &f.list[len(f.list)-1] }

// below are the folds of the rows directly below one.
func (f *folds) below(at *fold) []fold {
	if at == nil {
		return nil
	}
	return f.list[at.lo:at.hi]
}

// refresh computes the changes anew, after the tree has changed.
func (f *folds) refresh(s shape) {
	for i := range f.list {
		f.list[i].inner = sums{}
	}
	for i := range f.list {
		at := &f.list[i]
		if at.id == 0 {
			return
		}
		at.change = sums{}
		b := s.branchOf(at.id)
		if b == nil {
			continue
		}
		if at.open(b) {
			at.change = sums{b.sum + at.inner.sum, b.hidden + at.inner.hidden}
		}
		if b.open() {
			at.change.sum -= b.sum
			at.change.hidden -= b.hidden
		}
		up := &f.list[at.up]
		up.inner.sum += at.change.sum
		up.inner.hidden += at.change.hidden
	}
}

// newFolds makes the list for what a viewer said. It is complete unless the viewer
// named rows that the shape does not have.
func newFolds(s shape, said map[RowID]bool) (list []fold, complete bool) {
	index := map[RowID]int32{0: 0}
	list, complete = []fold{{}}, true
	var add func(id RowID) int32
	add = func(id RowID) int32 {
		if at, ok := index[id]; ok {
			return at
		}
		parent, _ := s.parent(id)
		up := add(parent)
		at := int32(len(list))
		index[id] = at
		list = append(list, fold{id: id, depth: list[up].depth + 1, group: int32(s.group(s.branchOf(parent), id))})
		return at
	}
	for id, open := range said {
		if _, ok := s.parent(id); !ok {
			complete = false
		} else if id != 0 {
			at := add(id)
			list[at].said, list[at].wants = true, open
		}
	}
	up := func(f *fold) RowID { p, _ := s.parent(f.id); return p }
	slices.SortFunc(list, func(a, b fold) int {
		c := cmp.Or(cmp.Compare(b.depth, a.depth), cmp.Compare(up(&a), up(&b)))
		switch {
		case c != 0 || a.id == b.id:
			return c
		case s.precedes(a.id, b.id):
			return -1
		}
		return 1
	})
	for i := range list {
		index[list[i].id] = int32(i)
	}
	for i := range list[:len(list)-1] {
		p := index[up(&list[i])]
		list[i].up = p
		if list[p].hi == 0 {
			list[p].lo = int32(i)
		}
		list[p].hi = int32(i + 1)
	}
	return list, complete
}

// maxFolds bounds the fold lists that are kept for the next window: one for each
// viewer that looks at the same moment.
const maxFolds = 16

// foldCache keeps fold lists. A list is in the hands of one viewer at a time.
type foldCache struct {
	mu   sync.Mutex
	free []*folds // the most recently used last
}

// get gives the folds of a viewer, up to date. Put gives them back.
func (c *foldCache) get(s shape, key foldKey, at stamp, said map[RowID]bool) *folds {
	key.said = hashFolds(said)
	f := c.take(key)
	if f != nil && f.complete && f.at == at {
		return f
	}
	if f == nil || !f.complete || f.at.layout != at.layout {
		f = &folds{key: key}
		f.list, f.complete = newFolds(s, said)
	}
	f.at = at
	f.refresh(s)
	return f
}

func (c *foldCache) take(key foldKey) *folds {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, f := range c.free {
		if f.key == key {
			c.free = slices.Delete(c.free, i, i+1)
			return f
		}
	}
	return nil
}

func (c *foldCache) put(f *folds) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.free) == maxFolds {
		c.free = slices.Delete(c.free, 0, 1)
	}
	c.free = append(c.free, f)
}

// hashFolds depends on the content of the map only. The viewer changes it between
// windows, so nothing cheaper than reading it tells whether it is the same.
func hashFolds(said map[RowID]bool) uint64 {
	var sum uint64
	for id, open := range said {
		x := uint64(id) << 1
		if open {
			x |= 1
		}
		x += 0x9e3779b97f4a7c15 // splitmix64
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		sum += x ^ x>>31
	}
	return sum
}
