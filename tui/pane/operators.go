package pane

import (
	"cmp"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/plandiff"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/ui"
)

// Operators shows the statement that a row runs and the engine's account of it: a
// tree of operators with time, rows and what was expected. One list holds all of
// it, so that the same keys lead everywhere.
type Operators struct {
	box
	query   runview.Statement
	why     string      // why there are no operators; "" when there are
	said    [][2]string // facts about all of the statement
	sql     []string    // lines of the statement
	ops     []opRow
	ranks   []int // of ops, by time, the slowest first
	total   int64 // sum of the operators' times, nanoseconds
	worst   int   // of ops, whose estimate is furthest off
	folded  map[int]bool
	closed  bool   // the statement shows its first line only
	before  string // what became of the plan since the last run; "" when not known
	visible []opLine
	scroll  ui.Scroll
	left    int // cells that the statement is scrolled sideways
	search  string
}

// opRow is one operator. A chain of operators with one input each stands below each
// other without an indent, because plans are deep; only the inputs of a join go in,
// and each begins with a head that folds all of its chain.
type opRow struct {
	op    *model.Operator
	depth int
	head  int   // first operator of the chain, itself for a head
	above int   // operator that the chain is an input of, -1 for a root
	next  int   // of a head: first operator behind all that it folds
	in    int64 // rows of its inputs, -1 when it has none
}

// opLine is one line of the list.
type opLine struct {
	kind opKind
	at   int // fact, line of the statement, or operator
}

type opKind uint8

const (
	opFact opKind = iota
	opBlank
	opStatement // heading of the statement
	opSQL
	opHead // heading of the operators
	opOperator
)

// longStatement is from how many lines on a statement is folded at first, where
// there are operators below it.
const longStatement = 8

// NewOperators gives an empty pane.
func NewOperators() *Operators { return &Operators{folded: map[int]bool{}} }

// SetQuery shows a statement, or says why there are no operators. For another row
// than before, all is unfolded and the cursor stands at the beginning.
func (p *Operators) SetQuery(q runview.Statement, why string, another bool) {
	if !another && q == p.query && why == p.why {
		return
	}
	fresh := another || p.query.Profile == nil && q.Profile != nil
	p.query, p.why, p.ops, p.total, p.ranks = q, why, nil, 0, nil
	if another {
		p.before = ""
	}
	p.sql = strings.Split(strings.TrimRight(ui.CleanLines(strings.ReplaceAll(q.SQL, "\t", "    ")), "\n "), "\n")
	if q.Profile != nil {
		p.add(q.Profile.Root, 0, -1, -1)
	}
	for i := range p.ops {
		p.total += p.ops[i].op.TimeNS
		p.ranks = append(p.ranks, i)
	}
	if p.total == 0 {
		p.ranks = nil
	}
	_, p.worst = p.misjudged()
	slices.SortStableFunc(p.ranks, func(a, b int) int { return cmp.Compare(p.ops[b].op.TimeNS, p.ops[a].op.TimeNS) })
	if fresh {
		p.folded, p.scroll, p.left = map[int]bool{}, ui.Scroll{}, 0
		p.closed = len(p.sql) > longStatement && len(p.ops) > 0
	}
	p.arrange()
}

// SetBefore tells the plan of an earlier run, or why it is not known.
func (p *Operators) SetBefore(past PastPlan, err error) {
	changes := plandiff.Changes(past.Profile, p.query.Profile)
	switch {
	case err != nil:
		p.before = "that of earlier runs cannot be read: " + err.Error()
	case past.RunID == "":
		p.before = "no earlier run has one to compare it with"
	case past.Profile != nil && p.query.Profile != nil && past.Profile.Engine != p.query.Profile.Engine:
		p.before = "run " + ui.Clean(past.RunID) + " had another engine, whose operators are others"
	case len(changes) == 0:
		p.before = "as in run " + ui.Clean(past.RunID)
	default:
		parts := make([]string, len(changes))
		for i, c := range changes {
			parts[i] = c.String()
		}
		p.before = "not as in run " + ui.Clean(past.RunID) + ": " + strings.Join(parts, ". ")
		if past.Profile.SQL != p.query.Profile.SQL {
			p.before += ". The text is another one too"
		}
	}
	p.arrange()
}

