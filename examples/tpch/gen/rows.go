package gen

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// kind is the type of a column.
type kind int

const (
	key    kind = iota // 64 bits
	number             // 32 bits
	money              // with two decimals
	date
	word // of a short list
	text
)

var arrowTypes = map[kind]arrow.DataType{
	key: arrow.PrimitiveTypes.Int64, number: arrow.PrimitiveTypes.Int32, money: &arrow.Decimal128Type{Precision: 15, Scale: 2},
	date: arrow.FixedWidthTypes.Date32, word: arrow.BinaryTypes.String, text: arrow.BinaryTypes.String,
}

type column struct {
	name string
	kind kind
}

// batchRows is how many rows are handed to the Parquet writer at once.
const batchRows = 8192

// rows writes the rows of one file. A row is a call for each of its columns, in their
// order; the first error stays and is returned by close.
type rows struct {
	b      *array.RecordBuilder
	w      *pqarrow.FileWriter // closes its file
	column int                 // of the next value
	filled int                 // rows of the batch
	err    error
}

// create makes the file. Texts and keys hardly repeat: a dictionary would only be
// filled and given up.
func create(path string, columns []column) (*rows, error) {
	options := []parquet.WriterProperty{parquet.WithCompression(compress.Codecs.Snappy), parquet.WithMaxRowGroupLength(122_880), parquet.WithStoreDecimalAsInteger(true)}
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.name, Type: arrowTypes[c.kind]}
		if c.kind == text || c.kind == key {
			options = append(options, parquet.WithDictionaryFor(c.name, false))
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	schema := arrow.NewSchema(fields, nil)
	w, err := pqarrow.NewFileWriter(schema, f, parquet.NewWriterProperties(options...), pqarrow.DefaultWriterProps())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &rows{b: array.NewRecordBuilder(memory.DefaultAllocator, schema), w: w}, nil
}

// int is a value of a key or number.
func (r *rows) int(v int64) {
	switch b := r.b.Field(r.column).(type) {
	case *array.Int64Builder:
		b.Append(v)
	case *array.Int32Builder:
		b.Append(int32(v))
	}
	r.next()
}

// cents is a value of a money column.
func (r *rows) cents(v int64) {
	r.b.Field(r.column).(*array.Decimal128Builder).Append(decimal128.FromI64(v))
	r.next()
}

// day is a date as days since 1970.
func (r *rows) day(v int64) {
	r.b.Field(r.column).(*array.Date32Builder).Append(arrow.Date32(v))
	r.next()
}

func (r *rows) text(v string) {
	r.b.Field(r.column).(*array.StringBuilder).Append(v)
	r.next()
}

func (r *rows) next() {
	if r.column++; r.column < len(r.b.Fields()) {
		return
	}
	r.column = 0
	if r.filled++; r.filled == batchRows {
		r.flush()
	}
}

func (r *rows) flush() {
	batch := r.b.NewRecordBatch()
	defer batch.Release()
	r.filled = 0
	if r.err == nil && batch.NumRows() > 0 {
		r.err = r.w.WriteBuffered(batch)
	}
}

func (r *rows) close() error {
	r.flush()
	r.b.Release()
	return errors.Join(r.err, r.w.Close())
}

// days are those since 1970 of a date.
func days(year int, month time.Month, day int) int64 {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}

// numbered is a name such as Customer#000000007.
func numbered(what string, n int64) string { return fmt.Sprintf("%s#%09d", what, n) }
