package bundle_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// A run whose process died, with a line that a full disk tore in between, opens as
// incomplete with every whole event.
func TestTornLinesCostOnlyThemselves(t *testing.T) {
	work := t.TempDir()
	w, err := bundle.Create(work, "run")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"run_started", "node_finished"} {
		if err := w.Event(name, map[string]any{"profile": "dev"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(w.Dir, "events.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("{\"event\":\"node_fin\n{\"event\":\"node_finished\"}\n{\"event\":\"no"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(w.Dir)
	if err != nil || b.Status != model.RunIncomplete || b.Nodes != 2 || b.Profile != "dev" {
		t.Errorf("bundle %+v, %v", b, err)
	}
}

func TestClosedLogRefusesEvents(t *testing.T) {
	w, err := bundle.Create(t.TempDir(), "run")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Event("late", nil); err == nil {
		t.Error("an event was taken after Close")
	}
}

// Whatever is in the files of a bundle, opening it is an answer or an error.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"event":"node_finished","node":"a"}`+"\n{\"ev"), []byte(`{"status":"succeeded","started":"2026-01-01T00:00:00Z"}`))
	f.Add([]byte("null\n[]\n7\n"), []byte(`{"status":7,"outputs":{}}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, events, manifest []byte) {
		for name, data := range map[string][]byte{"events.jsonl": events, "manifest.json": manifest} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if b, err := bundle.Open(dir); err == nil {
			if _, err := b.Events(); err != nil {
				t.Errorf("the bundle opens, its events do not: %v", err)
			}
		}
	})
}
