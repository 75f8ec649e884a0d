package evidence

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/buildscope/buildscope/pipeline/recycle"
)

// Builder gathers the evidence of many files as Arrow record batches, one per
// table of Schemas. It belongs to one goroutine; use one per worker.
type Builder struct {
	names  []string
	tables []*writer // in the order of columns
	ids    ids
	rows   int
}

// NewBuilder makes an empty builder. Release it in the end.
func NewBuilder() *Builder {
	b := &Builder{}
	mem := &recycle.Pool{}
	for _, s := range Schemas() {
		b.names = append(b.names, s.Name)
		b.tables = append(b.tables, newWriter(mem, s.Schema))
	}
	return b
}

// Release frees the memory of the tables.
func (b *Builder) Release() {
	for _, w := range b.tables {
		w.rb.Release()
	}
}

// Rows is the number of rows added since the last Flush, over all tables.
func (b *Builder) Rows() int { return b.rows }

// Flush returns what was added since the last Flush as one batch per table, by
// name, and empties the builder. Tables without a row have an empty batch. The
// caller releases the batches.
func (b *Builder) Flush() map[string]arrow.RecordBatch {
	out := make(map[string]arrow.RecordBatch, len(b.tables))
	for i, w := range b.tables {
		out[b.names[i]] = w.rb.NewRecordBatch()
	}
	b.rows = 0
	return out
}

// writer appends rows to one table, column by column in schema order. A value of
// the wrong type for its column panics at the first row, which any test meets.
type writer struct {
	rb   *array.RecordBuilder
	cols []array.Builder
	next int   // column of the next value
	base int64 // file_no << 32
}

func newWriter(mem memory.Allocator, s *arrow.Schema) *writer {
	rb := array.NewRecordBuilder(mem, s)
	return &writer{rb: rb, cols: rb.Fields()}
}

// begin starts a row of the file.
func (w *writer) begin(fileNo int32) *writer {
	w.next = 0
	w.base = int64(fileNo) << 32
	return w.i32(fileNo)
}

func (w *writer) col() array.Builder {
	c := w.cols[w.next]
	w.next++
	return c
}

func (w *writer) i32(v int32) *writer {
	w.col().(*array.Int32Builder).Append(v)
	return w
}

func (w *writer) i64(v int64) *writer {
	w.col().(*array.Int64Builder).Append(v)
	return w
}

func (w *writer) bool(v bool) *writer {
	w.col().(*array.BooleanBuilder).Append(v)
	return w
}

func (w *writer) str(v string) *writer {
	w.col().(*array.StringBuilder).Append(v)
	return w
}

func (w *writer) bytes(v []byte) *writer {
	w.col().(*array.StringBuilder).BinaryBuilder.Append(v)
	return w
}

// key appends the key of a row of the same file, null for None.
func (w *writer) key(k Key) *writer {
	b := w.col().(*array.Int64Builder)
	if k == None {
		b.AppendNull()
	} else {
		b.Append(w.base | int64(k))
	}
	return w
}

func (w *writer) span(s Span) *writer { return w.i32(s.Start).i32(s.End) }
