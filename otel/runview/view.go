package runview

import (
	"math"
	"slices"
	"time"

	"github.com/buildscope/buildscope/model"
)

// view is the tree as it was at one moment, narrowed by a filter or with siblings
// in another order. It is not changed once it is made, and takes about 16 bytes
// for each row of the DB.
type view struct {
	id     uint64
	data   uint64        // of the DB, when the view was begun
	now    int64         // of the query
	moving bool          // some durations depend on now
	took   time.Duration // to make it

	up       []RowID // by RowID: the row above, or gone
	branchAt []int32 // by RowID: 0 when nothing is below it
	at       []int32 // by RowID: index among the siblings
	branches []branch
}

// gone marks rows that the filter hides.
const gone RowID = -1

func (v *view) branchOf(id RowID) *branch {
	if at := v.branchAt[id]; at != 0 || id == 0 {
		return &v.branches[at]
	}
	return nil
}

func (v *view) parent(id RowID) (RowID, bool) {
	if id < 0 || int(id) >= len(v.up) || v.up[id] == gone {
		return 0, false
	}
	return v.up[id], true
}

func (v *view) precedes(a, b RowID) bool { return v.at[a] < v.at[b] }

func (v *view) group(b *branch, id RowID) int {
	if b.groups == nil {
		return 0
	}
	return int(v.at[id]) / groupLen
}

// scan is what a view is made from, copied out of the DB.
type scan struct {
	sort   SortKey
	back   bool
	flat   Flat
	up     []RowID
	kept   []bool // matches the filter; later also what is above such a row
	open   []bool // by the default rule
	start  []int64
	times  []times  // nil but for SortSelf
	node   []bool   // nodes; nil but for FlatNodes
	key    []int64  // of the order, least first; nil in the order of the plan
	label  []string // breaks ties; nil but for SortName and SortKind
	data   uint64
	moving bool
}

// scanFor bounds the rows that are read in one go, while a writer has to wait:
// less than a millisecond.
const scanFor = 4096

// scan reads all rows. What changes meanwhile is in the scan or not.
func (db *DB) scan(q Query) *scan {
	db.mu.RLock()
	n := db.nodes.n
	s := &scan{sort: q.Sort, back: q.Back, flat: q.Flat, data: db.data, up: make([]RowID, n), kept: make([]bool, n), open: make([]bool, n), start: make([]int64, n)}
	db.mu.RUnlock()
	if q.Sort != SortPlan {
		s.key = make([]int64, n)
	}
	if q.Sort == SortName || q.Sort == SortKind {
		s.label = make([]string, n)
	}
	if q.Sort == SortSelf {
		s.times = make([]times, n)
	}
	if q.Flat == FlatNodes {
		s.node = make([]bool, n)
	}
	m := &matcher{db: db, terms: q.Filter.terms, now: q.Now}
	for from := 1; from < n; from += scanFor {
		db.mu.RLock()
		m.prepare()
		for id := RowID(from); int(id) < min(n, from+scanFor); id++ {
			s.read(db, m, id)
		}
		db.mu.RUnlock()
	}
	if q.Sort == SortSelf {
		s.selfTimes()
	}
	if q.Back {
		s.reverse()
	}
	return s
}

// last is the key of rows without a value: they come last both ways.
const last = math.MaxInt64

// reverse turns the order of the keys around.
func (s *scan) reverse() {
	for i, k := range s.key {
		if k != last {
			s.key[i] = -1 - k // has no overflow, unlike -k
		}
	}
}

func (s *scan) read(db *DB, m *matcher, id RowID) {
	n := db.nodes.at(int(id))
	if int(n.parent) < len(s.up) { // else it came after the scan had begun
		s.up[id] = n.parent
	}
	s.kept[id] = m.match(id, n)
	s.open[id] = db.below(id).open()
	s.start[id] = n.key()
	s.moving = s.moving || n.start != 0 && n.end == 0
	switch s.sort {
	case SortDuration:
		s.key[id] = -n.duration(m.now)
	case SortRows:
		s.key[id] = -db.fact(id, n).rows
	case SortName:
		s.label[id], _ = db.title(n)
		s.key[id] = prefix(s.label[id])
	case SortKind:
		s.label[id] = db.kind(id, n)
		s.key[id] = prefix(s.label[id])
	case SortStart:
		if s.key[id] = n.start; n.start == 0 {
			s.key[id] = last
		}
	case SortSelf:
		s.times[id] = times{n.start, n.start + n.duration(m.now)}
	case SortBytes:
		s.key[id] = -db.fact(id, n).bytes
	case SortErrors:
		s.key[id] = -int64(db.errors(id, n))
	case SortState:
		s.key[id] = stateOrder[n.state]
	}
	if s.node != nil {
		s.node[id] = n.is(inPlan)
	}
}

