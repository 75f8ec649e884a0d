package pane

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// Statistics shows what capture found in tables: a line for each column, and
// below them everything about the selected one.
type Statistics struct {
	box
	name    string
	tables  []model.TableStats
	origins []model.Origin // of the columns of the one table of a SQL node
	rows    []statRow
	scroll  ui.Scroll
	nameW   int // cells of the longest column name
	typeW   int // cells of the longest type
}

// statRow is one line: a column of a table, or the table itself.
type statRow struct {
	table, column int // column -1: the table
}

// NewStatistics gives an empty pane.
func NewStatistics() *Statistics { return &Statistics{} }

// SetTables shows statistics under a name; none means that none were captured.
// The cursor stays where it is unless the name changes.
func (p *Statistics) SetTables(name string, tables []model.TableStats) {
	if name != p.name {
		p.scroll = ui.Scroll{}
	}
	p.name, p.tables, p.rows, p.nameW, p.typeW = name, tables, p.rows[:0], 6, 4
	for i, t := range tables {
		p.rows = append(p.rows, statRow{i, -1})
		for j, c := range t.Columns {
			p.rows = append(p.rows, statRow{i, j})
			p.nameW = max(p.nameW, ui.Width(ui.Clean(c.Name)))
			p.typeW = max(p.typeW, ui.Width(ui.Clean(c.Type)))
		}
	}
	p.settle(1)
}

// SetOrigins tells what the columns are computed from; nil: it is not known.
func (p *Statistics) SetOrigins(list []model.Origin) { p.origins = list }

// from says what a column is computed from, "" when it is not known. Only nodes with one
// table have origins.
func (p *Statistics) from(column string) string {
	for _, o := range p.origins {
		if o.Column == column && len(p.tables) == 1 {
			return cmp.Or(strings.Join(o.From, ", "), "no column")
		}
	}
	return ""
}

// Empty reports whether there are no statistics to show.
func (p *Statistics) Empty() bool { return len(p.tables) == 0 }

// settle moves the cursor off the line of a table, unless it has no columns.
func (p *Statistics) settle(step int) {
	p.scroll.Clamp(len(p.rows), p.listed())
	at := p.scroll.Cursor
	if at < len(p.rows) && p.rows[at].column < 0 {
		if next := at + step; next >= 0 && next < len(p.rows) {
			at = next
		} else if at+1 < len(p.rows) {
			at++
		}
	}
	p.scroll.Set(at, len(p.rows), p.listed())
	if p.scroll.Cursor == 1 {
		p.scroll.Top = 0
	}
}

// about is the number of lines for the selected column; 0 where there is no room.
func (p *Statistics) about() int {
	switch {
	case p.h < 14:
		return 0
	case p.w < sideBySide: // facts above the chart
		return min(15, p.h/2)
	}
	return min(11, p.h/2)
}

// listed is the number of lines for columns, below the line of heads.
func (p *Statistics) listed() int { return max(p.h-1-p.about(), 1) }

// Current is the selected column; false when there is none.
func (p *Statistics) Current() (model.TableStats, model.ColumnStats, bool) {
	if p.scroll.Cursor >= len(p.rows) || p.rows[p.scroll.Cursor].column < 0 {
		return model.TableStats{}, model.ColumnStats{}, false
	}
	r := p.rows[p.scroll.Cursor]
	return p.tables[r.table], p.tables[r.table].Columns[r.column], true
}

// SetSize gives the size of the inside.
func (p *Statistics) SetSize(w, h int) {
	p.box.SetSize(w, h)
	p.settle(1)
}

// Title names the table.
func (p *Statistics) Title() string { return "Statistics of " + p.name }

// Status tells where the cursor is.
func (p *Statistics) Status() string {
	t, c, ok := p.Current()
	if !ok {
		return ""
	}
	return "column " + ui.Commas(int64(c.Pos+1)) + " of " + ui.Commas(int64(len(t.Columns)))
}

// Move moves the cursor by columns.
func (p *Statistics) Move(n int) {
	p.scroll.Move(n, len(p.rows), p.listed())
	if n < 0 {
		p.settle(-1)
	} else {
		p.settle(1)
	}
}

// Click selects the column on a line of the inside.
func (p *Statistics) Click(line int) {
	if at := p.scroll.Top + line - 1; line >= 1 && line <= p.listed() && at < len(p.rows) {
		p.scroll.Set(at, len(p.rows), p.listed())
		p.settle(1)
	}
}

