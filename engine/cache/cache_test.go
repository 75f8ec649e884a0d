package cache

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// val is a value whose size the test chooses.
type val struct {
	id   int
	size int64
}

func sizeOf(k string, v val) (int64, int64) { return int64(len(k)), v.size }

func fill(t *testing.T, c *Cache[string, val], keys ...string) {
	t.Helper()
	for _, k := range keys {
		if !c.Put(k, val{size: 9}) {
			t.Fatalf("Put(%q) was rejected", k)
		}
	}
}

func TestLeastRecentlyUsedGoesFirst(t *testing.T) {
	c := New(Options[string, val]{Limit: 30, SizeOf: sizeOf}) // room for three entries of 1+9 bytes
	fill(t, c, "a", "b", "c")
	c.Get("a")
	c.Contains("b") // must not make b recent
	fill(t, c, "d")
	for key, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if c.Contains(key) != want {
			t.Errorf("Contains(%q) = %v, want %v", key, !want, want)
		}
	}
	c.SetLimit(10)
	if !c.Contains("d") || c.Stats().Entries != 1 {
		t.Errorf("after lowering the limit: %+v, want only d", c.Stats())
	}
	if s := c.Stats(); s.Evictions != 3 || s.Bytes != 10 || s.PeakBytes != 30 {
		t.Errorf("stats %+v", s)
	}
}

func TestRejectedValueRemovesTheOlderEntry(t *testing.T) {
	for name, v := range map[string]val{"larger than the limit": {size: 30}, "empty": {size: 0}} {
		c := New(Options[string, val]{Limit: 30, SizeOf: sizeOf})
		fill(t, c, "a", "b")
		if c.Put("a", v) {
			t.Errorf("%s: kept", name)
		}
		if c.Contains("a") || !c.Contains("b") {
			t.Errorf("%s: want a gone and b kept", name)
		}
		if s := c.Stats(); s.Rejections != 1 || s.Evictions != 0 || s.Bytes != 10 {
			t.Errorf("%s: stats %+v", name, s)
		}
	}
	c := New(Options[string, val]{Limit: 30, SizeOf: sizeOf})
	if !c.Put("a", val{size: 29}) {
		t.Error("an entry of exactly the limit was rejected")
	}
}

func TestTTLIsStampedAtInsertAndCheckedWhenTouched(t *testing.T) {
	now := time.Unix(1000, 0)
	c := New(Options[string, val]{Limit: 100, TTL: time.Minute, SizeOf: sizeOf, Now: func() time.Time { return now }})
	fill(t, c, "a")
	c.SetTTL(0)
	fill(t, c, "b") // never expires
	now = now.Add(time.Minute)
	if !c.Contains("a") {
		t.Error("expired at its TTL, want after it")
	}
	now = now.Add(1)
	if s := c.Stats(); s.Entries != 2 || s.Bytes != 20 {
		t.Errorf("an untouched expired entry must keep its bytes: %+v", s)
	}
	if _, ok := c.Get("a"); ok {
		t.Error("got an expired entry")
	}
	if _, ok := c.Get("b"); !ok {
		t.Error("b has no TTL and must stay")
	}
	if s := c.Stats(); s.Expirations != 1 || s.Misses != 1 || s.Hits != 1 || s.Bytes != 10 {
		t.Errorf("stats %+v", s)
	}
}