// stateOrder puts first what a person looks for first.
var stateOrder = [...]int64{model.NodeFailed: 0, model.NodeRunning: 1, model.NodeBlocked: 2, model.NodeCancelled: 3,
	model.NodePending: 4, model.NodeCached: 5, model.NodeSucceeded: 6}

// view makes the view. It takes no lock.
func (s *scan) view() *view {
	n := len(s.up)
	if s.flat != FlatAll {
		for id := range s.up {
			if s.kept[id] {
				for p := s.up[id]; p != 0 && !s.kept[p]; p = s.up[p] {
					s.kept[p] = true
				}
			}
		}
	}
	if s.flat != FlatNone {
		s.flatten()
	}
	s.kept[0] = true
	all, shown := make([]int32, n), make([]int32, n) // rows directly below
	for id := 1; id < n; id++ {
		if s.up[id] == gone {
			continue
		}
		all[s.up[id]]++
		if s.kept[id] {
			shown[s.up[id]]++
		}
	}
	v := &view{data: s.data, moving: s.moving, up: s.up, branchAt: make([]int32, n), at: make([]int32, n), branches: make([]branch, 1)}
	total := 0
	for id := range n {
		if !s.kept[id] || all[id] == 0 && id != 0 {
			continue
		}
		if id != 0 {
			v.branchAt[id] = int32(len(v.branches))
			v.branches = append(v.branches, branch{})
		}
		b := &v.branches[v.branchAt[id]]
		b.n = all[id]
		if s.open[id] {
			b.failed = 1
		}
		total += int(shown[id])
	}
	s.hang(v, shown, total)
	v.sum()
	return v
}

// flatten puts all rows that are kept at the top, and counts the others that a
// list of the same kind would have as hidden there.
func (s *scan) flatten() {
	for id := range s.up {
		s.up[id], s.open[id] = 0, false
		if s.flat == FlatNodes && !s.node[id] {
			s.up[id], s.kept[id] = gone, false
		}
	}
}

// hang puts the rows that are kept below their parents, in order.
func (s *scan) hang(v *view, shown []int32, total int) {
	room := make([]RowID, total)
	for id := range v.up {
		if b := v.branchOf(RowID(id)); b != nil {
			b.kids, room = room[:0:shown[id]], room[shown[id]:]
		}
	}
	for id := 1; id < len(v.up); id++ {
		if s.kept[id] {
			b := &v.branches[v.branchAt[v.up[id]]]
			b.kids = append(b.kids, RowID(id))
		}
	}
	var items []sortItem
	for i := range v.branches {
		items = s.order(v.branches[i].kids, items)
		for at, id := range v.branches[i].kids {
			v.at[id] = int32(at)
		}
	}
	for id := range v.up {
		if !s.kept[id] {
			v.up[id] = gone
		}
	}
}

// sum fills in the sums of the branches, from the deepest up.
func (v *view) sum() {
	order := make([]*branch, 1, len(v.branches))
	order[0] = &v.branches[0]
	for i := 0; i < len(order); i++ {
		for _, kid := range order[i].kids {
			if at := v.branchAt[kid]; at != 0 {
				order = append(order, &v.branches[at])
			}
		}
	}
	for _, b := range slices.Backward(order) {
		b.hidden = b.n - int32(len(b.kids))
		kids := b.kids
		if len(kids) > groupLen {
			b.kids = nil
		}
		for part := range slices.Chunk(kids, groupLen) {
			g := group{kids: part, sum: int32(len(part))}
			for _, kid := range part {
				if k := v.branchOf(kid); k.open() {
					g.sum += k.sum
					g.hidden += k.hidden
				}
			}
			b.sum += g.sum
			b.hidden += g.hidden
			if b.kids == nil {
				b.groups = append(b.groups, g)
			}
		}
	}
}
