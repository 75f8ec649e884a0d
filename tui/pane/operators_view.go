package pane

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
	"github.com/buildscope/buildscope/model/plandiff"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// offBy is how many times more or fewer rows than expected are worth a mark: from
// there on the engine may have chosen another plan than it would with better numbers.
const offBy = 10

// misjudged is by how many times the rows of an operator differ from what the engine
// expected, when that is more than offBy; fewer is below 0. Nothing is said of
// operators without an estimate.
func misjudged(o *model.Operator) int64 {
	was, expected := float64(max(o.Rows, 1)), float64(max(o.EstimatedRows, 1))
	switch {
	case o.EstimatedRows < 0 || o.Rows < 0:
		return 0
	case was > offBy*expected:
		return int64(was / expected)
	case expected > offBy*was:
		return -int64(expected / was)
	}
	return 0
}

// facts is what there is to say of the statement as a whole: names and values, these
// broken to the width.
func (p *Operators) facts() (out [][2]string) {
	for _, f := range p.overall() {
		for _, s := range ui.Wrap(ui.Clean(f[1]), max(p.w-12, 8)) {
			out = append(out, [2]string{f[0], s})
			f[0] = ""
		}
	}
	return out
}

func (p *Operators) overall() (out [][2]string) {
	q := p.query
	if p.why != "" {
		out = append(out, [2]string{"operators", p.why})
	}
	if q.Queries > 1 {
		out = append(out, [2]string{"queries", ui.Commas(int64(q.Queries)) + ", this is the longest; the others are rows below the node"})
	}
	if pr := q.Profile; pr != nil {
		if pr.Engine != "" {
			out = append(out, [2]string{"took", durationText(pr.LatencyNS) + "; " + ui.Commas(pr.Rows) + " rows"},
				[2]string{"engine", "the server of engine.endpoint, which reports neither memory nor what the operators did"})
		} else {
			out = append(out, [2]string{"took", durationText(pr.LatencyNS) + ", CPU " + durationText(pr.CPUNS) + "; " + ui.Commas(pr.Rows) + " rows"},
				[2]string{"memory", ui.Bytes(pr.PeakMemory) + " at most, " + ui.Bytes(pr.PeakTemp) + " spilled to disk"})
		}
	}
	if q.FilesListed > 0 {
		text := ui.Commas(q.FilesRead) + " of " + ui.Commas(q.FilesListed) + " read, " + ui.Commas(q.FilesListed-q.FilesRead) + " pruned by statistics"
		if q.Profile != nil && q.Profile.Engine == "" {
			text += "; " + ui.Bytes(q.Profile.BytesRead)
		}
		out = append(out, [2]string{"files", text})
	}
	if len(p.ranks) > 0 {
		out = append(out, [2]string{"slowest", ui.Clean(p.ops[p.ranks[0]].op.Name) + " " + p.share(p.ranks[0]) + " (O goes there)"})
	}
	if joins := plandiff.Joins(q.Profile); joins != "" {
		out = append(out, [2]string{"joins", joins})
	}
	if p.before != "" {
		out = append(out, [2]string{"plan", p.before})
	}
	if wrong, worst := p.misjudged(); wrong > 0 {
		out = append(out, [2]string{"estimates", strconv.Itoa(wrong) + " of " + strconv.Itoa(len(p.ops)) + " operators off by more than " + strconv.Itoa(offBy) + " times (!), " +
			ui.Clean(p.ops[worst].op.Name) + " the furthest: " + offText(misjudged(p.ops[worst].op)) + " rows (!!)"})
	}
	return out
}

// misjudged is how many operators gave other rows than the engine expected, and the one
// that is furthest off.
func (p *Operators) misjudged() (wrong, worst int) {
	most := int64(0)
	for i := range p.ops {
		n := misjudged(p.ops[i].op)
		if n == 0 {
			continue
		}
		wrong++
		if n = max(n, -n); n > most {
			most, worst = n, i
		}
	}
	return wrong, worst
}

// offText says what misjudged found.
func offText(n int64) string {
	if n < 0 {
		return ui.Commas(-n) + " times fewer"
	}
	return ui.Commas(n) + " times more"
}

// untold tells whether an engine has a plan only, and not what became of it.
func untold(o *model.Operator) bool { return o.Rows < 0 }

