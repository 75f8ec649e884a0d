package compare

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/capture"
)

// capturedRun makes a bundle that has captured the numbers from to to, beside their
// names, of a table.
func capturedRun(t *testing.T, from, to int, extra bool) *bundle.Bundle {
	t.Helper()
	fields := []arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}, {Name: "name", Type: arrow.BinaryTypes.String}}
	if extra {
		fields = append(fields, arrow.Field{Name: "extra", Type: arrow.FixedWidthTypes.Boolean})
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for i := from; i < to; i++ {
		b.Field(0).(*array.Int64Builder).Append(int64(i))
		b.Field(1).(*array.StringBuilder).Append([]string{"even", "odd"}[i%2])
		if extra {
			b.Field(2).(*array.BooleanBuilder).Append(true)
		}
	}
	rec := b.NewRecordBatch()
	defer rec.Release()
	c := capture.New(rec.Schema(), capture.Options{MaxDictLength: 10, Quantiles: true, Sketches: true})
	if err := c.Write(rec); err != nil {
		t.Fatal(err)
	}
	stats := c.Stats("t")
	stats.Node = "node"
	id := "0195f0c2-0000-7000-8000-" + strings.Repeat("0", 11) + string(rune('1'+from%9))
	dir := t.TempDir()
	w, err := bundle.Create(dir, id)
	if err == nil {
		err = w.Sketches([]model.TableStats{stats})
	}
	if err != nil {
		t.Fatal(err)
	}
	opened, err := bundle.Open(filepath.Join(dir, "runs", id))
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// Parts of a table in several bundles give the figures of the whole; a column that is
// not in all of them is named.
func TestMergeCapture(t *testing.T) {
	parts := []*bundle.Bundle{capturedRun(t, 0, 3000, false), capturedRun(t, 3000, 3001, true), capturedRun(t, 3001, 10_000, false)}
	merged, err := MergeCapture(context.Background(), parts)
	if err != nil || len(merged) != 1 {
		t.Fatal(merged, err)
	}
	m := merged[0]
	if m.Node != "node" || m.Table != "t" || m.Rows != 10_000 || m.Runs != 3 || len(m.Columns) != 2 || len(m.Skipped) != 1 || m.Skipped[0] != "column extra: it is in 1 of the 3 runs that have the table" {
		t.Errorf("%+v", m)
	}
	whole, err := MergeCapture(context.Background(), []*bundle.Bundle{capturedRun(t, 0, 10_000, false)})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range whole[0].Columns {
		got := m.Columns[i]
		if got.Name != want.Name || got.Count != want.Count || *got.Distinct != *want.Distinct || got.MinText != want.MinText || got.MaxText != want.MaxText ||
			len(got.Quantiles) != len(want.Quantiles) || len(got.Top) != len(want.Top) {
			t.Errorf("%s:\n got %+v\nwant %+v", want.Name, got, want)
		}
		for k := range want.Quantiles {
			if got.Quantiles[k] != want.Quantiles[k] {
				t.Errorf("%s: %v, want %v", want.Name, got.Quantiles[k], want.Quantiles[k])
			}
		}
		// The merged sketch is stored and compared like any other.
		if d, ok := distance(got, want); !ok || d != 0 {
			t.Errorf("%s: %v, %v apart from itself", want.Name, d, ok)
		}
	}
}

func TestMergeCaptureOfDamagedFiles(t *testing.T) {
	b := capturedRun(t, 0, 100, false)
	path := filepath.Join(b.Dir, bundle.SketchesFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func() error{
		"cut off":  func() error { return os.WriteFile(path, data[:len(data)/2], 0o644) },
		"no table": func() error { return os.WriteFile(path, []byte("hello"), 0o644) },
		"gone":     func() error { return os.Remove(path) },
	} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if _, err := MergeCapture(context.Background(), []*bundle.Bundle{b}); err == nil || !strings.Contains(err.Error(), "read the sketches of run 0195f0c2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
