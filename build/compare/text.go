package compare

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/buildscope/buildscope/model/human"
)

// maxRows is how many rows of one kind the text shows; the JSON form has them all.
const maxRows = 20

// Text writes the comparison for people, as lines without colours.
func (c Comparison) Text() []string {
	t := &text{}
	t.head(c)
	t.files(c)
	t.settings(c)
	t.nodes(c)
	t.times(c)
	t.plans(c)
	t.outputs(c)
	t.columns(c)
	return t.lines()
}

type text struct {
	b     strings.Builder
	all   bool // tables are not cut
	apart bool // the next sentence stands apart from what is above it
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
	t.apart = true
}

// say writes a sentence.
func (t *text) say(s string) {
	if t.apart {
		t.line("")
	}
	t.line(s)
	t.apart = false
}

func (t *text) line(s string) { t.b.WriteString(s + "\n") }

func (t *text) head(c Comparison) {
	for _, s := range []struct {
		name string
		Side
	}{{"A", c.A}, {"B", c.B}} {
		sources := ""
		if s.Sources != "" {
			sources = "commit " + s.Sources + ", "
		}
		took := ""
		if s.TookNS > 0 {
			took = " in " + span(s.TookNS)
		}
		t.line(fmt.Sprintf("%s  %s%s%s, %s ran, %d cached", s.name, sources, s.Status, took, human.Counted(s.Ran, "node"), s.Cached))
		t.line(fmt.Sprintf("   %s  profile %s, %s", s.Started.UTC().Format(time.DateTime), s.Profile, human.Counted(s.Workers, "worker")))
		t.line("   " + s.RunID)
	}
	t.apart = true
}

// files says what is different in what was read.
func (t *text) files(c Comparison) {
	switch {
	case !c.Inputs:
		t.say("the inputs are the same")
	case len(c.Files) == 0:
		t.say("the inputs are not the same")
	default:
		var rows [][]string
		for _, f := range c.Files {
			rows = append(rows, []string{f.Change, f.Path})
		}
		t.table(human.Counted(len(rows), "file")+" of the sources", rows)
	}
}

func (t *text) settings(c Comparison) {
	var rows [][]string
	for _, s := range c.Settings {
		rows = append(rows, []string{s.Key, value(s.A, s.SourceA), "→ " + value(s.B, s.SourceB)})
	}
	if len(rows) == 0 {
		t.say("no setting changed")
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
		if n.Files {
			rows = append(rows, []string{"files changed", n.Name})
		}
	}
	rows = append(rows, moves(c.Nodes)...)
	if len(rows) == 0 {
		t.say("no node came, went or changed its code or state")
		return
	}
	t.table("Nodes", rows)
}

// namedNodes is how many nodes of one change of state are named.
const namedNodes = 3

// moves are rows of the nodes that ended in another state, one for each pair of
// states: after another commit, or another day, that may be all nodes of the build.
func moves(nodes []Node) [][]string {
	var order []string
	names := map[string][]string{}
	for _, n := range nodes {
		if n.StateA != n.StateB {
			move := n.StateA.String() + " → " + n.StateB.String()
			if names[move] == nil {
				order = append(order, move)
			}
			names[move] = append(names[move], n.Name)
		}
	}
	var rows [][]string
	for _, move := range order {
		list := names[move]
		text := strings.Join(list[:min(len(list), namedNodes)], ", ")
		if more := len(list) - namedNodes; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		rows = append(rows, []string{move, text})
	}
	return rows
}

func (t *text) times(c Comparison) {
	var beyond, unknown [][]string
	for _, n := range c.Nodes {
		switch {
		case n.Verdict == Slower || n.Verdict == Faster:
			beyond = append(beyond, []string{string(n.Verdict), n.Name, span(n.ANS), "→ " + span(n.BNS), fmt.Sprintf("%+.0f %%", n.Over()),
				fmt.Sprintf("usually %s ± %s over %s", span(n.Noise.MedianNS), span(n.Noise.MarginNS), human.Counted(n.Noise.Runs, "run"))})
		case n.Verdict == Unknown && n.ANS > 0 && n.BNS > 0 && max(n.ANS-n.BNS, n.BNS-n.ANS) > int64(leastChange):
			unknown = append(unknown, []string{n.Name, span(n.ANS), "→ " + span(n.BNS)})
		}
	}
	if len(beyond) > 0 {
		t.table("Time beyond noise", beyond)
	} else {
		t.say("no node is slower or faster beyond noise")
	}
	if len(unknown) > 0 {
		t.table("Time, noise unknown: fewer than 3 earlier runs of this profile and workers", unknown)
	}
	if len(beyond) > 0 {
		for _, s := range strings.Split(Rule, "\n") {
			t.line("  " + s)
		}
	}
}

func (t *text) plans(c Comparison) {
	var rows [][]string
	for _, p := range c.Plans {
		name := p.Node
		if p.Text {
			name += " (another text)"
		}
		for _, change := range p.Changes {
			if rows = append(rows, []string{name, change.Now}); change.Before != "" {
				rows = append(rows, []string{"", "  before " + change.Before})
			}
			name = ""
		}
	}
	if len(rows) > 0 {
		t.table("Plans of the engine", rows)
	}
}

// rowsMove is a number of rows, or how it has changed.
func rowsMove(a, b int64) string {
	if a == b {
		return human.Counted(a, "row")
	}
	return fmt.Sprintf("%d → %d rows", a, b)
}

func (t *text) outputs(c Comparison) {
	var rows [][]string
	for _, o := range c.Outputs {
		rows = append(rows, []string{o.Change, o.Name, rowsMove(o.RowsA, o.RowsB)})
	}
	if len(rows) > 0 {
		t.table("Outputs", rows)
	}
	if c.SameOutputs > 0 {
		t.say(fmt.Sprintf("outputs with the same content: %d", c.SameOutputs))
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
		t.say(fmt.Sprintf("column statistics were captured in %d of the 2 runs: they cannot be compared", c.CaptureSides))
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
		t.say("no column moved")
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
