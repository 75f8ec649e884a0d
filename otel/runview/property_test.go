package runview

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// now is when every viewer looks: after all that has ended.
const now = 100

// both is a DB and its twin, which are told the same.
type both struct {
	t    *testing.T
	rnd  *rand.Rand
	db   *DB
	twin *twin
	size int            // different spans
	wide bool           // most of them below few
	open map[RowID]bool // folds of a viewer who stays
}

func (b *both) record() model.SpanRecord {
	n := b.rnd.IntN
	id := func(k int) model.SpanID { return model.SpanID{byte(k >> 8), byte(k), 1} }
	rec := model.SpanRecord{ID: id(1 + n(b.size)), Start: int64(1 + n(50)), Sampled: n(2) == 0, Scope: "test", Trace: model.TraceID{byte(n(2))}}
	rec.Parent = id(1 + n(b.size+b.size/4)) // some never come, some are the span itself
	if b.wide && n(10) > 0 || n(2) == 0 {
		rec.Parent = id(1 + n(3))
	}
	switch n(20) {
	case 0:
		rec.Name = model.SpanBuild
	case 1:
		rec.Name, rec.Scope = fmt.Sprint("node", n(4)), model.ScopePipeline
	default:
		rec.Name = fmt.Sprint("child ", n(4))
	}
	if n(2) == 0 {
		rec.Attrs = append(rec.Attrs, model.Attr{Key: "n", Value: int64(n(5))})
	}
	if n(2) == 0 {
		rec.Attrs = append(rec.Attrs, model.Attr{Key: model.AttrFilePath, Value: fmt.Sprintf("src/Mod_%d.py", n(30))})
	}
	if n(3) == 0 {
		rec.Attrs = append(rec.Attrs, model.Attr{Key: "list", Value: []string{"a", fmt.Sprint(n(9))}}, model.Attr{Key: "half", Value: 0.5})
	}
	if n(2) == 0 {
		rec.End = rec.Start + int64(n(40))
		if n(6) == 0 {
			rec.Status, rec.StatusMessage = model.StatusError, []string{"broke", "went wrong\nbadly"}[n(2)]
		}
	}
	return rec
}

func (b *both) step() {
	switch b.rnd.IntN(8) {
	case 0:
		e := model.NodeExecution{Name: fmt.Sprint("node", b.rnd.IntN(4)), State: model.NodeState(b.rnd.IntN(7)), Start: int64(b.rnd.IntN(30)), Rows: int64(b.rnd.IntN(6)), Bytes: int64(b.rnd.IntN(4))}
		if e.Start != 0 && e.State.Ended() {
			e.End = e.Start + int64(b.rnd.IntN(30))
		}
		if e.State == model.NodeFailed {
			e.Error = []string{"node: broke\nhere", "of its own"}[b.rnd.IntN(2)]
		}
		if e.State == model.NodeBlocked {
			e.BlockedBy = fmt.Sprint("node", b.rnd.IntN(4))
		}
		b.db.SetNode(e, nil)
		b.twin.setNode(e)
	default:
		recs := make([]model.SpanRecord, 1+b.rnd.IntN(b.size/4))
		for i := range recs {
			recs[i] = b.record()
			b.twin.apply(recs[i])
		}
		b.db.Apply(recs)
	}
}

// aRow is a row, one with rows below it as a rule, or one that does not exist yet.
func (b *both) aRow() RowID {
	for range 50 {
		id := RowID(b.rnd.IntN(len(b.twin.rows) + 20))
		if int(id) >= len(b.twin.rows) || len(b.twin.rows[id].kids) > 0 {
			return id
		}
	}
	return 1
}

func (b *both) query() (Query, func(*twinRow, int64) bool) {
	q := Query{Sort: SortKey(b.rnd.IntN(int(SortKind) + 1)), Back: b.rnd.IntN(3) == 0, Self: b.rnd.IntN(2) == 0, Offset: b.rnd.IntN(len(b.twin.rows)+4) - 2, Height: b.rnd.IntN(30), Now: now}
	if b.rnd.IntN(3) == 0 {
		q.Flat = Flat(b.rnd.IntN(3))
	}
	text := ""
	if texts := slices.Sorted(maps.Keys(twinFilters)); b.rnd.IntN(2) == 0 {
		text = texts[b.rnd.IntN(len(texts))]
	}
	var err error
	if q.Filter, err = ParseFilter(text); err != nil {
		b.t.Fatal(err)
	}
	switch b.rnd.IntN(4) {
	case 0: // the default rule
	case 1, 2:
		if b.rnd.IntN(3) == 0 {
			b.open[b.aRow()] = b.rnd.IntN(3) > 0
		}
		q.Open = b.open
	default:
		q.Open = map[RowID]bool{}
		for range b.rnd.IntN(12) {
			q.Open[b.aRow()] = b.rnd.IntN(3) > 0
		}
		for id := range min(4, len(b.twin.rows)) { // where most rows are
			q.Open[RowID(id)] = true
		}
	}
	return q, twinFilters[text]
}

