package build

import (
	"fmt"
	"path/filepath"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/doctor"
)

// PastRuns reads what the doctor wants to know of the n newest runs under workDir
// that came to an end, the newest first. A bundle that cannot be read is passed
// over: `buildscope runs list` tells about it.
func PastRuns(workDir string, n int) []doctor.PastRun {
	ids, _ := bundle.IDs(workDir) // a folder that cannot be read has none
	var runs []doctor.PastRun
	for _, id := range ids {
		if len(runs) == n {
			break
		}
		if r, err := pastRun(&bundle.Bundle{Dir: filepath.Join(workDir, "runs", id)}); err == nil {
			runs = append(runs, r)
		}
	}
	return runs
}

func pastRun(b *bundle.Bundle) (r doctor.PastRun, err error) {
	var m model.ManifestPayload
	if err := b.JSON("manifest.json", &m); err != nil {
		return r, err
	}
	if m.Status != model.RunSucceeded && m.Status != model.RunFailed {
		return r, fmt.Errorf("run %s is %s", m.RunID, m.Status)
	}
	r = doctor.PastRun{ID: m.RunID, Spans: m.SpansTotal}
	if m.Status == model.RunSucceeded { // a failure may come at any time
		r.Took = m.Ended.Sub(m.Started)
	}
	if err := b.JSON("settings.json", &r.Values); err != nil {
		return r, err
	}
	var exports model.ExportStatusPayload
	err = b.Payload(model.ArtifactExportStatus, &exports)
	r.Exports = exports.Exporters
	return r, err
}
