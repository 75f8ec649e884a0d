package runview

import (
	"maps"
	"slices"

	"github.com/buildscope/buildscope/model"
)

// SlowestOperator is the node in whose query one operator took longer than any of the
// others of the build, and false while no operators are known. It reads the profile of
// every node, which takes a tenth of a millisecond each.
func (db *DB) SlowestOperator() (slowest RowID, ok bool) {
	db.mu.RLock()
	ids := slices.Sorted(maps.Keys(db.facts))
	db.mu.RUnlock()
	most := int64(-1)
	for _, id := range ids {
		d, _ := db.Detail(id)
		if d.Query.Profile == nil {
			continue
		}
		if ns := longestOperator(d.Query.Profile.Root); ns > most {
			most, slowest = ns, id
		}
	}
	return slowest, most >= 0
}

// longestOperator is the longest time among operators and their inputs, -1 without any.
func longestOperator(list []model.Operator) int64 {
	most := int64(-1)
	for _, o := range list {
		most = max(most, o.TimeNS, longestOperator(o.Children))
	}
	return most
}
