package engine

import (
	"container/list"
	"sync"
	"time"
)

// Counters is what happened in a cache since it was made, and what it holds.
type Counters struct {
	Hits, Misses, Inserts, Rejections, Evictions, Expirations, Invalidations int64
	Entries                                                                  int64
	Bytes, PeakBytes                                                         int64
}

// LRU is a cache limited in bytes with the rules of DataFusion's DefaultCache: the
// size of an entry is key plus value; get makes an entry the newest, contains
// would not; an entry larger than the whole limit, or of size 0, is rejected and
// an older one under its key removed; the TTL is stamped at insert and checked
// when the entry is touched; lowering the limit evicts at once; limit 0 holds
// nothing.
type LRU[V any] struct {
	now func() time.Time

	mu      sync.Mutex // guards the fields below
	limit   int64
	ttl     time.Duration // 0: never expires
	order   *list.List    // of *entry[V], newest first
	entries map[string]*list.Element
	count   Counters
}

type entry[V any] struct {
	key     string
	value   V
	size    int64
	expires time.Time // zero: never
}

// NewLRU makes a cache of limit bytes; now is the clock, nil means time.Now.
func NewLRU[V any](limit int64, ttl time.Duration, now func() time.Time) *LRU[V] {
	if now == nil {
		now = time.Now
	}
	return &LRU[V]{now: now, limit: limit, ttl: ttl, order: list.New(), entries: map[string]*list.Element{}}
}

// Get returns the value if it is there, not expired and, when valid is given,
// still valid; an invalid entry is removed.
func (c *LRU[V]) Get(key string, valid func(V) bool) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var zero V
	el, ok := c.entries[key]
	if !ok {
		c.count.Misses++
		return zero, false
	}
	e := el.Value.(*entry[V])
	if !e.expires.IsZero() && !c.now().Before(e.expires) {
		c.remove(el)
		c.count.Expirations++
		c.count.Misses++
		return zero, false
	}
	if valid != nil && !valid(e.value) {
		c.remove(el)
		c.count.Invalidations++
		c.count.Misses++
		return zero, false
	}
	c.order.MoveToFront(el)
	c.count.Hits++
	return e.value, true
}

// Put inserts a value of size bytes under key and reports whether it was kept.
func (c *LRU[V]) Put(key string, value V, size int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.entries[key]; ok {
		c.remove(el)
	}
	total := size + int64(len(key))
	if size <= 0 || total > c.limit {
		c.count.Rejections++
		return false
	}
	e := &entry[V]{key: key, value: value, size: total}
	if c.ttl > 0 {
		e.expires = c.now().Add(c.ttl)
	}
	c.entries[key] = c.order.PushFront(e)
	c.count.Inserts++
	c.count.Bytes += total
	c.evict()
	c.count.PeakBytes = max(c.count.PeakBytes, c.count.Bytes)
	return true
}

// SetLimit changes the limit; what no longer fits is evicted at once.
func (c *LRU[V]) SetLimit(limit int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = limit
	c.evict()
}

// Limit and TTL are what the cache works with now.
func (c *LRU[V]) Limit() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.limit
}

// TTL is the time an entry lives; 0 means for ever.
func (c *LRU[V]) TTL() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ttl
}

// Counters returns a copy of the counts.
func (c *LRU[V]) Counters() Counters {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.count
	n.Entries = int64(len(c.entries))
	return n
}

func (c *LRU[V]) evict() {
	for c.count.Bytes > c.limit {
		c.remove(c.order.Back())
		c.count.Evictions++
	}
}

func (c *LRU[V]) remove(el *list.Element) {
	e := el.Value.(*entry[V])
	c.order.Remove(el)
	delete(c.entries, e.key)
	c.count.Bytes -= e.size
}