func TestOutdatedEntryIsInvalidated(t *testing.T) {
	c := New(Options[string, val]{Limit: 100, SizeOf: sizeOf})
	fill(t, c, "a")
	if _, ok := c.GetValid("a", func(v val) bool { return v.id == 7 }); ok {
		t.Error("got an outdated entry")
	}
	if c.Remove("a") {
		t.Error("the outdated entry was still there")
	}
	if s := c.Stats(); s.Invalidations != 1 || s.Misses != 1 || s.Bytes != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestLimitZeroDisables(t *testing.T) {
	c := New(Options[string, val]{SizeOf: sizeOf})
	if c.Put("a", val{size: 1}) || c.Contains("a") {
		t.Error("a disabled cache kept a value")
	}
	if _, ok := c.Get("a"); ok || c.Stats() != (Stats{WorkingSet: 2}) {
		t.Errorf("a disabled cache counted: %+v", c.Stats())
	}
	if curve := c.Curve(); curve.Lookups != 1 || curve.HitsAt(2) != 1 || curve.HitsAt(1) != 0 {
		t.Errorf("a cache of 2 bytes would have answered: %+v", curve)
	}
}

// twin is the cache as a plain slice, most recently used first.
type twin struct {
	limit   int64
	ttl     time.Duration
	now     time.Time
	entries []twinEntry
	stats   Stats
	asked   map[string]int64 // bytes by key
}

type twinEntry struct {
	key     string
	value   val
	size    int64
	expires time.Time
}

func (w *twin) find(key string) int {
	i := slices.IndexFunc(w.entries, func(e twinEntry) bool { return e.key == key })
	if i >= 0 && !w.entries[i].expires.IsZero() && w.now.After(w.entries[i].expires) {
		w.entries = slices.Delete(w.entries, i, i+1)
		w.stats.Expirations++
		delete(w.asked, key)
		return -1
	}
	return i
}

func (w *twin) get(key string, wantID int) (val, bool) {
	if w.limit == 0 {
		return val{}, false
	}
	i := w.find(key)
	if i >= 0 && wantID >= 0 && w.entries[i].value.id != wantID {
		w.entries = slices.Delete(w.entries, i, i+1)
		w.stats.Invalidations++
		delete(w.asked, key)
		i = -1
	}
	if i < 0 {
		w.stats.Misses++
		return val{}, false
	}
	w.stats.Hits++
	e := w.entries[i]
	w.entries = slices.Insert(slices.Delete(w.entries, i, i+1), 0, e)
	return e.value, true
}

func (w *twin) put(key string, v val) bool {
	delete(w.asked, key)
	if v.size > 0 {
		w.asked[key] = int64(len(key)) + v.size
	}
	if w.limit == 0 {
		return false
	}
	w.entries = slices.DeleteFunc(w.entries, func(e twinEntry) bool { return e.key == key })
	size := int64(len(key)) + v.size
	if v.size == 0 || size > w.limit {
		w.stats.Rejections++
		return false
	}
	e := twinEntry{key: key, value: v, size: size}
	if w.ttl > 0 {
		e.expires = w.now.Add(w.ttl)
	}
	w.entries = slices.Insert(w.entries, 0, e)
	w.stats.Inserts++
	w.evict()
	w.stats.PeakBytes = max(w.stats.PeakBytes, w.bytes())
	return true
}

func (w *twin) evict() {
	for w.bytes() > w.limit {
		w.entries = w.entries[:len(w.entries)-1]
		w.stats.Evictions++
	}
}

func (w *twin) remove(key string) bool {
	delete(w.asked, key)
	n := len(w.entries)
	w.entries = slices.DeleteFunc(w.entries, func(e twinEntry) bool { return e.key == key })
	if len(w.entries) < n {
		w.stats.Invalidations++
		return true
	}
	return false
}

func (w *twin) bytes() (n int64) {
	for _, e := range w.entries {
		n += e.size
	}
	return n
}

func TestAgainstSlowTwin(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := &twin{limit: 60, now: time.Unix(0, 0), asked: map[string]int64{}}
		c := New(Options[string, val]{Limit: w.limit, SizeOf: sizeOf, Now: func() time.Time { return w.now }})
		for step := range 400 {
			key := strconv.Itoa(r.IntN(12))
			var got, want string
			switch op := r.IntN(20); {
			case op < 7:
				v := val{id: r.IntN(3), size: int64(r.IntN(24))}
				got, want = fmt.Sprint("put ", c.Put(key, v)), fmt.Sprint("put ", w.put(key, v))
			case op < 12:
				v, ok := c.Get(key)
				v2, ok2 := w.get(key, -1)
				got, want = fmt.Sprint("get ", v, ok), fmt.Sprint("get ", v2, ok2)
			case op < 15:
				id := r.IntN(3)
				v, ok := c.GetValid(key, func(v val) bool { return v.id == id })
				v2, ok2 := w.get(key, id)
				got, want = fmt.Sprint("valid ", v, ok), fmt.Sprint("valid ", v2, ok2)
			case op < 16:
				got, want = fmt.Sprint("contains ", c.Contains(key)), fmt.Sprint("contains ", w.find(key) >= 0)
			case op < 17:
				got, want = fmt.Sprint("remove ", c.Remove(key)), fmt.Sprint("remove ", w.remove(key))
			case op < 18:
				w.limit = int64(r.IntN(5) * 25)
				w.evict()
				c.SetLimit(w.limit)
			case op < 19:
				w.ttl = time.Duration(r.IntN(3)) * time.Second
				c.SetTTL(w.ttl)
			default:
				w.now = w.now.Add(time.Duration(r.IntN(1500)) * time.Millisecond)
			}
			if got != want {
				t.Fatalf("seed %d step %d: got %s, twin %s", seed, step, got, want)
			}
			expect := w.stats
			expect.Entries, expect.Bytes, expect.Limit, expect.TTL = len(w.entries), w.bytes(), w.limit, w.ttl
			for _, n := range w.asked {
				expect.WorkingSet += n
			}
			if s := c.Stats(); s != expect {
				t.Fatalf("seed %d step %d: stats\n got %+v\ntwin %+v", seed, step, s, expect)
			}
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	c := New(Options[string, val]{Limit: 100, TTL: time.Microsecond, SizeOf: sizeOf})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 2))
			for range 2000 {
				key := strconv.Itoa(r.IntN(20))
				c.Put(key, val{size: int64(r.IntN(40))})
				c.Get(key)
				c.Remove(strconv.Itoa(r.IntN(20)))
				c.SetLimit(int64(50 + r.IntN(100)))
			}
		})
	}
	wg.Wait()
	c.SetLimit(0)
	if s := c.Stats(); s.Bytes != 0 || s.Entries != 0 || s.Misses+s.Hits != 16000 {
		t.Errorf("stats %+v", s)
	}
}

