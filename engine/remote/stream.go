package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/buildscope/buildscope/model"
)

// groupRows is how many rows a row group has, as in the embedded engine.
const groupRows = 122_880

// stream takes the rows over the network and writes them here. A batch at a time is
// held beside those that the driver has read ahead, which are five.
func (s *Session) stream(ctx context.Context, text query) (result model.QueryResult, err error) {
	temp := text.q.Path + ".tmp"
	began := time.Now()
	err = s.run(ctx, text.statement.sql, func(r array.RecordReader) (err error) {
		result.Rows, err = writeParquet(ctx, temp, r)
		return err
	})
	if err != nil {
		return result, errors.Join(err, removed(os.Remove(temp)))
	}
	info, err := os.Stat(temp)
	if err != nil {
		return result, fmt.Errorf("look at the output: %w", err)
	}
	if err := os.Rename(temp, text.q.Path); err != nil {
		return result, fmt.Errorf("put the output in place: %w", err)
	}
	result.Bytes, result.Files = info.Size(), []string{text.q.Path}
	result.Profile = s.profile(ctx, text, result.Rows, time.Since(began))
	return result, nil
}

// profile is what is known of a statement that has run; nil unless it is asked for.
// The plan is asked for beside it and has estimates, but neither times nor rows: Sail
// measures them for EXPLAIN ANALYZE alone, which runs in the driver and so tells nothing
// of a run on many workers. A server that tells no plan is no fault.
func (s *Session) profile(ctx context.Context, text query, rows int64, took time.Duration) *model.QueryProfile {
	if !text.q.Profile {
		return nil
	}
	p := &model.QueryProfile{Engine: model.EngineFlightSQL, SQL: text.q.SQL, LatencyNS: took.Nanoseconds(), Rows: rows}
	if plan, err := s.ask(ctx, "EXPLAIN FORMATTED "+text.statement.sql); err == nil && len(plan) > 0 {
		p.Root = parsePlan(plan[0])
		nameTables(p.Root, text.inputs)
	}
	return p
}

func writeParquet(ctx context.Context, path string, rows array.RecordReader) (n int64, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, closed(f.Close())) }()
	props := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1), parquet.WithMaxRowGroupLength(groupRows))
	schema := plain(rows.Schema())
	w, err := pqarrow.NewFileWriter(schema, f, props, pqarrow.NewArrowWriterProperties())
	if err != nil {
		return 0, fmt.Errorf("write the result: %w", err)
	}
	defer func() { err = errors.Join(err, closed(w.Close())) }()
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		b := rows.RecordBatch()
		if err := w.WriteBuffered(array.NewRecordBatch(schema, b.Columns(), b.NumRows())); err != nil {
			return n, fmt.Errorf("write the result: %w", err)
		}
		n += b.NumRows()
	}
	return n, rows.Err()
}

// closed forgets that a file was closed before, by the writer of its format.
func closed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// plain is a schema without what servers say of columns in their own words.
func plain(s *arrow.Schema) *arrow.Schema {
	fields := make([]arrow.Field, s.NumFields())
	for i, f := range s.Fields() {
		f.Metadata, f.Nullable = arrow.Metadata{}, true
		fields[i] = f
	}
	return arrow.NewSchema(fields, nil)
}
