package capture

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"golang.org/x/sync/errgroup"

	"github.com/buildscope/buildscope/model"
)

// readRows is how many rows of one column are in memory at a time.
const readRows = 16 * chunk

// Files reads the Parquet files of a table, which share one schema, and counts its
// columns, up to o.Workers at the same time. It ends within a batch of readRows
// values when ctx does.
func Files(ctx context.Context, table string, paths []string, o Options) (model.TableStats, error) {
	t := model.TableStats{Table: table, Files: len(paths)}
	var all *Collector
	for _, path := range paths {
		c, err := readFile(ctx, path, o)
		if err == nil && all != nil {
			err = all.Merge(c)
		}
		if err != nil {
			return model.TableStats{}, fmt.Errorf("capture statistics of %s: %w", path, err)
		}
		if all == nil {
			all = c
		}
		info, err := os.Stat(path)
		if err != nil {
			return model.TableStats{}, fmt.Errorf("capture statistics of %s: %w", path, err)
		}
		t.Bytes += info.Size()
	}
	if all != nil {
		found := all.Stats(table)
		t.Rows, t.Columns = found.Rows, found.Columns
	}
	return t, nil
}

// readFile counts one file. Columns are read apart from each other: that is how the
// file keeps them, and a column of which only rows and nulls are counted would
// otherwise be decoded with the rest.
func readFile(ctx context.Context, path string, o Options) (c *Collector, err error) {
	r, err := file.OpenParquetFile(path, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{BatchSize: readRows}, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	schema, err := fr.Schema()
	if err != nil {
		return nil, err
	}
	c = New(schema, o)
	c.rows = r.NumRows()
	groups := make([]int, r.NumRowGroups())
	for i := range groups {
		groups[i] = i
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, o.Workers))
	for i, p := range c.cols {
		g.Go(func() error { return readColumn(ctx, fr, i, groups, p) })
	}
	return c, g.Wait()
}

func readColumn(ctx context.Context, fr *pqarrow.FileReader, i int, groups []int, p *profile) error {
	leaves := map[int]bool{}
	addLeaves(&fr.Manifest.Fields[i], leaves)
	r, err := fr.GetFieldReader(ctx, i, leaves, groups)
	if err != nil {
		return err
	}
	defer r.Release()
	buf := new(scratch)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		part, err := r.NextBatch(readRows)
		if err != nil {
			return err
		}
		n := part.Len()
		for _, a := range part.Chunks() {
			if err := p.add(a, buf); err != nil {
				return err
			}
		}
		part.Release()
		if n == 0 {
			return nil
		}
	}
}

// addLeaves collects the leaf columns below a field.
func addLeaves(f *pqarrow.SchemaField, leaves map[int]bool) {
	if f.IsLeaf() {
		leaves[f.ColIndex] = true
	}
	for i := range f.Children {
		addLeaves(&f.Children[i], leaves)
	}
}
