package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
	"github.com/buildscope/buildscope/model/sqllex"
)

// Names by which statements read the two parts of a table that grows.
const (
	earlierTable = "buildscope_earlier"
	newTable     = "buildscope_new"
)

// grow computes an incremental node: the new rows, and from these and the ones that
// were there one new file. Where nothing can be kept, it computes the table whole and
// takes that out of g.
func (d *driver) grow(ctx context.Context, n *NodeRun, in map[string]any, dir string, g *growth) (err error) {
	path := filepath.Join(dir, n.Node.Name+".parquet")
	if g.base != nil {
		fresh := filepath.Join(dir, "new") // it would be stored with the result
		if err := os.Mkdir(fresh, 0o755); err != nil {
			return fmt.Errorf("make a folder for the new rows: %w", err)
		}
		if err := errors.Join(d.addRows(ctx, n, in, g, filepath.Join(fresh, "rows.parquet"), path), os.RemoveAll(fresh)); err != nil {
			return err
		}
	}
	if g.base == nil {
		if n.Tables, err = d.executeSQL(ctx, n, in, n.Node.text, path); err != nil {
			return err
		}
		n.Execution.Computed = "whole: " + g.why
	}
	return n.Node.Incremental.check(n.Tables[0].Schema)
}

// addRows writes the table with the new rows, or takes the base out of g.
func (d *driver) addRows(ctx context.Context, n *NodeRun, in map[string]any, g *growth, fresh, path string) error {
	inc, earlier := n.Node.Incremental, g.base.table
	text, since := n.Node.text, ""
	if inc.Time != "" {
		var err error
		if since, err = d.since(ctx, n, earlier, fresh); err != nil {
			return err
		}
		if since == "" {
			g.base, g.why = nil, "no earlier row has a "+inc.Time
			return nil
		}
		if inc.Text != nil {
			text = inc.Text(since)
		}
		column := sqllex.QuoteName(inc.Time)
		// Nothing stands on a line of its own in front: errors have the lines of the text.
		text = "SELECT * FROM (" + sqllex.StatementOf(text) + "\n) WHERE " + column + " >= " + since + " OR " + column + " IS NULL"
	}
	tables, err := d.executeSQL(ctx, n, in, text, fresh)
	if err != nil {
		return err
	}
	if change := columnChange(earlier.Schema, tables[0].Schema); change != "" {
		g.base, g.why = nil, "its columns changed: "+change
		return nil
	}
	merged, err := d.opts.Engine.Materialize(ctx, model.Query{Node: n.Node.Name, Path: path, SQL: inc.merge(since),
		Inputs: []model.QueryInput{{Name: earlierTable, Files: earlier.Files}, {Name: newTable, Files: tables[0].Files}}})
	if err != nil {
		return err
	}
	whole, err := OpenTable(n.Node.Name, merged.Files)
	n.Tables = []Table{whole}
	n.Execution.Computed = grownBy(earlier.Rows, tables[0].Rows, whole.Rows)
	return err
}

// since is a SQL expression of the time from which on rows are computed, "" when no
// earlier row has a time. It is read by way of a file, as all results of the engine.
func (d *driver) since(ctx context.Context, n *NodeRun, earlier Table, path string) (string, error) {
	inc := n.Node.Incremental
	latest := "max(" + sqllex.QuoteName(inc.Time) + ")"
	if inc.Late > 0 {
		latest += fmt.Sprintf(" - to_microseconds(%d)", inc.Late.Microseconds())
	}
	if _, err := d.opts.Engine.Materialize(ctx, model.Query{Node: n.Node.Name, Local: true, Path: path, Inputs: []model.QueryInput{{Name: earlierTable, Files: earlier.Files}},
		SQL: "SELECT (" + latest + ")::VARCHAR AS value, typeof(" + latest + ") AS type FROM " + earlierTable}); err != nil {
		return "", err
	}
	rows, err := Preview(ctx, path, 0, 1)
	if err != nil || rows.Nulls[0][0] {
		return "", err
	}
	value, typ := rows.Cells[0][0], rows.Cells[0][1]
	if strings.HasSuffix(typ, "INT") || typ == "INTEGER" {
		return value, nil // files are left out by numbers, and not by casts to one
	}
	return "CAST(" + sqllex.QuoteText(value) + " AS " + typ + ")", nil
}

// merge is the statement that puts the two parts together.
func (inc *Incremental) merge(since string) string {
	kept := "WHERE " + sqllex.QuoteName(inc.Time) + " < " + since
	if len(inc.Key) > 0 {
		same := make([]string, len(inc.Key))
		for i, k := range inc.Key {
			same[i] = fmt.Sprintf("%s.%[3]s IS NOT DISTINCT FROM %[2]s.%[3]s", earlierTable, newTable, sqllex.QuoteName(k))
		}
		kept = "ANTI JOIN " + newTable + " ON " + strings.Join(same, " AND ")
	}
	return "SELECT * FROM " + earlierTable + " " + kept + "\nUNION ALL\nSELECT * FROM " + newTable
}

// grownBy says what became of a table by the rows that were computed for it.
func grownBy(earlier, fresh, whole int64) string {
	replaced := earlier + fresh - whole
	text := fmt.Sprintf("incremental: %s on %s", human.Counted(max(0, fresh-replaced), "new row"), human.Commas(earlier))
	switch {
	case replaced > fresh:
		text += fmt.Sprintf(", %s replaced by %s", human.Commas(replaced), human.Commas(fresh))
	case replaced > 0:
		text += ", " + human.Commas(replaced) + " replaced"
	}
	return text
}

// columnChange names the first column in which two schemas differ, "" when none does.
func columnChange(before, after *arrow.Schema) string {
	for i, f := range after.Fields() {
		old, ok := before.FieldsByName(f.Name)
		switch {
		case !ok:
			return f.Name + " is new"
		case !arrow.TypeEqual(old[0].Type, f.Type):
			return fmt.Sprintf("%s was %s and is %s", f.Name, old[0].Type, f.Type)
		case i >= before.NumFields() || before.Field(i).Name != f.Name:
			return "their order"
		}
	}
	for _, f := range before.Fields() {
		if !after.HasField(f.Name) {
			return f.Name + " is gone"
		}
	}
	return ""
}

// check refuses a result that lacks a column of the key or the time, or whose time
// is none where a duration is taken off it.
func (inc *Incremental) check(s *arrow.Schema) error {
	var errs []error
	column := func(at, directive, name string) *arrow.Field {
		var names []string
		for _, f := range s.Fields() {
			if strings.EqualFold(f.Name, name) {
				return &f
			}
			names = append(names, f.Name)
		}
		hint := "; it has " + strings.Join(names, ", ")
		if near := model.Nearest(name, names); near != "" {
			hint = "; did you mean " + near + "?"
		}
		errs = append(errs, fmt.Errorf("%s: @%s names %s, which is no column of the result%s", at, directive, name, hint))
		return nil
	}
	for _, name := range inc.Key {
		column(inc.KeyAt, "key", name)
	}
	if inc.Time == "" {
		return errors.Join(errs...)
	}
	if f := column(inc.TimeAt, "time", inc.Time); f != nil && inc.Late > 0 {
		switch f.Type.ID() {
		case arrow.DATE32, arrow.TIMESTAMP:
		default:
			errs = append(errs, fmt.Errorf("%s: @time %s: a duration after the column is for dates and timestamps; %s is %s", inc.TimeAt, inc.Time, f.Name, f.Type))
		}
	}
	return errors.Join(errs...)
}
