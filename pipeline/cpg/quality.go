package cpg

import (
	"context"
	"fmt"
	"sort"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/pipeline/cpg/scan"
)

// listedErrors bounds the list in extract_errors_v1; the count is always whole.
const listedErrors = 1000

type errorsInput struct {
	ScanRepo scan.FileSet
	EvErrors pipeline.Table
}

func (b builder) errors(ctx context.Context, t *pipeline.Task, in errorsInput) (model.ExtractErrorsPayload, error) {
	p := model.ExtractErrorsPayload{Errors: []model.ExtractError{}}
	for _, f := range in.ScanRepo.Files {
		if f.Skipped != "" {
			p.Errors = append(p.Errors, model.ExtractError{Path: f.Path, Node: "scan_repo", Stage: "skip", Message: f.Skipped})
		}
	}
	err := in.EvErrors.Read(ctx, func(rec arrow.RecordBatch) error {
		text := func(col, i int) string { return rec.Column(col).(*array.String).Value(i) }
		for i := range int(rec.NumRows()) {
			file := in.ScanRepo.Files[rec.Column(0).(*array.Int32).Value(i)]
			p.Errors = append(p.Errors, model.ExtractError{Path: file.Path, Node: "extract_" + file.Language, Stage: text(3, i),
				Message: text(4, i), Line: int(rec.Column(5).(*array.Int32).Value(i))})
		}
		return nil
	})
	if err != nil {
		return p, err
	}
	sort.Slice(p.Errors, func(i, j int) bool {
		a, b := p.Errors[i], p.Errors[j]
		return a.Path < b.Path || a.Path == b.Path && (a.Line < b.Line || a.Line == b.Line && a.Message < b.Message)
	})
	p.Count = int64(len(p.Errors))
	if p.Count > 0 {
		t.Logger().WarnContext(ctx, "some sources could not be read whole", "errors", p.Count)
	}
	if len(p.Errors) > listedErrors {
		p.Errors, p.Truncated = p.Errors[:listedErrors], true
	}
	return p, nil
}

type qualityInput struct {
	ScanRepo        scan.FileSet
	ExtractErrors   model.ExtractErrorsPayload
	CpgNodes        pipeline.Table
	CpgEdges        pipeline.Table
	CpgNodesQuality pipeline.Table
	CpgEdgesQuality pipeline.Table
	EvCalls         pipeline.Table
	UnresolvedCalls pipeline.Table
}

func (b builder) quality(ctx context.Context, t *pipeline.Task, in qualityInput) (model.QualityPayload, error) {
	resolved := 1.0
	if in.EvCalls.Rows > 0 {
		resolved = 1 - float64(in.UnresolvedCalls.Rows)/float64(in.EvCalls.Rows)
	}
	m := func(name string, v float64, unit string, ok bool, doc string) model.QualityMetric {
		return model.QualityMetric{Name: name, Value: v, Unit: unit, OK: ok, Doc: doc}
	}
	p := model.QualityPayload{Metrics: []model.QualityMetric{
		m("files", float64(len(in.ScanRepo.Files)), "files", len(in.ScanRepo.Files) > 0, "source files found"),
		m("extract_errors", float64(in.ExtractErrors.Count), "errors", in.ExtractErrors.Count == 0, "files, or places in files, that could not be read"),
		m("nodes", float64(in.CpgNodes.Rows), "rows", in.CpgNodes.Rows > 0, "nodes of the graph"),
		m("edges", float64(in.CpgEdges.Rows), "rows", in.CpgEdges.Rows > 0, "edges of the graph"),
		m("broken_nodes", float64(in.CpgNodesQuality.Rows), "rows", in.CpgNodesQuality.Rows == 0, "nodes whose id is not unique"),
		m("broken_edges", float64(in.CpgEdgesQuality.Rows), "rows", in.CpgEdgesQuality.Rows == 0, "edges without a node at an end, or whose id is not unique"),
		m("calls_resolved", resolved, "ratio", true, "share of the calls whose callee is known"),
	}}
	for _, q := range p.Metrics {
		if !q.OK {
			t.Logger().WarnContext(ctx, "quality: "+q.Doc, "metric", q.Name, "value", fmt.Sprint(q.Value))
		}
	}
	return p, nil
}
