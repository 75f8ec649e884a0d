package runview

import (
	"context"
	"encoding/json"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/buildscope/buildscope/model"
)

// Options bounds a DB.
type Options struct {
	MaxSpans int // rows kept; zero means 200,000. Later spans are counted as dropped
	MaxLogs  int // log lines kept, the newest; zero means 10,000
}

// DB is one run in memory.
type DB struct {
	opts Options

	mu      sync.RWMutex // guards all below
	rows    []*row       // by RowID; 0 is not used
	byName  map[string]RowID
	bySpan  map[model.SpanID]RowID
	orphans map[model.SpanID][]RowID // children whose parent has not come yet
	root    model.SpanID
	header  Header
	logs    []model.LogRecord
	logLost int64
	changed chan struct{} // closed and replaced at every change
}

type row struct {
	Row
	plan    *model.PlanNode
	rec     model.SpanRecord
	message string // the whole error; Row.Error is for one line
	kids    []RowID
	stats   []model.TableStats
	query   *model.QueryProfile
}

// New makes an empty DB.
func New(o Options) *DB {
	if o.MaxSpans == 0 {
		o.MaxSpans = 200_000
	}
	if o.MaxLogs == 0 {
		o.MaxLogs = 10_000
	}
	return &DB{opts: o, rows: []*row{{}}, byName: map[string]RowID{}, bySpan: map[model.SpanID]RowID{},
		orphans: map[model.SpanID][]RowID{}, changed: make(chan struct{})}
}

// write runs a change under the lock and wakes the waiting viewers.
func (db *DB) write(f func()) {
	db.mu.Lock()
	defer db.mu.Unlock()
	f()
	db.header.Version++
	close(db.changed)
	db.changed = make(chan struct{})
}

// Version changes whenever anything does.
func (db *DB) Version() uint64 {
	db.mu.RLock()
	defer db.mu.RUnlock()
	return db.header.Version
}

// Wait blocks until the version is newer than since, or ctx is done, and returns it.
func (db *DB) Wait(ctx context.Context, since uint64) uint64 {
	for {
		db.mu.RLock()
		v, ch := db.header.Version, db.changed
		db.mu.RUnlock()
		if v > since {
			return v
		}
		select {
		case <-ch:
		case <-ctx.Done():
			return v
		}
	}
}

// SetRun says when the run started.
func (db *DB) SetRun(started time.Time) { db.write(func() { db.header.Started = started }) }

// SetPlan adds a row for every planned node.
func (db *DB) SetPlan(p model.Plan) {
	db.write(func() {
		for i := range p.Nodes {
			n := p.Nodes[i]
			r := db.add(Row{Name: n.Name, Kind: string(n.Kind), Critical: n.Critical})
			r.plan = &n
			db.byName[n.Name] = r.ID
			db.header.Nodes++
			db.header.States[model.NodePending]++
		}
	})
}

func (db *DB) add(r Row) *row {
	r.ID = RowID(len(db.rows))
	out := &row{Row: r}
	db.rows = append(db.rows, out)
	return out
}

// SetNode takes over what became of a node, with or without a span.
func (db *DB) SetNode(e model.NodeExecution, stats []model.TableStats, query *model.QueryProfile) {
	db.write(func() {
		r := db.row(db.byName[e.Name])
		if r == nil {
			return
		}
		db.header.States[r.State]--
		db.header.States[e.State]++
		db.header.Rows += e.Rows - r.Rows
		db.header.Bytes += e.Bytes - r.Bytes
		r.State, r.Start, r.End, r.Rows, r.Bytes, r.message, r.BlockedBy = e.State, e.Start, e.End, e.Rows, e.Bytes, e.Error, e.BlockedBy
		r.stats, r.query = stats, query
		db.touch(r.ID)
	})
}

// SetProgress says how far a running node is.
func (db *DB) SetProgress(node string, p Progress) {
	db.write(func() {
		if r := db.row(db.byName[node]); r != nil {
			r.Progress = p
			db.touch(r.ID)
		}
	})
}

func (db *DB) row(id RowID) *row {
	if id <= 0 || int(id) >= len(db.rows) {
		return nil
	}
	return db.rows[id]
}

// Apply takes over starts and ends of spans, in any order.
func (db *DB) Apply(recs []model.SpanRecord) {
	db.write(func() {
		for _, rec := range recs {
			db.apply(rec)
		}
	})
}

