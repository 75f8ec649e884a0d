package runview

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/buildscope/buildscope/model"
)

// A run with a million spans is shown in any part and order, its failures are
// found, and a window never costs more because of the rows that it does not show.
func TestMillionSpans(t *testing.T) {
	s := spans{n: testRows, fan: 1000, attrs: 1, fails: 499} // some in every group
	db := s.fill()
	groups := (s.n + s.fan) / (s.fan + 1)
	if h := db.Header(); h.Spans != int64(s.n) || h.Running != 0 || h.Failed != int64(s.n/s.fails) || h.Dropped != 0 {
		t.Fatalf("header %+v", h)
	}
	closed := map[RowID]bool{}
	for _, r := range db.Window(Query{Height: s.n}).Rows {
		if r.Depth == 0 {
			closed[r.ID] = false
		}
	}
	if w := db.Window(Query{Open: closed}); w.Total != groups || len(closed) != groups {
		t.Fatalf("%d of %d groups, %d rows", len(closed), groups, w.Total)
	}
	open := map[RowID]bool{}
	for id := range closed {
		open[id] = true
	}
	all := Query{Open: open, Height: 60}
	for _, offset := range []int{0, 1, s.n / 3, s.n - 60, s.n} {
		all.Offset = offset
		w := db.Window(all)
		if w.Total != s.n || len(w.Rows) != 60 || w.Offset != min(offset, s.n-60) {
			t.Fatalf("at %d: %d rows of %d at %d", offset, len(w.Rows), w.Total, w.Offset)
		}
		for i, r := range w.Rows { // rows have come in the order of the tree
			if at, ok := db.Locate(all, r.ID); !ok || at != w.Offset+i || int(r.ID) != at+1 {
				t.Fatalf("row %d at %d is said to be at %d", r.ID, w.Offset+i, at)
			}
		}
	}
	at, seen := RowID(0), 0
	for {
		next, ok := db.NextError(at)
		if !ok || next <= at {
			break
		}
		at = next
		seen++
	}
	if seen != s.n/s.fails {
		t.Errorf("%d of %d failures were visited", seen, s.n/s.fails)
	}
	f, err := ParseFilter("status:failed")
	if err != nil {
		t.Fatal(err)
	}
	if w := wait(db, Query{Filter: f, Open: open}); w.Total+w.Hidden != s.n {
		t.Errorf("%d rows shown and %d hidden of %d", w.Total, w.Hidden, s.n)
	}
	w := wait(db, Query{Sort: SortDuration, Open: open, Height: 100})
	if !slices.IsSortedFunc(w.Rows[1:], func(a, b Row) int { return int(b.End - b.Start - a.End + a.Start) }) {
		t.Error("rows are not in the order of their durations")
	}
}

// The self time of a row with very many below it comes after the window, and is
// that of a walk over all of them.
func TestManySelfTimes(t *testing.T) {
	const n = 40_000 // one every 1000 ns, which takes 700
	recs := []model.SpanRecord{{ID: spanID(0), Name: "many", Start: 1e9, End: 1e9 + n*1000}}
	for i := range n {
		at := int64(1e9 + i*1000)
		recs = append(recs, model.SpanRecord{ID: spanID(i + 1), Parent: spanID(0), Name: "one", Start: at, End: at + 700})
	}
	db := New(Options{})
	db.Apply(recs)
	q := Query{Self: true, Height: 1}
	w := db.Window(q)
	if !w.Counting || w.Rows[0].Self != -1 {
		t.Fatalf("40,000 rows were looked at within a window: %+v", w)
	}
	for w.Counting {
		db.Wait(t.Context(), w.Version)
		w = db.Window(q)
	}
	if r := w.Rows[0]; r.Self != n*300 || !r.Cover.At(0.5) {
		t.Errorf("self time %d, want %d", r.Self, n*300)
	}
}

// wait asks for a window until it is not pending.
func wait(db *DB, q Query) Window {
	for {
		w := db.Window(q)
		if !w.Pending {
			return w
		}
		time.Sleep(time.Millisecond)
	}
}

