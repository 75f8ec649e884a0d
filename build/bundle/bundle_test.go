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
