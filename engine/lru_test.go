package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// slowLRU is the same cache as a plain slice, oldest first.
type slowLRU struct {
	limit int64
	ttl   time.Duration
	list  []slowEntry
	count Counters
}

type slowEntry struct {
	key     string
	value   int
	size    int64
	expires time.Time
}

func (s *slowLRU) find(key string) int {
	for i, e := range s.list {
		if e.key == key {
			return i
		}
	}
	return -1
}

func (s *slowLRU) drop(i int) slowEntry {
	e := s.list[i]
	s.list = append(s.list[:i:i], s.list[i+1:]...)
	return e
}

func (s *slowLRU) bytes() (n int64) {
	for _, e := range s.list {
		n += e.size
	}
	return n
}

func (s *slowLRU) get(key string, now time.Time) (int, bool) {
	i := s.find(key)
	if i >= 0 && s.ttl > 0 && !now.Before(s.list[i].expires) {
		s.drop(i)
		s.count.Expirations++
		i = -1
	}
	if i < 0 {
		s.count.Misses++
		return 0, false
	}
	e := s.drop(i)
	s.list = append(s.list, e)
	s.count.Hits++
	return e.value, true
}

func (s *slowLRU) put(key string, value int, size int64, now time.Time) {
	if i := s.find(key); i >= 0 {
		s.drop(i)
	}
	total := size + int64(len(key))
	if size <= 0 || total > s.limit {
		s.count.Rejections++
		return
	}
	s.list = append(s.list, slowEntry{key, value, total, now.Add(s.ttl)})
	s.count.Inserts++
	s.shrink()
	s.count.PeakBytes = max(s.count.PeakBytes, s.bytes())
}

func (s *slowLRU) shrink() {
	for s.bytes() > s.limit {
		s.drop(0)
		s.count.Evictions++
	}
}

func TestLRUAgreesWithSlowTwin(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		now := time.Unix(0, 0)
		ttl := time.Duration(rng.IntN(3)) * time.Second
		fast := NewLRU[int](100, ttl, func() time.Time { return now })
		slow := &slowLRU{limit: 100, ttl: ttl}
		for step := range 300 {
			key := fmt.Sprint(rng.IntN(12))
			switch rng.IntN(8) {
			case 0, 1, 2:
				a, okA := fast.Get(key, nil)
				b, okB := slow.get(key, now)
				if a != b || okA != okB {
					t.Fatalf("seed %d step %d: get %s gave %d %v, want %d %v", seed, step, key, a, okA, b, okB)
				}
			case 3, 4, 5:
				size := int64(rng.IntN(120))
				fast.Put(key, step, size)
				slow.put(key, step, size, now)
			case 6:
				now = now.Add(time.Duration(rng.IntN(900)) * time.Millisecond)
			case 7:
				limit := int64(rng.IntN(150))
				fast.SetLimit(limit)
				slow.limit = limit
				slow.shrink()
			}
			want := slow.count
			want.Bytes, want.Entries = slow.bytes(), int64(len(slow.list))
			if got := fast.Counters(); got != want {
				t.Fatalf("seed %d step %d: counters %+v, want %+v", seed, step, got, want)
			}
		}
	}
}

func TestInvalidEntryIsRemoved(t *testing.T) {
	c := NewLRU[int](100, 0, nil)
	c.Put("k", 1, 10)
	if _, ok := c.Get("k", func(int) bool { return false }); ok {
		t.Error("an invalid entry was returned")
	}
	if n := c.Counters(); n.Invalidations != 1 || n.Entries != 0 || n.Bytes != 0 {
		t.Errorf("counters %+v", n)
	}
}

func BenchmarkLRUHit(b *testing.B) {
	c := NewLRU[int](1<<20, 0, nil)
	c.Put("a/file.parquet", 1, 100)
	b.ReportAllocs()
	for b.Loop() {
		c.Get("a/file.parquet", nil)
	}
}
