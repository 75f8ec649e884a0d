package golang

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

// BenchmarkExtract walks an eighth of the standard library on all processors and
// reports thousands of lines per second.
func BenchmarkExtract(b *testing.B) {
	files, lines := sources(b, 8)
	var list [][]byte
	var bytes int64
	for _, src := range files {
		list, bytes = append(list, src), bytes+int64(len(src))
	}
	b.ReportAllocs()
	b.SetBytes(bytes)
	b.ResetTimer()
	start := time.Now()
	for range b.N {
		next := make(chan []byte, len(list))
		for _, src := range list {
			next <- src
		}
		close(next)
		var workers sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			workers.Go(func() {
				for src := range next {
					if _, err := Extract(src, "x.go", "x"); err != nil {
						b.Error(err)
					}
				}
			})
		}
		workers.Wait()
	}
	b.ReportMetric(float64(lines)*float64(b.N)/1000/time.Since(start).Seconds(), "kLOC/s")
}
