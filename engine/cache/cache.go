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
	// Zero or less disables the cache: nothing is kept and nothing is counted.
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
}

type entry[K comparable, V any] struct {
	next, prev *entry[K, V]
	key        K
	value      V
	size       int64     // bytes of key and value
	expires    time.Time // zero: never
}

// New returns an empty cache.
func New[K comparable, V any](o Options[K, V]) *Cache[K, V] {
	c := &Cache[K, V]{
		sizeOf:  o.SizeOf,
		now:     o.Now,
		limit:   max(o.Limit, 0),
		ttl:     max(o.TTL, 0),
		entries: make(map[K]*entry[K, V]),
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.recent.next, c.recent.prev = &c.recent, &c.recent
	return c
}

// Get returns the value under key and makes it the most recently used.
func (c *Cache[K, V]) Get(key K) (V, bool) { return c.GetValid(key, nil) }

// GetValid is Get for values that can go out of date: when valid says no, the
// entry is removed and the call counts as an invalidation and a miss. valid is
// called with the cache locked and must not use it; nil accepts everything.
func (c *Cache[K, V]) GetValid(key K, valid func(V) bool) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var none V
	if c.limit == 0 {
		return none, false
	}
	e := c.liveLocked(key)
	if e != nil && valid != nil && !valid(e.value) {
		c.dropLocked(e)
		c.stats.Invalidations++
		e = nil
	}
	if e == nil {
		c.stats.Misses++
		return none, false
	}
	c.stats.Hits++
	e.unlink()
	e.insertAfter(&c.recent)
	return e.value, true
}

// Contains reports whether key has an entry that has not expired. It changes
// neither recency nor hits and misses.
func (c *Cache[K, V]) Contains(key K) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.liveLocked(key) != nil
}

// Put stores value under key as the most recently used entry and evicts the
// least recently used ones until the limit holds. It reports whether the value
// was kept.
func (c *Cache[K, V]) Put(key K, value V) bool {
	keySize, valueSize := c.sizeOf(key, value)
	size := keySize + valueSize
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limit == 0 {
		return false
	}
	if old := c.entries[key]; old != nil {
		c.dropLocked(old)
	}
	if valueSize <= 0 || size > c.limit {
		c.stats.Rejections++
		return false
	}
	e := &entry[K, V]{key: key, value: value, size: size}
	if c.ttl > 0 {
		e.expires = c.now().Add(c.ttl)
	}
	c.entries[key] = e
	e.insertAfter(&c.recent)
	c.stats.Inserts++
	c.stats.Bytes += size
	c.evictLocked()
	c.stats.PeakBytes = max(c.stats.PeakBytes, c.stats.Bytes)
	return true
}

// Remove drops the entry under key, counted as an invalidation, and reports
// whether there was one.
func (c *Cache[K, V]) Remove(key K) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e == nil {
		return false
	}
	c.dropLocked(e)
	c.stats.Invalidations++
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
	s.Limit, s.TTL = c.limit, c.ttl
	return s
}

// liveLocked returns the entry under key, or nil. An expired one is dropped.
func (c *Cache[K, V]) liveLocked(key K) *entry[K, V] {
	e := c.entries[key]
	if e == nil || e.expires.IsZero() || !c.now().After(e.expires) {
		return e
	}
	c.dropLocked(e)
	c.stats.Expirations++
	return nil
}

func (c *Cache[K, V]) evictLocked() {
	for c.stats.Bytes > c.limit {
		c.dropLocked(c.recent.prev)
		c.stats.Evictions++
	}
}

func (c *Cache[K, V]) dropLocked(e *entry[K, V]) {
	e.unlink()
	delete(c.entries, e.key)
	c.stats.Bytes -= e.size
}

func (e *entry[K, V]) unlink() {
	e.prev.next, e.next.prev = e.next, e.prev
}

func (e *entry[K, V]) insertAfter(at *entry[K, V]) {
	e.prev, e.next = at, at.next
	at.next.prev = e
	at.next = e
}
