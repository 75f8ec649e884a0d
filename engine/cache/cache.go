// Package cache holds the byte-limited LRU cache behind the engine's listing
// table, with DataFusion's rules, and the text forms of its limits. What is
// cached, and when an entry is out of date, is decided by the caller.
package cache

import (
	"sync"
	"time"
)

// Options configures a Cache. The zero value, apart from SizeOf, is a disabled
// cache.
type Options[K comparable, V any] struct {
	// Limit is the most bytes of keys and values the cache may hold.
	// Zero or less disables the cache: nothing is kept and nothing is counted, but
	// the ghost list still follows what a cache would have done.
	Limit int64
	// TTL is stamped on an entry when it is inserted. Zero or less: never expires.
	TTL time.Duration
	// SizeOf gives the bytes that a key and its value occupy. It must be a pure
	// function: the size is taken once, at insert. Required.
	SizeOf func(K, V) (key, value int64)
	// Now is the clock for TTLs; nil means time.Now. It is not called for
	// entries that never expire.
	Now func() time.Time
}

// Cache is an LRU cache limited in bytes. The rules are those of DataFusion's
// runtime caches:
//
//   - an entry costs the size of its key plus the size of its value;
//   - Get makes an entry the most recently used, Contains does not;
//   - an entry larger than the whole limit, or with a value of size zero, is
//     rejected, and an older entry under its key is removed, because it is known
//     to be out of date;
//   - the TTL is stamped at insert and looked at only when the entry is touched,
//     so an expired entry holds its bytes until then; SetTTL does not restamp;
//   - lowering the limit evicts at once.
//
// The counters are ours. All methods may be called from several goroutines.
// Values are handed out as they were put in and must not be changed.
type Cache[K comparable, V any] struct {
	sizeOf func(K, V) (key, value int64)
	now    func() time.Time

	mu      sync.Mutex // protects following fields
	limit   int64
	ttl     time.Duration
	entries map[K]*entry[K, V]
	recent  entry[K, V] // sentinel of a ring: next is the most, prev the least recently used
	stats   Stats
	tables  map[string]*Stats // the parts of stats that tables have, see For
	ghost   ghost[K]
}

type entry[K comparable, V any] struct {
	next, prev *entry[K, V]
	key        K
	value      V
	size       int64     // bytes of key and value
	expires    time.Time // zero: never
	hits       int64
	owner      *Stats // of the table that put it in; nil: none
	shade      *shade[K]
}

// New returns an empty cache.
func New[K comparable, V any](o Options[K, V]) *Cache[K, V] {
	c := &Cache[K, V]{
		sizeOf:  o.SizeOf,
		now:     o.Now,
		limit:   max(o.Limit, 0),
		ttl:     max(o.TTL, 0),
		entries: make(map[K]*entry[K, V]),
		tables:  make(map[string]*Stats),
		ghost:   newGhost[K](),
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.recent.next, c.recent.prev = &c.recent, &c.recent
	return c
}

// Get returns the value under key and makes it the most recently used.
func (c *Cache[K, V]) Get(key K) (V, bool) { return c.get(nil, key, nil) }

// GetValid is Get for values that can go out of date: when valid says no, the
// entry is removed and the call counts as an invalidation and a miss. valid is
// called with the cache locked and must not use it; nil accepts everything.
func (c *Cache[K, V]) GetValid(key K, valid func(V) bool) (V, bool) { return c.get(nil, key, valid) }

func (c *Cache[K, V]) get(table *Stats, key K, valid func(V) bool) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var none V
	if c.limit == 0 {
		c.ghost.lookup(key, nil)
		return none, false
	}
	e, known := c.entries[key], true
	if e != nil && c.expiredLocked(e) || e != nil && valid != nil && !valid(e.value) {
		if e.next != nil { // it has not expired
			c.dropLocked(e)
			c.stats.Invalidations++
			if e.owner != nil {
				e.owner.Invalidations++
			}
		}
		e, known = nil, false
		c.ghost.missed(key)
	}
	if e == nil {
		c.stats.Misses++
		if table != nil {
			table.Misses++
		}
		if known {
			c.ghost.lookup(key, nil)
		}
		return none, false
	}
	c.stats.Hits++
	if table != nil {
		table.Hits++
	}
	e.hits++
	c.ghost.lookup(key, e.shade)
	e.unlink()
	e.insertAfter(&c.recent)
	return e.value, true
}

