// Package compare says what is different between two runs: settings, nodes, times
// beyond noise, cache, rows, columns and outputs. It reads bundles and gives plain
// values; the command line and the screen show the same text of them.
package compare

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// Run is what a comparison needs to know of one run.
type Run struct {
	ID, Profile, Pipeline, RepoRoot, Version, InputsHash string

	Sources  string // commit that was built, in few letters; "" when unknown
	Workers  int    // nodes that were allowed to run at the same time; 0 when unknown
	Status   model.RunState
	Started  time.Time
	Ended    time.Time
	Settings []model.Value
	Nodes    []model.NodeExecution
	Prints   []model.Fingerprint
	Outputs  []model.OutputLocation
	Tables   []model.TableStats // nil when no statistics were captured
	Queries  []model.NodeQuery  // plans of the SQL nodes, where the run kept them

	mayRead func(path string) error // says why an output must not be read; nil when all may
}

// Load reads a run from its bundle. What an unfinished run, or one of another
// version, did not leave stays empty.
func Load(b *bundle.Bundle) (Run, error) {
	r := Run{ID: b.RunID, Status: b.Status, Profile: b.Profile, Started: b.Started, Ended: b.Ended, Sources: b.Sources(), mayRead: b.MayRead}
	var m model.ManifestPayload
	var rep struct {
		Execution model.PlanExecutionPayload `json:"plan_execution_v1"`
	}
	var capture model.CaptureStatisticsPayload
	err := errors.Join(
		b.JSON("settings.json", &r.Settings),
		b.JSON("manifest.json", &m),
		b.JSON("report.json", &rep),
		b.Optional(model.ArtifactCapture, &capture))
	r.Pipeline, r.RepoRoot, r.Version, r.InputsHash = m.Pipeline, m.RepoRoot, m.Version, m.InputsHash
	r.Workers = rep.Execution.WorkersAllowed
	r.Nodes, r.Prints, r.Outputs, r.Tables = rep.Execution.Nodes, m.Fingerprints, whole(m.Outputs), capture.Tables
	r.Queries = rep.Execution.Queries
	return r, err
}

// History reads the successful runs before a run that say how long its nodes
// usually take, the newest first, at most maxHistory. They are of the same pipeline
// and repository, and of the same profile and number of workers, which decide how
// much is captured and how many nodes share the machine. Those that cannot be read
// are passed over.
func History(workDir string, of Run) ([]Run, error) {
	ids, err := bundle.IDs(workDir)
	if err != nil {
		return nil, err
	}
	var out []Run
	for _, id := range ids {
		if id >= of.ID || len(out) == maxHistory {
			continue
		}
		b, err := bundle.Open(filepath.Join(workDir, "runs", id))
		if err != nil || b.Status != model.RunSucceeded || b.Profile != of.Profile {
			continue
		}
		if r, err := Load(b); err == nil && r.Pipeline == of.Pipeline && r.RepoRoot == of.RepoRoot && r.Workers == of.Workers {
			out = append(out, r)
		}
	}
	return out, nil
}
