package runview

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// twin does what a DB does in the simplest way: every answer walks all rows.
type twin struct {
	rows    []*twinRow // by RowID
	byName  map[string]*twinRow
	bySpan  map[model.SpanID]*twinRow
	orphans map[model.SpanID][]*twinRow
	root    model.SpanID
	closed  bool
}

type twinRow struct {
	id         RowID
	up         *twinRow
	kids       []*twinRow
	plan       *model.PlanNode
	rec        model.SpanRecord
	state      model.NodeState
	start, end int64
	rows       int64
	bytes      int64
	message    string
	blockedBy  string
}

func newTwin() *twin {
	top := &twinRow{}
	return &twin{rows: []*twinRow{top}, byName: map[string]*twinRow{}, bySpan: map[model.SpanID]*twinRow{}, orphans: map[model.SpanID][]*twinRow{}}
}

func (t *twin) add() *twinRow {
	r := &twinRow{id: RowID(len(t.rows))}
	t.rows = append(t.rows, r)
	return r
}

func (t *twin) hang(r, up *twinRow) {
	if r.up != nil {
		r.up.kids = slices.DeleteFunc(r.up.kids, func(k *twinRow) bool { return k == r })
	}
	r.up = up
	up.kids = append(up.kids, r)
}

func (t *twin) setPlan(p model.Plan) {
	for _, n := range p.Nodes {
		r := t.add()
		r.plan = &n
		t.hang(r, t.rows[0])
		t.byName[n.Name] = r
	}
}

func (t *twin) setNode(e model.NodeExecution) {
	r := t.byName[e.Name]
	r.state, r.start, r.end, r.rows, r.bytes, r.message, r.blockedBy = e.State, e.Start, e.End, e.Rows, e.Bytes, e.Error, e.BlockedBy
}

func (t *twin) apply(rec model.SpanRecord) {
	if rec.Name == model.SpanBuild {
		t.root = rec.ID
		delete(t.orphans, rec.ID)
		return
	}
	r, known := t.bySpan[rec.ID]
	if known && r.rec.End != 0 {
		return
	}
	if !known {
		if n, ok := t.byName[rec.Name]; ok && rec.Scope == model.ScopePipeline && n.rec.ID.IsZero() {
			r = n
		} else {
			r = t.add()
			up, ok := t.bySpan[rec.Parent]
			switch {
			case ok:
				t.hang(r, up)
			case rec.Parent != t.root && rec.Parent != rec.ID:
				t.orphans[rec.Parent] = append(t.orphans[rec.Parent], r)
				fallthrough
			default:
				t.hang(r, t.rows[0])
			}
		}
		t.bySpan[rec.ID] = r
	}
	r.rec = rec
	if r.plan == nil {
		r.start, r.end = rec.Start, rec.End
		switch {
		case rec.End == 0 && t.closed:
			r.state = model.NodeCancelled
		case rec.End == 0:
			r.state = model.NodeRunning
		case rec.Status == model.StatusError:
			r.state, r.message = model.NodeFailed, rec.StatusMessage
		default:
			r.state = model.NodeSucceeded
		}
	}
	if !known {
		for _, child := range t.orphans[rec.ID] {
			if !slices.Contains(t.path(r), child) {
				t.hang(child, r)
			}
		}
		delete(t.orphans, rec.ID)
	}
}

func (t *twin) close() {
	t.closed = true
	for _, r := range t.rows[1:] {
		if r.state == model.NodeRunning {
			r.state = model.NodeCancelled
		}
	}
}

func (t *twin) path(r *twinRow) []*twinRow {
	var out []*twinRow
	for ; r != nil; r = r.up {
		out = append(out, r)
	}
	return out
}

func (r *twinRow) title() (name, subject string) {
	for _, a := range r.rec.Attrs {
		if s, ok := a.Value.(string); ok && a.Key == model.AttrFilePath && r.plan == nil {
			return path.Base(s), s
		}
	}
	if r.plan != nil {
		return r.plan.Name, ""
	}
	return r.rec.Name, ""
}

