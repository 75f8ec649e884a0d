package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// errEnough ends a read early.
var errEnough = errors.New("enough rows")

// Preview reads limit rows of a Parquet file from row offset on, as text; NULL is
// written as such. total is the number of rows in the file.
func Preview(ctx context.Context, path string, offset, limit int64) (columns, types []string, rows [][]string, total int64, err error) {
	r, err := file.OpenParquetFile(path, false)
	if err != nil {
		return nil, nil, nil, 0, fmt.Errorf("preview %s: %w", path, err)
	}
	total = r.NumRows()
	if err := r.Close(); err != nil {
		return nil, nil, nil, 0, fmt.Errorf("preview %s: %w", path, err)
	}
	t, err := openTable(path, []string{path})
	if err != nil {
		return nil, nil, nil, 0, err
	}
	for _, f := range t.Schema.Fields() {
		columns, types = append(columns, f.Name), append(types, f.Type.String())
	}
	at := int64(0)
	err = t.Read(ctx, func(rec arrow.RecordBatch) error {
		for i := max(0, offset-at); i < rec.NumRows() && int64(len(rows)) < limit; i++ {
			row := make([]string, len(columns))
			for c, col := range rec.Columns() {
				row[c] = "NULL"
				if !col.IsNull(int(i)) {
					row[c] = col.ValueStr(int(i))
				}
			}
			rows = append(rows, row)
		}
		if at += rec.NumRows(); int64(len(rows)) >= limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return columns, types, rows, total, err
}
