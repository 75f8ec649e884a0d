package runview

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// spans makes the records of a run: the root, then groups with spans below them.
// Fan 0 hangs all spans directly under one group. Attrs is how many attributes a
// span has; the first one is the path of its file.
type spans struct {
	n, fan, attrs int
	fails         int // every how many-th span fails; 0 means none
}

func spanID(i int) (id model.SpanID) {
	binary.BigEndian.PutUint64(id[:], uint64(i)*0x9e3779b97f4a7c15+1) // as scattered as random ones
	return id
}

const rootSpan = 1 << 40

// group is the number of the group of span i; groups are spans too.
func (s spans) group(i int) int {
	if s.fan == 0 {
		return 0
	}
	return i / (s.fan + 1) * (s.fan + 1)
}

// record is the start or the end of span i.
func (s spans) record(i int, end bool) model.SpanRecord {
	rec := model.SpanRecord{Trace: model.TraceID{7}, ID: spanID(i), Parent: spanID(rootSpan), Name: "group", Scope: "bench", Start: int64(1e9 + i*1000), Sampled: true}
	if g := s.group(i); g != i {
		rec.Name, rec.Parent = model.SpanFile, spanID(g)
		if s.attrs > 0 {
			rec.Attrs = []model.Attr{
				{Key: model.AttrFilePath, Value: fmt.Sprintf("src/package_%d/module_%d.py", i/100, i)},
				{Key: "language", Value: "python"}, {Key: "code.lines", Value: int64(i % 900)}, {Key: "bytes", Value: int64(i)},
			}[:s.attrs]
		}
	}
	if end {
		rec.End = rec.Start + int64(i%977)*1e6
		if s.fails > 0 && i%s.fails == s.fails-1 {
			rec.Status, rec.StatusMessage = model.StatusError, "unexpected indent"
		}
	}
	return rec
}

// batch gives the records of spans from a number on, starts and ends.
func (s spans) batch(from, to int) []model.SpanRecord {
	recs := make([]model.SpanRecord, 0, 2*(to-from))
	for i := from; i < to; i++ {
		recs = append(recs, s.record(i, false), s.record(i, true))
	}
	return recs
}

func (s spans) fill() *DB {
	db := New(Options{MaxSpans: s.n})
	db.Apply([]model.SpanRecord{{ID: spanID(rootSpan), Name: model.SpanBuild, Start: 1}})
	for from := 0; from < s.n; from += 10_000 {
		db.Apply(s.batch(from, min(s.n, from+10_000)))
	}
	return db
}

const million = 1_000_000

// held keeps the databases of the benchmarks, which take a while to fill.
var held = struct {
	sync.Mutex
	dbs map[spans]*DB
}{dbs: map[spans]*DB{}}

func (s spans) held() *DB {
	held.Lock()
	defer held.Unlock()
	if held.dbs[s] == nil {
		clear(held.dbs)
		held.dbs[s] = s.fill()
	}
	return held.dbs[s]
}

// groups are the rows at the top, opened by a viewer.
func (db *DB) opened(n int) map[RowID]bool {
	open := map[RowID]bool{}
	for _, r := range db.Window(Query{Height: n}).Rows {
		open[r.ID] = true
	}
	return open
}