func (r *twinRow) kind() string {
	if r.plan != nil {
		return string(r.plan.Kind)
	}
	return "span"
}

func (r *twinRow) below() (running, failed int) {
	for _, k := range r.kids {
		a, b := k.below()
		running, failed = running+a, failed+b
		switch k.state {
		case model.NodeRunning:
			running++
		case model.NodeFailed:
			failed++
		}
	}
	return running, failed
}

func (r *twinRow) duration(now int64) int64 {
	switch {
	case r.start == 0:
		return 0
	case r.end == 0:
		return now - r.start
	}
	return r.end - r.start
}

func (r *twinRow) sorted(q Query) []*twinRow {
	planned := func(r *twinRow) int {
		if r.plan != nil {
			return 0
		}
		return 1
	}
	start := func(r *twinRow) int64 {
		if r.plan != nil {
			return 0
		}
		return r.start
	}
	out := slices.Clone(r.kids)
	slices.SortFunc(out, func(a, b *twinRow) int {
		c := 0
		switch q.Sort {
		case SortDuration:
			c = cmp.Compare(b.duration(q.Now), a.duration(q.Now))
		case SortRows:
			c = cmp.Compare(b.rows, a.rows)
		case SortName:
			an, _ := a.title()
			bn, _ := b.title()
			c = strings.Compare(an, bn)
		case SortStart, SortSelf:
			if (a.start == 0) != (b.start == 0) { // what has no value is last, both ways
				return map[bool]int{true: 1, false: -1}[a.start == 0]
			}
			if c = cmp.Compare(a.start, b.start); q.Sort == SortSelf {
				c = cmp.Compare(b.self(q.Now), a.self(q.Now))
			}
		case SortBytes:
			c = cmp.Compare(b.bytes, a.bytes)
		case SortErrors:
			c = cmp.Compare(b.errors(), a.errors())
		case SortState:
			c = cmp.Compare(strings.Index("FRBXPCS", a.letter()), strings.Index("FRBXPCS", b.letter()))
		case SortKind:
			c = strings.Compare(a.kind(), b.kind())
		}
		if q.Back {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(planned(a), planned(b)), cmp.Compare(start(a), start(b)), cmp.Compare(a.id, b.id))
	})
	return out
}

// letter stands for a state.
func (r *twinRow) letter() string { return "PRSCFBX"[r.state : r.state+1] }

func (r *twinRow) errors() int {
	_, failed := r.below()
	if r.state == model.NodeFailed {
		failed++
	}
	return failed
}

// self counts the nanoseconds of a row in which none of its kids ran, one by one.
func (r *twinRow) self(now int64) (ns int64) {
	for at := r.start; at < r.start+r.duration(now); at++ {
		if !slices.ContainsFunc(r.kids, func(k *twinRow) bool {
			return k.start != 0 && k.start <= at && at < k.start+k.duration(now)
		}) {
			ns++
		}
	}
	return ns
}

func (r *twinRow) open(q Query) bool {
	if len(r.kids) == 0 {
		return false
	}
	if open, said := q.Open[r.id]; said {
		return open
	}
	_, failed := r.below()
	return failed > 0
}

