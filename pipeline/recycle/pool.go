// Package recycle has an allocator for Arrow that gives memory out again.
package recycle

import (
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Pool is an allocator for who makes many batches of one schema one after the
// other, and releases each before the next: the columns grow to the same sizes
// every time, and fresh memory for them costs more than filling it. A Pool belongs
// to one goroutine and keeps as much as was in use at one time. The zero value is
// ready.
type Pool struct {
	fresh memory.GoAllocator
	free  [64][][]byte // by the logarithm of the size
}

// class is the free list of buffers of at least size bytes.
func class(size int) int { return bits.Len(uint(max(size, 64) - 1)) }

// Allocate returns zeroed memory.
func (p *Pool) Allocate(size int) []byte {
	c := class(size)
	if last := len(p.free[c]) - 1; last >= 0 {
		b := p.free[c][last]
		p.free[c] = p.free[c][:last]
		clear(b)
		return b[:size]
	}
	return p.fresh.Allocate(1 << c)[:size]
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
	if n := cap(b); n >= 64 && n == 1<<class(n) {
		p.free[class(n)] = append(p.free[class(n)], b[:n])
	}
}