func (b *both) compareWindow() {
	q, match := b.query()
	list, hidden := b.twin.lines(q, match)
	w := b.db.Window(q)
	offset := max(0, min(q.Offset, len(list)-q.Height))
	want := list[offset:min(len(list), offset+q.Height)]
	if w.Total != len(list) || w.Hidden != hidden || w.Offset != offset || len(w.Rows) != len(want) {
		b.t.Fatalf("%q %+v: total %d, hidden %d, offset %d, %d rows; want %d, %d, %d, %d", q.Filter.text, q, w.Total, w.Hidden, w.Offset, len(w.Rows), len(list), hidden, offset, len(want))
	}
	for i, l := range want {
		got, r := w.Rows[i], l.r
		want := Row{ID: r.id, Parent: r.up.id, Depth: l.depth, Kind: r.kind(), Node: r.plan != nil, State: r.state, Start: r.start, End: r.end, Rows: r.rows, Bytes: r.bytes,
			Children: len(r.kids), Open: l.open, BlockedBy: r.blockedBy, Version: got.Version, Ready: got.Ready, Cover: got.Cover}
		if q.Self {
			want.Self = b.wantSelf(r, q.Now, got.Self)
			b.checkCover(r, got)
		}
		want.Name, want.Subject = r.title()
		want.Running, want.Failed = r.below()
		if r.state == model.NodeFailed && b.twin.origin(r) == r {
			want.Error = firstLine(r.message)
		}
		if got != want {
			b.t.Fatalf("%q %+v: row %d is\n%+v, want\n%+v", q.Filter.text, q, i, got, want)
		}
	}
	if len(list) > 0 {
		at := b.rnd.IntN(len(list))
		if got, ok := b.db.Locate(q, list[at].r.id); !ok || got != at {
			b.t.Fatalf("%q %+v: row %d is at %d (%v), want %d", q.Filter.text, q, list[at].r.id, got, ok, at)
		}
	}
	id, visible := RowID(b.rnd.IntN(len(b.twin.rows))), false
	for _, l := range list {
		visible = visible || l.r.id == id
	}
	if _, ok := b.db.Locate(q, id); ok != visible {
		b.t.Fatalf("%q %+v: row %d visible: %v, want %v", q.Filter.text, q, id, ok, visible)
	}
}

// wantSelf is the self time that a window should show; of a running row with many
// rows below it none.
func (b *both) wantSelf(r *twinRow, now, got int64) int64 {
	if r.start == 0 || r.end == 0 && (r.state.Ended() || len(r.kids) > selfAtOnce) {
		return -1
	}
	return r.self(now)
}

// checkCover holds the parts of a row that are said to be covered against the time
// that they cover: each part is shorter than a nanosecond here.
func (b *both) checkCover(r *twinRow, got Row) {
	length := r.duration(now)
	if got.Cover == nil || length == 0 {
		return
	}
	for at := range length {
		covered := slices.ContainsFunc(r.kids, func(k *twinRow) bool {
			return k.start != 0 && k.start <= r.start+at && r.start+at < k.start+k.duration(now)
		})
		if got.Cover.At((float64(at)+0.5)/float64(length)) != covered {
			b.t.Fatalf("row %d of %d ns: nanosecond %d is said to be covered: %v", r.id, length, at, !covered)
		}
	}
}

func (b *both) compareErrors() {
	r := b.twin.rows[b.rnd.IntN(len(b.twin.rows))]
	if got, _ := b.db.NextError(r.id); got != b.twin.nextError(r.id) {
		b.t.Fatalf("next error after %d is %d, want %d", r.id, got, b.twin.nextError(r.id))
	}
	if r.id == 0 {
		return
	}
	from := r
	if at, ok := b.twin.byName[r.blockedBy]; ok {
		from = at
	}
	want := b.twin.origin(from)
	if got, ok := b.db.Origin(r.id); got != want.id || ok != (want.state == model.NodeFailed) {
		b.t.Fatalf("origin of %d is %d, want %d", r.id, got, want.id)
	}
}

