package bundle

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/wholefile"
)

// SpansFile is the file of a bundle that holds every ended span of the run. It
// appears by rename when the run ends: Parquet has its index at the end, so a run
// whose process died lacks it.
const SpansFile = "spans.parquet"

// Bounds of the span file's memory: records that wait for the disk, rows per
// batch, and rows per row group.
const (
	spanQueue    = 1 << 15
	spanBatch    = 1 << 11
	spanRowGroup = 1 << 14
)

// spanSchema is documented in docs/bundle.md.
var spanSchema = arrow.NewSchema([]arrow.Field{
	{Name: "trace_id", Type: arrow.BinaryTypes.String},
	{Name: "span_id", Type: arrow.BinaryTypes.String},
	{Name: "parent_span_id", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "name", Type: arrow.BinaryTypes.String},
	{Name: "scope", Type: arrow.BinaryTypes.String},
	{Name: "start_unix_ns", Type: arrow.PrimitiveTypes.Int64},
	{Name: "end_unix_ns", Type: arrow.PrimitiveTypes.Int64},
	{Name: "status", Type: arrow.BinaryTypes.String},
	{Name: "status_message", Type: arrow.BinaryTypes.String},
	{Name: "sampled", Type: arrow.FixedWidthTypes.Boolean},
	{Name: "attributes", Type: arrow.BinaryTypes.String},
	{Name: "events", Type: arrow.BinaryTypes.String},
}, nil)

// Spans writes the spans of one run to its bundle. Add never waits: records go
// through a bounded queue to a goroutine that encodes and writes them, and those
// that find the queue full, or come after the disk has failed, are counted.
type Spans struct {
	path string

	mu     sync.Mutex // guards queue, closed and lost
	queue  []model.SpanRecord
	closed bool
	lost   int64

	wake chan struct{} // capacity 1: there is something in the queue, or it was closed
	done chan struct{} // closed when the goroutine has ended

	// What follows belongs to the goroutine until done is closed.
	file    *os.File
	out     *pqarrow.FileWriter
	rows    *array.RecordBuilder
	text    []byte // scratch
	written int64
	err     error // the first; nothing is written after it
}

// Spans starts the span file of the bundle. Close ends it.
func (w *Writer) Spans() (*Spans, error) {
	s := &Spans{path: filepath.Join(w.Dir, SpansFile), wake: make(chan struct{}, 1), done: make(chan struct{})}
	var err error
	if s.file, err = os.Create(s.path + wholefile.Half); err != nil {
		return nil, fmt.Errorf("write %s: %w", SpansFile, err)
	}
	s.out, err = pqarrow.NewFileWriter(spanSchema, s.file, parquet.NewWriterProperties(
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1), parquet.WithMaxRowGroupLength(spanRowGroup),
		// Ids, times and texts of attributes hardly repeat; a dictionary would be tried and given up.
		parquet.WithDictionaryDefault(false), parquet.WithDictionaryFor("trace_id", true), parquet.WithDictionaryFor("name", true),
		parquet.WithDictionaryFor("scope", true), parquet.WithDictionaryFor("status", true)), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("write %s: %w", SpansFile, err), s.file.Close(), os.Remove(s.path+wholefile.Half))
	}
	s.rows = array.NewRecordBuilder(memory.DefaultAllocator, spanSchema)
	go s.drain()
	return s, nil
}

// Add takes over the records of ended spans; those of starts are passed over. It
// copies what it keeps: the caller uses the room of attributes again.
func (s *Spans) Add(recs []model.SpanRecord) {
	s.mu.Lock()
	empty := len(s.queue) == 0
	for i := range recs {
		switch {
		case recs[i].End == 0:
		case s.closed || len(s.queue) >= spanQueue:
			s.lost++
		default:
			s.queue = append(s.queue, recs[i].Clone())
		}
	}
	s.mu.Unlock()
	if empty {
		s.signal()
	}
}

func (s *Spans) signal() {
	select {
	case s.wake <- struct{}{}:
	default: // a wake-up is already waiting
	}
}

// Close writes what is queued and puts the file in its place. written and lost are
// all ended spans that were added. Without an error the file is whole; with one
// there is none. It may be called twice.
func (s *Spans) Close() (written, lost int64, err error) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.signal()
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.written, s.lost, s.err
}

func (s *Spans) drain() {
	defer close(s.done)
	var spare []model.SpanRecord
	for closed := false; !closed; {
		<-s.wake
		s.mu.Lock()
		batch := s.queue
		s.queue, closed = spare[:0], s.closed
		s.mu.Unlock()
		for i := range batch {
			s.append(&batch[i])
		}
		clear(batch) // the spans must not be kept alive by the spare buffer
		spare = batch
	}
	s.finish()
}

// append adds one row, and writes a batch when there are enough.
func (s *Spans) append(r *model.SpanRecord) {
	if s.err != nil {
		s.lose(1)
		return
	}
	text := func(column int, v string) { s.rows.Field(column).(*array.StringBuilder).Append(v) }
	id := func(column int, v []byte) {
		s.text = hex.AppendEncode(s.text[:0], v)
		s.rows.Field(column).(*array.StringBuilder).BinaryBuilder.Append(s.text)
	}
	id(0, r.Trace[:])
	id(1, r.ID[:])
	if r.Parent.IsZero() {
		s.rows.Field(2).AppendNull()
	} else {
		id(2, r.Parent[:])
	}
	text(3, r.Name)
	text(4, r.Scope)
	s.rows.Field(5).(*array.Int64Builder).Append(r.Start)
	s.rows.Field(6).(*array.Int64Builder).Append(r.End)
	text(7, r.Status.String())
	text(8, r.StatusMessage)
	s.rows.Field(9).(*array.BooleanBuilder).Append(r.Sampled)
	s.text = appendAttrs(s.text[:0], r.Attrs)
	s.rows.Field(10).(*array.StringBuilder).BinaryBuilder.Append(s.text)
	s.text = appendEvents(s.text[:0], r.Events)
	s.rows.Field(11).(*array.StringBuilder).BinaryBuilder.Append(s.text)
	if s.rows.Field(0).Len() >= spanBatch {
		s.flush()
	}
}

// flush writes the rows that were collected.
func (s *Spans) flush() {
	batch := s.rows.NewRecordBatch()
	defer batch.Release()
	if s.err != nil || batch.NumRows() == 0 {
		return
	}
	if err := s.out.WriteBuffered(batch); err != nil {
		s.err = fmt.Errorf("write %s: %w", SpansFile, err)
		s.lose(batch.NumRows())
		return
	}
	s.written += batch.NumRows()
}

// finish writes the index and renames the file, or removes it after an error.
func (s *Spans) finish() {
	s.flush()
	s.rows.Release()
	// The writer closes the file; a second Close of it says only that.
	if err := s.out.Close(); err != nil && s.err == nil {
		s.err = fmt.Errorf("write %s: %w", SpansFile, err)
	}
	if err := s.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) && s.err == nil {
		s.err = fmt.Errorf("write %s: %w", SpansFile, err)
	}
	if s.err == nil {
		if err := os.Rename(s.path+wholefile.Half, s.path); err != nil {
			s.err = fmt.Errorf("write %s: %w", SpansFile, err)
		}
	}
	if s.err != nil {
		s.lose(s.written)
		s.written = 0
		s.err = errors.Join(s.err, os.Remove(s.path+wholefile.Half))
	}
}

func (s *Spans) lose(n int64) {
	s.mu.Lock()
	s.lost += n
	s.mu.Unlock()
}