// Side goes to the first column of the next (+1) or the previous (-1) table.
func (p *Statistics) Side(step int) {
	if len(p.rows) == 0 {
		return
	}
	want := p.rows[p.scroll.Cursor].table + step
	for i, r := range p.rows {
		if r.table == want && r.column < 0 {
			p.scroll.Set(i, len(p.rows), p.listed())
			p.settle(1)
			return
		}
	}
}

// Copy gives the selected column, as one line or as JSON.
func (p *Statistics) Copy(asJSON bool) string {
	t, c, ok := p.Current()
	if !ok {
		return ""
	}
	if asJSON {
		text, err := json.MarshalIndent(c, "", "  ")
		if err != nil {
			return "" // numbers and texts only: NaN never gets into the statistics
		}
		return string(text)
	}
	low, high := limits(c)
	return strings.Join([]string{t.Table, c.Name, c.Type, nullsText(c) + " nulls", distinctText(c) + " distinct", low, high}, "\t")
}

// Lines draws the statistics.
func (p *Statistics) Lines(k Look) []string {
	if len(p.tables) == 0 {
		return p.note(k.Theme.Dim, "No statistics were captured for this table. hamilton.capture_data_statistics switches them on.")
	}
	lines := make([]string, 0, p.h)
	w := p.widths()
	lines = append(lines, w.heads(k.Theme, p.w))
	for i := p.scroll.Top; i < len(p.rows) && len(lines) <= p.listed(); i++ {
		r := p.rows[i]
		t := &p.tables[r.table]
		if r.column < 0 {
			lines = append(lines, tableLine(k.Theme, t, p.w))
			continue
		}
		lines = append(lines, w.row(k, &t.Columns[r.column], p.w, i == p.scroll.Cursor))
	}
	if n := p.about(); n > 0 {
		if len(lines) <= p.listed() {
			lines = append(lines, ui.Blank(p.w))
		}
		if _, c, ok := p.Current(); ok {
			lines = append(lines, aboutColumn(k.Theme, &c, p.from(c.Name), p.w, n)...)
		}
	}
	return p.fill(lines)
}

// tableLine is the heading of a table.
func tableLine(th *theme.Theme, t *model.TableStats, w int) string {
	line := ui.NewLine(w, 0).Gap(1).Add(th.Strong, ui.Clean(t.Table)).Gap(2)
	line.Text(ui.Commas(t.Rows) + " rows").Gap(2).Text(ui.Bytes(t.Bytes)).Gap(2)
	line.Add(th.Dim, strconv.Itoa(len(t.Columns))+" columns")
	switch {
	case t.Files == 1:
		line.Add(th.Dim, "  from 1 file")
	case t.Files > 1:
		line.Add(th.Dim, "  from "+ui.Commas(int64(t.Files))+" files")
	}
	return line.String()
}

// statWidths are the widths of the columns; 0 leaves one out.
type statWidths struct{ name, kind, nulls, distinct, spread, limits, mean, most int }

func (p *Statistics) widths() statWidths {
	s := statWidths{nulls: 5, distinct: 8, spread: 10}
	s.name = min(p.nameW, max(p.w/4, 12), 32)
	s.kind = min(p.typeW, max(p.w/12, 6), 14)
	rest := p.w - (1 + s.name + 1 + s.kind + 1 + s.nulls + 1 + s.distinct + 1 + s.spread) - 1
	if rest >= 16 {
		s.limits = min(rest, 36)
		rest -= s.limits + 1
	}
	if rest >= 10 {
		s.mean = 10
		rest -= 11
	}
	if rest >= 14 {
		s.most = rest
	}
	return s
}

func (s statWidths) heads(th *theme.Theme, w int) string {
	line := ui.NewLine(w, 0).Gap(1)
	line.Add(th.Dim, ui.Fit("column", s.name)).Gap(1).Add(th.Dim, ui.Fit("type", s.kind)).Gap(1)
	line.Add(th.Dim, ui.FitRight("nulls", s.nulls)).Gap(1).Add(th.Dim, ui.FitRight("distinct", s.distinct)).Gap(1)
	line.Add(th.Dim, ui.Fit("spread", s.spread))
	for _, more := range []struct {
		name string
		w    int
	}{{"min to max", s.limits}, {"mean", s.mean}, {"most frequent", s.most}} {
		switch {
		case more.w == 0:
		case more.name == "mean":
			line.Gap(1).Add(th.Dim, ui.FitRight(more.name, more.w))
		default:
			line.Gap(1).Add(th.Dim, ui.Fit(more.name, more.w))
		}
	}
	return line.String()
}

