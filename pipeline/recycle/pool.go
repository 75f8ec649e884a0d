// Package recycle has an allocator for Arrow that gives memory out again.
package recycle

import (
	"math/bits"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Pool is an allocator for who makes many batches, or reads many pages, one after the
// other and releases each before the next: the buffers have the same sizes every
// time, and fresh memory for them costs more than filling it. A Pool keeps as much as
// was in use at one time. The zero value is ready, for several goroutines too.
type Pool struct {
	// Dirty leaves in a buffer what was in it, for users that write before they
	// read. Arrow's builders and readers of arrays count on cleared memory.
	Dirty bool

	fresh memory.GoAllocator
	mu    sync.Mutex
	free  [64][][]byte // by the logarithm of the size
}

var _ memory.Allocator = (*Pool)(nil)

// class is the free list of buffers of at least size bytes.
func class(size int) int { return bits.Len(uint(max(size, 64) - 1)) }

// take removes a buffer of the class from its free list, nil when there is none.
func (p *Pool) take(c int) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.free[c]) - 1
	if last < 0 {
		return nil
	}
	b := p.free[c][last]
	p.free[c] = p.free[c][:last]
	return b
}

// Allocate returns cleared memory, unless the Pool is Dirty.
func (p *Pool) Allocate(size int) []byte {
	c := class(size)
	b := p.take(c)
	if b == nil {
		return p.fresh.Allocate(1 << c)[:size]
	}
	if !p.Dirty {
		clear(b)
	}
	return b[:size]
}

// Reallocate grows b, which must come from this Pool, or shortens it in place.
func (p *Pool) Reallocate(size int, b []byte) []byte {
	if cap(b) >= size {
		return b[:size]
	}
	bigger := p.Allocate(size)
	copy(bigger, b)
	p.Free(b)
	return bigger
}

// Free takes b back. Memory that is not a Pool's is left to the garbage collector.
func (p *Pool) Free(b []byte) {
	n := cap(b)
	if n < 64 || n != 1<<class(n) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free[class(n)] = append(p.free[class(n)], b[:n])
}
