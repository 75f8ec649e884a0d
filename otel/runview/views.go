package runview

import (
	"slices"
	"sync"
	"time"
)

const (
	// maxViews bounds the views that are kept, the most recently used.
	maxViews = 4
	// promptRows is up to how many rows a view is made anew for every version. That
	// takes some milliseconds. Beyond, a window shows the view of an earlier version,
	// and a newer one is made in the background.
	promptRows = 20_000
	// firstWait is how long a window waits for the first view of many rows.
	firstWait = 150 * time.Millisecond
	// rest is for how many times the time that a view took none is made after it.
	rest = 10
)

// viewCache keeps the views of the filters and orders that are in use. Its locks,
// and those of its slots, are taken before DB.mu.
type viewCache struct {
	mu    sync.Mutex
	slots []*viewSlot // the most recently used last
	last  uint64      // id of a view
}

type viewKey struct {
	filter string
	sort   SortKey
	back   bool
	flat   Flat
}

// viewSlot is one filter and order.
type viewSlot struct {
	key   viewKey
	ready chan struct{} // closed when there is a first view

	mu   sync.Mutex // guards all below; not held while a view is made for many rows
	view *view
	q    Query     // the last that was asked
	busy bool      // a newer view is being made, or will be
	due  time.Time // no newer view before
}

func (c *viewCache) slot(key viewKey) *viewSlot {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, s := range c.slots {
		if s.key == key {
			c.slots = append(slices.Delete(c.slots, i, i+1), s)
			return s
		}
	}
	if len(c.slots) == maxViews {
		c.slots = slices.Delete(c.slots, 0, 1)
	}
	c.slots = append(c.slots, &viewSlot{key: key, ready: make(chan struct{})})
	return c.slots[len(c.slots)-1]
}

func (c *viewCache) id() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	return c.last
}

// view is what a query is answered from; nil for the tree itself. It is not ok
// while the first view of many rows takes longer than a viewer should wait.
func (db *DB) view(q Query) (v *view, ok bool) {
	if q.Filter.Empty() && q.Sort == SortPlan && q.Flat == FlatNone {
		return nil, true
	}
	slot := db.views.slot(viewKey{q.Filter.text, q.Sort, q.Back, q.Flat})
	if v = db.ask(slot, q); v != nil {
		return v, true
	}
	timer := time.NewTimer(firstWait)
	defer timer.Stop()
	select {
	case <-slot.ready:
		return db.ask(slot, q), true
	case <-timer.C:
		return nil, false
	}
}

// ask gives the view that there is, and sees to it that a newer one is made when
// that is stale.
func (db *DB) ask(slot *viewSlot, q Query) *view {
	db.mu.RLock()
	data, rows := db.data, db.nodes.n
	db.mu.RUnlock()
	slot.mu.Lock()
	defer slot.mu.Unlock()
	slot.q = Query{Filter: q.Filter, Sort: q.Sort, Back: q.Back, Flat: q.Flat, Now: q.Now}
	switch {
	case slot.view != nil && !slot.view.stale(data, q):
	case rows <= promptRows:
		slot.set(db.makeView(slot.q))
	case !slot.busy:
		slot.busy = true
		time.AfterFunc(time.Until(slot.due), func() { db.renew(slot) })
	}
	return slot.view
}

// set takes a view over. The lock is held.
func (s *viewSlot) set(v *view) {
	if s.view == nil {
		close(s.ready)
	}
	s.view = v
}

func (v *view) stale(data uint64, q Query) bool {
	timed := q.Sort == SortDuration || q.Sort == SortSelf || q.Filter.timed()
	return v.data != data || timed && v.moving && v.now != q.Now
}

func (db *DB) makeView(q Query) *view {
	begun := time.Now()
	v := db.scan(q).view()
	v.id, v.now, v.took = db.views.id(), q.Now, time.Since(begun)
	return v
}

// renew makes a newer view in the background, and wakes the viewers when it shows
// newer data. A view that only the passing of time has changed wakes nobody.
func (db *DB) renew(slot *viewSlot) {
	slot.mu.Lock()
	q := slot.q
	slot.mu.Unlock()
	v := db.makeView(q)
	slot.mu.Lock()
	newer := slot.view == nil || v.data != slot.view.data
	slot.set(v)
	slot.busy, slot.due = false, time.Now().Add(rest*v.took)
	slot.mu.Unlock()
	if newer {
		db.write(func() {})
	}
}
