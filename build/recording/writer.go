package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/buildscope/buildscope/model"
)

// mostQueued bounds the spans, log lines and progress reports that wait for the
// disk. Later ones are counted as lost. Plan, nodes and state are as many as there
// are nodes, and always go in.
const mostQueued = 1 << 15

// mostSpans bounds the spans of a line.
const mostSpans = 64

// gather is how long what happens is collected before it is written in one go, and
// how often the state of the run is noted while it changes.
const gather = 50 * time.Millisecond

// Writer writes one recording. Its methods never wait for the disk: a goroutine
// encodes and writes. Every write is whole lines and goes to the operating system
// at once, so that what is older than a moment survives the death of the process.
type Writer struct {
	path    string
	started time.Time
	state   func() model.RunSnapshot

	mu     sync.Mutex // guards what follows
	queue  []Event
	queued int // of what mostQueued bounds
	lost   int64
	total  int64 // lost and written as such
	closed bool

	wake chan struct{} // capacity 1
	done chan struct{} // closed when the goroutine has ended

	// What follows belongs to the goroutine until done is closed.
	file *os.File
	buf  bytes.Buffer
	last []byte // the state as it was last written
	err  error  // the first; nothing is written after it
}

// Create starts a recording in a new file; one that exists is not touched. state
// gives the run as it stands and may be called at any time until Close returns.
func Create(path, program string, state func() model.RunSnapshot) (*Writer, error) {
	s := state()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("record the run: %s exists already; name another file or remove it", path)
	}
	if err != nil {
		return nil, fmt.Errorf("record the run: %w", err)
	}
	line, err := json.Marshal(header{Format: Format, Version: Version, RunID: s.RunID, Program: program, Started: s.Started.UnixNano(), Subject: s.RepoRoot})
	if err == nil {
		_, err = f.Write(append(line, '\n'))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("record the run: %w", err), f.Close())
	}
	w := &Writer{path: path, started: s.Started, state: state, file: f, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go w.write()
	return w, nil
}

// add queues an event, which counts for n of mostQueued; n is 0 for what must not
// be lost.
func (w *Writer) add(e Event, n int) {
	e.At = time.Since(w.started).Nanoseconds()
	w.mu.Lock()
	switch {
	case w.closed:
	case n > 0 && w.queued+n > mostQueued:
		w.lost += int64(n)
	default:
		w.queue, w.queued = append(w.queue, e), w.queued+n
	}
	w.mu.Unlock()
	w.signal()
}

func (w *Writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default: // one is waiting already
	}
}

// spans queues copies of records, as many as there is room for.
func (w *Writer) spans(recs []model.SpanRecord) {
	for len(recs) > 0 {
		n := min(len(recs), mostSpans)
		w.mu.Lock()
		room := w.queued+n <= mostQueued
		if !room { // a copy would be for nothing
			w.lost += int64(n)
		}
		w.mu.Unlock()
		if room {
			e := Event{records: make([]model.SpanRecord, n)}
			for i := range e.records {
				e.records[i] = recs[i].Clone()
			}
			w.add(e, n)
		}
		recs = recs[n:]
	}
}

// Lost is the number of records that found no room, or a disk that failed.
func (w *Writer) Lost() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.total + w.lost
}

// Close writes the last state and the end, and says how many records were lost. The
// error is the first of the file. It may be called twice.
func (w *Writer) Close() (lost int64, err error) {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.signal()
	<-w.done
	return w.Lost(), w.err
}

func (w *Writer) write() {
	defer close(w.done)
	for closed := false; !closed; {
		<-w.wake
		w.mu.Lock()
		closed = w.closed
		w.mu.Unlock()
		if !closed {
			time.Sleep(gather) // what comes meanwhile goes in the same write
		}
		w.mu.Lock()
		batch, lost := w.queue, w.lost
		closed = w.closed
		w.queue, w.queued, w.lost, w.total = nil, 0, 0, w.total+lost
		w.mu.Unlock()
		for i := range batch {
			w.line(&batch[i])
		}
		at := time.Since(w.started).Nanoseconds()
		if lost > 0 {
			w.line(&Event{At: at, Lost: lost})
		}
		w.snapshot(at)
		if closed {
			w.line(&Event{At: at, End: true})
		}
		w.flush()
	}
	if err := w.file.Close(); w.err == nil && err != nil {
		w.err = fmt.Errorf("record the run in %s: %w", w.path, err)
	}
}

// snapshot notes the state of the run if it is another than before.
func (w *Writer) snapshot(at int64) {
	s := w.state()
	text, err := json.Marshal(s)
	if err == nil && bytes.Equal(text, w.last) {
		return
	}
	w.last = text
	w.line(&Event{At: at, Run: &s})
}

// line appends an event to what is written next.
func (w *Writer) line(e *Event) {
	n := int64(len(e.records))
	if w.err == nil {
		text, err := e.encode()
		if err == nil {
			w.buf.Write(text)
			w.buf.WriteByte('\n')
			if w.buf.Len() > 1<<20 {
				w.flush()
			}
			return
		}
		w.err = fmt.Errorf("record the run in %s: %w", w.path, err)
	}
	w.lose(max(n, 1))
}

func (w *Writer) flush() {
	if w.err == nil && w.buf.Len() > 0 {
		if _, err := w.file.Write(w.buf.Bytes()); err != nil {
			w.err = fmt.Errorf("record the run in %s: %w", w.path, err)
			w.lose(int64(bytes.Count(w.buf.Bytes(), []byte{'\n'})))
		}
	}
	w.buf.Reset()
}

func (w *Writer) lose(n int64) {
	w.mu.Lock()
	w.total += n
	w.mu.Unlock()
}
