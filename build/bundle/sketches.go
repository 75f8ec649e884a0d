package bundle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/buildscope/buildscope/model"
)

// SketchesFile has one row for each captured column: what was counted of it, in a form
// that merges with that of other runs.
const SketchesFile = "sketches.parquet"

var sketchSchema = arrow.NewSchema([]arrow.Field{
	{Name: "run_id", Type: arrow.BinaryTypes.String},
	{Name: "node", Type: arrow.BinaryTypes.String},
	{Name: "table", Type: arrow.BinaryTypes.String},
	{Name: "table_rows", Type: arrow.PrimitiveTypes.Int64},
	{Name: "column", Type: arrow.BinaryTypes.String},
	{Name: "pos", Type: arrow.PrimitiveTypes.Int64},
	{Name: "sketch", Type: arrow.BinaryTypes.Binary},
}, nil)

// SketchRow is a column with its sketch, see capture.ReadSketch.
type SketchRow struct {
	Node, Table string
	Rows        int64 // of the table
	Column      string
	Pos         int
	Sketch      []byte
}

// sketchBatch is how many sketches are written together; each has some kilobytes.
const sketchBatch = 512

// Sketches writes sketches.parquet. Without any sketch there is no file.
func (w *Writer) Sketches(tables []model.TableStats) error {
	var rows []SketchRow
	for _, t := range tables {
		for _, c := range t.Columns {
			if c.Sketch != nil {
				rows = append(rows, SketchRow{t.Node, t.Table, t.Rows, c.Name, c.Pos, c.Sketch})
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return w.whole(SketchesFile, func(f *os.File) error { return writeSketches(f, w.runID, rows) })
}

func writeSketches(f *os.File, runID string, rows []SketchRow) error {
	// Sketches are compressed themselves, and no two are equal.
	out, err := pqarrow.NewFileWriter(sketchSchema, f, parquet.NewWriterProperties(parquet.WithDictionaryDefault(false), parquet.WithStats(false)),
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return errors.Join(err, f.Close())
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, sketchSchema)
	defer b.Release()
	for from := 0; from < len(rows); from += sketchBatch {
		for _, r := range rows[from:min(from+sketchBatch, len(rows))] {
			for i, text := range map[int]string{0: runID, 1: r.Node, 2: r.Table, 4: r.Column} {
				b.Field(i).(*array.StringBuilder).Append(text)
			}
			b.Field(3).(*array.Int64Builder).Append(r.Rows)
			b.Field(5).(*array.Int64Builder).Append(int64(r.Pos))
			b.Field(6).(*array.BinaryBuilder).Append(r.Sketch)
		}
		rec := b.NewRecordBatch()
		err := out.Write(rec)
		rec.Release()
		if err != nil {
			return errors.Join(err, out.Close())
		}
	}
	return out.Close()
}

// Sketches reads sketches.parquet; f gets the rows one after the other, in the order of
// the file. A bundle without the file is an error that wraps os.ErrNotExist.
func (b *Bundle) Sketches(ctx context.Context, f func(SketchRow) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("read the sketches of run %s: %w", b.RunID, err)
		}
	}()
	of, err := b.File(SketchesFile)
	if err != nil {
		return err
	}
	defer of.Close()
	in, err := file.NewParquetReader(of)
	if err != nil {
		return err
	}
	defer in.Close()
	r, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{BatchSize: sketchBatch}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	schema, err := r.Schema()
	if err != nil {
		return err
	}
	for i, want := range sketchSchema.Fields() {
		if i >= schema.NumFields() || schema.Field(i).Name != want.Name || !arrow.TypeEqual(schema.Field(i).Type, want.Type) {
			return fmt.Errorf("%s has no column %s of type %s in its place", SketchesFile, want.Name, want.Type)
		}
	}
	batches, err := r.GetRecordReader(ctx, nil, nil)
	if err != nil {
		return err
	}
	defer batches.Release()
	for batches.Next() {
		rec := batches.RecordBatch()
		text := func(col, i int) string { return strings.Clone(rec.Column(col).(*array.String).Value(i)) }
		number := func(col, i int) int64 { return rec.Column(col).(*array.Int64).Value(i) }
		for i := range int(rec.NumRows()) {
			row := SketchRow{Node: text(1, i), Table: text(2, i), Rows: number(3, i), Column: text(4, i), Pos: int(number(5, i)),
				Sketch: rec.Column(6).(*array.Binary).Value(i)}
			if err := f(row); err != nil {
				return err
			}
		}
	}
	return batches.Err()
}
