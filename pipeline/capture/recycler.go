package capture

import (
	"math/bits"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// recycler gives out buffers again that were freed. Each row group of a column needs
// some for its pages, up to megabytes; to make and clear new ones costs more than to
// count what is in them. The zero value is ready to use by several goroutines.
type recycler struct {
	mu   sync.Mutex
	free [64][][]byte // by the power of two that is their capacity
}

var _ memory.Allocator = (*recycler)(nil)

func sizeClass(size int) int { return bits.Len(uint(max(size, 1<<12) - 1)) }

// Allocate returns a buffer with any content: its users write before they read.
func (r *recycler) Allocate(size int) []byte {
	class := sizeClass(size)
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.free[class]); n > 0 {
		b := r.free[class][n-1]
		r.free[class] = r.free[class][:n-1]
		return b[:size]
	}
	return make([]byte, size, 1<<class)
}

// Reallocate keeps the content of the part that the sizes share.
func (r *recycler) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) {
		return b[:size]
	}
	bigger := r.Allocate(size)
	copy(bigger, b)
	r.Free(b)
	return bigger
}

// Free takes a buffer back, if it is one that Allocate gave.
func (r *recycler) Free(b []byte) {
	if n := cap(b); n >= 1<<12 && n&(n-1) == 0 {
		r.mu.Lock()
		defer r.mu.Unlock()
		class := bits.Len(uint(n - 1))
		r.free[class] = append(r.free[class], b[:0])
	}
}