func TestFormat(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 (0)", 512: "512 (512)", 1 << 20: "1M (1048576)", 50 << 20: "50M (52428800)", 3 << 29: "1G (1610612736)", 2000: "1K (2000)",
	} {
		if got := FormatBytes(n); got != want {
			t.Errorf("FormatBytes(%d) = %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{0: "none", 90 * time.Second: "1m30s", 2 * time.Minute: "2m0s"} {
		if got := FormatTTL(d); got != want {
			t.Errorf("FormatTTL(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestHitDoesNotAllocate(t *testing.T) {
	c := New(Options[string, val]{Limit: 100, SizeOf: sizeOf})
	fill(t, c, "a")
	want := int64(9)
	if n := testing.AllocsPerRun(100, func() { c.GetValid("a", func(v val) bool { return v.size == want }) }); n != 0 {
		t.Errorf("%v allocations per hit, want 0", n)
	}
}

func BenchmarkHit(b *testing.B) {
	for name, ttl := range map[string]time.Duration{"forever": 0, "ttl": time.Hour} {
		b.Run(name, func(b *testing.B) {
			c := New(Options[string, val]{Limit: 1 << 20, TTL: ttl, SizeOf: sizeOf})
			keys := make([]string, 2000)
			for i := range keys {
				keys[i] = fmt.Sprintf("/data/table/part-%06d.parquet", i)
				c.Put(keys[i], val{size: 100})
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, ok := c.Get(keys[i%len(keys)]); !ok {
					b.Fatal("miss")
				}
			}
		})
	}
}
