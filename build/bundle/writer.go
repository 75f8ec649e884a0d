// Package bundle is the directory that a run leaves behind: its settings, events,
// artifacts, manifest and report. The writer appends as things happen, so that a
// killed process leaves a bundle that opens; the reader reads bundles of any
// version.
//
//	settings.json   every setting with its source, secrets redacted
//	events.jsonl    append-only, one JSON object per line
//	artifacts/<name>.json
//	capture.parquet one row for each column whose statistics were captured
//	sketches.parquet the same columns in a form that merges
//	manifest.json   written last; a bundle without one is of an incomplete run
//	report.md  report.json  report.html
package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/wholefile"
)

// Writer writes one bundle. Its methods may be called from several goroutines.
type Writer struct {
	Dir     string
	runID   string
	Started time.Time // of the run: the times of events and artifacts count from it, see model.Now

	mu     sync.Mutex // guards what follows
	events *os.File
	torn   bool     // the last line was written in part, as on a full disk
	names  []string // artifacts written, in order
}

// Create makes <workDir>/runs/<runID>. The work directory gets a .gitignore that
// covers itself.
func Create(workDir, runID string) (*Writer, error) {
	dir := filepath.Join(workDir, "runs", runID)
	if err := os.MkdirAll(filepath.Join(dir, "artifacts"), 0o755); err != nil {
		return nil, fmt.Errorf("create the run bundle: %w", err)
	}
	ignore := filepath.Join(workDir, ".gitignore")
	if _, err := os.Stat(ignore); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(ignore, []byte("*\n"), 0o644); err != nil {
			return nil, fmt.Errorf("create the run bundle: %w", err)
		}
	}
	f, err := os.OpenFile(filepath.Join(dir, "events.jsonl"), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("create the run bundle: %w", err)
	}
	return &Writer{Dir: dir, runID: runID, events: f}, nil
}

// Now is the time of the run.
func (w *Writer) Now() time.Time { return model.Now(w.Started) }

// Event appends one line {"time":…,"event":name,"run_id":…,…fields}. The line is
// handed to the operating system before Event returns, so it survives the death
// of this process.
func (w *Writer) Event(name string, fields map[string]any) error {
	line := map[string]any{"time": w.Now().UTC().Format(time.RFC3339Nano), "event": name, "run_id": w.runID}
	for k, v := range fields {
		line[k] = v
	}
	data, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("write event %s: %w", name, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.events == nil {
		return fmt.Errorf("write event %s: %w", name, os.ErrClosed)
	}
	data = append(data, '\n')
	if w.torn {
		data = append([]byte{'\n'}, data...) // this event must not end on the torn line
	}
	n, err := w.events.Write(data)
	w.torn = err != nil && (n > 0 || w.torn)
	if err != nil {
		return fmt.Errorf("write event %s: %w", name, err)
	}
	return nil
}

// Artifact writes artifacts/<name>.json, or writes it anew. The first time is an event.
func (w *Writer) Artifact(name string, payload any) error {
	a := model.Artifact{Name: name, Version: 1, RunID: w.runID, CreatedAt: w.Now().UTC(), Payload: payload}
	if err := w.JSON(filepath.Join("artifacts", name+".json"), a); err != nil {
		return err
	}
	w.mu.Lock()
	again := slices.Contains(w.names, name)
	if !again {
		w.names = append(w.names, name)
	}
	w.mu.Unlock()
	if again {
		return nil
	}
	return w.Event("artifact", map[string]any{"name": name})
}

// Artifacts lists the names written so far.
func (w *Writer) Artifacts() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.names...)
}

// Files lists the files beside the artifacts that are in the bundle by now, sorted.
func (w *Writer) Files() ([]string, error) {
	entries, err := os.ReadDir(w.Dir)
	if err != nil {
		return nil, fmt.Errorf("list the files of the bundle: %w", err)
	}
	names := []string{}
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasSuffix(e.Name(), wholefile.Half) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// JSON writes a file of the bundle, indented, by rename.
func (w *Writer) JSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return w.File(name, append(data, '\n'))
}

// CacheEntriesFile is the file of a bundle with what the engine's caches held at the
// end, a model.CacheEntry on each line.
const CacheEntriesFile = "cache_entries.jsonl"

// File writes a file of the bundle by rename.
func (w *Writer) File(name string, data []byte) error {
	if err := wholefile.Write(filepath.Join(w.Dir, name), data, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// Gone reports whether somebody has removed the bundle meanwhile.
func (w *Writer) Gone() bool {
	_, err := os.Stat(filepath.Join(w.Dir, "events.jsonl"))
	return errors.Is(err, os.ErrNotExist)
}

// Close ends the event log. It may be called twice.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.events == nil {
		return nil
	}
	err := w.events.Close()
	w.events = nil
	return err
}
