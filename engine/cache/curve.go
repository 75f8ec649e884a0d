package cache

import "github.com/buildscope/buildscope/model"

// Curve returns what the ghost list of the cache knows. It is exact for entries
// that keep their size and are not larger than the limit; where larger ones are
// rejected, a limit hits at least as often as it says. A limit may be up to 1/16
// larger than what is needed. Entries that went out of date while they were evicted
// count as if they had been found.
func (c *Cache[K, V]) Curve() Curve {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := Curve{Lookups: c.ghost.lookups, Points: []model.CachePoint{}}
	var hits int64
	for class, n := range c.ghost.hits {
		if n > 0 {
			hits += n
			out.Points = append(out.Points, model.CachePoint{Limit: largestOf(class), Hits: hits})
		}
	}
	return out
}