// Empty reports whether there is neither a statement nor a profile.
func (p *Operators) Empty() bool { return p.query.SQL == "" && p.query.Profile == nil }

// add appends operators and all below them. Head is the chain that they go on with,
// -1 when each begins one.
func (p *Operators) add(list []model.Operator, depth, above, head int) {
	for i := range list {
		at := len(p.ops)
		row := opRow{op: &list[i], depth: depth, head: head, above: above, in: -1}
		if head < 0 {
			row.head = at
		}
		kids := list[i].Children
		if len(kids) > 0 {
			row.in = 0
		}
		for j := range kids {
			if kids[j].Rows < 0 {
				row.in = -1
				break
			}
			row.in += kids[j].Rows
		}
		p.ops = append(p.ops, row)
		if len(kids) == 1 {
			p.add(kids, depth, above, row.head)
		} else {
			p.add(kids, depth+1, at, -1)
		}
		if row.head == at {
			p.ops[at].next = len(p.ops)
		}
	}
}

// arrange lists the lines that show. The cursor stays on its line: the facts above
// take another number of them in another width.
func (p *Operators) arrange() {
	was, had := p.line()
	p.visible = p.visible[:0]
	p.said = p.facts()
	for i := range p.said {
		p.visible = append(p.visible, opLine{opFact, i})
	}
	if len(p.visible) > 0 {
		p.visible = append(p.visible, opLine{kind: opBlank})
	}
	if p.query.SQL != "" {
		p.visible = append(p.visible, opLine{kind: opStatement})
		for i := range p.sql {
			if !p.closed {
				p.visible = append(p.visible, opLine{opSQL, i})
			}
		}
		p.visible = append(p.visible, opLine{kind: opBlank})
	}
	if len(p.ops) > 0 {
		p.visible = append(p.visible, opLine{kind: opHead})
	}
	for i := 0; i < len(p.ops); {
		p.visible = append(p.visible, opLine{opOperator, i})
		if p.folded[i] {
			i = p.ops[i].next
		} else {
			i++
		}
	}
	if at := slices.Index(p.visible, was); had && at >= 0 && was.kind != opBlank {
		p.scroll.Cursor = at
	}
	p.settle(1)
}

// settle moves the cursor off lines that have nothing to do or to tell beside their
// text. Where the first other line is selected, what stands above it is in view.
func (p *Operators) settle(step int) {
	rest := func(i int) bool {
		return i >= 0 && i < len(p.visible) && p.visible[i].kind != opFact && p.visible[i].kind != opBlank && p.visible[i].kind != opHead
	}
	p.scroll.Clamp(len(p.visible), p.listed())
	at := p.scroll.Cursor
	for ; at >= 0 && at < len(p.visible) && !rest(at); at += step {
	}
	if !rest(at) {
		for at = min(max(at, 0), len(p.visible)-1); at >= 0 && at < len(p.visible) && !rest(at); at -= step {
		}
	}
	p.scroll.Set(at, len(p.visible), p.listed())
	first := slices.IndexFunc(p.visible, func(l opLine) bool { return l.kind == opStatement || l.kind == opOperator })
	if at <= first {
		p.scroll.Top = max(0, first-p.listed()+1)
	}
}

// about is the number of lines for the selected operator; 0 where there is no room,
// or nothing to select.
func (p *Operators) about() int {
	if len(p.ops) == 0 || p.h < 14 {
		return 0
	}
	return min(10, p.h/3)
}

// listed is the number of lines of the list.
func (p *Operators) listed() int { return max(p.h-p.about(), 1) }

// current is the selected operator.
func (p *Operators) current() (int, bool) {
	if l, ok := p.line(); ok && l.kind == opOperator {
		return l.at, true
	}
	return 0, false
}

func (p *Operators) line() (opLine, bool) {
	if p.scroll.Cursor < len(p.visible) {
		return p.visible[p.scroll.Cursor], true
	}
	return opLine{}, false
}

// reveal unfolds what a line is in and selects it.
func (p *Operators) reveal(l opLine) {
	if l.kind == opSQL {
		p.closed = false
	}
	if l.kind == opOperator {
		for at := l.at; at >= 0; at = p.ops[p.ops[at].head].above {
			if head := p.ops[at].head; head != l.at {
				delete(p.folded, head)
			}
		}
	}
	p.arrange()
	p.scroll.Set(slices.Index(p.visible, l), len(p.visible), p.listed())
}

