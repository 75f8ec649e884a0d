package bundle

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// TestSpanHeads: both ways of reading a file of spans tell the same.
func TestSpanHeads(t *testing.T) {
	w, err := Create(t.TempDir(), "r")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	s, err := w.Spans()
	if err != nil {
		t.Fatal(err)
	}
	const n = 2*spanBatch + 7
	for i := range n {
		r := model.SpanRecord{ID: model.SpanID{1, byte(i >> 8), byte(i)}, Name: []string{"a", "b"}[i%2], Start: int64(i + 1), End: int64(2*i + 2), StatusMessage: "m"}
		r.Attrs = []model.Attr{{Key: "i", Value: int64(i)}}
		if i%3 > 0 {
			r.Parent = model.SpanID{1, 0, 1}
		}
		if i%5 == 0 {
			r.Status = model.StatusError
		}
		s.Add([]model.SpanRecord{r})
	}
	if _, lost, err := s.Close(); lost > 0 || err != nil {
		t.Fatal(lost, err)
	}
	path := filepath.Join(w.Dir, SpansFile)
	var recs []model.SpanRecord
	if err := ReadSpans(context.Background(), path, func(r []model.SpanRecord) { recs = append(recs, r...) }); err != nil {
		t.Fatal(err)
	}
	heads, err := ReadSpanHeads(context.Background(), path)
	if err != nil || len(heads) != n || len(recs) != n {
		t.Fatal(len(heads), len(recs), err)
	}
	for i, r := range recs {
		if want := (SpanHead{ID: r.ID, Parent: r.Parent, Name: r.Name, Start: r.Start, End: r.End, Failed: r.Status == model.StatusError}); heads[i] != want {
			t.Fatalf("span %d is %+v, want %+v", i, heads[i], want)
		}
	}
	got := map[int]any{}
	places := map[int]bool{0: true, spanBatch: true, n - 1: true}
	if err := ReadSpanAttrs(context.Background(), path, places, func(place int, attrs []model.Attr, message string) {
		got[place] = attrs[0].Value
		if message != "m" {
			t.Errorf("message %q", message)
		}
	}); err != nil {
		t.Fatal(err)
	}
	for place := range places {
		if got[place] != recs[place].Attrs[0].Value {
			t.Errorf("span %d has %v, want %v", place, got[place], recs[place].Attrs)
		}
	}
	if _, err := ReadSpanHeads(context.Background(), filepath.Join(w.Dir, "events.jsonl")); err == nil {
		t.Error("a file that is no Parquet was read")
	}
}