func (s statWidths) row(k Look, c *model.ColumnStats, w int, selected bool) string {
	th := k.Theme
	line := ui.NewLine(w, 0)
	if selected {
		line.Over(k.selected())
	}
	line.Text(k.marker(selected)).Add(th.Accent, ui.Fit(ui.Clean(c.Name), s.name)).Gap(1)
	line.Add(th.Dim, ui.Fit(ui.Clean(c.Type), s.kind)).Gap(1)
	nulls := th.Text
	if c.Count > 0 && c.Nulls == c.Count {
		nulls = th.Warn
	}
	line.Add(nulls, ui.FitRight(nullsText(*c), s.nulls)).Gap(1)
	line.Text(ui.FitRight(distinctText(*c), s.distinct)).Gap(1)
	line.Add(th.Bar, ui.Fit(spreadText(th, c), s.spread))
	if s.limits > 0 {
		line.Gap(1)
		if low, high := limits(*c); low != "" || high != "" {
			line.Text(ui.Fit(between(low, high, s.limits), s.limits))
		} else if c.Reason == "" {
			line.Text(ui.Fit(mostText(c, s.limits), s.limits))
		} else {
			line.Add(th.Dim, ui.Fit(ui.Clean(c.Reason), s.limits))
		}
	}
	if s.mean > 0 {
		mean := ""
		if c.Mean != nil {
			mean = ui.Number(*c.Mean)
		}
		line.Gap(1).Text(ui.FitRight(mean, s.mean))
	}
	if s.most > 0 {
		line.Gap(1).Add(th.Dim, mostText(c, s.most))
	}
	return line.String()
}

// spreadText draws the histogram, or the shares of the most frequent values.
func spreadText(th *theme.Theme, c *model.ColumnStats) string {
	var counts [10]int64
	n := 0
	for ; n < min(len(c.Histogram), len(counts)); n++ {
		counts[n] = c.Histogram[n].Count
	}
	if n == 0 {
		for ; n < min(len(c.Top), len(counts)); n++ {
			counts[n] = c.Top[n].Count
		}
	}
	return ui.Spark(&th.Glyphs, counts[:n])
}

// mostText lists the most frequent values that have room.
func mostText(c *model.ColumnStats, w int) string {
	var b strings.Builder
	used := 0
	for _, v := range c.Top {
		text := quoted(c, v.Value) + " " + ui.Percent(v.Count, c.Count)
		n := ui.Width(text)
		if used > 0 && used+n+2 > w {
			break
		}
		if used > 0 {
			b.WriteString(", ")
			used += 2
		}
		b.WriteString(text)
		used += n
	}
	return b.String()
}

// statsText says in the Stats tab why a row has no statistics, and what is known
// without them.
func statsText(d *document, row runview.Detail) {
	r := row.Row
	if text := row.Message; r.State == model.NodeFailed && text+r.Error != "" {
		if text == "" {
			text = r.Error
		}
		d.wrapped(d.theme.Bad, text)
		d.blank()
	}
	if p := r.Progress; r.State == model.NodeRunning && (p.Total > 0 || p.Done > 0) {
		text := ui.Commas(p.Done)
		if p.Total > 0 {
			text += " of " + ui.Commas(p.Total)
		}
		d.done(d.line().Gap(1).Text(text + " " + ui.Clean(p.Unit)))
		d.blank()
	}
	if r.Rows > 0 || r.Bytes > 0 {
		d.done(d.line().Gap(1).Text(ui.Commas(r.Rows) + " rows  " + ui.Bytes(r.Bytes)))
		d.blank()
	}
	switch {
	case row.Plan == nil:
		d.wrapped(d.theme.Dim, "Statistics belong to nodes; this row is a span below one.")
	case !r.State.Ended():
		d.wrapped(d.theme.Dim, "Statistics appear when the node has ended.")
	case r.State == model.NodeCached:
		d.wrapped(d.theme.Dim, "The node was not run: the result cache had its outputs.")
	case r.State != model.NodeSucceeded:
		d.wrapped(d.theme.Dim, "The node has no outputs: it is "+r.State.String()+".")
	default:
		text := "The node produces no table that statistics could be made of."
		if r.Rows > 0 {
			text = "Nothing was captured. Statistics need hamilton.capture_data_statistics, which the profiles dev and debug set, and may be limited by hamilton.capture_columns."
		}
		d.wrapped(d.theme.Dim, text)
	}
}
