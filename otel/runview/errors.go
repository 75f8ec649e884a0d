package runview

import (
	"strings"

	"github.com/buildscope/buildscope/model"
)

// NextError is the first failed row after one, in the order of the tree in which
// everything is open, and around the end. After 0, or a row that does not exist,
// it is the first of all. Only branches with failures are looked at.
func (db *DB) NextError(after RowID) (RowID, bool) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	if db.node(after) != nil {
		if id := db.firstFailed(after, 0); id != 0 {
			return id, true
		}
		for at := after; at != 0; at = db.nodes.at(int(at)).parent {
			if id := db.firstFailed(db.nodes.at(int(at)).parent, at); id != 0 {
				return id, true
			}
		}
	}
	id := db.firstFailed(0, 0)
	return id, id != 0
}

// firstFailed is the first failed row below a row, and with after the first one
// below the siblings that follow it; 0 when there is none.
func (db *DB) firstFailed(id, after RowID) RowID {
	for {
		kid := db.failedKid(id, after)
		if kid == 0 || db.nodes.at(int(kid)).state == model.NodeFailed {
			return kid
		}
		id, after = kid, 0
	}
}

// failedKid is the first row directly below a row that has failed, or has failed
// rows below it, and comes after another.
func (db *DB) failedKid(id, after RowID) RowID {
	b := db.below(id)
	if b == nil || b.failed == 0 {
		return 0
	}
	groups := b.groups
	if groups == nil {
		return db.failedIn(b.kids, after)
	}
	if after != 0 {
		groups = groups[db.groupOf(b, after):]
	}
	for i := range groups {
		if groups[i].failed == 0 {
			continue
		}
		if kid := db.failedIn(groups[i].kids, after); kid != 0 {
			return kid
		}
	}
	return 0
}

func (db *DB) failedIn(kids []RowID, after RowID) RowID {
	for _, kid := range kids {
		if (after == 0 || db.comesBefore(after, kid)) && db.weight(kid).failed > 0 {
			return kid
		}
	}
	return 0
}

// Origin is where the failure that a row shows began: in the node that blocks it,
// in a failed row below it, or in itself.
func (db *DB) Origin(id RowID) (RowID, bool) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	n := db.node(id)
	if n == nil {
		return 0, false
	}
	if at, ok := db.byName[db.fact(id, n).blockedBy]; ok {
		id = at
	}
	id = db.origin(id)
	return id, db.nodes.at(int(id)).state == model.NodeFailed
}

// origin goes down from a row to the first failed row that has none below it. A
// failed row stays its own origin when that is about something else: a node may
// bear that a file is bad and fail of another cause.
func (db *DB) origin(id RowID) RowID {
	deepest := id
	for kid := id; kid != 0; kid = db.failedKid(kid, 0) {
		deepest = kid
	}
	n, d := db.nodes.at(int(id)), db.nodes.at(int(deepest))
	if deepest != id && n.state == model.NodeFailed && !strings.Contains(db.message(id, n), firstLine(db.message(deepest, d))) {
		return id
	}
	return deepest
}

// errors counts the failed rows of a row and below it.
func (db *DB) errors(id RowID, n *node) int {
	count := 0
	if b := db.below(id); b != nil {
		count = int(b.failed)
	}
	if n.state == model.NodeFailed {
		count++
	}
	return count
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(line)
}
