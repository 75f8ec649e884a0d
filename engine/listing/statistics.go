package listing

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sync/errgroup"
)

// Statistics is what a file's footer says of its contents.
type Statistics struct {
	File    File
	Rows    int64
	Schema  uint64             // hash of all columns with their types: equal ones read the same
	Columns []ColumnStatistics // top-level columns of plain types, in schema order
}

// ColumnStatistics bounds the values of one column. Min and Max are both nil
// or both of one type: int64, uint64, float64, string, bool or Date. They are nil
// for types whose order or unit SQL and Parquet do not share: times, decimals, 32-bit
// floats, binaries.
type ColumnStatistics struct {
	Name     string
	Nulls    int64 // -1: not known
	Min, Max any   // NaN is outside of the bounds of a float64 column
}

// Date is a day, counted from 1970-01-01.
type Date int32

// ParseDate reads a day in the form 2024-02-29, and no other that an engine may take.
func ParseDate(text string) (Date, bool) {
	t, err := time.Parse(time.DateOnly, text)
	return Date(t.Unix() / (24 * 60 * 60)), err == nil
}

// Column returns the statistics of a column, without regard to case as in SQL, and
// nil when there are none or when the file has several columns of that name.
func (s *Statistics) Column(name string) *ColumnStatistics {
	var found *ColumnStatistics
	for i := range s.Columns {
		if strings.EqualFold(s.Columns[i].Name, name) {
			if found != nil {
				return nil
			}
			found = &s.Columns[i]
		}
	}
	return found
}

func sizeOfStatistics(of TableKey, s *Statistics) (key, value int64) {
	value = int64(unsafe.Sizeof(*s)) + int64(len(s.File.Path))
	for i := range s.Columns {
		c := &s.Columns[i]
		value += int64(unsafe.Sizeof(*c)) + int64(len(c.Name)) + boxed(c.Min) + boxed(c.Max)
	}
	return of.bytes(), value
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
// footer, or nils when none are to be collected. The workers have ended when it
// returns.
func (c *Catalog) collectAll(ctx context.Context, table string, files []File, collect bool) ([]*Statistics, error) {
	all := make([]*Statistics, len(files))
	if !collect {
		return all, nil
	}
	statistics, footers := c.statistics.For(table), c.footers.For(table)
	var bad faults
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(c.concurrency)
	for i, f := range files {
		if s, ok := statistics.Get(TableKey{table, f.Path}, func(s *Statistics) bool { return s.File == f }); ok {
			all[i] = s
			continue
		}
		if gctx.Err() != nil {
			break
		}
		group.Go(func() error {
			foot, err := c.footer(gctx, footers, f)
			if gctx.Err() != nil {
				return gctx.Err()
			}
			if err != nil {
				return bad.add(i, err)
			}
			s, err := summarize(foot)
			if err != nil {
				return bad.add(i, fault("read statistics of", f.Path, err))
			}
			statistics.Put(TableKey{table, f.Path}, s)
			all[i] = s
			return nil
		})
	}
	enough := group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read footers: %w", err)
	}
	if err := bad.join(len(files), enough); err != nil {
		return nil, err
	}
	return all, nil
}