// share is the time of an operator and its part of the sum.
func (p *Operators) share(at int) string {
	if untold(p.ops[at].op) {
		return ""
	}
	return durationText(p.ops[at].op.TimeNS) + ", " + ui.Percent(p.ops[at].op.TimeNS, p.total)
}

// told is everything that the engine tells of an operator, a line each.
func (p *Operators) told(at int) (out []string) {
	row := p.ops[at]
	o := row.op
	rows := ui.Commas(o.Rows) + " rows out"
	if untold(o) {
		rows = "rows and time are not reported by the server"
	}
	if row.in >= 0 {
		rows = ui.Commas(row.in) + " rows in, " + rows
	}
	switch n := misjudged(o); {
	case o.EstimatedRows < 0:
	case n != 0:
		rows += ", " + ui.Commas(o.EstimatedRows) + " expected: " + offText(n)
	default:
		rows += ", " + ui.Commas(o.EstimatedRows) + " expected"
	}
	out = append(out, rows)
	for _, k := range slices.Sorted(maps.Keys(o.Extra)) {
		if v := oneLine(o.Extra[k]); v != "" {
			out = append(out, ui.Clean(k)+": "+v)
		}
	}
	return out
}

// oneLine joins the lines that the engine gives lists in.
func oneLine(s string) string {
	return ui.Clean(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' }), ", "))
}

// summary is what tells an operator from others of its kind, for the line of it.
func summary(o *model.Operator) string {
	var parts []string
	for _, k := range []string{"Join Type", "Conditions", "Condition", "Table", "Filename(s)", "Text", "Filters", "expression", "Groups", "order_by", "Order By", "projections", "Projections"} {
		v := o.Extra[k]
		if v == "" || len(parts) == 2 {
			continue
		}
		if k == "Filename(s)" {
			v, _, _ = strings.Cut(v, ",")
			v = strings.TrimSuffix(path.Base(v), ".parquet")
		}
		parts = append(parts, oneLine(v))
	}
	return strings.Join(parts, " ")
}

func extraText(extra map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(extra)) {
		parts = append(parts, k+": "+extra[k])
	}
	return strings.Join(parts, "; ")
}

// Title is not shown: the pane is a tab of the details.
func (p *Operators) Title() string { return "SQL" }

// Status tells which operator is selected, or which line of the statement.
func (p *Operators) Status() string {
	s := ""
	switch l, ok := p.line(); {
	case !ok:
	case l.kind == opOperator:
		s = "operator " + strconv.Itoa(l.at+1) + " of " + strconv.Itoa(len(p.ops))
	case l.kind == opSQL:
		s = "line " + strconv.Itoa(l.at+1) + " of " + strconv.Itoa(len(p.sql))
	}
	if p.search != "" {
		s = strings.TrimPrefix(s+", search: "+ui.Clean(p.search), ", ")
	}
	return s
}

// opWidths are the cells of the columns right of the name; 0 leaves one out.
type opWidths struct{ name, bar, in int }

const opTime, opRows, opExpected = 7, 5, 6

func (p *Operators) widths() opWidths {
	var o opWidths
	rest := p.w - 2 - (1 + opTime) - (1 + opRows) - (1 + opExpected)
	if rest >= 26 {
		o.bar = min(12, rest/5)
		rest -= 1 + o.bar
	}
	if rest >= 34 {
		o.in = opRows
		rest -= 1 + o.in
	}
	o.name = max(rest, 0)
	return o
}

// Lines draws the list, and below it all about the selected operator.
func (p *Operators) Lines(k Look) []string {
	lines := make([]string, 0, p.h)
	w := p.widths()
	for i := p.scroll.Top; i < len(p.visible) && len(lines) < p.listed(); i++ {
		lines = append(lines, p.draw(k, p.visible[i], i == p.scroll.Cursor, w))
	}
	if n := p.about(); n > 0 {
		for len(lines) < p.listed() {
			lines = append(lines, ui.Blank(p.w))
		}
		if at, ok := p.current(); ok {
			lines = append(lines, p.aboutLines(k.Theme, at, n)...)
		}
	}
	return p.fill(lines)
}

