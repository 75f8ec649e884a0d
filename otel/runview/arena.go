package runview

// chunkLen is the number of records in a chunk. A list of chunks grows without
// copying records, so that no write waits for a copy of all that came before.
const chunkLen = 1024

// chunks is a list of records that never move.
type chunks[T any] struct {
	list [][]T
	n    int
}

func (c *chunks[T]) at(i int) *T { return &c.list[i/chunkLen][i%chunkLen] }

// add appends a zero record and gives its index.
func (c *chunks[T]) add() int {
	if c.n == len(c.list)*chunkLen {
		c.list = append(c.list, make([]T, chunkLen))
	}
	c.n++
	return c.n - 1
}

// ref is where a text starts in a textArena; 0 is no text.
type ref uint32

const (
	pageBits = 18 // a page is 256 KiB
	maxPages = 1 << (32 - pageBits)
	smallLen = 16 // bytes of a text that the limit does not turn away
)

// textArena keeps bytes that are never changed once they are written, so that a
// copy of pages may be read without the lock under which the arena grows. A text
// knows its own length.
type textArena struct {
	pages [][]byte
	fill  int   // page that the next text goes to
	used  int64 // bytes in all pages
	limit int64
}

// put keeps a copy, unless the arena is full. Very small texts are always kept:
// they say what was not.
func (a *textArena) put(b []byte) (ref, bool) {
	if a.used+int64(len(b)) > a.limit && len(b) > smallLen || len(a.pages) >= maxPages-1 {
		return 0, false
	}
	a.used += int64(len(b))
	if len(b) >= 1<<pageBits { // a page of its own
		if len(a.pages) == 0 {
			a.page()
		}
		a.pages = append(a.pages, append([]byte(nil), b...))
		return ref((len(a.pages) - 1) << pageBits), true
	}
	if len(a.pages) == 0 || len(a.pages[a.fill])+len(b) > 1<<pageBits {
		a.page()
	}
	p := &a.pages[a.fill]
	at := ref(a.fill<<pageBits | len(*p))
	*p = append(*p, b...)
	return at, true
}

func (a *textArena) page() {
	a.fill = len(a.pages)
	p := make([]byte, 0, 1<<pageBits)
	if a.fill == 0 {
		p = append(p, 0) // so that no text starts at 0
	}
	a.pages = append(a.pages, p)
}

// get gives the bytes from a place on, to the end of its page.
func (a *textArena) get(at ref) []byte { return a.pages[at>>pageBits][at&(1<<pageBits-1):] }
