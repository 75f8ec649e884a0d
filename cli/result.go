package cli

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// resultOf collects how a run stands, from the view that the screen reads too.
func resultOf(run viewed) model.BatchResult {
	s := run.Snapshot()
	r := model.BatchResult{RunID: s.RunID, Status: s.State, Error: s.Err, ErrorNode: s.ErrNode, Profile: s.Profile, RepoRoot: s.RepoRoot,
		Started: s.Started, OutputDir: s.OutputDir, RunBundleDir: s.BundleDir, Outputs: s.Outputs, Exports: s.Exports, Warnings: s.Warnings}
	if t := s.Tracker; t.Enabled {
		r.Hamilton = &model.BatchHamilton{Delivered: t.Delivered, NodesSent: t.NodesSent, RunURL: t.RunURL, ErrorURL: t.ErrorURL, CompareURL: t.CompareURL}
	}
	if !s.Ended.IsZero() {
		r.DurationMS = s.Ended.Sub(s.Started).Milliseconds()
	}
	db := run.View()
	blocked := map[string][]string{}
	rows := planned(db, map[runview.RowID]bool{})
	for _, row := range rows {
		n := model.BatchNode{Name: row.Name, State: row.State, Rows: row.Rows, Bytes: row.Bytes}
		if row.Start != 0 && row.End != 0 {
			n.DurationNS = row.End - row.Start
		}
		r.Nodes = append(r.Nodes, n)
		if row.BlockedBy != "" {
			blocked[row.BlockedBy] = append(blocked[row.BlockedBy], row.Name)
		}
	}
	for _, row := range rows {
		if row.State != model.NodeFailed {
			continue
		}
		f := model.NodeFailure{Node: row.Name, Blocked: blocked[row.Name]}
		if d, ok := db.Detail(row.ID); ok {
			f.Message = d.Message
			if d.Plan != nil {
				f.Source = d.Plan.Source
			}
		}
		r.Failures = append(r.Failures, f)
	}
	return whole(r)
}

// whole makes every list of a result one, so that JSON has [] and not null.
func whole(r model.BatchResult) model.BatchResult {
	if r.Outputs == nil {
		r.Outputs = []model.OutputLocation{}
	}
	if r.Exports == nil {
		r.Exports = []model.ExportCounts{}
	}
	if r.Nodes == nil {
		r.Nodes = []model.BatchNode{}
	}
	if r.Failures == nil {
		r.Failures = []model.NodeFailure{}
	}
	for i := range r.Failures {
		if r.Failures[i].Blocked == nil {
			r.Failures[i].Blocked = []string{}
		}
	}
	return r
}

// resultFrom reads the same from a bundle, whatever of it there is.
func resultFrom(b *bundle.Bundle) (model.BatchResult, error) {
	r := model.BatchResult{RunID: b.RunID, Status: b.Status, Error: b.Error, Profile: b.Profile, Started: b.Started, RunBundleDir: b.Dir}
	if !b.Ended.IsZero() {
		r.DurationMS = b.Ended.Sub(b.Started).Milliseconds()
	}
	story, err := b.Story()
	if err != nil {
		return r, err
	}
	r.RepoRoot, r.Failures = story.RepoRoot, story.Failures
	for _, n := range story.Nodes {
		r.Nodes = append(r.Nodes, model.BatchNode{Name: n.Name, State: n.State, DurationNS: n.DurationNS(), Rows: n.Rows, Bytes: n.Bytes})
	}
	var m model.ManifestPayload
	var loc model.LocationsPayload
	var status model.ExportStatusPayload
	var t model.TrackerStatusPayload
	var tests model.DataTestsPayload
	err = errors.Join(b.Optional(model.ArtifactManifest, &m), b.Optional(model.ArtifactLocations, &loc), b.Optional(model.ArtifactExportStatus, &status), b.Optional(model.ArtifactTracker, &t),
		b.Optional(model.ArtifactDataTests, &tests))
	r.Warnings = tests.Warnings()
	if t.Enabled {
		r.Hamilton = &model.BatchHamilton{Delivered: t.Delivered, NodesSent: t.NodesSent, RunURL: t.RunURL, ErrorURL: t.ErrorURL, CompareURL: t.CompareURL}
	}
	r.ErrorNode, r.OutputDir, r.Outputs, r.Exports = m.ErrorNode, loc.OutputDir, loc.Outputs, status.Exporters
	return whole(r), err
}

// printResult writes what a build made to stdout.
func (g *globals) printResult(r model.BatchResult, asJSON bool) error {
	if asJSON {
		return g.printJSON(r)
	}
	for _, o := range r.Outputs {
		if _, err := fmt.Fprintf(g.io.Out, "%s\t%d\t%s\n", o.Name, o.Rows, o.Path); err != nil {
			return err
		}
	}
	return nil
}

func (g *globals) printJSON(v any) error {
	enc := json.NewEncoder(g.io.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