func (b *both) compareDetail() {
	r := b.twin.rows[1+b.rnd.IntN(len(b.twin.rows)-1)]
	d, ok := b.db.Detail(r.id)
	if !ok || !(len(d.Attrs) == 0 && len(r.rec.Attrs) == 0) && !reflect.DeepEqual(d.Attrs, r.rec.Attrs) {
		b.t.Fatalf("attributes of %d are %v, want %v", r.id, d.Attrs, r.rec.Attrs)
	}
	if d.Message != r.message && r.blockedBy == "" || d.Span != r.rec.ID || d.Trace != r.rec.Trace || d.Sampled != r.rec.Sampled || len(d.Parents) != len(b.twin.path(r))-2 {
		b.t.Fatalf("detail of %d is %+v, want %+v", r.id, d, r)
	}
}

// checkSums holds what is kept on the way against what is counted anew.
func (b *both) checkSums() {
	checked := 0
	for id := range RowID(b.db.nodes.n) {
		br := b.db.below(id)
		if br == nil {
			continue
		}
		groups, sum := br.groups, branch{}
		if groups == nil {
			groups = []group{{kids: br.kids, sum: br.sum, failed: br.failed}}
		}
		var last RowID
		for _, g := range groups {
			var want group
			for _, kid := range g.kids {
				w := b.db.weight(kid)
				want.sum += w.sum
				want.failed += w.failed
				sum.running += w.running
				sum.n++
				if last != 0 && !b.db.comesBefore(last, kid) {
					b.t.Fatalf("%d stands before %d below %d", last, kid, id)
				}
				last = kid
			}
			if g.sum != want.sum || g.failed != want.failed || len(g.kids) > groupLen {
				b.t.Fatalf("a group of %d below %d has the sums %d and %d, want %d and %d", len(g.kids), id, g.sum, g.failed, want.sum, want.failed)
			}
			sum.sum += g.sum
			sum.failed += g.failed
		}
		if br.n != sum.n || br.sum != sum.sum || br.running != sum.running || br.failed != sum.failed {
			b.t.Fatalf("branch of %d: %+v, want %+v", id, br, sum)
		}
		checked++
	}
	if checked == 0 {
		b.t.Fatal("no branch was checked")
	}
}

func (b *both) compareHeader() {
	var want Header
	for _, r := range b.twin.rows[1:] {
		if r.plan != nil {
			want.States[r.state]++
			want.Rows += r.rows
		}
		if r.rec.ID.IsZero() {
			continue
		}
		want.Spans++
		if r.rec.End == 0 && !b.twin.closed {
			want.Running++
		}
		if r.rec.End != 0 && r.rec.Status == model.StatusError {
			want.Failed++
		}
		if r.rec.End != 0 && !r.rec.Sampled {
			want.SampledOut++
		}
	}
	got := b.db.Header()
	if got.States != want.States || got.Rows != want.Rows || got.Spans != want.Spans || got.Running != want.Running || got.Failed != want.Failed || got.SampledOut != want.SampledOut {
		b.t.Fatalf("header %+v, want %+v", got, want)
	}
}

// Whatever comes in whatever order, a DB answers as one that walks all its rows.
func TestSameAsTwin(t *testing.T) {
	rounds := func(name string, n, steps, size int, wide bool) {
		t.Run(name, func(t *testing.T) {
			for seed := range n {
				b := &both{t: t, rnd: rand.New(rand.NewPCG(uint64(seed), 1)), db: New(Options{}), twin: newTwin(), size: size, wide: wide, open: map[RowID]bool{}}
				plan := model.Plan{Nodes: []model.PlanNode{{Name: "node0", Kind: "sql"}, {Name: "node1", Kind: "go"}, {Name: "node2"}, {Name: "node3"}}}
				b.db.SetPlan(plan)
				b.twin.setPlan(plan)
				for i := range steps {
					b.step()
					if i == steps-2 && seed%3 == 0 {
						b.db.Close()
						b.twin.close()
					}
					for range 3 {
						b.compareWindow()
						b.compareErrors()
						b.compareDetail()
					}
				}
				b.compareHeader()
				b.checkSums()
			}
		})
	}
	rounds("deep", 200, 12, 60, false)
	rounds("wide", wideRounds, 20, 4000, true) // groups of siblings, which split
}
