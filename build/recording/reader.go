package recording

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// maxLine bounds a line, in bytes: the plan of a large graph with its SQL is one.
const maxLine = 64 << 20

// ErrTruncated ends a recording whose process died before the run had ended.
var ErrTruncated = errors.New("the recording ends before the run did")

// LineError is a line that is no part of a recording.
type LineError struct {
	Line int // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// Head says what was recorded.
type Head struct {
	RunID   string
	Program string // version of the program that recorded
	Subject string // what was built: the path of the repository
	Started time.Time
}

// Reader reads a recording line by line.
type Reader struct {
	Head
	in   *bufio.Reader
	line int
	last int64 // time of the last event
}

// NewReader reads the first line; the error tells when it is none of a recording.
func NewReader(in io.Reader) (*Reader, error) {
	r := &Reader{in: bufio.NewReaderSize(in, 1<<16)}
	line, err := r.next()
	if errors.Is(err, io.EOF) && len(line) == 0 {
		return nil, errors.New("the file is empty")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var h header
	if err := json.Unmarshal(line, &h); err != nil || h.Format != Format {
		return nil, &LineError{1, errors.New("this is no recording: buildscope build --record FILE makes one")}
	}
	if h.Version != Version {
		return nil, &LineError{1, fmt.Errorf("the recording is of version %d; this program reads version %d", h.Version, Version)}
	}
	r.Head = Head{h.RunID, h.Program, h.Subject, time.Unix(0, h.Started)}
	return r, nil
}

// OpenFile opens a recording for Tape.Open.
func OpenFile(path string) (Source, func() error, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	r, err := NewReader(f)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return r, f.Close, nil
}

// Next gives the next event; the one with End is the last. The error is ErrTruncated
// where the file ends before that, also in the middle of a line, and a *LineError for
// a line that cannot be read.
func (r *Reader) Next() (*Event, error) {
	line, err := r.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, ErrTruncated // with or without a piece of a line
	case err != nil:
		return nil, err
	}
	e, err := decodeEvent(line)
	if err != nil {
		return nil, &LineError{r.line, err}
	}
	e.At = max(e.At, r.last) // events are in order; the clocks of their makers may not be
	r.last = e.At
	return e, nil
}

// next reads a line; the error is io.EOF where its end is missing.
func (r *Reader) next() (line []byte, err error) {
	r.line++
	for {
		part, err := r.in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, &LineError{r.line, fmt.Errorf("longer than %d bytes", maxLine)}
		case err == nil:
			return bytes.TrimSuffix(line, []byte{'\n'}), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, err
		}
	}
}
