package pane

import (
	"fmt"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/ui"
)

func spanText(d *document, row runview.Detail, now time.Time) {
	th, r := d.theme, row.Row
	d.pair("state", th.State(r.State), th.Glyphs.State(r.State)+" "+r.State.String())
	if r.Error != "" || row.Message != "" {
		message := row.Message
		if message == "" {
			message = r.Error
		}
		d.wrapped(th.Bad, message)
	}
	if r.Computed != "" {
		d.pair("computed", th.Text, r.Computed)
	}
	if r.BlockedBy != "" {
		d.pair("blocked by", th.Bad, r.BlockedBy+" (press r to go there)")
	}
	if row.Plan != nil && row.Plan.Doc != "" {
		d.wrapped(th.Text, row.Plan.Doc)
	}
	d.pair("in", th.Text, strings.Join(row.Parents, " > "))
	if r.Start != 0 {
		d.pair("started", th.Text, time.Unix(0, r.Start).UTC().Format("15:04:05.000")+" UTC")
		d.pair("took", th.Text, rowTime(&r, now.UnixNano()))
	}
	if r.Rows > 0 || r.Bytes > 0 {
		d.pair("rows", th.Text, ui.Commas(r.Rows)+", "+ui.Bytes(r.Bytes))
	}
	if !row.Span.IsZero() {
		d.pair("trace", th.Dim, row.Trace.String())
		sampled := ""
		if !row.Sampled {
			sampled = " (not exported: the sampler left it out)"
		}
		d.pair("span", th.Dim, row.Span.String()+sampled)
	}
	planText(d, row.Plan)
	if len(row.Attrs) > 0 || row.DroppedAttrs > 0 {
		d.head("Attributes")
		for _, a := range row.Attrs {
			attrText(d, a)
		}
		if row.DroppedAttrs > 0 {
			d.done(d.line().Gap(1).Add(th.Warn, ui.Counted(row.DroppedAttrs, "attribute")+" not kept"))
		}
	}
	if len(row.Events) > 0 || row.DroppedEvents > 0 {
		d.head("Events")
		for _, e := range row.Events {
			eventText(d, r.Start, e)
		}
		if row.DroppedEvents > 0 {
			d.done(d.line().Gap(1).Add(th.Warn, ui.Counted(row.DroppedEvents, "event")+" not kept"))
		}
	}
}

func planText(d *document, plan *model.PlanNode) {
	if plan == nil {
		return
	}
	th := d.theme
	d.head("Plan")
	d.pair("kind", th.Info, string(plan.Kind))
	d.pair("source", th.Text, plan.Source)
	d.pair("reads", th.Text, strings.Join(plan.Deps, ", "))
	d.pair("produces", th.Text, strings.Join(plan.Outputs, ", "))
	generation := fmt.Sprintf("generation %d", plan.Generation)
	if plan.Critical {
		generation += ", on the estimated critical path"
	}
	d.pair("order", th.Text, generation)
	if plan.EstimateNS > 0 {
		d.pair("expected", th.Text, durationText(plan.EstimateNS))
	}
}

func attrText(d *document, a model.Attr) {
	value := fmt.Sprint(a.Value)
	if a.Key == model.AttrEngineSQL || a.Key == model.AttrEngineProfile {
		value = "see the SQL tab"
	}
	d.done(d.line().Gap(1).Add(d.theme.Dim, ui.Clean(a.Key)).Add(d.theme.Dim, " = ").Text(ui.Clean(value)))
}

func eventText(d *document, start int64, e model.SpanEvent) {
	p := d.theme.Accent
	if e.Name == model.EventException {
		p = d.theme.Bad
	}
	d.done(d.line().Gap(1).Add(d.theme.Dim, ui.FitRight("+"+durationText(max(e.Time-start, 0)), 8)).Gap(1).Add(p, ui.Clean(e.Name)))
	for _, a := range e.Attrs {
		value := fmt.Sprint(a.Value)
		if strings.Contains(value, "\n") {
			d.done(d.line().Gap(10).Add(d.theme.Dim, ui.Clean(a.Key)))
			for _, s := range strings.Split(ui.CleanLines(strings.ReplaceAll(value, "\t", "    ")), "\n") {
				d.done(d.line().Gap(12).Text(s))
			}
			continue
		}
		d.done(d.line().Gap(10).Add(d.theme.Dim, ui.Clean(a.Key)).Add(d.theme.Dim, " = ").Text(ui.Clean(value)))
	}
}
