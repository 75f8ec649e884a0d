package cache

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
)

// access is what a reader does: look up, and read and put what is not there.
func access(c *Cache[string, val], key string, size int64) {
	if _, ok := c.Get(key); !ok {
		c.Put(key, val{size: size})
	}
}

// TestCurveIsWhatOtherLimitsWouldHaveDone runs the same lookups through caches of
// every limit of the curve.
func TestCurveIsWhatOtherLimitsWouldHaveDone(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		keys, largest := 3+r.IntN(60), int64(1+r.IntN(200))
		watched := New(Options[string, val]{Limit: int64(r.IntN(3)) * 300, SizeOf: sizeOf})
		limits := []int64{largest + 4, 3 * largest, 500, 2000, 1 << 20}
		var trace []string
		size := func(key string) int64 { n, _ := strconv.Atoi(key); return 1 + int64(n*7919)%largest }
		for range 1500 {
			key := strconv.Itoa(min(r.IntN(keys), r.IntN(keys)))
			trace = append(trace, key)
			access(watched, key, size(key))
		}
		curve := watched.Curve()
		for _, p := range curve.Points {
			limits = append(limits, p.Limit)
		}
		for _, limit := range limits {
			limit = largestOf(distanceOf(limit)) // where the curve has no steps in between
			if limit < largest+2 {
				continue // some entries would be rejected
			}
			real := New(Options[string, val]{Limit: limit, SizeOf: sizeOf})
			for _, key := range trace {
				access(real, key, size(key))
			}
			if got, want := curve.HitsAt(limit), real.Stats().Hits; got != want {
				t.Fatalf("seed %d: the curve says %d hits at %d bytes, a cache of that limit had %d", seed, got, limit, want)
			}
		}
		if curve.Lookups != int64(len(trace)) {
			t.Fatalf("%d lookups, want %d", curve.Lookups, len(trace))
		}
	}
}

func TestCurveOfARotation(t *testing.T) {
	c := New(Options[string, val]{Limit: 50, SizeOf: sizeOf})
	for range 25 {
		for k := range 10 {
			access(c, strconv.Itoa(k), 9)
		}
	}
	s, curve := c.Stats(), c.Curve()
	if s.Hits != 0 || s.WorkingSet != 100 {
		t.Errorf("stats %+v, want no hit and a working set of 100 bytes", s)
	}
	p, ok := curve.Enough(0.95)
	if !ok || p.Limit < 100 || p.Limit > 107 || p.Hits != 240 {
		t.Errorf("enough is %+v, want about 100 bytes and 240 hits of 250", p)
	}
	if _, ok := New(Options[string, val]{SizeOf: sizeOf}).Curve().Enough(1); ok {
		t.Error("a limit for lookups that never were")
	}
}

func TestDistanceClasses(t *testing.T) {
	last := -1
	for n := int64(0); n < 5000; n++ {
		class := distanceOf(n)
		if class < last || class > last+1 || largestOf(class) < n || n > 0 && largestOf(class-1) >= n {
			t.Fatalf("%d bytes are in class %d, which ends at %d; the class before was %d", n, class, largestOf(class), last)
		}
		last = class
	}
	if class := distanceOf(1<<63 - 1); class >= distances || largestOf(class) != 1<<63-1 {
		t.Errorf("the largest number is in class %d of %d", class, distances)
	}
}

func TestGhostForgetsTheOldest(t *testing.T) {
	c := New(Options[string, val]{Limit: 1 << 40, SizeOf: func(string, val) (int64, int64) { return 0, 1 }})
	for k := range ghostKeys + 10 {
		c.Put(strconv.Itoa(k), val{})
	}
	if n := len(c.ghost.shades); n != ghostKeys || c.Stats().WorkingSet != ghostKeys {
		t.Fatalf("%d keys remembered, working set %d, want %d", n, c.Stats().WorkingSet, ghostKeys)
	}
	if _, ok := c.Get("0"); !ok { // the cache has it, only the ghost does not
		t.Fatal("miss")
	}
	if h := c.Curve().HitsAt(1 << 41); h != 0 {
		t.Errorf("%d hits followed, want none", h)
	}
}

// TestTablesAddUp checks that what tables have is what the cache has.
func TestTablesAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	c := New(Options[string, val]{Limit: 200, SizeOf: sizeOf})
	users := []User[string, val]{c.For("a"), c.For("b"), c.For("c")}
	for range 5000 {
		u, key := users[r.IntN(3)], strconv.Itoa(r.IntN(30))
		if _, ok := u.Get(key, func(val) bool { return r.IntN(9) > 0 }); !ok {
			u.Put(key, val{size: int64(r.IntN(40))})
		}
		if r.IntN(20) == 0 {
			c.Remove(key)
		}
	}
	var sum Stats
	for _, s := range c.Tables() {
		sum.Hits += s.Hits
		sum.Misses += s.Misses
		sum.Inserts += s.Inserts
		sum.Rejections += s.Rejections
		sum.Evictions += s.Evictions
		sum.Invalidations += s.Invalidations
		sum.Entries += s.Entries
		sum.Bytes += s.Bytes
		sum.WorkingSet += s.WorkingSet
	}
	all := c.Stats()
	sum.Limit, sum.PeakBytes = all.Limit, all.PeakBytes
	if sum != all || all.WorkingSet == 0 || all.Evictions == 0 || all.Invalidations == 0 || all.Rejections == 0 {
		t.Errorf("tables %+v\ncache  %+v", sum, all)
	}
	if c.For("").stats != nil || len(c.Tables()) != 3 {
		t.Error("the table without a name was counted")
	}
}

// BenchmarkMiss is a lookup and an insert in a cache that evicts each time.
func BenchmarkMiss(b *testing.B) {
	c := New(Options[string, val]{Limit: 100 << 10, SizeOf: sizeOf})
	keys := make([]string, 2000)
	for i := range keys {
		keys[i] = fmt.Sprintf("/data/table/part-%06d.parquet", i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		access(c, keys[i%len(keys)], 100)
	}
}