func (p *Operators) draw(k Look, l opLine, selected bool, w opWidths) string {
	th := k.Theme
	line := ui.NewLine(p.w, 0)
	if selected {
		line.Over(k.selected())
	}
	line.Text(k.marker(selected))
	switch l.kind {
	case opFact:
		line.Add(th.Dim, ui.Fit(p.said[l.at][0], 9)).Gap(1).Text(p.said[l.at][1])
	case opStatement:
		fold := th.Glyphs.Open
		if p.closed {
			fold = th.Glyphs.Closed
		}
		line.Add(th.Dim, fold).Gap(1).Add(th.Strong, "Statement").Gap(1).Add(th.Dim, human.Counted(len(p.sql), "line"))
		if p.closed {
			line.Add(th.Dim, ", right or o unfolds")
		}
	case opSQL:
		line.Skip(p.left)
		sqlLine(line, th, p.sql[l.at])
	case opHead:
		line.Gap(1).Add(th.Strong, ui.Fit("Operators", w.name)).Gap(1).Add(th.Dim, ui.FitRight("time", opTime))
		if w.bar > 0 {
			line.Gap(1 + w.bar)
		}
		if w.in > 0 {
			line.Gap(1).Add(th.Dim, ui.FitRight("in", w.in))
		}
		line.Gap(1).Add(th.Dim, ui.FitRight("rows", opRows)).Gap(1).Add(th.Dim, ui.FitRight("expect", opExpected))
	case opOperator:
		p.operator(line, th, l.at, w)
	}
	return line.String()
}

// operator draws one line of the tree. A folded one stands for all that it hides.
func (p *Operators) operator(line *ui.Line, th *theme.Theme, at int, w opWidths) {
	row := p.ops[at]
	o, took := row.op, row.op.TimeNS
	mark, fold := " ", " "
	if len(p.ranks) > 0 && p.ranks[0] == at && took > 0 {
		mark = th.Glyphs.Edited
	}
	hidden := 0
	switch {
	case p.folded[at]:
		fold, hidden = th.Glyphs.Closed, row.next-at-1
		for i := at + 1; i < row.next; i++ {
			took += p.ops[i].op.TimeNS
		}
	case row.head == at && row.next > at+1:
		fold = th.Glyphs.Open
	case row.head == at:
		fold = th.Glyphs.Dot
	}
	name := ui.NewLine(w.name, 0).Gap(2*min(row.depth, max(w.name/6, 1))).Add(th.Dim, fold).Gap(1)
	name.Add(th.Accent, ui.Clean(o.Name))
	if hidden > 0 {
		name.Add(th.Dim, " +"+strconv.Itoa(hidden))
	}
	if s := summary(o); s != "" {
		name.Gap(1).Add(th.Dim, s)
	}
	time := durationText(took)
	if untold(o) {
		time = ""
	}
	line.Add(th.Warn, mark).Raw(name.String(), w.name).Gap(1).Text(ui.FitRight(time, opTime))
	if w.bar > 0 {
		bar := ui.Blank(w.bar)
		if took > 0 {
			bar = ui.Gantt(&th.Glyphs, 0, took, p.total, w.bar)
		}
		line.Gap(1).Add(th.Bar, bar)
	}
	if w.in > 0 {
		in := ""
		if row.in >= 0 {
			in = ui.Count(row.in)
		}
		line.Gap(1).Add(th.Dim, ui.FitRight(in, w.in))
	}
	rows := ""
	if o.Rows >= 0 {
		rows = ui.Count(o.Rows)
	}
	line.Gap(1).Text(ui.FitRight(rows, opRows)).Gap(1)
	switch {
	case o.EstimatedRows < 0:
	case misjudged(o) != 0:
		mark := "!"
		if at == p.worst {
			mark = "!!"
		}
		line.Add(th.Warn, ui.FitRight(ui.Count(o.EstimatedRows)+mark, opExpected))
	default:
		line.Add(th.Dim, ui.FitRight(ui.Count(o.EstimatedRows)+" ", opExpected))
	}
}

// aboutLines tells all of the selected operator, below a line.
func (p *Operators) aboutLines(th *theme.Theme, at, n int) []string {
	out := []string{ui.NewLine(p.w, 0).Add(th.Border, strings.Repeat(th.Glyphs.Horizontal, p.w)).String(),
		ui.NewLine(p.w, 0).Gap(1).Add(th.Strong, ui.Clean(p.ops[at].op.Name)).Gap(2).Text(p.share(at)).String()}
	for _, s := range p.told(at) {
		for i, part := range ui.Wrap(s, max(p.w-4, 1)) {
			line := ui.NewLine(p.w, 0).Gap(1)
			if i > 0 {
				line.Gap(2)
			}
			out = append(out, line.Text(part).String())
		}
	}
	return out[:min(len(out), n)]
}
