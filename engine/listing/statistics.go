package listing

import (
	"context"
	"fmt"
	"unsafe"

	"golang.org/x/sync/errgroup"
)

// Statistics is what a file's footer says of its contents.
type Statistics struct {
	File    File
	Rows    int64
	Columns []ColumnStatistics // top-level columns of plain types, in schema order
}

// ColumnStatistics bounds the values of one column. Min and Max are both nil
// or both of one type: int64, uint64, float64, string or bool. They are nil for
// types whose order or unit SQL and Parquet do not share: dates and times,
// decimals, 32-bit floats, binaries.
type ColumnStatistics struct {
	Name     string
	Nulls    int64 // -1: not known
	Min, Max any   // NaN is outside of the bounds of a float64 column
}

// Column returns the statistics of a column, nil when there are none or when
// the file has several columns of that name.
func (s *Statistics) Column(name string) *ColumnStatistics {
	var found *ColumnStatistics
	for i := range s.Columns {
		if s.Columns[i].Name == name {
			if found != nil {
				return nil
			}
			found = &s.Columns[i]
		}
	}
	return found
}

func sizeOfStatistics(path string, s *Statistics) (key, value int64) {
	value = int64(unsafe.Sizeof(*s)) + int64(len(s.File.Path))
	for i := range s.Columns {
		c := &s.Columns[i]
		value += int64(unsafe.Sizeof(*c)) + int64(len(c.Name)) + boxed(c.Min) + boxed(c.Max)
	}
	return int64(len(path)), value
}

// boxed is what an interface value holds outside of itself.
func boxed(v any) int64 {
	switch v := v.(type) {
	case nil, bool:
		return 0
	case string:
		return int64(unsafe.Sizeof(v)) + int64(len(v))
	default:
		return 8
	}
}

// collectAll returns the statistics of each file, from the cache or through its
// footer, or nils when statistics are not collected. The workers have ended
// when it returns.
func (c *Catalog) collectAll(ctx context.Context, files []File) ([]*Statistics, error) {
	all := make([]*Statistics, len(files))
	if !c.collect {
		return all, nil
	}
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(c.concurrency)
	for i, f := range files {
		if s, ok := c.statistics.GetValid(f.Path, func(s *Statistics) bool { return s.File == f }); ok {
			all[i] = s
			continue
		}
		if gctx.Err() != nil {
			break
		}
		group.Go(func() error {
			foot, err := c.footer(gctx, f)
			if err != nil {
				return err
			}
			s, err := summarize(foot)
			if err != nil {
				return fmt.Errorf("read statistics of %s: %w", f.Path, err)
			}
			c.statistics.Put(f.Path, s)
			all[i] = s
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read footers: %w", err)
	}
	return all, nil
}
