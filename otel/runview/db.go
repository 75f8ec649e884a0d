package runview

import (
	"context"
	"encoding/hex"
	"sync"
	"time"

	"github.com/buildscope/buildscope/model"
)

// Options bounds a DB. A span takes about 90 bytes, and its attributes and events
// about what they would as text, of which MaxText is kept. So a million spans take
// 90 MB and their text, which is 40 MB when they name a file each; every filter or
// order in use adds 16 MB, for at most four of them.
type Options struct {
	MaxSpans int   // rows kept; zero means 1,000,000. Later spans are counted as dropped
	MaxText  int64 // bytes kept of attributes, events and messages; zero means 256 MiB. Later ones are counted as dropped
	MaxLogs  int   // log lines kept, the newest; zero means 10,000
}

// DB is one run in memory.
type DB struct {
	opts Options

	mu       sync.RWMutex // guards all below
	nodes    chunks[node] // by RowID; 0 is the tree itself
	branches chunks[branch]
	facts    map[RowID]*facts
	tables   map[RowID][]model.TableStats
	text     textArena
	names    *interner // of spans
	keyNames *interner
	keys     []attrKey // by number in keyNames
	pathKey  uint32
	traces   chunks[model.TraceID]
	buf      writer

	byName  map[string]RowID // planned nodes
	bySpan  map[model.SpanID]RowID
	orphans map[model.SpanID][]RowID // children whose parent has not come yet
	late    []model.SpanID           // parents that have come and not yet got all of these
	root    model.SpanID
	header  Header
	closed  bool
	layout  uint64        // changes when rows change places, or the groups they are in
	data    uint64        // changes with everything that a filter or an order may depend on
	plans   uint64        // changes when there are other nodes, or other edges between them
	changed chan struct{} // closed and replaced at every change

	logs     logRing
	views    viewCache
	folds    foldCache
	profiles profiles
	selfs    selfCache
}

// New makes an empty DB.
func New(o Options) *DB {
	if o.MaxSpans == 0 {
		o.MaxSpans = 1_000_000
	}
	if o.MaxText == 0 {
		o.MaxText = 256 << 20
	}
	if o.MaxLogs == 0 {
		o.MaxLogs = 10_000
	}
	db := &DB{opts: o, facts: map[RowID]*facts{}, tables: map[RowID][]model.TableStats{}, text: textArena{limit: o.MaxText},
		names: newInterner(), keyNames: newInterner(), keys: []attrKey{{values: newInterner()}}, byName: map[string]RowID{},
		bySpan: map[model.SpanID]RowID{}, orphans: map[model.SpanID][]RowID{}, changed: make(chan struct{}), logs: logRing{max: o.MaxLogs}}
	db.nodes.add()
	db.branches.add()
	db.traces.add()
	db.pathKey, _ = db.key(model.AttrFilePath)
	return db
}

// write runs a change under the lock and wakes the waiting viewers. A change must
// be short: viewers wait for it.
func (db *DB) write(f func()) {
	db.mu.Lock()
	defer db.mu.Unlock()
	f()
	db.announce()
}

// announce wakes the waiting viewers. The lock is held.
func (db *DB) announce() {
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

// FindSpan gives the row of a span by the hexadecimal form of its id.
func (db *DB) FindSpan(id string) (RowID, bool) {
	var span model.SpanID
	if n, err := hex.Decode(span[:], []byte(id)); err != nil || n != len(span) || len(id) != 2*len(span) {
		return 0, false
	}
	db.mu.RLock()
	defer db.mu.RUnlock()
	row, ok := db.bySpan[span]
	return row, ok
}

// Path is the way from the top to a row, the row included.
func (db *DB) Path(id RowID) []RowID {
	db.mu.RLock()
	defer db.mu.RUnlock()
	n := db.node(id)
	if n == nil {
		return nil
	}
	out := make([]RowID, db.depth(id)+1)
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = id
		id = db.nodes.at(int(id)).parent
	}
	return out
}

// SetRun says when the run started.
func (db *DB) SetRun(started time.Time) { db.write(func() { db.header.Started = started }) }

// AddDropped counts span records that were lost before they came here.
func (db *DB) AddDropped(n int64) { db.write(func() { db.header.Dropped += n }) }
