package runview

import (
	"slices"
	"sort"

	"github.com/buildscope/buildscope/model"
)

// groupLen bounds a group of siblings. A window steps over groups by their sums,
// and over rows only within one; so both this and the number of groups must stay
// some hundreds for a million siblings.
const groupLen = 512

// branch is what a row with rows below it has: these, in their order, and what is
// counted below. The sums follow the default rule of folds, by which a row is open
// when something below it has failed; a viewer's own folds are added by folds.
//
//	sum     visible rows below, were this row open
//	hidden  rows that a filter hides, were this row open
//	running, failed   rows below in that state
type branch struct {
	kids    []RowID // nil once there are groups
	groups  []group // of more than groupLen rows
	n       int32   // rows directly below, those that a filter hides included
	sum     int32
	hidden  int32
	running int32
	failed  int32
}

// group is a run of siblings.
type group struct {
	kids   []RowID
	sum    int32 // visible rows: the siblings and what is open below them
	hidden int32
	failed int32 // failed rows, the siblings included
}

// open is the default rule.
func (b *branch) open() bool { return b != nil && b.failed > 0 }

// seen counts the rows that the branch shows below its row by the default rule.
func (b *branch) seen() int32 {
	if b.open() {
		return b.sum
	}
	return 0
}

// below is the branch of a row, nil while nothing is below it. Row 0 stands for
// the whole tree.
func (db *DB) below(id RowID) *branch {
	if at := db.nodes.at(int(id)).branch; at != 0 || id == 0 {
		return db.branches.at(int(at))
	}
	return nil
}

// comesBefore is the order of siblings.
func (db *DB) comesBefore(a, b RowID) bool {
	x, y := db.nodes.at(int(a)).key(), db.nodes.at(int(b)).key()
	return x < y || x == y && a < b
}

// groupOf is the group in which a row is, or would be.
func (db *DB) groupOf(b *branch, id RowID) int {
	last := len(b.groups) - 1
	if !db.comesBefore(id, b.groups[last].kids[0]) {
		return last // where new rows come
	}
	return max(0, sort.Search(last, func(i int) bool { return db.comesBefore(id, b.groups[i].kids[0]) })-1)
}

// place is the index of a row among siblings.
func (db *DB) place(kids []RowID, id RowID) int {
	n := len(kids)
	if n == 0 || db.comesBefore(kids[n-1], id) {
		return n
	}
	return sort.Search(n, func(i int) bool { return !db.comesBefore(kids[i], id) })
}

// weight is what a row with all below it adds to the sums of its parent.
type weight struct{ sum, running, failed int32 }

func (db *DB) weight(id RowID) weight {
	n := db.nodes.at(int(id))
	w := weight{sum: 1}
	w.count(n.state, 1)
	if n.branch != 0 {
		b := db.branches.at(int(n.branch))
		w.sum += b.seen()
		w.running += b.running
		w.failed += b.failed
	}
	return w
}

func (w *weight) count(s model.NodeState, by int32) {
	switch s {
	case model.NodeRunning:
		w.running += by
	case model.NodeFailed:
		w.failed += by
	}
}

// change adds to the sums above a row, and marks it and the rows above it, which
// count it, as changed.
func (db *DB) change(id RowID, w weight) {
	for id != 0 {
		n := db.nodes.at(int(id))
		n.version = uint32(db.header.Version) + 1
		b := db.below(n.parent)
		if w != (weight{}) {
			if b.groups != nil && (w.sum != 0 || w.failed != 0) {
				g := &b.groups[db.groupOf(b, id)]
				g.sum += w.sum
				g.failed += w.failed
			}
			was := b.seen()
			b.sum += w.sum
			b.running += w.running
			b.failed += w.failed
			w.sum = b.seen() - was
		}
		id = n.parent
	}
}

// hang puts a row with all that is below it under a parent, or at the top.
func (db *DB) hang(id, parent RowID) {
	p := db.nodes.at(int(parent))
	if p.branch == 0 && parent != 0 {
		p.branch = int32(db.branches.add())
	}
	db.nodes.at(int(id)).parent = parent
	db.insert(db.below(parent), id)
	db.change(id, db.weight(id))
}

// unhang takes a row from where it is, to be hung elsewhere at once.
func (db *DB) unhang(id RowID) {
	w := db.weight(id)
	db.change(id, weight{-w.sum, -w.running, -w.failed})
	b := db.below(db.nodes.at(int(id)).parent)
	db.layout++
	b.n--
	if b.groups == nil {
		i := db.place(b.kids, id)
		b.kids = slices.Delete(b.kids, i, i+1)
		return
	}
	at := db.groupOf(b, id)
	g := &b.groups[at]
	i := db.place(g.kids, id)
	g.kids = slices.Delete(g.kids, i, i+1)
	if len(g.kids) == 0 && len(b.groups) > 1 {
		b.groups = slices.Delete(b.groups, at, at+1)
	}
}

// insert puts a row among its siblings. Its weight is added by change.
func (db *DB) insert(b *branch, id RowID) {
	b.n++
	if b.groups == nil {
		if len(b.kids) < groupLen {
			b.kids = slices.Insert(b.kids, db.place(b.kids, id), id)
			return
		}
		b.groups = []group{{kids: b.kids, sum: b.sum, failed: b.failed}}
		b.kids = nil
	}
	at := 0
	if len(b.groups) > 1 || len(b.groups[0].kids) > 0 {
		at = db.groupOf(b, id)
	}
	g := &b.groups[at]
	i := db.place(g.kids, id)
	if len(g.kids) < groupLen {
		g.kids = slices.Insert(g.kids, i, id)
		return
	}
	if i == len(g.kids) && at == len(b.groups)-1 {
		b.groups = append(b.groups, group{kids: append(make([]RowID, 0, groupLen), id)})
		return
	}
	db.layout++
	half := append(make([]RowID, 0, groupLen), g.kids[groupLen/2:]...)
	g.kids = g.kids[:groupLen/2]
	b.groups = slices.Insert(b.groups, at+1, group{kids: half})
	g, h := &b.groups[at], &b.groups[at+1]
	for _, k := range half {
		w := db.weight(k)
		h.sum += w.sum
		h.failed += w.failed
	}
	g.sum -= h.sum
	g.failed -= h.failed
	if i > groupLen/2 {
		g, i = h, i-groupLen/2
	}
	g.kids = slices.Insert(g.kids, i, id)
}
