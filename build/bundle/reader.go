package bundle

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
)

// Summary is one line of the list of runs.
type Summary struct {
	RunID   string         `json:"run_id"`
	Dir     string         `json:"dir"`
	Status  model.RunState `json:"status"`
	Profile string         `json:"profile"`
	Started time.Time      `json:"started"`
	Ended   time.Time      `json:"ended,omitzero"`
	Error   string         `json:"error,omitempty"`
	Commit  string         `json:"commit,omitempty"` // that was checked out
	Dirty   bool           `json:"dirty,omitempty"`  // tracked files differed from it
	Nodes   int            `json:"nodes_finished"`
}

// Sources names the commit in few letters, with a + when tracked files differed from
// it; "" when there is none.
func (s Summary) Sources() string {
	name := s.Commit[:min(len(s.Commit), 7)]
	if s.Dirty && name != "" {
		name += "+"
	}
	return name
}

// Bundle is an opened run bundle.
type Bundle struct {
	Dir string
	Summary
	// Within says why a file outside of the bundle that it names, as an output, must not
	// be read; nil when all may.
	Within func(path string) error
}

// Open reads a bundle. One without a manifest, because its process died, opens as
// incomplete with what its events tell. A bundle of another version opens too:
// files that are missing and fields that are unknown, or of another type, cost
// only themselves.
func Open(dir string) (*Bundle, error) {
	b := &Bundle{Dir: dir, Summary: Summary{RunID: filepath.Base(dir), Dir: dir, Status: model.RunIncomplete}}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("open bundle: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("open bundle: %s is not a directory", dir)
	}
	data, err := b.read("manifest.json")
	if errors.Is(err, os.ErrNotExist) {
		return b, b.readEvents()
	}
	if err != nil {
		return nil, fmt.Errorf("open bundle %s: %w", dir, err)
	}
	var m manifestHead
	if err := decode(data, &m); err != nil {
		return nil, fmt.Errorf("open bundle %s: read manifest.json: %w", dir, err)
	}
	if m.Nodes == nil || m.Started.IsZero() { // of an earlier version
		if err := b.readEvents(); err != nil {
			return nil, err
		}
	}
	if m.Nodes != nil {
		b.Nodes = *m.Nodes
	}
	b.Status, b.Profile, b.Error = m.Status, m.Profile, m.Error
	if !m.Started.IsZero() {
		b.Started = m.Started
	}
	b.Ended, b.Commit, b.Dirty = m.Ended, m.Commit, m.Dirty
	return b, nil
}

// manifestHead is what the list of runs shows of a manifest. The rest, which grows
// with the nodes, is passed over.
type manifestHead struct {
	Status  model.RunState `json:"status"`
	Error   string         `json:"error"`
	Started time.Time      `json:"started"`
	Ended   time.Time      `json:"ended"`
	Profile string         `json:"profile"`
	Commit  string         `json:"commit"`
	Dirty   bool           `json:"dirty"`
	Nodes   *int           `json:"nodes_finished"` // nil in bundles of earlier versions
}

// decode reads JSON of any version: a field of another type than today's is left
// as it was, and all others are read.
func decode(data []byte, v any) error {
	var other *json.UnmarshalTypeError
	if err := json.Unmarshal(data, v); !errors.As(err, &other) {
		return err
	}
	return nil
}

// readEvents takes what it can from events.jsonl.
func (b *Bundle) readEvents() error {
	events, err := b.Events()
	if err != nil {
		return err
	}
	for _, e := range events {
		switch e["event"] {
		case "run_started":
			b.Started, _ = time.Parse(time.RFC3339Nano, fmt.Sprint(e["time"]))
			b.Profile, _ = e["profile"].(string)
		case "node_finished":
			b.Nodes++
		}
	}
	return nil
}

// Events reads the event log. A line that is not whole is left out: the last one
// after a kill, or one in between from when the disk was full.
func (b *Bundle) Events() ([]map[string]any, error) {
	f, err := b.File("events.jsonl")
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open bundle %s: %w", b.Dir, err)
	}
	defer f.Close()
	var events []map[string]any
	sc := bufio.NewScanner(f)
	sc.Buffer(make([]byte, 0, 64<<10), 16<<20)
	for sc.Scan() {
		var e map[string]any
		if json.Unmarshal(sc.Bytes(), &e) == nil {
			events = append(events, e)
		}
	}
	if err := sc.Err(); err != nil {
		return events, fmt.Errorf("read the events of %s: %w", b.Dir, err)
	}
	return events, nil
}

// Artifacts lists the names of the bundle's artifacts, sorted.
func (b *Bundle) Artifacts() ([]string, error) {
	files, err := b.Files("artifacts")
	if err != nil {
		return nil, fmt.Errorf("list the artifacts of %s: %w", b.Dir, err)
	}
	var names []string
	for _, f := range files {
		if name, ok := strings.CutSuffix(f, ".json"); ok {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names, nil
}

// Artifact reads one artifact.
func (b *Bundle) Artifact(name string) (model.RawArtifact, error) {
	var a model.RawArtifact
	data, err := b.read(filepath.Join("artifacts", filepath.Base(name)+".json"))
	if err != nil {
		return a, fmt.Errorf("read artifact %s: %w", name, err)
	}
	if err := decode(data, &a); err != nil {
		return a, fmt.Errorf("read artifact %s: %w", name, err)
	}
	return a, nil
}

// Payload reads one artifact's payload into v.
func (b *Bundle) Payload(name string, v any) error {
	a, err := b.Artifact(name)
	if err != nil {
		return err
	}
	if len(a.Payload) == 0 {
		return fmt.Errorf("read artifact %s: it has no payload: %w", name, os.ErrNotExist)
	}
	if err := decode(a.Payload, v); err != nil {
		return fmt.Errorf("read artifact %s: %w", name, err)
	}
	return nil
}

// JSON reads a file of the bundle, if it is there, as decode does. v stays as it
// was when it is not.
func (b *Bundle) JSON(name string, v any) error {
	data, err := b.read(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if err := decode(data, v); err != nil {
		return fmt.Errorf("read %s of %s: %w", name, b.Dir, err)
	}
	return nil
}

// Optional is Payload of an artifact that need not be there: a bundle of another
// version, or of a run that died, lacks some.
func (b *Bundle) Optional(name string, v any) error {
	if err := b.Payload(name, v); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Report is the Markdown report, "" when the run left none.
func (b *Bundle) Report() (string, error) {
	data, err := b.read("report.md")
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the report: %w", err)
	}
	return string(data), nil
}
