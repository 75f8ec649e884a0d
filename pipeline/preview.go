package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
)

// errEnough ends a read early.
var errEnough = errors.New("enough rows")

// Rows are some rows of a table as text.
type Rows struct {
	Columns []string
	Types   []string   // by column
	Cells   [][]string // by row, as long as Columns each
	Nulls   [][]bool   // the cells that hold no value; their text is empty
	Total   int64      // rows of the whole table
}

// Preview reads limit rows of a Parquet file from row offset on.
func Preview(ctx context.Context, path string, offset, limit int64) (Rows, error) {
	t, err := OpenTable(path, []string{path})
	if err != nil {
		return Rows{}, fmt.Errorf("preview %s: %w", path, err)
	}
	out := Rows{Total: t.Rows}
	for _, f := range t.Schema.Fields() {
		out.Columns, out.Types = append(out.Columns, f.Name), append(out.Types, f.Type.String())
	}
	at := int64(0)
	err = t.Read(ctx, func(rec arrow.RecordBatch) error {
		for i := max(0, offset-at); i < rec.NumRows() && int64(len(out.Cells)) < limit; i++ {
			cells, nulls := make([]string, len(out.Columns)), make([]bool, len(out.Columns))
			for c, col := range rec.Columns() {
				if nulls[c] = col.IsNull(int(i)); !nulls[c] {
					cells[c] = col.ValueStr(int(i))
				}
			}
			out.Cells, out.Nulls = append(out.Cells, cells), append(out.Nulls, nulls)
		}
		if at += rec.NumRows(); int64(len(out.Cells)) >= limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return out, err
}
