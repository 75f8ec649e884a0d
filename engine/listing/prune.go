package listing

import (
	"cmp"
	"fmt"
	"slices"
)

// Op compares a column with a value, as SQL does: a comparison with NULL is not
// true.
type Op string

// The operators of a Filter.
const (
	Eq        Op = "="
	Ne        Op = "<>"
	Lt        Op = "<"
	Le        Op = "<="
	Gt        Op = ">"
	Ge        Op = ">="
	In        Op = "IN"
	IsNull    Op = "IS NULL"
	IsNotNull Op = "IS NOT NULL"
)

// Filter is a condition that every row the query needs satisfies. Column is a name
// as SQL has it, without regard to case. Value is an int, int64, uint64, float64,
// string, bool or Date; of In it is a slice of them, and IsNull and IsNotNull have
// none. A value of another type than the column, an unknown column and missing
// statistics prune nothing.
type Filter struct {
	Column string
	Op     Op
	Value  any
}

// String gives the condition in SQL-like form.
func (f Filter) String() string {
	if f.Op == IsNull || f.Op == IsNotNull {
		return fmt.Sprintf("%s %s", f.Column, f.Op)
	}
	return fmt.Sprintf("%s %s %v", f.Column, f.Op, f.Value)
}

// Prune returns the files that may hold a row that satisfies all filters, in order.
// Files without rows are left out. The first file decides on the columns and their
// types: it stays, also when it holds no row that is needed, unless the first of those
// that stay has the same schema. Reading it gives no wrong row because the query
// applies its own conditions.
func (t *Table) Prune(filters ...Filter) []TableFile { return t.PruneAny([][]Filter{filters}) }

// PruneAny is Prune for rows that satisfy all filters of one of the alternatives.
func (t *Table) PruneAny(alternatives [][]Filter) []TableFile {
	kept := make([]TableFile, 0, len(t.Files))
	for _, f := range t.Files {
		if f.Stats == nil || slices.ContainsFunc(alternatives, f.Stats.mayMatch) {
			kept = append(kept, f)
		}
	}
	if len(t.Files) == 0 {
		return kept
	}
	if first := t.Files[0]; len(kept) == 0 || first.Stats != nil && kept[0].Stats.Schema != first.Stats.Schema {
		kept = slices.Insert(kept, 0, first)
	}
	return kept
}

func (s *Statistics) mayMatch(filters []Filter) bool {
	if s.Rows == 0 {
		return false
	}
	for _, f := range filters {
		if c := s.Column(f.Column); c != nil && !c.mayMatch(f, s.Rows) {
			return false
		}
	}
	return true
}

func (c *ColumnStatistics) mayMatch(f Filter, rows int64) bool {
	switch f.Op {
	case IsNull:
		return c.Nulls != 0
	case IsNotNull:
		return c.Nulls != rows
	}
	if c.Nulls == rows {
		return false
	}
	if values, ok := f.Value.([]any); ok && f.Op == In {
		return len(values) == 0 || slices.ContainsFunc(values, func(v any) bool { return c.mayMatch(Filter{f.Column, Eq, v}, rows) })
	}
	v := asColumn(c.Min, plain(f.Value))
	if c.Min == nil || !ordered(c.Min, v) {
		return true
	}
	low, high := order(c.Min, v), order(c.Max, v)
	switch f.Op {
	case Eq:
		return low <= 0 && high >= 0
	case Lt:
		return low < 0
	case Le:
		return low <= 0
	}
	if _, ok := v.(float64); ok {
		return true // NaN is above every bound, and the footer does not say whether there is one
	}
	switch f.Op {
	case Gt:
		return high > 0
	case Ge:
		return high >= 0
	case Ne:
		if _, ok := v.(string); ok {
			return true // long strings have bounds that are cut, so equal bounds prove nothing
		}
		return low != 0 || high != 0
	}
	return true
}

// plain brings a filter's value to one of the types of ColumnStatistics.
func plain(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case uint32:
		return uint64(v)
	}
	return v
}

// asColumn brings a constant to the type of the column where SQL does so without loss.
func asColumn(column, v any) any {
	switch column.(type) {
	case float64:
		if n, ok := v.(int64); ok && n > -1<<53 && n < 1<<53 {
			return float64(n)
		}
	case Date:
		if text, ok := v.(string); ok {
			if day, ok := ParseDate(text); ok {
				return day
			}
		}
	}
	return v
}

// ordered reports whether order may be called. NaN has no place in the order.
func ordered(a, b any) bool {
	switch a.(type) {
	case int64, uint64:
		switch b.(type) {
		case int64, uint64:
			return true
		}
	case float64:
		b, ok := b.(float64)
		return ok && b == b
	case string:
		_, ok := b.(string)
		return ok
	case bool:
		_, ok := b.(bool)
		return ok
	case Date:
		_, ok := b.(Date)
		return ok
	}
	return false
}

// order compares two values that are ordered: -1, 0 or 1. Strings compare
// byte by byte, as Parquet and DuckDB do.
func order(a, b any) int {
	switch a := a.(type) {
	case int64:
		if b, ok := b.(uint64); ok {
			if a < 0 {
				return -1
			}
			return cmp.Compare(uint64(a), b)
		}
		return cmp.Compare(a, b.(int64))
	case uint64:
		if b, ok := b.(int64); ok {
			if b < 0 {
				return 1
			}
			return cmp.Compare(a, uint64(b))
		}
		return cmp.Compare(a, b.(uint64))
	case float64:
		return cmp.Compare(a, b.(float64))
	case string:
		return cmp.Compare(a, b.(string))
	case bool:
		return cmp.Compare(number(a), number(b.(bool)))
	case Date:
		return cmp.Compare(a, b.(Date))
	}
	return 0
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
