package build

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/doctor"
)

// PastRuns reads what the doctor wants to know of the n newest runs under workDir
// that came to an end, the newest first. A bundle that cannot be read is passed
// over: `buildscope runs list` tells about it.
func PastRuns(workDir string, n int) []doctor.PastRun {
	entries, err := os.ReadDir(filepath.Join(workDir, "runs"))
	if err != nil {
		return nil // no run yet
	}
	slices.Reverse(entries) // names are UUIDv7: their order is the order in time
	var runs []doctor.PastRun
	for _, e := range entries {
		if len(runs) == n {
			break
		}
		if r, err := pastRun(filepath.Join(workDir, "runs", e.Name())); err == nil {
			runs = append(runs, r)
		}
	}
	return runs
}

func pastRun(dir string) (r doctor.PastRun, err error) {
	var m model.ManifestPayload
	if err := readJSON(filepath.Join(dir, "manifest.json"), &m); err != nil {
		return r, err
	}
	if m.Status != model.RunSucceeded && m.Status != model.RunFailed {
		return r, fmt.Errorf("run %s is %s", m.RunID, m.Status)
	}
	r = doctor.PastRun{ID: m.RunID, Spans: m.SpansTotal}
	if m.Status == model.RunSucceeded { // a failure may come at any time
		r.Took = m.Ended.Sub(m.Started)
	}
	if err := readJSON(filepath.Join(dir, "settings.json"), &r.Values); err != nil {
		return r, err
	}
	var exports model.ExportStatusPayload
	err = (&bundle.Bundle{Dir: dir}).Payload(model.ArtifactExportStatus, &exports)
	r.Exports = exports.Exporters
	return r, err
}

func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}
