package build

import (
	"context"
	"path/filepath"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/build/page"
	"github.com/buildscope/buildscope/model"
)

// writePage writes report.html. The facts of a run that went to its end are at hand,
// so that only its spans, the beginnings of its artifacts and the stacks of failures
// are read back.
func (r *Run) writePage(rep report, plan model.Plan, capture *model.CaptureStatisticsPayload) error {
	b := &bundle.Bundle{Dir: r.bundle.Dir}
	f := page.Facts{Manifest: rep.Manifest, Locations: rep.Locations, Execution: rep.Execution, Plan: plan, Capture: capture,
		Exports: rep.Exports, Causes: rep.Causes, Caches: rep.Caches, Tracker: rep.Tracker, Settings: r.opts.Resolved.Values, Resource: r.repository}
	if rep.Manifest.ErrorNode != "" {
		story, err := b.Story()
		if err != nil {
			return err
		}
		f.Failures = story.Failures
	}
	f.Spans = page.ReadSpans(context.Background(), filepath.Join(b.Dir, bundle.SpansFile), rep.Execution.Nodes)
	var err error
	if f.Artifacts, err = page.Artifacts(b); err != nil {
		return err
	}
	return r.putPage(f)
}

// writeEarlyPage is writePage for a run that failed before its first node.
func (r *Run) writeEarlyPage(m model.ManifestPayload) error {
	f, err := page.Load(context.Background(), &bundle.Bundle{Dir: r.bundle.Dir, Summary: bundle.Summary{RunID: m.RunID}})
	if err != nil {
		return err
	}
	f.Manifest = m
	return r.putPage(f)
}

func (r *Run) putPage(f page.Facts) error {
	html, err := page.HTML(f)
	if err != nil {
		return err
	}
	return r.bundle.File(page.File, html)
}
