package pane

import (
	"fmt"
	"strings"

	"github.com/buildscope/buildscope/tui/ui"
)

// Table shows a part of an output table. Rows outside the part that is loaded
// are asked for with Wants.
type Table struct {
	box
	name   string
	part   Preview
	loaded bool
	at     int64  // selected row of the whole table
	top    int64  // first visible row of the whole table
	left   int    // cells scrolled sideways
	full   []int  // cells that the widest loaded value of a column needs
	widths []int  // cells that a column has
	right  []bool // columns of numbers, which stand at the right of their column
	more   bool   // rows may follow that were not counted
}

// NewTable gives an empty table.
func NewTable() *Table { return &Table{} }

// PageRows is how many rows of a table are read at once.
const PageRows = 200

// SetTable switches to another table, with no rows loaded yet.
func (p *Table) SetTable(name string) {
	if name != p.name {
		*p = Table{box: p.box, name: name}
	}
}

// SetPart shows the rows that were read.
func (p *Table) SetPart(part Preview) {
	p.part, p.loaded = part, true
	p.full, p.right = make([]int, len(part.Columns)), make([]bool, len(part.Columns))
	for i, name := range part.Columns {
		p.full[i] = max(ui.Width(ui.Clean(name)), 3)
		if i < len(part.Types) {
			p.full[i] = max(p.full[i], min(ui.Width(ui.Clean(part.Types[i])), 12))
			p.right[i] = numeric(part.Types[i])
		}
	}
	p.measure(part.Rows)
	p.arrange()
	p.clamp()
}

// Append adds rows below those that are loaded, for a table whose rows are read one
// after the other; more says that others may follow. Only the new ones are measured.
func (p *Table) Append(rows [][]string, nulls [][]bool, more bool) {
	p.part.Rows, p.part.Nulls = append(p.part.Rows, rows...), append(p.part.Nulls, nulls...)
	p.part.Total, p.more = int64(len(p.part.Rows)), more
	p.measure(rows)
	p.arrange()
	p.clamp()
}

// Behind reports whether rows may follow of which the viewer is close to the first.
func (p *Table) Behind() bool {
	return p.loaded && p.more && p.top+2*int64(p.rows()) >= p.part.Total
}

// measure widens the columns for rows.
func (p *Table) measure(rows [][]string) {
	for _, row := range rows {
		for i := range min(len(row), len(p.full)) {
			p.full[i] = max(p.full[i], ui.Width(ui.Clean(row[i])))
		}
	}
}

// columnCap bounds the width of a column as long as others need the room.
const columnCap = 40

// arrange gives every column its width: what its values need, within a bound,
// and then what is left over to the columns that were cut.
func (p *Table) arrange() {
	p.widths = make([]int, len(p.full))
	left := p.w - 1
	for i, n := range p.full {
		p.widths[i] = min(n, columnCap)
		left -= p.widths[i] + 1
	}
	for i, n := range p.full {
		if more := min(n-p.widths[i], left); more > 0 {
			p.widths[i] += more
			left -= more
		}
	}
}

// numeric reports whether a column of an Arrow or DuckDB type holds numbers.
func numeric(kind string) bool {
	kind = strings.ToLower(kind)
	if kind == "interval" || strings.HasSuffix(kind, "]") {
		return false
	}
	for _, prefix := range []string{"int", "uint", "float", "double", "decimal", "tinyint", "smallint", "bigint", "hugeint", "utinyint", "usmallint", "ubigint", "uhugeint"} {
		if strings.HasPrefix(kind, prefix) {
			return true
		}
	}
	return false
}

// fit brings a cell of a column to its width.
func (p *Table) fit(column int, text string) string {
	if p.right[column] {
		return ui.FitRight(text, p.widths[column])
	}
	return ui.Fit(text, p.widths[column])
}

// Wants gives the offset of the rows that should be read next; false when all
// visible ones are there.
func (p *Table) Wants() (offset int64, ok bool) {
	if !p.loaded {
		return 0, true
	}
	first, last := p.part.Offset, p.part.Offset+int64(len(p.part.Rows))
	need := min(p.top+int64(p.rows()), p.part.Total)
	if p.top >= first && need <= last {
		return 0, false
	}
	return max(0, p.top-PageRows/2), true
}