// Contains reports whether key has an entry that has not expired. It changes
// neither recency nor hits and misses.
func (c *Cache[K, V]) Contains(key K) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	return e != nil && !c.expiredLocked(e)
}

// Put stores value under key as the most recently used entry and evicts the
// least recently used ones until the limit holds. It reports whether the value
// was kept.
func (c *Cache[K, V]) Put(key K, value V) bool { return c.put(nil, key, value) }

func (c *Cache[K, V]) put(table *Stats, key K, value V) bool {
	keySize, valueSize := c.sizeOf(key, value)
	size := keySize + valueSize
	c.mu.Lock()
	defer c.mu.Unlock()
	var shade *shade[K]
	if valueSize > 0 {
		shade = c.ghost.put(table, key, size, true)
	} else {
		c.ghost.forget(key)
	}
	if c.limit == 0 {
		return false
	}
	if old := c.entries[key]; old != nil {
		c.dropLocked(old)
	}
	if valueSize <= 0 || size > c.limit {
		c.stats.Rejections++
		if table != nil {
			table.Rejections++
		}
		return false
	}
	e := &entry[K, V]{key: key, value: value, size: size, owner: table, shade: shade}
	if c.ttl > 0 {
		e.expires = c.now().Add(c.ttl)
	}
	c.addLocked(e)
	c.stats.Inserts++
	if table != nil {
		table.Inserts++
	}
	c.evictLocked()
	c.peakLocked(table)
	return true
}

// Remove drops the entry under key, counted as an invalidation, and reports
// whether there was one.
func (c *Cache[K, V]) Remove(key K) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ghost.forget(key)
	e := c.entries[key]
	if e == nil {
		return false
	}
	c.dropLocked(e)
	c.stats.Invalidations++
	if e.owner != nil {
		e.owner.Invalidations++
	}
	return true
}

// SetLimit changes the limit in bytes and evicts down to it at once. Zero or
// less evicts everything and disables the cache.
func (c *Cache[K, V]) SetLimit(limit int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = max(limit, 0)
	c.evictLocked()
}

// SetTTL changes the TTL of entries that are inserted from now on. Zero or
// less: they never expire.
func (c *Cache[K, V]) SetTTL(ttl time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ttl = max(ttl, 0)
}

// Stats returns the counters and the limits in force.
func (c *Cache[K, V]) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Entries = len(c.entries)
	s.Limit, s.TTL, s.WorkingSet = c.limit, c.ttl, c.ghost.asked
	return s
}

// expiredLocked drops an entry whose TTL has ended, and says so.
func (c *Cache[K, V]) expiredLocked(e *entry[K, V]) bool {
	if e.expires.IsZero() || !c.now().After(e.expires) {
		return false
	}
	c.dropLocked(e)
	c.ghost.forget(e.key)
	c.stats.Expirations++
	if e.owner != nil {
		e.owner.Expirations++
	}
	return true
}

func (c *Cache[K, V]) evictLocked() {
	for c.stats.Bytes > c.limit {
		e := c.recent.prev
		c.dropLocked(e)
		c.stats.Evictions++
		if e.owner != nil {
			e.owner.Evictions++
		}
	}
}

// addLocked links a new entry in as the most recently used.
func (c *Cache[K, V]) addLocked(e *entry[K, V]) {
	c.entries[e.key] = e
	e.insertAfter(&c.recent)
	c.stats.Bytes += e.size
	if e.owner != nil {
		e.owner.Bytes += e.size
		e.owner.Entries++
	}
}

// peakLocked takes note of the most bytes, which are held after evictions.
func (c *Cache[K, V]) peakLocked(table *Stats) {
	c.stats.PeakBytes = max(c.stats.PeakBytes, c.stats.Bytes)
	if table != nil {
		table.PeakBytes = max(table.PeakBytes, table.Bytes)
	}
}

// dropLocked takes an entry out and leaves it without neighbours.
func (c *Cache[K, V]) dropLocked(e *entry[K, V]) {
	e.unlink()
	e.next, e.prev = nil, nil
	delete(c.entries, e.key)
	c.stats.Bytes -= e.size
	if e.owner != nil {
		e.owner.Bytes -= e.size
		e.owner.Entries--
	}
}

func (e *entry[K, V]) unlink() {
	e.prev.next, e.next.prev = e.next, e.prev
}

func (e *entry[K, V]) insertAfter(at *entry[K, V]) {
	e.prev, e.next = at, at.next
	at.next.prev = e
	at.next = e
}
