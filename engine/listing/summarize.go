package listing

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"
	"github.com/zeebo/xxh3"
)

// summarize folds the row groups of a footer into one Statistics. Whatever the
// footer does not say for every row group is left unknown.
func summarize(f footer) (s *Statistics, err error) {
	defer func() {
		// arrow-go decodes bounds without looking at their length first.
		if p := recover(); p != nil {
			s, err = nil, fmt.Errorf("damaged footer: %v", p)
		}
	}()
	s = &Statistics{File: f.file, Rows: f.meta.NumRows, Schema: schemaHash(f.meta.Schema)}
	groups := make([]*metadata.RowGroupMetaData, 0, f.meta.NumRowGroups())
	for i := range f.meta.NumRowGroups() {
		if g := f.meta.RowGroup(i); g.NumRows() > 0 {
			groups = append(groups, g)
		}
	}
	for i := range f.meta.NumColumns() {
		column := f.meta.Schema.Column(i)
		if len(column.ColumnPath()) != 1 || column.MaxRepetitionLevel() > 0 {
			continue // inside a struct, list or map
		}
		c, err := foldColumn(column, groups, i)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", column.Name(), err)
		}
		s.Columns = append(s.Columns, c)
	}
	return s, nil
}

// schemaHash tells schemas apart: names, nesting, and the types as Parquet has them.
func schemaHash(s *schema.Schema) uint64 {
	h := xxh3.New()
	var number [12]byte
	for i := range s.NumColumns() {
		c := s.Column(i)
		for _, part := range c.ColumnPath() {
			h.WriteString(part)
			h.Write([]byte{0})
		}
		logical := ""
		if t := c.LogicalType(); t != nil {
			logical = t.String()
		}
		h.WriteString(logical)
		binary.LittleEndian.PutUint16(number[0:], uint16(c.PhysicalType()))
		binary.LittleEndian.PutUint16(number[2:], uint16(c.ConvertedType()))
		binary.LittleEndian.PutUint32(number[4:], uint32(c.TypeLength()))
		binary.LittleEndian.PutUint16(number[8:], uint16(c.MaxDefinitionLevel()))
		binary.LittleEndian.PutUint16(number[10:], uint16(c.MaxRepetitionLevel()))
		h.Write(number[:])
	}
	return h.Sum64()
}

func foldColumn(column *schema.Column, groups []*metadata.RowGroupMetaData, i int) (ColumnStatistics, error) {
	out := ColumnStatistics{Name: column.Name()}
	bounded := true
	for _, g := range groups {
		chunk, err := g.ColumnChunk(i)
		if err != nil {
			return out, err
		}
		stats, err := chunk.Statistics()
		if err != nil {
			return out, err
		}
		if stats == nil {
			out.Nulls, bounded = -1, false
			continue
		}
		switch {
		case !stats.HasNullCount():
			out.Nulls = -1
		case out.Nulls >= 0:
			out.Nulls += stats.NullCount()
		}
		if stats.HasNullCount() && stats.NullCount() == g.NumRows() {
			continue // nothing to bound
		}
		low, high := bounds(column, stats)
		if low == nil || !bounded {
			bounded = false
			continue
		}
		if out.Min == nil || order(low, out.Min) < 0 {
			out.Min = low
		}
		if out.Max == nil || order(high, out.Max) > 0 {
			out.Max = high
		}
	}
	if !bounded {
		out.Min, out.Max = nil, nil
	}
	return out, nil
}

// bounds returns the smallest and largest value of a column chunk, or nils when
// the footer has none or the type is not one that ColumnStatistics bounds.
func bounds(column *schema.Column, stats metadata.TypedStatistics) (low, high any) {
	if !stats.HasMinMax() {
		return nil, nil
	}
	switch s := stats.(type) {
	case *metadata.BooleanStatistics:
		return s.Min(), s.Max()
	case *metadata.Int32Statistics:
		if isDate(column) {
			return Date(s.Min()), Date(s.Max())
		}
		switch integerKind(column) {
		case signed:
			return int64(s.Min()), int64(s.Max())
		case unsigned:
			return uint64(uint32(s.Min())), uint64(uint32(s.Max()))
		}
	case *metadata.Int64Statistics:
		switch integerKind(column) {
		case signed:
			return s.Min(), s.Max()
		case unsigned:
			return uint64(s.Min()), uint64(s.Max())
		}
	case *metadata.Float64Statistics:
		if !math.IsNaN(s.Min()) && !math.IsNaN(s.Max()) {
			return s.Min(), s.Max()
		}
	case *metadata.ByteArrayStatistics:
		if _, ok := column.LogicalType().(schema.StringLogicalType); ok {
			return string(s.Min()), string(s.Max())
		}
	}
	return nil, nil
}

func isDate(column *schema.Column) bool {
	switch column.LogicalType().(type) {
	case schema.DateLogicalType, *schema.DateLogicalType:
		return true
	}
	return false
}

type intKind uint8

const (
	notInteger intKind = iota // a date, time or decimal stored in an integer
	signed
	unsigned
)

func integerKind(column *schema.Column) intKind {
	switch t := column.LogicalType().(type) {
	case schema.NoLogicalType, nil:
		return signed
	case schema.IntLogicalType:
		return kindOf(t.IsSigned())
	case *schema.IntLogicalType:
		return kindOf(t.IsSigned())
	}
	return notInteger
}

func kindOf(isSigned bool) intKind {
	if isSigned {
		return signed
	}
	return unsigned
}
