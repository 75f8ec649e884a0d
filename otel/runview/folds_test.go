package runview

import (
	"testing"

	"github.com/buildscope/buildscope/model"
)

// A viewer's folds hold when the siblings of a folded row move into another group,
// and when the row comes only after its fold.
func TestFoldsOutliveChanges(t *testing.T) {
	db := New(Options{})
	start := func(id int, parent int, at int64) {
		db.Apply([]model.SpanRecord{{ID: spanID(id), Parent: spanID(parent), Name: "s", Start: at}})
	}
	start(0, rootSpan, 1)
	const n = 3 * groupLen
	for i := range n {
		start(1+i, 0, int64(100+i))
	}
	start(n+1, n, 1) // below the last one
	open := map[RowID]bool{1: true, n + 1: true}
	total := func() int { return db.Window(Query{Open: open}).Total }
	if got := total(); got != n+2 {
		t.Fatalf("%d rows, want %d", got, n+2)
	}
	start(n+2, 0, 101) // splits the first group
	if w := db.Window(Query{Open: open, Offset: n, Height: 9}); w.Total != n+3 || w.Rows[8].Depth != 2 {
		t.Fatalf("%d rows, want %d; the last %+v", w.Total, n+3, w.Rows[8])
	}
	open[n+4] = true // which is the row of the next span
	total()
	start(n+3, 0, n*2)
	total()
	start(n+4, n+3, 1)
	if got := total(); got != n+5 {
		t.Errorf("%d rows, want %d", got, n+5)
	}
}
