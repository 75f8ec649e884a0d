package pane

import (
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/ui"
)

// maxInputs bounds the inputs and the blocked nodes that are listed.
const maxInputs = 40

// failureText tells what went wrong, once and where it began: the origin with its
// message and causes, where it stands in the sources, what the failed node read, and
// what did not run because of it.
func failureText(d *document, row runview.Detail, f *runview.Failure) {
	th, r, origin := d.theme, row.Row, f.Origin
	if origin.ID == 0 {
		d.pair("state", th.State(r.State), th.Glyphs.State(r.State)+" "+r.State.String())
		d.wrapped(th.Text, "Nothing failed: the build was cancelled"+map[bool]string{true: " before this row began.", false: " while it ran."}[r.Start == 0])
		return
	}
	switch {
	case r.State == model.NodeBlocked, r.State == model.NodeCancelled:
		how := " did not run to its end because of "
		if r.Start == 0 {
			how = " did not run because of "
		}
		d.wrapped(th.Text, th.Glyphs.State(r.State)+" "+ui.Clean(r.Name)+how+ui.Clean(f.Node.Name)+" (enter goes there)")
	case origin.ID != r.ID && r.State == model.NodeFailed:
		d.wrapped(th.Text, th.Glyphs.State(r.State)+" "+ui.Clean(r.Name)+" failed because of what is below it (enter goes there)")
	case origin.ID != r.ID:
		d.wrapped(th.Text, ui.Clean(r.Name)+" is "+r.State.String()+"; below it "+ui.Commas(int64(r.Failed))+" failed, this is the first (enter goes there)")
	}
	d.head("Origin")
	name := origin.Name
	if f.Node.ID != origin.ID {
		name = f.Node.Name + " > " + name
	}
	d.pair("failed", th.Bad, th.Glyphs.State(model.NodeFailed)+" "+name)
	if origin.Start != 0 {
		d.pair("when", th.Text, time.Unix(0, origin.Start).UTC().Format("15:04:05.000")+" UTC, after "+rowTime(&origin, origin.End))
	}
	d.pair("file", th.Text, origin.Subject)
	if f.Plan != nil {
		d.pair("source", th.Text, f.Plan.Source)
	}
	d.blank()
	d.message(f.Message)
	causesText(d, f)
	inputsText(d, f)
	if n := len(f.Blocked); n > 0 {
		names := strings.Join(f.Blocked[:min(n, maxInputs)], ", ")
		if n > maxInputs {
			names += ", and " + ui.Commas(int64(n-maxInputs)) + " more"
		}
		d.head("Not run because of it")
		d.wrapped(th.Text, names)
	}
	if stack := eventAttr(f.Exception, "exception.stacktrace"); stack != "" {
		d.head("Stack")
		d.verbatim(th.Dim, stack)
	}
	if f.Statement != "" {
		d.head("Statement")
		for _, s := range strings.Split(strings.TrimRight(ui.CleanLines(strings.ReplaceAll(f.Statement, "\t", "    ")), "\n "), "\n") {
			line := d.line().Gap(1)
			sqlLine(line, th, s)
			d.done(line)
		}
	}
}

// message appends an error. Its first line is broken to the width; those after it may
// be an excerpt with a caret under the place, which is left as it is.
func (d *document) message(text string) {
	first, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
	d.wrapped(d.theme.Bad, first)
	if strings.TrimSpace(rest) != "" {
		d.verbatim(d.theme.Text, rest)
	}
}

// causesText lists the errors inside the one that was told, each without what the
// next one says.
func causesText(d *document, f *runview.Failure) {
	if f.Exception == nil {
		return
	}
	var chain []string
	for _, a := range f.Exception.Attrs {
		if list, ok := a.Value.([]string); ok && a.Key == model.AttrExceptionCauses {
			chain = list
		}
	}
	kind := eventAttr(f.Exception, "exception.type")
	if len(chain) == 0 {
		if kind != "" {
			d.blank()
			d.pair("type", d.theme.Dim, kind)
		}
		return
	}
	d.head("Because of")
	for i, text := range chain {
		own := firstOf(text)
		if i+1 < len(chain) {
			if rest, is := strings.CutSuffix(own, firstOf(chain[i+1])); is && strings.Trim(rest, ": ") != "" {
				own = strings.TrimRight(rest, ": ")
			}
		}
		for j, s := range ui.Wrap(ui.Clean(own), max(d.w-4-2*min(i, 8), 8)) {
			line := ui.NewLine(d.w, 0).Gap(1 + 2*min(i, 8))
			if j == 0 {
				line.Add(d.theme.Dim, d.theme.Glyphs.Dot).Gap(1)
			} else {
				line.Gap(2)
			}
			d.done(line.Text(s))
		}
	}
}

func firstOf(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}

func eventAttr(e *model.SpanEvent, key string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.Attrs {
		if s, ok := a.Value.(string); ok && a.Key == key {
			return s
		}
	}
	return ""
}

// inputsText lists what the failed node read: whether it came from the cache or was
// made in this run, how many rows it had, and its state where that is not good.
func inputsText(d *document, f *runview.Failure) {
	th := d.theme
	if f.Plan == nil {
		return
	}
	d.head("Inputs of " + ui.Clean(f.Node.Name))
	if len(f.Inputs) == 0 {
		text := "It reads no other node."
		if f.Plan.Source == "" && f.Plan.SQL == "" { // found by its span: nobody sent the plan
			text = "Not known: the plan does not come with the spans."
		}
		d.wrapped(th.Dim, text)
		return
	}
	wide := 4
	for _, in := range f.Inputs {
		wide = max(wide, ui.Width(ui.Clean(in.Name)))
	}
	wide = min(wide, max(d.w-37, 8))
	for i, in := range f.Inputs {
		if i == maxInputs {
			d.done(d.line().Gap(1).Add(th.Dim, "and "+ui.Commas(int64(len(f.Inputs)-i))+" more"))
			return
		}
		from := in.State.String()
		switch in.State {
		case model.NodeSucceeded:
			from = "made in " + rowTime(&in, in.End)
		case model.NodeCached:
			from = "from the cache"
		}
		line := d.line().Gap(1).Add(th.State(in.State), th.Glyphs.State(in.State)).Gap(1).Add(th.Accent, ui.Fit(ui.Clean(in.Name), wide)).Gap(1)
		d.done(line.Text(ui.FitRight(ui.Commas(in.Rows), 9)+" rows").Gap(2).Add(th.Dim, from))
	}
}