// Orphans beyond what one go may move find their parent all the same.
func TestManyOrphans(t *testing.T) {
	db := New(Options{})
	const n = 3*holdFor + 17
	s := spans{n: n}
	recs := s.batch(1, n)
	for part := range slices.Chunk(recs, 7001) {
		db.Apply(part)
	}
	if w := db.Window(Query{}); w.Total != n-1 {
		t.Fatalf("%d rows at the top", w.Total)
	}
	db.Apply([]model.SpanRecord{s.record(0, false)})
	w := db.Window(Query{Height: 1})
	if w.Total != 1 || w.Rows[0].Children != n-1 {
		t.Fatalf("%d rows at the top, %d below the first", w.Total, w.Rows[0].Children)
	}
	w = db.Window(Query{Open: map[RowID]bool{w.Rows[0].ID: true}, Offset: n, Height: 1})
	if w.Total != n || w.Rows[0].Start != recs[len(recs)-1].Start {
		t.Errorf("%d rows, the last %+v", w.Total, w.Rows)
	}
}

// Views of large runs are stale for a while and never for good.
func TestViewsCatchUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := spans{n: promptRows + 1000, fan: 50}
		db := s.fill()
		db.opts.MaxSpans++
		f, err := ParseFilter("status:running")
		if err != nil {
			t.Fatal(err)
		}
		q := Query{Filter: f, Height: 5}
		if w := wait(db, q); w.Total != 0 {
			t.Fatalf("%d rows run", w.Total)
		}
		synctest.Wait()
		db.Apply([]model.SpanRecord{{ID: spanID(s.n), Parent: spanID(rootSpan), Name: "late", Start: 5}})
		seen := db.Version()
		db.Window(q)
		seen = db.Wait(t.Context(), seen) // the newer view is announced
		if w := db.Window(q); w.Total != 1 || w.Version != seen {
			t.Errorf("%d rows run at version %d of %d", w.Total, w.Version, seen)
		}
		time.Sleep(time.Minute)
		if v := db.Version(); v != seen {
			t.Errorf("version %d without a change, was %d", v, seen)
		}
	})
}

// One writer and many readers, each with folds, filters and orders of its own.
func TestReadersWhileWriting(t *testing.T) {
	s := spans{n: testRows / 20, fan: 300, attrs: 2, fails: 50}
	db := New(Options{})
	db.SetPlan(model.Plan{Nodes: []model.PlanNode{{Name: "a"}, {Name: "b"}}})
	done := make(chan struct{})
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			f, err := ParseFilter([]string{"", "module_7", "!status:failed", "/le_1.*py dur>3ms"}[i])
			if err != nil {
				t.Error(err)
			}
			q := Query{Filter: f, Sort: SortKey(i), Open: map[RowID]bool{}, Height: 40}
			for at := RowID(0); ; {
				select {
				case <-done:
					return
				default:
				}
				q.Now, q.Offset = q.Now+1e6, q.Offset+40
				w := db.Window(q)
				if len(w.Rows) > w.Total || w.Offset > w.Total {
					t.Errorf("%d rows at %d of %d", len(w.Rows), w.Offset, w.Total)
				}
				for _, r := range w.Rows {
					q.Open[r.ID] = r.ID%2 == 0
					db.Detail(r.ID)
				}
				at, _ = db.NextError(at)
				db.Origin(at)
				db.Locate(q, at)
			}
		})
	}
	for from := 0; from < s.n; from += 500 {
		db.Apply(s.batch(from, min(s.n, from+500)))
		db.SetNode(model.NodeExecution{Name: "a", State: model.NodeRunning, Start: int64(from)}, nil)
	}
	db.Close()
	close(done)
	readers.Wait()
	if h := db.Header(); h.Spans != int64(s.n) || h.Running != 0 || h.States[model.NodeCancelled] != 1 {
		t.Errorf("header %+v", h)
	}
}

// What is asked for at every key and every frame allocates nothing but its answer.
func TestAllocations(t *testing.T) {
	db := spans{n: 5000, fan: 100, fails: 10}.fill()
	open := db.opened(40)
	at := RowID(0)
	for name, c := range map[string]struct {
		most float64
		f    func()
	}{
		"Header":    {0, func() { db.Header() }},
		"NextError": {0, func() { at, _ = db.NextError(at) }},
		"Origin":    {0, func() { db.Origin(1) }},
		"Locate":    {1, func() { db.Locate(Query{Open: open}, 4000) }},
		"end of a span": {2, func() { // a channel for those who wait, and the closure
			db.Apply([]model.SpanRecord{{ID: spanID(1), Name: "group", Start: 1, End: 2}})
		}},
	} {
		if n := testing.AllocsPerRun(200, c.f); n > c.most {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}
