package capture

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/buildscope/buildscope/model"
)

// column gathers what is special to a family of types. Rows and nulls are counted
// by its profile.
type column interface {
	// add takes the values that are not null. weights says how often each counts,
	// by position; nil means once.
	add(a arrow.Array, weights []int64, buf *scratch)
	// merge takes over another column of the same type, which is not used again.
	merge(other column)
	// stats fills in what the column knows.
	stats(c *model.ColumnStats)
	// save writes the state, load reads it into a new column of the same type.
	save(e *enc)
	load(d *dec)
}

// profile is one column of a table.
type profile struct {
	pos    int
	field  arrow.Field
	count  int64
	nulls  int64
	values column
	stored *storedType // of a column that was read back; nil: that of field
}

// storedType is how a column's type and family are called where it is counted by a
// plainer type.
type storedType struct{ typ, kind string }

func newProfile(pos int, f arrow.Field, o Options) *profile {
	p := &profile{pos: pos, field: f}
	if o.Hide != nil {
		if reason := o.Hide(f.Name); reason != "" {
			p.values = uncounted{reason}
			return p
		}
	}
	p.values = newColumn(f.Type, o)
	return p
}

func (p *profile) add(a arrow.Array, buf *scratch) error {
	if !arrow.TypeEqual(a.DataType(), p.field.Type) {
		return fmt.Errorf("capture statistics: column %s has type %s, the batch has %s", p.field.Name, p.field.Type, a.DataType())
	}
	p.count += int64(a.Len())
	p.nulls += feed(p.values, a, nil, buf)
	return nil
}

func (p *profile) merge(o *profile) {
	p.count += o.count
	p.nulls += o.nulls
	p.values.merge(o.values)
}

// result are the statistics, with the sketch where that is asked for.
func (p *profile) result(o Options) model.ColumnStats {
	c := p.stats(o)
	if o.Sketches {
		c.Sketch = p.sketch(o)
	}
	return c
}

func (p *profile) stats(o Options) model.ColumnStats {
	c := model.ColumnStats{Name: p.field.Name, Pos: p.pos, Type: p.field.Type.String(), Family: family(p.field.Type), Count: p.count, Nulls: p.nulls}
	p.values.stats(&c)
	if limit := max(0, o.MaxDictLength); len(c.Top) > limit {
		what := fmt.Sprintf("%d top values", len(c.Top))
		if !c.DistinctExact {
			what = "the frequent values" // how many those are depends on the order of the rows
		}
		cut(&c, fmt.Sprintf("%d of %s are kept", limit, what))
		c.Top = append([]model.TopValue(nil), c.Top[:limit]...)
	}
	return c
}

// cut notes that a capture limit left something out.
func cut(c *model.ColumnStats, what string) {
	if c.Truncated != "" {
		c.Truncated += "; "
	}
	c.Truncated += what
}

// uncounted is a column whose values are not looked at.
type uncounted struct{ reason string }

func (uncounted) add(arrow.Array, []int64, *scratch) {}
func (uncounted) merge(column)                       {}
func (u uncounted) stats(c *model.ColumnStats)       { c.Reason = u.reason }

// ptr is the address of a copy.
func ptr[T any](v T) *T { return &v }
