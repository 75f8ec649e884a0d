package compare

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// maxRows is how many rows of one kind the text shows; the JSON form has them all.
const maxRows = 20

// Text writes the comparison for people, as lines without colours.
func (c Comparison) Text() []string {
	t := &text{}
	t.head(c)
	t.settings(c)
	t.nodes(c)
	t.times(c)
	t.outputs(c)
	t.columns(c)
	return t.lines()
}

type text struct {
	b   strings.Builder
	all bool // tables are not cut
}

func (t *text) lines() []string { return strings.Split(strings.TrimRight(t.b.String(), "\n"), "\n") }

// table writes a heading and rows of cells below it, cut after maxRows.
func (t *text) table(head string, rows [][]string) {
	t.line("")
	t.line(head)
	w := tabwriter.NewWriter(&t.b, 0, 4, 2, ' ', 0) // a strings.Builder takes everything
	shown := rows
	if !t.all {
		shown = rows[:min(len(rows), maxRows)]
	}
	for _, r := range shown {
		fmt.Fprintln(w, "  "+strings.Join(r, "\t"))
	}
	_ = w.Flush() // never fails, see above
	if n := len(rows) - len(shown); n > 0 {
		t.line(fmt.Sprintf("  … and %d more", n))
	}
}

func (t *text) line(s string) { t.b.WriteString(s + "\n") }

func (t *text) head(c Comparison) {
	for _, s := range []struct {
		name string
		Side
	}{{"A", c.A}, {"B", c.B}} {
		sources := ""
		if s.Sources != "" {
			sources = "  commit " + s.Sources
		}
		t.line(fmt.Sprintf("%s  %s  %s  %s  profile %s, %d workers%s  %s  %d nodes ran, %d cached", s.name, s.RunID, s.Started.UTC().Format(time.DateTime),
			s.Status, s.Profile, s.Workers, sources, span(s.TookNS), s.Ran, s.Cached))
	}
	if c.Inputs {
		t.line("the inputs are not the same")
	} else {
		t.line("the inputs are the same")
	}
}

func (t *text) settings(c Comparison) {
	var rows [][]string
	for _, s := range c.Settings {
		rows = append(rows, []string{s.Key, value(s.A, s.SourceA), "→ " + value(s.B, s.SourceB)})
	}
	if len(rows) == 0 {
		t.line("no setting changed")
		return
	}
	t.table("Settings", rows)
}

func value(text, source string) string {
	if source == "" {
		return "(not there)"
	}
	return strconv.Quote(text) + " (" + source + ")"
}

func (t *text) nodes(c Comparison) {
	var rows [][]string
	for _, n := range c.Removed {
		rows = append(rows, []string{"removed", n})
	}
	for _, n := range c.Added {
		rows = append(rows, []string{"added", n})
	}
	for _, n := range c.Nodes {
		if n.Code {
			rows = append(rows, []string{"code changed", n.Name})
		}
	}
	for _, n := range c.Nodes {
		if n.StateA != n.StateB {
			rows = append(rows, []string{n.StateA.String() + " → " + n.StateB.String(), n.Name})
		}
	}
	if len(rows) == 0 {
		t.line("no node came, went or changed its code or state")
		return
	}
	t.table("Nodes", rows)
}

func (t *text) times(c Comparison) {
	var beyond, unknown [][]string
	for _, n := range c.Nodes {
		switch {
		case n.Verdict == Slower || n.Verdict == Faster:
			beyond = append(beyond, []string{string(n.Verdict), n.Name, span(n.ANS), "→ " + span(n.BNS),
				fmt.Sprintf("usually %s ± %s over %d runs, %+.0f %%", span(n.Noise.MedianNS), span(n.Noise.MarginNS), n.Noise.Runs, n.Over())})
		case n.Verdict == Unknown && n.ANS > 0 && n.BNS > 0 && max(n.ANS-n.BNS, n.BNS-n.ANS) > int64(leastChange):
			unknown = append(unknown, []string{n.Name, span(n.ANS), "→ " + span(n.BNS)})
		}
	}
	if len(beyond) > 0 {
		t.table("Time beyond noise", beyond)
	} else {
		t.line("no node is slower or faster beyond noise")
	}
	if len(unknown) > 0 {
		t.table("Time, noise unknown (fewer than 3 earlier runs of the same profile and workers)", unknown)
	}
	t.line("  (" + Rule + ")")
}

func (t *text) outputs(c Comparison) {
	var rows [][]string
	for _, o := range c.Outputs {
		rows = append(rows, []string{o.Change, o.Name, fmt.Sprintf("%d rows → %d rows", o.RowsA, o.RowsB)})
	}
	if len(rows) > 0 {
		t.table("Outputs", rows)
	}
	if c.SameOutputs > 0 {
		t.line(fmt.Sprintf("outputs with the same content: %d", c.SameOutputs))
	}
}

// ColumnText writes all that is known of the columns, and the runs.
func (c Comparison) ColumnText() []string {
	t := &text{all: true}
	t.head(c)
	t.columns(c)
	return t.lines()
}

func (t *text) columns(c Comparison) {
	if c.CaptureSides < 2 {
		t.line(fmt.Sprintf("column statistics were captured in %d of the 2 runs: they cannot be compared", c.CaptureSides))
		return
	}
	var rows [][]string
	for _, d := range c.Columns {
		what := d.What
		if d.Distance > 0 {
			what = fmt.Sprintf("%.0f %% of values", 100*d.Distance)
		}
		rows = append(rows, []string{strings.TrimSuffix(d.Table+"."+d.Column, "."), what, d.A, "→ " + d.B})
	}
	if len(rows) == 0 {
		t.line("no column moved")
		return
	}
	t.table("Columns that moved", rows)
}

// span writes a length of time, "-" for none.
func span(ns int64) string {
	d := time.Duration(ns)
	switch {
	case d == 0:
		return "-"
	case d < 10*time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}
