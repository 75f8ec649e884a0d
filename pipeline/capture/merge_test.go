package capture_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/capture"
)

// The same rows give the same statistics however they are cut into batches, in
// whatever order these come, and in whatever order their collectors are merged.
func TestSplitOrderAndMergeDoNotMatter(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 3))
		rows := []int{0, 1, 100, 3000, 12_000}[seed%5]
		rec := table(t, seed, rows)
		one := capture.New(rec.Schema(), full)
		if err := one.Write(rec); err != nil {
			t.Fatal(err)
		}
		parts := make([]*capture.Collector, 1+r.IntN(6))
		for i := range parts {
			parts[i] = capture.New(rec.Schema(), full)
		}
		var cuts [][2]int64
		for from := int64(0); from < int64(rows); {
			to := min(int64(rows), from+1+r.Int64N(4000))
			cuts = append(cuts, [2]int64{from, to})
			from = to
		}
		r.Shuffle(len(cuts), reflect.Swapper(cuts))
		for _, c := range cuts {
			part := rec.NewSlice(c[0], c[1])
			if err := parts[r.IntN(len(parts))].Write(part); err != nil {
				t.Fatal(err)
			}
			part.Release()
		}
		for len(parts) > 1 {
			i := r.IntN(len(parts) - 1)
			if err := parts[i].Merge(parts[i+1]); err != nil {
				t.Fatal(err)
			}
			parts = append(parts[:i+1], parts[i+2:]...)
		}
		got, want := parts[0].Stats("t"), one.Stats("t")
		if got.Rows != want.Rows {
			t.Fatalf("seed %d: %d rows, want %d", seed, got.Rows, want.Rows)
		}
		for i := range want.Columns {
			g, w := got.Columns[i], want.Columns[i]
			closeEnough(t, g.Name+": mean", g.Mean, w.Mean)
			closeEnough(t, g.Name+": std", g.Std, w.Std)
			g.Mean, g.Std = w.Mean, w.Std
			if !w.DistinctExact {
				g.Top = w.Top // lower bounds; what they are worth is compared with SQL
			}
			compareAttrs(t, fmt.Sprintf("seed %d, %d rows, column %s", seed, rows, w.Name), g, w)
		}
	}
}

func closeEnough(t *testing.T, what string, got, want *float64) {
	t.Helper()
	switch {
	case got == nil || want == nil:
		if got != want {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	case !near(*got, *want, 1e-9) && max(*got-*want, *want-*got) > 1e-12:
		t.Errorf("%s is %v, want %v", what, *got, *want)
	}
}

func compareAttrs(t *testing.T, what string, got, want model.ColumnStats) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, text(got), text(want))
	}
}

// text shows statistics without addresses.
func text(c model.ColumnStats) []model.Attr {
	return model.TableStats{Columns: []model.ColumnStats{c}}.Events(0)[1].Attrs
}

func TestTablesOfOtherColumnsDoNotMerge(t *testing.T) {
	a, b := table(t, 1, 1), batch(t, arrow.BinaryTypes.String, "x")
	if err := capture.New(a.Schema(), full).Merge(capture.New(b.Schema(), full)); err == nil {
		t.Error("two different schemas were merged")
	}
	if err := capture.New(a.Schema(), full).Write(b); err == nil {
		t.Error("a batch of another schema was taken")
	}
}