// Slowest selects the slowest operator, and from there the next one, as long as it
// has a twentieth of the time. It gives its name; false when there is none.
func (p *Operators) Slowest() (name string, ok bool) {
	if len(p.ranks) == 0 {
		return "", false
	}
	want := 0
	if at, ok := p.current(); ok {
		if rank := slices.Index(p.ranks, at) + 1; rank < len(p.ranks) && 20*p.ops[p.ranks[rank]].op.TimeNS >= p.total {
			want = rank
		}
	}
	p.reveal(opLine{opOperator, p.ranks[want]})
	return ui.Clean(p.ops[p.ranks[want]].op.Name), true
}

// Toggle folds or unfolds the chain of the selected operator, or the statement.
func (p *Operators) Toggle() {
	l, ok := p.line()
	switch {
	case !ok:
	case l.kind == opOperator:
		head := p.ops[l.at].head
		if p.folded[head] {
			delete(p.folded, head)
		} else if p.ops[head].next > head+1 {
			p.folded[head] = true
		}
		p.reveal(opLine{opOperator, head})
	default:
		p.closed = !p.closed
		p.reveal(opLine{kind: opStatement})
	}
}

// Side folds (-1) and unfolds (+1), and goes to the head of a chain and what it is
// an input of. The statement scrolls.
func (p *Operators) Side(step int) {
	l, ok := p.line()
	if !ok {
		return
	}
	switch l.kind {
	case opSQL:
		p.left = max(0, p.left+8*step)
	case opStatement:
		if p.closed == (step > 0) {
			p.Toggle()
		}
	case opOperator:
		row := p.ops[l.at]
		switch {
		case step > 0 && p.folded[l.at]:
			p.Toggle()
		case step > 0:
			p.Move(1)
		case row.head != l.at:
			p.reveal(opLine{opOperator, row.head})
		case row.next > l.at+1 && !p.folded[l.at]:
			p.Toggle()
		case row.above >= 0:
			p.reveal(opLine{opOperator, row.above})
		}
	}
}

// SetSize gives the size of the inside.
func (p *Operators) SetSize(w, h int) {
	another := h != p.h
	p.box.SetSize(w, h)
	p.arrange()
	if another && p.scroll.Top == p.scroll.Cursor { // it was selected where it did not show
		p.scroll.Top = max(0, p.scroll.Cursor-p.listed()/3)
	}
}

// Move moves the cursor by lines.
func (p *Operators) Move(n int) {
	p.scroll.Move(n, len(p.visible), p.listed())
	p.settle(cmp.Or(cmp.Compare(n, 0), 1))
}

// Click selects a line.
func (p *Operators) Click(line int) {
	if at := p.scroll.Top + line; line < p.listed() && at < len(p.visible) {
		p.scroll.Set(at, len(p.visible), p.listed())
		p.settle(1)
	}
}

// SetSearch sets the text that Next looks for.
func (p *Operators) SetSearch(text string) { p.search = text }

// Next selects the next (+1) or the previous (-1) line of the statement or operator
// that contains the search text, folded or not, and reports whether there is one.
func (p *Operators) Next(step int) bool {
	var all []opLine
	for i := range p.sql {
		all = append(all, opLine{opSQL, i})
	}
	for i := range p.ops {
		all = append(all, opLine{opOperator, i})
	}
	now, _ := p.line()
	from := slices.Index(all, now)
	if from < 0 && step < 0 {
		from = 0
	}
	for i := 1; i <= len(all); i++ {
		at := all[((from+step*i)%len(all)+len(all))%len(all)]
		text := ""
		if at.kind == opSQL {
			text = p.sql[at.at]
		} else {
			text = p.ops[at.at].op.Name + " " + extraText(p.ops[at.at].op.Extra)
		}
		if containsFold(text, p.search) {
			p.reveal(at)
			return true
		}
	}
	return false
}

// Copy gives the selected operator with all that is told of it, or the statement.
func (p *Operators) Copy() string {
	at, ok := p.current()
	if !ok {
		return p.query.SQL
	}
	return strings.Join(append([]string{strings.TrimSuffix(p.ops[at].op.Name+"\t"+p.share(at), "\t")}, p.told(at)...), "\n")
}