// BenchmarkIngest measures the start and the end of spans with three attributes;
// the goal is 500,000 events a second.
func BenchmarkIngest(b *testing.B) {
	const n = 200_000
	for name, s := range map[string]spans{"flat": {n: n, attrs: 3}, "fan 8": {n: n, fan: 8, attrs: 3}, "fan 1000": {n: n, fan: 1000, attrs: 3}, "failing": {n: n, attrs: 3, fails: 2}} {
		b.Run(name, func(b *testing.B) {
			var batches [][]model.SpanRecord
			for from := 0; from < n; from += 5000 {
				batches = append(batches, s.batch(from, from+5000))
			}
			b.ReportAllocs()
			for b.Loop() {
				db := New(Options{})
				db.Apply([]model.SpanRecord{{ID: spanID(rootSpan), Name: model.SpanBuild, Start: 1}})
				for _, recs := range batches {
					db.Apply(recs)
				}
				if db.Header().Spans != n {
					b.Fatal("spans are missing")
				}
			}
			b.ReportMetric(float64(2*n*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkWindow measures 60 rows in the middle of a million; the goal is 50 µs.
func BenchmarkWindow(b *testing.B) {
	type shape struct {
		name string
		s    spans
		open int
		q    Query
		runs bool // something has changed before every window
	}
	failed, err := ParseFilter("status:failed")
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []shape{
		{"closed", spans{n: million, fan: 8, attrs: 1}, 0, Query{}, true},
		{"failures", spans{n: million, fan: 8, attrs: 1, fails: 100}, 0, Query{}, true},
		{"one million under one", spans{n: million, attrs: 1}, 1, Query{}, true},
		{"thousand groups of thousand", spans{n: million, fan: 1000, attrs: 1}, 1000, Query{}, true},
		{"thousand groups at rest", spans{n: million, fan: 1000, attrs: 1}, 1000, Query{}, false},
		{"by duration", spans{n: million, fan: 1000, attrs: 1}, 1000, Query{Sort: SortDuration}, false},
		{"waterfall", spans{n: million, fan: 1000, attrs: 1}, 1000, Query{Sort: SortStart, Self: true}, false},
		{"table of all", spans{n: million, fan: 1000, attrs: 1}, 0, Query{Sort: SortDuration, Flat: FlatAll, Self: true}, false},
		{"failed only", spans{n: million, fan: 1000, attrs: 1, fails: 100}, 1000, Query{Filter: failed}, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			db := c.s.held()
			c.q.Height, c.q.Open = 60, db.opened(c.open)
			total := wait(db, c.q).Total
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				c.q.Offset = (i * 7919) % total
				i++
				if c.runs {
					db.data++
				}
				if w := db.Window(c.q); w.Total != total || len(w.Rows) != 60 {
					b.Fatalf("%d rows of %d", len(w.Rows), w.Total)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "µs/window")
			b.ReportMetric(float64(total), "rows")
		})
	}
}

// BenchmarkFilter measures what a new filter costs over a million spans, which no
// lock is held for; the goal is 100 ms.
func BenchmarkFilter(b *testing.B) {
	for _, text := range []string{"status:failed", "module_77", "python", "dur>500ms", "attr.code.lines=77", "/mod.*_77", "!status:failed"} {
		b.Run(text, func(b *testing.B) {
			db := spans{n: million, fan: 1000, attrs: 3, fails: 1000}.held()
			f, err := ParseFilter(text)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				db.makeView(Query{Filter: f})
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/filter")
		})
	}
}

// BenchmarkOrder measures an order other than the plan's.
func BenchmarkOrder(b *testing.B) {
	for name, key := range map[string]SortKey{"duration": SortDuration, "rows": SortRows, "name": SortName, "start": SortStart, "self": SortSelf} {
		b.Run(name, func(b *testing.B) {
			db := spans{n: million, attrs: 3}.held()
			for b.Loop() {
				db.makeView(Query{Sort: key})
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/order")
		})
	}
}

// BenchmarkHeldMillion tells the memory that a million spans take; the goal is
// 150 MB with the attributes of a file.
func BenchmarkHeldMillion(b *testing.B) {
	for _, attrs := range []int{0, 2, 3, 4} {
		b.Run(fmt.Sprint("attrs=", attrs), func(b *testing.B) {
			held.Lock()
			clear(held.dbs)
			held.Unlock()
			var size uint64
			for b.Loop() {
				before := heap()
				db := spans{n: million, fan: 100, attrs: attrs}.fill()
				size = heap() - before
				runtime.KeepAlive(db)
			}
			b.ReportMetric(float64(size)/1e6, "MB")
			b.ReportMetric(float64(size)/million, "B/span")
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkNextError measures the jump to the next failure among a million spans.
func BenchmarkNextError(b *testing.B) {
	db := spans{n: million, attrs: 1, fails: 100_000}.held()
	b.ReportAllocs()
	at := RowID(0)
	for b.Loop() {
		at, _ = db.NextError(at)
	}
}
