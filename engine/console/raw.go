package console

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/buildscope/buildscope/engine"
)

// The driver for database/sql keeps a whole result in memory before it gives the
// first row. A console shows the first of ten million rows at once and may never
// want the others, so this file streams through the C interface below the driver.
// Everything is read as text: DuckDB's own casts write it.

// database is an in-memory DuckDB with one connection. One statement runs at a time.
type database struct {
	db   duckdb.Database
	conn duckdb.Connection
}

func openDatabase(options map[string]string) (*database, error) {
	var config duckdb.Config
	if duckdb.CreateConfig(&config) == duckdb.StateError {
		return nil, errors.New("start DuckDB: no memory for its options")
	}
	defer duckdb.DestroyConfig(&config)
	for name, value := range options {
		if duckdb.SetConfig(config, name, value) == duckdb.StateError {
			return nil, fmt.Errorf("start DuckDB: option %s does not take %q", name, value)
		}
	}
	d := &database{}
	var message string
	if duckdb.OpenExt(":memory:", &d.db, config, &message) == duckdb.StateError {
		return nil, fmt.Errorf("start DuckDB: %w", engine.NewError(message, "", 0))
	}
	if duckdb.Connect(d.db, &d.conn) == duckdb.StateError {
		duckdb.Close(&d.db)
		return nil, errors.New("start DuckDB: it gives no connection")
	}
	return d, nil
}

func (d *database) close() {
	duckdb.Disconnect(&d.conn)
	duckdb.Close(&d.db)
}

// statement is a text as DuckDB gets it: what a person typed, with our text in
// front of it. Errors are told about what was typed.
type statement struct {
	before, typed, after string
}

func (s statement) fault(message string) error {
	return engine.NewError(message, s.typed, len(s.before))
}

// stream is the result of a statement that is being read. close must be called.
type stream struct {
	ctx      context.Context
	text     statement
	prepared duckdb.PreparedStatement
	pending  duckdb.PendingResult
	result   duckdb.Result
	stop     func()
}

// start begins a statement. It ends early with ctx.
func (d *database) start(ctx context.Context, text statement) (*stream, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := &stream{ctx: ctx, text: text, stop: d.interruptWith(ctx)}
	var message string
	switch {
	case duckdb.Prepare(d.conn, text.before+text.typed+text.after, &s.prepared) == duckdb.StateError:
		message = duckdb.PrepareError(s.prepared)
	case duckdb.PendingPreparedStreaming(s.prepared, &s.pending) == duckdb.StateError:
		message = duckdb.PendingError(s.pending)
	case duckdb.ExecutePending(s.pending, &s.result) == duckdb.StateError:
		message = duckdb.ResultError(&s.result)
	default:
		return s, nil
	}
	err := s.fault(message)
	s.close()
	return nil, err
}

// interruptWith interrupts the connection from the end of ctx on, until stop is
// called. Once is not enough: an interrupt that comes before the engine has begun
// is forgotten when it begins.
func (d *database) interruptWith(ctx context.Context) (stop func()) {
	over, left := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(left)
		select {
		case <-over:
			return
		case <-ctx.Done():
		}
		for {
			duckdb.Interrupt(d.conn)
			select {
			case <-over:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() { close(over); <-left }
}

func (s *stream) fault(message string) error {
	if err := s.ctx.Err(); err != nil {
		return fmt.Errorf("query interrupted: %w", context.Cause(s.ctx))
	}
	return s.text.fault(message)
}

// next gives rows that follow, about two thousand, to each of columns texts; it
// gives none at the end.
func (s *stream) next(columns int, row func(cells []Cell)) (n int, err error) {
	chunk := duckdb.FetchChunk(s.result) // none at the end and after an error
	if chunk.Ptr != nil {
		defer duckdb.DestroyDataChunk(&chunk)
		n = int(duckdb.DataChunkGetSize(chunk))
	}
	if n == 0 {
		if message := duckdb.ResultError(&s.result); message != "" || s.ctx.Err() != nil {
			return 0, s.fault(message)
		}
		return 0, nil
	}
	cells := readTexts(chunk, n, columns)
	for ; columns > 0 && len(cells) > 0; cells = cells[columns:] {
		row(cells[:columns:columns])
	}
	return n, nil
}

// readTexts copies a chunk of texts, row by row. All of them share one allocation:
// ten million rows are fifty million texts.
func readTexts(chunk duckdb.DataChunk, rows, columns int) []Cell {
	vectors, total := make([]textVector, columns), 0
	for c := range vectors {
		v := duckdb.DataChunkGetVector(chunk, duckdb.IdxT(c))
		vectors[c] = textVector{duckdb.VectorGetData(v), duckdb.VectorGetValidity(v)}
		for r := range rows {
			if !vectors[c].null(r) {
				total += len(vectors[c].text(r))
			}
		}
	}
	var all strings.Builder
	all.Grow(total)
	cells := make([]Cell, rows*columns)
	for i := range cells {
		v, r := vectors[i%columns], i/columns
		if cells[i].Null = v.null(r); !cells[i].Null {
			from := all.Len()
			all.WriteString(v.text(r))
			cells[i].Text = all.String()[from:]
		}
	}
	return cells
}

// textVector is a vector of texts inside a chunk, as duckdb.h lays it out.
type textVector struct{ data, valid unsafe.Pointer }

func (v textVector) null(row int) bool {
	return v.valid != nil && *(*uint64)(unsafe.Add(v.valid, row/64*8))>>(row%64)&1 == 0
}

// text is valid as long as the chunk. A text is a length of 32 bits, and then up to
// 12 bytes of text, or 4 bytes and a pointer.
func (v textVector) text(row int) string {
	at := unsafe.Add(v.data, uintptr(row)*unsafe.Sizeof(duckdb.StringT{}))
	length := *(*uint32)(at)
	text := unsafe.Add(at, 4)
	if length > 12 {
		text = *(*unsafe.Pointer)(unsafe.Add(at, 8))
	}
	return unsafe.String((*byte)(text), length)
}

func (s *stream) close() {
	duckdb.DestroyResult(&s.result)
	duckdb.DestroyPending(&s.pending)
	duckdb.DestroyPrepare(&s.prepared)
	s.stop()
}

// all reads a small result whole; every column of it must be a text.
func (d *database) all(ctx context.Context, text statement, columns int) (rows [][]Cell, err error) {
	s, err := d.start(ctx, text)
	if err != nil {
		return nil, err
	}
	defer s.close()
	for {
		n, err := s.next(columns, func(cells []Cell) { rows = append(rows, cells) })
		if err != nil || n == 0 {
			return rows, err
		}
	}
}

// do runs a statement whose result is of no interest.
func (d *database) do(ctx context.Context, text statement) error {
	_, err := d.all(ctx, text, 0)
	return err
}
