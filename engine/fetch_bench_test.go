package engine

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkStore reads one day of 64 in an object store whose every answer takes 10 ms
// longer: cold knows nothing, kept has the statistics of an earlier run, warm has also
// the listing, and local has fetched the object before. Without statistics all objects
// are fetched.
func BenchmarkStore(b *testing.B) {
	s := openShop(b, 64)
	s.requests.delay = 10 * time.Millisecond
	const oneDay = "SELECT sum(id)::BIGINT AS n FROM orders WHERE day = '2024-01-20'"
	one := func(b *testing.B, e *Session) {
		if _, err := s.query(b, e, oneDay); err != nil {
			b.Fatal(err)
		}
	}
	// Each query has a folder of its own, so that all fetch.
	n := 0
	folder := func() string { n++; return filepath.Join(b.TempDir(), fmt.Sprint("objects", n)) }
	o := withCaches()
	for _, workers := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("cold/workers=%d", workers), func(b *testing.B) {
			o := o
			o.MetaFetchConcurrency = workers
			for b.Loop() {
				b.StopTimer()
				e := s.session(b, folder(), o)
				b.StartTimer()
				one(b, e)
			}
		})
	}
	seed := s.session(b, folder(), o)
	one(b, seed)
	kept := seed.KeepStatistics()
	b.Run("kept", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			e := s.session(b, folder(), o)
			if _, err := e.RestoreStatistics(kept); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			one(b, e)
		}
	})
	b.Run("warm", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			e := s.session(b, folder(), o)
			if _, _, err := e.Describe(b.Context(), "orders", []string{ordersURL}); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			one(b, e)
		}
	})
	b.Run("local", func(b *testing.B) {
		for b.Loop() {
			one(b, seed)
		}
	})
	b.Run("no statistics", func(b *testing.B) {
		o := o
		o.CollectStatistics = false
		for b.Loop() {
			b.StopTimer()
			e := s.session(b, folder(), o)
			b.StartTimer()
			one(b, e)
		}
	})
}
