package receiver

import (
	"errors"
	"io"
	"sync/atomic"
)

var (
	// errFull says that the sender has to wait.
	errFull     = errors.New("too much is waiting to be taken over; try again later")
	errTooLarge = errors.New("the request is larger than this receiver takes")
)

// budget bounds the bytes of requests in memory, whoever sends them.
type budget struct {
	limit int64
	used  atomic.Int64
}

// take reports whether n more bytes fit.
func (b *budget) take(n int64) bool {
	if b.used.Add(n) > b.limit {
		b.used.Add(-n)
		return false
	}
	return true
}

func (b *budget) give(n int64) { b.used.Add(-n) }

// read reads all of r, at most limit bytes, and counts them in the budget. On an
// error nothing stays counted.
func (b *budget) read(r io.Reader, limit int) (data []byte, err error) {
	defer func() {
		if err != nil {
			b.give(int64(len(data)))
		}
	}()
	for {
		if len(data) == cap(data) {
			data = append(data, make([]byte, max(4096, len(data)))...)[:len(data)]
		}
		n, err := r.Read(data[len(data):cap(data)])
		if n > 0 && !b.take(int64(n)) {
			return data, errFull
		}
		data = data[:len(data)+n]
		switch {
		case len(data) > limit:
			return data, errTooLarge
		case err == io.EOF:
			return data, nil
		case err != nil:
			return data, err
		}
	}
}
