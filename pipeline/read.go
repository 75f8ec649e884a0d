package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// Read calls f for every batch of the table. A batch is valid until f returns.
func (t Table) Read(ctx context.Context, f func(arrow.RecordBatch) error) error {
	for _, path := range t.Files {
		if err := readFile(ctx, path, f); err != nil {
			return fmt.Errorf("read table %s: %w", t.Name, err)
		}
	}
	return nil
}

func readFile(ctx context.Context, path string, f func(arrow.RecordBatch) error) (err error) {
	r, err := file.OpenParquetFile(path, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{BatchSize: 8192}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	rr, err := fr.GetRecordReader(ctx, nil, nil)
	if err != nil {
		return err
	}
	defer rr.Release()
	for rr.Next() {
		if err := errors.Join(ctx.Err(), f(rr.RecordBatch())); err != nil {
			return err
		}
	}
	return rr.Err()
}
