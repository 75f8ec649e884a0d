package pane

import (
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/ui"
)

func sqlText(d *document, row runview.Detail) {
	text := statement(row)
	if text == "" && row.Profile == nil {
		d.wrapped(d.theme.Dim, "This row runs no SQL.")
		return
	}
	if p := row.Profile; p != nil {
		profileText(d, p)
	} else {
		d.wrapped(d.theme.Dim, "No engine profile was kept: diagnostics.enable_plan_diagnostics is off, or the statement has not ended.")
	}
	if text != "" {
		d.head("Statement")
		d.verbatim(d.theme.Text, text)
	}
}

// statement is the SQL text of a row.
func statement(row runview.Detail) string {
	if row.Profile != nil && row.Profile.SQL != "" {
		return row.Profile.SQL
	}
	if row.Plan != nil && row.Plan.SQL != "" {
		return row.Plan.SQL
	}
	for _, a := range row.Attrs {
		if s, ok := a.Value.(string); ok && a.Key == model.AttrEngineSQL {
			return s
		}
	}
	return ""
}

func profileText(d *document, p *model.QueryProfile) {
	th := d.theme
	d.pair("latency", th.Text, durationText(p.LatencyNS)+", CPU "+durationText(p.CPUNS))
	d.pair("rows", th.Text, ui.Commas(p.Rows))
	d.pair("peak memory", th.Text, ui.Bytes(p.PeakMemory)+", on disk "+ui.Bytes(p.PeakTemp))
	if p.FilesListed > 0 {
		d.pair("files", th.Text, ui.Commas(int64(p.FilesRead))+" of "+ui.Commas(int64(p.FilesListed))+" read, "+ui.Bytes(p.BytesRead))
	}
	var total int64
	walk(p.Root, 0, func(o model.Operator, _ int) { total += o.TimeNS })
	d.head("Operators")
	d.done(d.line().Gap(1).Add(th.Dim, ui.FitRight("time", 7)+" "+ui.FitRight("share", 5)+" "+ui.FitRight("rows", 6)+" "+ui.FitRight("expected", 8)+"  operator"))
	walk(p.Root, 0, func(o model.Operator, depth int) {
		expected := ""
		if o.EstimatedRows >= 0 {
			expected = ui.Count(o.EstimatedRows)
		}
		paint := th.Text
		if o.EstimatedRows > 0 && (o.Rows > 100*o.EstimatedRows || o.EstimatedRows > 100*max(o.Rows, 1)) {
			paint = th.Warn // the engine was wrong by more than a hundred times
			expected += "!"
		}
		line := d.line().Gap(1).Text(ui.FitRight(durationText(o.TimeNS), 7)).Gap(1)
		line.Add(th.Dim, ui.FitRight(ui.Percent(o.TimeNS, total), 5)).Gap(1).Text(ui.FitRight(ui.Count(o.Rows), 6)).Gap(1)
		line.Add(paint, ui.FitRight(expected, 8)).Gap(2+2*min(depth, 20)).Add(th.Accent, ui.Clean(o.Name))
		if s := extraText(o.Extra); s != "" {
			line.Gap(1).Add(th.Dim, s)
		}
		d.done(line)
	})
}

// walk visits operators, parents first.
func walk(ops []model.Operator, depth int, visit func(model.Operator, int)) {
	for _, o := range ops {
		visit(o, depth)
		walk(o.Children, depth+1, visit)
	}
}

func extraText(extra map[string]string) string {
	parts := make([]string, 0, len(extra))
	for k, v := range extra {
		parts = append(parts, ui.Clean(k)+": "+ui.Clean(v))
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}