// rows is the number of lines for rows, below two of column heads.
func (p *Table) rows() int { return max(p.h-2, 1) }

func (p *Table) clamp() {
	p.at = max(0, min(p.at, p.part.Total-1))
	p.top = min(p.top, p.at)
	p.top = max(p.top, p.at-int64(p.rows())+1)
	p.top = max(0, min(p.top, p.part.Total-int64(p.rows())))
}

// SetSize gives the size of the inside.
func (p *Table) SetSize(w, h int) {
	p.box.SetSize(w, h)
	p.arrange()
	p.clamp()
}

// Title names the table.
func (p *Table) Title() string { return p.name }

// Status tells where in the table the cursor is.
func (p *Table) Status() string {
	if !p.loaded {
		return "reading"
	}
	more := ""
	if p.more {
		more = "+"
	}
	return fmt.Sprintf("row %s of %s%s, %s", ui.Commas(min(p.at+1, p.part.Total)), ui.Commas(p.part.Total), more, ui.Counted(len(p.part.Columns), "column"))
}

// Move moves the cursor by rows.
func (p *Table) Move(n int) {
	p.at += int64(n)
	p.clamp()
}

// Side scrolls by one column.
func (p *Table) Side(step int) {
	x := 0
	starts := make([]int, 0, len(p.widths))
	for _, w := range p.widths {
		starts = append(starts, x)
		x += w + 1
	}
	next := 0
	for _, s := range starts {
		if step < 0 && s < p.left {
			next = s
		}
		if step > 0 && s > p.left {
			next = s
			break
		}
	}
	if step > 0 && (next == 0 || p.left+p.w >= x) {
		return
	}
	p.left = next
}

// Click selects the row on a line of the inside.
func (p *Table) Click(line int) {
	if line >= 2 {
		p.at = p.top + int64(line-2)
		p.clamp()
	}
}

// Row gives the selected row as names and values, if it is loaded.
func (p *Table) Row() (columns, values []string, ok bool) {
	i := p.at - p.part.Offset
	if !p.loaded || i < 0 || i >= int64(len(p.part.Rows)) {
		return nil, nil, false
	}
	return p.part.Columns, p.part.Rows[i], true
}

// At gives the selected row, from 0, and the number of rows that are known of.
func (p *Table) At() (row, of int64) { return p.at, p.part.Total }

// Lines draws the table.
func (p *Table) Lines(k Look) []string {
	switch {
	case !p.loaded:
		return p.note(k.Theme.Dim, "Reading the first rows.")
	case len(p.part.Columns) == 0:
		return p.note(k.Theme.Dim, "The table has no columns.")
	}
	th := k.Theme
	names, types := ui.NewLine(p.w, 0).Gap(1).Skip(p.left), ui.NewLine(p.w, 0).Gap(1).Skip(p.left)
	for i, name := range p.part.Columns {
		names.Add(th.Strong, p.fit(i, ui.Clean(name))).Gap(1)
		kind := ""
		if i < len(p.part.Types) {
			kind = ui.Clean(p.part.Types[i])
		}
		types.Add(th.Dim, p.fit(i, kind)).Gap(1)
	}
	lines := append(make([]string, 0, p.h), names.String(), types.String())
	for n := p.top; n < p.part.Total && len(lines) < p.h; n++ {
		i := n - p.part.Offset
		if i < 0 || i >= int64(len(p.part.Rows)) {
			lines = append(lines, ui.NewLine(p.w, 0).Gap(1).Add(th.Dim, "...").String())
			continue
		}
		lines = append(lines, p.row(k, i, n == p.at))
	}
	return p.fill(lines)
}

func (p *Table) row(k Look, i int64, selected bool) string {
	line := ui.NewLine(p.w, 0)
	if selected {
		line.Over(k.selected())
	}
	line.Text(k.marker(selected)).Skip(p.left)
	for c, value := range p.part.Rows[i] {
		if c >= len(p.widths) || line.Left() == 0 {
			break
		}
		if p.part.Nulls != nil && p.part.Nulls[i][c] {
			line.Add(k.Theme.Dim, p.fit(c, "null")).Gap(1)
			continue
		}
		line.Text(p.fit(c, ui.Clean(value))).Gap(1)
	}
	return line.String()
}