func (db *DB) apply(rec model.SpanRecord) {
	if rec.Name == model.SpanBuild {
		db.root = rec.ID
		delete(db.orphans, rec.ID) // they stand at the top, where they belong
		if rec.End != 0 {
			db.header.Ended = time.Unix(0, rec.End)
		}
		return
	}
	id, known := db.bySpan[rec.ID]
	if !known {
		if db.header.Spans >= int64(db.opts.MaxSpans) {
			db.header.Dropped++
			return
		}
		db.header.Spans++
		db.header.Running++
		id = db.place(rec)
	}
	r := db.row(id)
	ended := r.rec.End != 0
	if ended && rec.End == 0 {
		return // the start came after the end
	}
	r.rec = rec
	db.touch(id)
	if r.plan == nil {
		r.Start, r.End = rec.Start, rec.End
	}
	if rec.End == 0 || ended {
		return
	}
	db.header.Running--
	if rec.Status == model.StatusError {
		db.header.Failed++
	}
	if !rec.Sampled {
		db.header.SampledOut++
	}
	if r.plan == nil {
		r.State = model.NodeSucceeded
		if rec.Status == model.StatusError {
			r.State, r.message = model.NodeFailed, rec.StatusMessage
		}
	}
}

// place finds the row of a new span: its planned node, or a new one below its
// parent. Without the parent it stands at the top until that comes.
func (db *DB) place(rec model.SpanRecord) RowID {
	if id, ok := db.byName[rec.Name]; ok && rec.Scope == model.ScopePipeline && db.rows[id].rec.ID.IsZero() {
		db.bySpan[rec.ID] = id
		db.adopt(rec.ID, id)
		return id
	}
	name, subject := title(rec)
	r := db.add(Row{Name: name, Subject: subject, Kind: "span", State: model.NodeRunning})
	parent, ok := db.bySpan[rec.Parent]
	db.bySpan[rec.ID] = r.ID
	switch {
	case ok:
		db.hang(r.ID, parent)
	case rec.Parent != db.root && rec.Parent != rec.ID:
		db.orphans[rec.Parent] = append(db.orphans[rec.Parent], r.ID)
	}
	db.adopt(rec.ID, r.ID)
	return r.ID
}

// title is a name for a span and what it is about. The span of a file is named
// after the file, because its own name is that of all its siblings.
func title(rec model.SpanRecord) (name, subject string) {
	for _, a := range rec.Attrs {
		if s, ok := a.Value.(string); ok && a.Key == model.AttrFilePath {
			return path.Base(s), s
		}
	}
	return rec.Name, ""
}

func (db *DB) adopt(span model.SpanID, id RowID) {
	for _, child := range db.orphans[span] {
		if !slices.Contains(db.path(id), child) { // else two spans name each other as parent
			db.hang(child, id)
		}
	}
	delete(db.orphans, span)
}

func (db *DB) hang(child, parent RowID) {
	c, p := db.rows[child], db.rows[parent]
	c.Parent = parent
	p.kids = append(p.kids, child)
	p.Children++
	db.touch(child)
}

// touch marks a row as changed, and the rows above it, which count it.
func (db *DB) touch(id RowID) {
	for r := db.row(id); r != nil; r = db.row(r.Parent) {
		r.Version = db.header.Version + 1
	}
}

// AddLog appends a log line.
func (db *DB) AddLog(rec model.LogRecord) {
	db.write(func() {
		if len(db.logs) >= db.opts.MaxLogs {
			db.logs = db.logs[1:]
			db.logLost++
		}
		db.logs = append(db.logs, rec)
	})
}

// AddDropped counts span records that were lost before they came here.
func (db *DB) AddDropped(n int64) { db.write(func() { db.header.Dropped += n }) }

// Close marks what is still running as cancelled.
func (db *DB) Close() {
	db.write(func() {
		for _, r := range db.rows[1:] {
			if r.State == model.NodeRunning {
				if r.plan != nil {
					db.header.States[r.State]--
					db.header.States[model.NodeCancelled]++
				}
				r.State = model.NodeCancelled
				db.touch(r.ID)
			}
		}
		db.header.Running = 0
		if db.header.Ended.IsZero() {
			db.header.Ended = time.Now()
		}
	})
}

// Header is the run at a glance.
func (db *DB) Header() Header {
	db.mu.RLock()
	defer db.mu.RUnlock()
	return db.header
}

// Find is the row of a planned node.
func (db *DB) Find(name string) (RowID, bool) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	id, ok := db.byName[name]
	return id, ok
}

// Detail is everything known about a row.
func (db *DB) Detail(id RowID) (Detail, bool) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	r := db.row(id)
	if r == nil {
		return Detail{}, false
	}
	d := Detail{Row: db.copyRow(r), Plan: r.plan, Trace: r.rec.Trace, Span: r.rec.ID, Sampled: r.rec.Sampled, Status: r.rec.Status,
		Message: r.message, Attrs: r.rec.Attrs, Events: r.rec.Events, Tables: r.stats, Profile: r.query}
	if d.Message == "" && r.BlockedBy != "" {
		d.Message = "needs " + r.BlockedBy
	}
	for _, a := range r.rec.Attrs {
		if s, ok := a.Value.(string); ok && a.Key == model.AttrEngineProfile {
			var q model.QueryProfile
			if json.Unmarshal([]byte(s), &q) == nil {
				d.Profile = &q
			}
		}
	}
	for p := r.Parent; p != 0; p = db.rows[p].Parent {
		d.Parents = append([]string{db.rows[p].Name}, d.Parents...)
	}
	return d, true
}
