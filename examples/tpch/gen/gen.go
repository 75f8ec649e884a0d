package gen

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

// Options says which data is made.
type Options struct {
	Scale   float64 // 1 is 8.7 million rows; 0.001 is the smallest
	Seed    uint64
	Workers int // files that are written at a time; below 2 means one
}

// generator knows the sizes of the tables that refer to each other.
type generator struct {
	seed                                        uint64
	pool                                        string // text of all comments
	suppliers, parts, customers, orders, clerks int64
}

// rowsPerFile are those of a family in each file but the last. A file of lineitem
// has four times as many.
const rowsPerFile = 250_000

// Write makes a folder for each table below dir, with files part-000.parquet and on.
// After an error some may be there.
func Write(ctx context.Context, dir string, o Options) error {
	if !(o.Scale >= 0.001 && o.Scale <= 1000) {
		return fmt.Errorf("the scale is %v; it must be 0.001 to 1000", o.Scale)
	}
	of := func(rows float64) int64 { return int64(rows * o.Scale) }
	g := &generator{seed: o.Seed, pool: newPool(o.Seed), suppliers: of(10_000), parts: of(200_000),
		customers: of(150_000), orders: of(1_500_000), clerks: max(1, of(1000))}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(max(1, o.Workers))
	for _, f := range families {
		for _, t := range f.tables {
			if err := os.MkdirAll(filepath.Join(dir, t.name), 0o755); err != nil {
				return errors.Join(fmt.Errorf("make a folder for table %s: %w", t.name, err), work.Wait())
			}
		}
		count := f.count(g)
		for n := int64(0); n*rowsPerFile < count; n++ {
			work.Go(func() error {
				return g.write(ctx, dir, f, n, min((n+1)*rowsPerFile, count))
			})
		}
	}
	return work.Wait()
}

// write makes the nth file of each table of a family; end is the row after its last.
func (g *generator) write(ctx context.Context, dir string, f family, n, end int64) (err error) {
	var out []*rows
	defer func() {
		for i, r := range out {
			if e := r.close(); e != nil {
				err = errors.Join(err, fmt.Errorf("write table %s: %w", f.tables[i].name, e))
			}
		}
	}()
	for _, t := range f.tables {
		r, err := create(filepath.Join(dir, t.name, fmt.Sprintf("part-%03d.parquet", n)), t.columns)
		if err != nil {
			return fmt.Errorf("write table %s: %w", t.name, err)
		}
		out = append(out, r)
	}
	for i := n * rowsPerFile; i < end; i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		s := streamOf(g.seed, f.name, i)
		f.row(g, i, &s, out)
	}
	return nil
}
