package cache

import "time"

// User is a Cache as one table uses it: what it does counts for the table too.
type User[K comparable, V any] struct {
	c     *Cache[K, V]
	stats *Stats
}

// For returns the cache as a table uses it. A table stands in Tables from then on;
// under the name "" nothing is counted apart.
func (c *Cache[K, V]) For(table string) User[K, V] {
	if table == "" {
		return User[K, V]{c: c}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.tables[table]
	if s == nil {
		s = new(Stats)
		c.tables[table] = s
	}
	return User[K, V]{c, s}
}

// Get is [Cache.GetValid] for the table.
func (u User[K, V]) Get(key K, valid func(V) bool) (V, bool) { return u.c.get(u.stats, key, valid) }

// Put is [Cache.Put] for the table, which owns the entry: its bytes, eviction,
// expiration and invalidation count for the table, whoever uses it.
func (u User[K, V]) Put(key K, value V) bool { return u.c.put(u.stats, key, value) }

// Seed is Put for a value that is known from an earlier run: it counts as restored and
// belongs to the working set only when somebody asks for it. It is for a new cache: what
// does not fit pushes out what was restored before it.
func (u User[K, V]) Seed(key K, value V) {
	c := u.c
	keySize, valueSize := c.sizeOf(key, value)
	size := keySize + valueSize
	c.mu.Lock()
	defer c.mu.Unlock()
	if valueSize <= 0 || size > c.limit || c.entries[key] != nil {
		return
	}
	e := &entry[K, V]{key: key, value: value, size: size, owner: u.stats, shade: c.ghost.put(u.stats, key, size, false)}
	if c.ttl > 0 {
		e.expires = c.now().Add(c.ttl)
	}
	c.addLocked(e)
	c.stats.Restored++
	if u.stats != nil {
		u.stats.Restored++
	}
	for c.stats.Bytes > c.limit { // no eviction: nobody has used it in this run
		old := c.recent.prev
		c.dropLocked(old)
		c.stats.Restored--
		if old.owner != nil {
			old.owner.Restored--
		}
	}
	c.peakLocked(u.stats)
}

// Tables returns the counters of each table. They have no limit: that is the cache's.
func (c *Cache[K, V]) Tables() map[string]Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]Stats, len(c.tables))
	for name, s := range c.tables {
		out[name] = *s
	}
	return out
}

// Entry is one entry of a Cache as Entries shows it.
type Entry[K comparable, V any] struct {
	Key     K
	Value   V
	Size    int64     // bytes of key and value
	Hits    int64     // since it was put in
	Expires time.Time // zero: never
}

// Entries returns all entries, the most recently used first, those that have
// expired untouched included: they hold their bytes. It changes nothing.
func (c *Cache[K, V]) Entries() []Entry[K, V] {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]Entry[K, V], 0, len(c.entries))
	for e := c.recent.next; e != &c.recent; e = e.next {
		out = append(out, Entry[K, V]{e.key, e.value, e.size, e.hits, e.expires})
	}
	return out
}
