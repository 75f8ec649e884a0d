package remote

import (
	"runtime"
	"testing"
	"time"
)

// heapWhile gives by how much the live heap was larger at most while f ran.
func heapWhile(t *testing.T, f func()) uint64 {
	t.Helper()
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most := live(), uint64(0)
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			if now := live(); now > before {
				most = max(most, now-before)
			}
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	f()
	close(stop)
	<-ended
	return most
}