// twinFilters are filters with what they should match.
var twinFilters = map[string]func(r *twinRow, now int64) bool{
	"":                func(*twinRow, int64) bool { return true },
	"status:failed":   func(r *twinRow, _ int64) bool { return r.state == model.NodeFailed },
	"!status:running": func(r *twinRow, _ int64) bool { return r.state != model.NodeRunning },
	"dur>20ns":        func(r *twinRow, now int64) bool { return r.duration(now) > 20 },
	"rows>3":          func(r *twinRow, _ int64) bool { return r.rows > 3 },
	"bytes>=2 rows<4": func(r *twinRow, _ int64) bool { return r.bytes >= 2 && r.rows < 4 },
	"errors>0":        func(r *twinRow, _ int64) bool { return r.errors() > 0 },
	"!attr.n>1": func(r *twinRow, _ int64) bool {
		return !slices.ContainsFunc(r.rec.Attrs, func(a model.Attr) bool { n, ok := a.Value.(int64); return ok && a.Key == "n" && n > 1 })
	},
	`name:x "child 2"`: func(*twinRow, int64) bool { return false },
	`"HILD 2"`: func(r *twinRow, _ int64) bool {
		name, subject := r.title()
		return strings.Contains(strings.ToLower(name+"\x00"+subject), "hild 2")
	},
	"kind:sql": func(r *twinRow, _ int64) bool { return r.kind() == "sql" },
	"attr.n=3": func(r *twinRow, _ int64) bool {
		return slices.ContainsFunc(r.rec.Attrs, func(a model.Attr) bool { return a.Key == "n" && fmt.Sprint(a.Value) == "3" })
	},
	"MOD_1": func(r *twinRow, _ int64) bool {
		name, subject := r.title()
		return strings.Contains(strings.ToLower(name+"\x00"+subject), "mod_1")
	},
	"/^(mod_2|src.mod_1)": func(r *twinRow, _ int64) bool {
		name, subject := r.title()
		x := regexp.MustCompile("(?i)^(mod_2|src.mod_1)")
		return x.MatchString(name) || x.MatchString(subject)
	},
}

func (r *twinRow) matches(q Query, match func(*twinRow, int64) bool) bool {
	return match(r, q.Now) || slices.ContainsFunc(r.kids, func(k *twinRow) bool { return k.matches(q, match) })
}

type twinLine struct {
	r     *twinRow
	depth int
	open  bool
}

// lines are all visible rows.
func (t *twin) lines(q Query, match func(*twinRow, int64) bool) (list []twinLine, hidden int) {
	if q.Flat != FlatNone {
		return t.flat(q, match)
	}
	var walk func(r *twinRow, depth int)
	walk = func(r *twinRow, depth int) {
		for _, k := range r.sorted(q) {
			if !k.matches(q, match) {
				hidden++
				continue
			}
			open := k.open(q)
			list = append(list, twinLine{k, depth, open})
			if open {
				walk(k, depth+1)
			}
		}
	}
	walk(t.rows[0], 0)
	return list, hidden
}

// flat are the rows of a list.
func (t *twin) flat(q Query, match func(*twinRow, int64) bool) (list []twinLine, hidden int) {
	all := &twinRow{}
	for _, r := range t.rows[1:] {
		switch {
		case q.Flat == FlatNodes && r.plan == nil:
		case q.Flat == FlatNodes && r.matches(q, match), q.Flat == FlatAll && match(r, q.Now):
			all.kids = append(all.kids, r)
		default:
			hidden++
		}
	}
	for _, r := range all.sorted(q) {
		list = append(list, twinLine{r: r})
	}
	return list, hidden
}

// preorder are all rows with everything open.
func (t *twin) preorder() []*twinRow {
	var list []*twinRow
	var walk func(r *twinRow)
	walk = func(r *twinRow) {
		for _, k := range r.sorted(Query{}) {
			list = append(list, k)
			walk(k)
		}
	}
	walk(t.rows[0])
	return list
}

func (t *twin) nextError(after RowID) RowID {
	list := t.preorder()
	at := slices.IndexFunc(list, func(r *twinRow) bool { return r.id == after })
	for _, r := range append(slices.Clone(list[at+1:]), list[:at+1]...) {
		if r.state == model.NodeFailed {
			return r.id
		}
	}
	return 0
}

func (t *twin) origin(r *twinRow) *twinRow {
	deepest := r
	for more := true; more; {
		more = false
		for _, k := range deepest.sorted(Query{}) {
			if _, failed := k.below(); k.state == model.NodeFailed || failed > 0 {
				deepest, more = k, true
				break
			}
		}
	}
	if r.state == model.NodeFailed && !strings.Contains(r.message, firstLine(deepest.message)) {
		return r
	}
	return deepest
}
