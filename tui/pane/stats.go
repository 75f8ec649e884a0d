package pane

import (
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/ui"
)

func statsText(d *document, row runview.Detail) {
	r := row.Row
	if len(row.Tables) > 0 {
		tablesText(d, row.Tables)
		return
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
		d.done(d.line().Gap(1).Text("rows " + ui.Commas(r.Rows) + "  bytes " + ui.Bytes(r.Bytes)))
		d.blank()
	}
	switch {
	case row.Plan == nil:
		d.wrapped(d.theme.Dim, "Statistics belong to nodes; this row is a span below one. Press h to go up.")
	case !r.State.Ended():
		d.wrapped(d.theme.Dim, "Statistics appear when the node has ended.")
	case r.State == model.NodeCached:
		d.wrapped(d.theme.Dim, "The node was not run: the result cache had its outputs.")
	case r.State != model.NodeSucceeded:
		d.wrapped(d.theme.Dim, "The node has no outputs: it is "+r.State.String()+".")
	default:
		d.wrapped(d.theme.Dim, "Nothing was captured: hamilton.capture_data_statistics is off, or the node produces no table.")
	}
}

// tablesText shows the statistics of tables, a line for each column.
func tablesText(d *document, tables []model.TableStats) {
	for i, t := range tables {
		if i > 0 {
			d.blank()
		}
		line := d.line().Gap(1).Add(d.theme.Strong, ui.Clean(t.Table)).Gap(2)
		line.Text("rows " + ui.Commas(t.Rows) + "  bytes " + ui.Bytes(t.Bytes))
		switch {
		case t.Files == 1:
			line.Text("  from 1 file")
		case t.Files > 1:
			line.Text("  from " + ui.Commas(int64(t.Files)) + " files")
		}
		d.done(line)
		columnsText(d, t.Columns)
	}
}

func columnsText(d *document, columns []model.ColumnStats) {
	nameW, typeW := 6, 4
	for _, c := range columns {
		nameW = max(nameW, min(ui.Width(ui.Clean(c.Name)), 24))
		typeW = max(typeW, min(ui.Width(ui.Clean(c.Type)), 12))
	}
	d.done(d.line().Gap(1).Add(d.theme.Dim, strings.Join([]string{
		ui.Fit("column", nameW), ui.Fit("type", typeW), ui.FitRight("nulls", 6), ui.FitRight("distinct", 8),
		ui.Fit("spread", 10), "min to max, mean, most frequent",
	}, " ")))
	for _, c := range columns {
		line := d.line().Gap(1)
		line.Add(d.theme.Accent, ui.Fit(ui.Clean(c.Name), nameW)).Gap(1)
		line.Add(d.theme.Dim, ui.Fit(ui.Clean(c.Type), typeW)).Gap(1)
		line.Text(ui.FitRight(nullsText(c), 6)).Gap(1)
		line.Text(ui.FitRight(distinctText(c), 8)).Gap(1)
		line.Add(d.theme.Bar, ui.Fit(spreadText(d, c), 10)).Gap(1)
		line.Text(ui.Clean(rangeText(c)))
		if c.Reason != "" {
			line.Gap(1).Add(d.theme.Dim, ui.Clean(c.Reason))
		}
		if c.Truncated != "" {
			line.Gap(1).Add(d.theme.Warn, "cut: "+ui.Clean(c.Truncated))
		}
		d.done(line)
	}
}

func nullsText(c model.ColumnStats) string {
	if c.Nulls == 0 {
		return "0"
	}
	return ui.Percent(c.Nulls, c.Count)
}

func distinctText(c model.ColumnStats) string {
	switch {
	case c.Distinct == nil:
		return ""
	case c.DistinctExact || *c.Distinct < 1000:
		return ui.Count(*c.Distinct)
	}
	return "~" + ui.Count(*c.Distinct)
}

// spreadText draws the histogram, or the shares of the most frequent values.
func spreadText(d *document, c model.ColumnStats) string {
	counts := make([]int64, 0, 10)
	if len(c.Histogram) > 0 {
		for _, b := range c.Histogram {
			counts = append(counts, b.Count)
		}
	} else {
		for _, v := range c.Top[:min(len(c.Top), 10)] {
			counts = append(counts, v.Count)
		}
	}
	return ui.Spark(&d.theme.Glyphs, counts)
}

func rangeText(c model.ColumnStats) string {
	var parts []string
	low, high := c.MinText, c.MaxText
	if low == "" && c.Min != nil {
		low = ui.Number(*c.Min)
	}
	if high == "" && c.Max != nil {
		high = ui.Number(*c.Max)
	}
	if low != "" || high != "" {
		parts = append(parts, low+" to "+high)
	}
	if c.Mean != nil {
		parts = append(parts, "mean "+ui.Number(*c.Mean))
	}
	if c.NaN != nil && *c.NaN > 0 {
		parts = append(parts, "NaN "+ui.Percent(*c.NaN, c.Count))
	}
	if c.Empty != nil && *c.Empty > 0 {
		parts = append(parts, "empty "+ui.Percent(*c.Empty, c.Count))
	}
	if c.LenMean != nil {
		parts = append(parts, "length "+ui.Number(*c.LenMean))
	}
	if len(c.Top) > 0 {
		top := c.Top[0]
		parts = append(parts, "most "+top.Value+" ("+ui.Percent(top.Count, c.Count)+")")
	}
	return strings.Join(parts, ", ")
}
