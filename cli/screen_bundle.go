package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/build/compare"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/tui"
)

// screenBundle is a bundle as the Artifacts screen reads it.
type screenBundle struct{ b *bundle.Bundle }

func (s screenBundle) Artifacts(context.Context) ([]tui.ArtifactInfo, error) {
	names, err := s.b.Artifacts()
	var out []tui.ArtifactInfo
	for _, n := range names {
		info, err := os.Lstat(filepath.Join(s.b.Dir, "artifacts", n+".json"))
		if err != nil {
			return nil, fmt.Errorf("list artifacts: %w", err)
		}
		out = append(out, tui.ArtifactInfo{Name: n, Size: info.Size()})
	}
	return out, err
}

func (s screenBundle) Artifact(_ context.Context, name string) ([]byte, error) {
	a, err := s.b.Artifact(name)
	if err != nil {
		return nil, err
	}
	return json.Marshal(a)
}

func (s screenBundle) Report(context.Context) (string, error) { return s.b.Report() }

func (s screenBundle) Outputs(context.Context) ([]model.OutputLocation, error) {
	var p model.LocationsPayload
	if s.b.Status == model.RunIncomplete {
		return nil, nil
	}
	err := s.b.Payload(model.ArtifactLocations, &p)
	return p.Outputs, err
}

func (s screenBundle) Preview(ctx context.Context, path string, offset, limit int64) (tui.Preview, error) {
	if err := s.b.MayRead(path); err != nil {
		return tui.Preview{}, err
	}
	rows, err := pipeline.Preview(ctx, path, offset, limit)
	return tui.Preview{Columns: rows.Columns, Types: rows.Types, Rows: rows.Cells, Nulls: rows.Nulls, Offset: offset, Total: rows.Total}, err
}

// nodePast is a node over earlier runs as the Run screen shows it.
func nodePast(ctx context.Context, r *compare.Recall, workDir string, q tui.PastQuery) (tui.NodePast, error) {
	if q.Plan {
		profile, id, err := compare.LastPlan(ctx, workDir, q.RunID, q.RepoRoot, q.Node)
		return tui.NodePast{Before: tui.PastPlan{RunID: id, Profile: profile}}, err
	}
	t, err := r.Node(ctx, workDir, q.RunID, compare.Like{RepoRoot: q.RepoRoot, Profile: q.Profile, Workers: q.Workers}, q.Node)
	return pastOf(t), err
}

// pastOf is a timeline as the screen shows it.
func pastOf(t compare.Timeline) tui.NodePast {
	past := tui.NodePast{MedianNS: t.Noise.MedianNS, MarginNS: t.Noise.MarginNS, Counted: t.Noise.Runs, Workers: t.Workers,
		Judge: func(took int64) string { return string(t.Judge(took)) }}
	for _, p := range t.Runs {
		past.Runs = append(past.Runs, tui.PastNode{RunID: p.RunID, Started: p.Started, State: p.State, TookNS: p.TookNS, Rows: p.Rows,
			Profile: p.Profile, Sources: p.Sources, Counts: p.Counts})
	}
	return past
}
