package runview

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// coverParts is into how many parts the time of a row is cut in a Cover.
const coverParts = 512

// Cover tells in which of the 512 equal parts of a row's time the rows directly
// below it ran: those of which they take half or more.
type Cover [coverParts / 64]uint64

// At reports whether the part at a share of the row's time, from 0 to 1, is covered.
func (c *Cover) At(share float64) bool {
	i := min(max(int(share*coverParts), 0), coverParts-1)
	return c[i/64]>>(i%64)&1 == 1
}

// sumCover adds up intervals that come in the order of their starts.
type sumCover struct {
	from, to int64 // the row's time
	front    int64 // all before is settled
	covered  int64
	parts    [coverParts]float64 // share of each part that is covered
}

func (s *sumCover) add(start, end int64) {
	start, end = max(start, s.front), min(end, s.to)
	if start >= end {
		return
	}
	s.front = end
	s.covered += end - start
	scale := coverParts / float64(s.to-s.from)
	a, e := float64(start-s.from)*scale, float64(end-s.from)*scale
	for i := min(int(a), coverParts-1); i < coverParts && float64(i) < e; i++ {
		s.parts[i] += min(e, float64(i+1)) - max(a, float64(i))
	}
}

func (s *sumCover) cover() *Cover {
	c := new(Cover)
	for i, share := range s.parts {
		if share >= 0.5 {
			c[i/64] |= 1 << (i % 64)
		}
	}
	return c
}

const (
	// selfAtOnce is up to how many rows directly below one are looked at for each
	// window while it runs.
	selfAtOnce = groupLen
	// selfInline is up to how many are looked at once, after it has ended; more are
	// looked at in the background.
	selfInline = 4096
	// maxSelfs bounds the rows whose self time is kept: some screens of them.
	maxSelfs = 4096
)

// selfTime is what a window shows of a row that has ended.
type selfTime struct {
	version uint32 // of the row: it changes with every row below
	ns      int64
	cover   *Cover
}

// selfCache keeps self times. Its lock is taken after DB.mu.
type selfCache struct {
	mu   sync.Mutex
	m    map[RowID]selfTime
	busy map[RowID]bool // rows that are looked at in the background
}

func (c *selfCache) put(id RowID, t selfTime) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil || len(c.m) >= maxSelfs {
		c.m = map[RowID]selfTime{}
	}
	c.m[id] = t
}

// addSelf fills in the self time of a row, and reports whether it is known or will
// not be known soon. The lock is held for reading.
func (db *DB) addSelf(r *Row, now int64) bool {
	n, b := db.node(r.ID), db.below(r.ID)
	r.Self = -1
	switch {
	case n.start == 0 || n.end == 0 && n.state.Ended():
		return true
	case b == nil || b.n == 0:
		r.Self = n.duration(now)
		return true
	case n.end == 0 && b.n > selfAtOnce:
		return true
	case n.end == 0:
		t := db.selfOf(n, b, now)
		r.Self, r.Cover = t.ns, t.cover
		return true
	}
	db.selfs.mu.Lock()
	t, known := db.selfs.m[r.ID]
	known = known && t.version == n.version
	start := !known && b.n > selfInline && !db.selfs.busy[r.ID]
	if start {
		if db.selfs.busy == nil {
			db.selfs.busy = map[RowID]bool{}
		}
		db.selfs.busy[r.ID] = true
	}
	db.selfs.mu.Unlock()
	switch {
	case start:
		time.AfterFunc(0, func() { db.countSelf(r.ID) })
		return false
	case !known && b.n > selfInline:
		return false
	case !known:
		t = db.selfOf(n, b, now)
		db.selfs.put(r.ID, t)
	}
	r.Self, r.Cover = t.ns, t.cover
	return true
}

func newSum(n *node, now int64) *sumCover {
	to := n.start + n.duration(now)
	return &sumCover{from: n.start, to: to, front: n.start}
}

func (s *sumCover) result(n *node) selfTime {
	return selfTime{version: n.version, ns: max(s.to-s.from-s.covered, 0), cover: s.cover()}
}

// selfOf looks at the rows of a branch.
func (db *DB) selfOf(n *node, b *branch, now int64) selfTime {
	s := newSum(n, now)
	db.addKids(s, b.kids)
	for i := range b.groups {
		db.addKids(s, b.groups[i].kids)
	}
	return s.result(n)
}

func (db *DB) addKids(s *sumCover, kids []RowID) {
	for _, id := range kids {
		k := db.nodes.at(int(id))
		end := k.end
		if end == 0 {
			end = s.to
		}
		if k.start != 0 {
			s.add(k.start, end)
		}
	}
}

// countSelf looks at the many rows below one, a group at a time so that no writer
// waits long. When the row changes meanwhile, the next window starts it again.
func (db *DB) countSelf(id RowID) {
	db.mu.RLock()
	n := db.node(id)
	s, version := newSum(n, 0), n.version
	db.mu.RUnlock()
	for at, more := 0, true; more; at++ {
		db.mu.RLock()
		b := db.below(id)
		if more = n.version == version && at < len(b.groups); more {
			db.addKids(s, b.groups[at].kids)
		} else if n.version == version {
			db.selfs.put(id, s.result(n))
		}
		db.mu.RUnlock()
	}
	db.selfs.mu.Lock()
	delete(db.selfs.busy, id)
	db.selfs.mu.Unlock()
	db.write(func() {})
}

// times are those of a row, the end as far as it is known; zero when it has not
// started.
type times struct{ start, end int64 }

// selfTimes makes self times the keys of the order. It walks all rows by their
// start, so that what a row covers of the time of the one above it is what lies
// behind the front that earlier siblings have reached.
func (s *scan) selfTimes() {
	order, front := make([]RowID, len(s.up)), make([]int64, len(s.up))
	for i, t := range s.times {
		order[i], front[i], s.key[i] = RowID(i), t.start, t.start-t.end
	}
	byStart := func(a, b RowID) int { return cmp.Compare(s.times[a].start, s.times[b].start) }
	if !slices.IsSortedFunc(order, byStart) {
		slices.SortFunc(order, byStart)
	}
	for _, id := range order {
		up, t := s.up[id], s.times[id]
		if id == 0 || up == 0 || t.start == 0 {
			continue
		}
		if from, to := max(t.start, front[up]), min(t.end, s.times[up].end); from < to {
			front[up] = to
			s.key[up] += to - from
		}
	}
	for id, t := range s.times {
		if t.start == 0 {
			s.key[id] = last
		}
	}
}
