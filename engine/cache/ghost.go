package cache

import "math/bits"

// ghostKeys bounds the keys that a ghost list remembers; about 150 bytes each.
const ghostKeys = 1 << 16

// ghost remembers the keys of lookups and the bytes of their values, not the
// values, in the order of their last use, also of those that the cache has evicted
// or never kept. It answers which limit would have given which hits, by Mattson's
// stack distance: a least recently used cache holds a key exactly while the bytes
// of it and of all keys used since fit into the limit.
//
// The bytes between a key and the most recent one come from a Fenwick tree over
// slots that are given out in the order of use, so a lookup costs O(log keys) and
// not a walk.
type ghost[K comparable] struct {
	shades  map[K]*shade[K]
	slots   []*shade[K] // by slot, slot 0 is unused; nil: given up
	tree    []int64     // Fenwick tree of the bytes in slots
	next    int         // slot of the next use
	oldest  int         // no shade is in a slot below
	total   int64       // bytes of all shades
	asked   int64       // bytes of those that somebody has looked up
	lookups int64
	hits    [distances]int64 // lookups by the smallest limit that has the answer
}

type shade[K comparable] struct {
	key   K
	size  int64
	slot  int // 0: forgotten
	asked bool
	owner *Stats // of the table that put it in; nil: none
}

func newGhost[K comparable]() ghost[K] {
	const slots = 64
	return ghost[K]{shades: make(map[K]*shade[K]), slots: make([]*shade[K], slots), tree: make([]int64, slots), next: 1, oldest: 1}
}

// lookup counts a lookup of a key that any cache could have had by now.
func (g *ghost[K]) lookup(key K, s *shade[K]) {
	g.lookups++
	if s == nil || s.slot == 0 {
		if s = g.shades[key]; s == nil {
			return // nobody has put it: a miss under every limit
		}
	}
	g.hits[distanceOf(g.total-g.before(s.slot))]++
	if !s.asked {
		s.asked = true
		g.count(s, s.size)
	}
	g.use(s)
}

// missed counts a lookup that no limit would have answered: the entry was out of
// date.
func (g *ghost[K]) missed(key K) {
	g.lookups++
	g.forget(key)
}

// count adds bytes to the working set.
func (g *ghost[K]) count(s *shade[K], bytes int64) {
	g.asked += bytes
	if s.owner != nil {
		s.owner.WorkingSet += bytes
	}
}

// put makes a key of size bytes the most recently used one.
func (g *ghost[K]) put(owner *Stats, key K, size int64, asked bool) *shade[K] {
	s := g.shades[key]
	if s != nil && s.size == size && s.asked == asked && s.owner == owner {
		g.use(s)
		return s
	}
	if s != nil {
		g.remove(s)
		asked = asked || s.asked
	}
	s = &shade[K]{key: key, size: size, asked: asked, owner: owner}
	g.shades[key] = s
	g.total += size
	if asked {
		g.count(s, size)
	}
	g.place(s)
	for len(g.shades) > ghostKeys {
		for g.slots[g.oldest] == nil {
			g.oldest++
		}
		g.remove(g.slots[g.oldest])
	}
	return s
}

func (g *ghost[K]) forget(key K) {
	if s := g.shades[key]; s != nil {
		g.remove(s)
	}
}

func (g *ghost[K]) remove(s *shade[K]) {
	g.leave(s)
	g.total -= s.size
	if s.asked {
		g.count(s, -s.size)
	}
	delete(g.shades, s.key)
}

// use moves a shade to the most recent slot.
func (g *ghost[K]) use(s *shade[K]) {
	if s.slot == g.next-1 {
		return
	}
	g.leave(s)
	g.place(s)
}

func (g *ghost[K]) leave(s *shade[K]) {
	g.slots[s.slot] = nil
	g.add(s.slot, -s.size)
	s.slot = 0
}

func (g *ghost[K]) place(s *shade[K]) {
	if g.next == len(g.slots) {
		g.renumber()
	}
	s.slot = g.next
	g.slots[s.slot] = s
	g.add(s.slot, s.size)
	g.next++
}

// renumber closes the gaps between slots and leaves at least as many free ones as
// there are shades, so that it costs a constant per use. The shade that is about to
// be placed is in no slot.
func (g *ghost[K]) renumber() {
	last := 0
	for _, s := range g.slots {
		if s != nil {
			last++
			s.slot, g.slots[last] = last, s
		}
	}
	clear(g.slots[last+1:])
	size := len(g.slots)
	if 2*len(g.shades)+2 > size {
		g.slots, g.tree = append(g.slots, make([]*shade[K], size)...), make([]int64, 2*size)
		size *= 2
	}
	clear(g.tree)
	for i, s := range g.slots[1 : last+1] {
		g.tree[i+1] = s.size
	}
	g.next, g.oldest = last+1, 1
	for i := 1; i < size; i++ {
		if up := i + i&-i; up < size {
			g.tree[up] += g.tree[i]
		}
	}
}

func (g *ghost[K]) add(slot int, bytes int64) {
	for ; slot < len(g.tree); slot += slot & -slot {
		g.tree[slot] += bytes
	}
}

// before is the bytes in the slots below slot.
func (g *ghost[K]) before(slot int) (bytes int64) {
	for slot--; slot > 0; slot -= slot & -slot {
		bytes += g.tree[slot]
	}
	return bytes
}

// Distances are counted in 16 classes per power of two, so that a limit that is
// read off is at most 1/16 larger than needed.
const (
	fine      = 4
	distances = (64-fine)<<fine + 1<<fine
)

// distanceOf is the class of a number of bytes.
func distanceOf(n int64) int {
	if n < 1<<fine {
		return int(max(n, 0))
	}
	shift := bits.Len64(uint64(n)) - fine - 1
	return (shift+1)<<fine + int(n>>shift)&(1<<fine-1)
}

// largestOf is the largest number of bytes in a class.
func largestOf(class int) int64 {
	if class < 1<<fine {
		return int64(class)
	}
	shift := class>>fine - 1
	return int64(1<<fine+class&(1<<fine-1)+1)<<shift - 1
}
