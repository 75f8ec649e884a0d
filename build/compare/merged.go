package compare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/capture"
)

// Merged is a table whose rows are those of several runs.
type Merged struct {
	model.TableStats
	Runs    int      `json:"runs"`              // that have the table
	Skipped []string `json:"skipped,omitempty"` // columns that do not merge, and why
}

// MergeCapture gives the statistics that all rows of some runs have together, table by
// table: runs of parts of the data, as of days or shards. It takes their sketches, so
// the figures are those of one run over everything. Tables are known by node and name,
// in the order of the first run that has them; a column that is not of one type in all
// runs that have the table is left out, and named.
func MergeCapture(ctx context.Context, runs []*bundle.Bundle) ([]Merged, error) {
	m := &merging{tables: map[[2]string]*mergedTable{}}
	for i, b := range runs {
		if err := b.Sketches(ctx, func(r bundle.SketchRow) error { return m.add(i, r) }); err != nil {
			return nil, err
		}
	}
	out := []Merged{}
	for _, t := range m.order {
		out = append(out, t.result())
	}
	return out, nil
}

type merging struct {
	tables map[[2]string]*mergedTable
	order  []*mergedTable
}

// mergedTable is a table while runs are read.
type mergedTable struct {
	stats   model.TableStats
	last    int // run that was read last
	runs    int
	columns map[string]*mergedColumn
	order   []*mergedColumn
}

type mergedColumn struct {
	name   string
	sketch *capture.Sketch
	runs   int
	why    string // it does not merge; "" while it does
}

func (m *merging) add(run int, r bundle.SketchRow) error {
	key := [2]string{r.Node, r.Table}
	t := m.tables[key]
	if t == nil {
		t = &mergedTable{stats: model.TableStats{Node: r.Node, Table: r.Table}, last: -1, columns: map[string]*mergedColumn{}}
		m.tables[key] = t
		m.order = append(m.order, t)
	}
	if t.last != run {
		t.last = run
		t.runs++
		t.stats.Rows += r.Rows
	}
	s, err := capture.ReadSketch(r.Sketch)
	if err != nil {
		return fmt.Errorf("table %s: %w", r.Table, err)
	}
	c := t.columns[r.Column]
	if c == nil {
		c = &mergedColumn{name: r.Column, sketch: s, runs: 1}
		t.columns[r.Column] = c
		t.order = append(t.order, c)
		return nil
	}
	c.runs++
	if c.why == "" {
		if err := c.sketch.Merge(s); err != nil {
			c.why = err.Error()
		}
	}
	return nil
}

func (t *mergedTable) result() Merged {
	m := Merged{TableStats: t.stats, Runs: t.runs}
	m.Columns = []model.ColumnStats{}
	for _, c := range t.order {
		if c.why == "" && c.runs < t.runs {
			c.why = fmt.Sprintf("column %s: it is in %d of the %d runs that have the table", c.name, c.runs, t.runs)
		}
		if c.why != "" {
			m.Skipped = append(m.Skipped, c.why)
			continue
		}
		stats := c.sketch.Stats()
		stats.Sketch = c.sketch.Bytes()
		m.Columns = append(m.Columns, stats)
	}
	return m
}

// LoadSketches gives the captured columns of a run the sketches that its bundle has of
// them, by which distances are exact. A bundle without any is left as it is.
func (r *Run) LoadSketches(ctx context.Context, b *bundle.Bundle) error {
	columns := map[[3]string]*model.ColumnStats{}
	for i := range r.Tables {
		t := &r.Tables[i]
		for k := range t.Columns {
			columns[[3]string{t.Node, t.Table, t.Columns[k].Name}] = &t.Columns[k]
		}
	}
	err := b.Sketches(ctx, func(row bundle.SketchRow) error {
		if c := columns[[3]string{row.Node, row.Table, row.Column}]; c != nil {
			c.Sketch = slices.Clone(row.Sketch)
		}
		return nil
	})
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
