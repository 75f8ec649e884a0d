package page

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// Facts is what a page is made of. Secrets are hidden in it already.
type Facts struct {
	Manifest  model.ManifestPayload
	Locations model.LocationsPayload
	Execution model.PlanExecutionPayload
	Plan      model.Plan                      // empty without plan diagnostics
	Capture   *model.CaptureStatisticsPayload // nil: nothing was captured
	Exports   []model.ExportCounts
	Tracker   model.TrackerStatusPayload
	Causes    []model.Cause
	Caches    []model.CacheAccount
	Settings  []model.Value
	Resource  map[string]string // of the telemetry: the repository's commit among others
	Failures  []model.NodeFailure
	Spans     Spans
	Artifacts []Artifact
}

// Artifact is the beginning of an artifact's file.
type Artifact struct {
	Name string
	Size int64  // bytes of the whole file
	Text string // at most mostArtifact bytes of it, whole lines
}

// Artifacts reads the beginnings of the artifacts of a bundle.
func Artifacts(b *bundle.Bundle) ([]Artifact, error) {
	names, err := b.Artifacts()
	if err != nil {
		return nil, err
	}
	var out []Artifact
	for _, name := range names {
		f, err := b.File(filepath.Join("artifacts", name+".json"))
		if err != nil {
			return nil, fmt.Errorf("show artifact %s: %w", name, err)
		}
		data, err := io.ReadAll(io.LimitReader(f, mostArtifact+1))
		info, statErr := f.Stat()
		if err := errors.Join(err, statErr, f.Close()); err != nil {
			return nil, fmt.Errorf("show artifact %s: %w", name, err)
		}
		out = append(out, Artifact{Name: name, Size: info.Size(), Text: wholeLines(data, mostArtifact)})
	}
	return out, nil
}

// wholeLines cuts text to most bytes, after a line where there is one.
func wholeLines(data []byte, most int) string {
	if len(data) <= most {
		return string(data)
	}
	s := string(data[:most])
	if i := strings.LastIndexByte(s, '\n'); i > 0 {
		s = s[:i+1]
	}
	return strings.ToValidUTF8(s, "")
}

// Load collects the facts from a bundle. What a run that died, or one of another
// version, did not leave stays empty.
func Load(ctx context.Context, b *bundle.Bundle) (Facts, error) {
	var f Facts
	var report struct {
		Execution model.PlanExecutionPayload `json:"plan_execution_v1"`
		Exports   []model.ExportCounts       `json:"exports"`
		Causes    []model.Cause              `json:"why_slow"`
		Caches    []model.CacheAccount       `json:"caches"`
	}
	var plan model.PlanSchedulePayload
	var capture model.CaptureStatisticsPayload
	var config model.OTelConfigPayload
	err := errors.Join(b.JSON("manifest.json", &f.Manifest), b.JSON("settings.json", &f.Settings), b.JSON("report.json", &report),
		b.Optional(model.ArtifactPlan, &plan), b.Optional(model.ArtifactCapture, &capture), b.Optional(model.ArtifactOTelConfig, &config),
		b.Optional(model.ArtifactLocations, &f.Locations), b.Optional(model.ArtifactTracker, &f.Tracker))
	f.Execution, f.Exports, f.Causes, f.Caches, f.Plan = report.Execution, report.Exports, report.Causes, report.Caches, plan.Plan
	if capture.Tables != nil {
		f.Capture = &capture
	}
	f.Resource = map[string]string{}
	for _, a := range config.Resource {
		f.Resource[a.Key] = fmt.Sprint(a.Value)
	}
	story, storyErr := b.Story()
	f.Failures = story.Failures
	if f.Manifest.RunID == "" { // the process died
		f.Manifest = model.ManifestPayload{RunID: b.RunID, Status: b.Status, Error: b.Error, Started: b.Started, Profile: b.Profile, RepoRoot: story.RepoRoot, Version: story.Version}
	}
	if f.Locations.RunBundleDir == "" {
		f.Locations.RunID, f.Locations.RunBundleDir = b.RunID, b.Dir
	}
	if len(f.Execution.Nodes) == 0 {
		f.Execution.Nodes = story.Nodes
	}
	f.Spans = ReadSpans(ctx, filepath.Join(b.Dir, bundle.SpansFile), f.Execution.Nodes)
	var artErr error
	f.Artifacts, artErr = Artifacts(b)
	return f, errors.Join(err, storyErr, artErr)
}

// CachesUsed reports whether the engine's caches were asked for anything.
func (f Facts) CachesUsed() bool { return model.CachesUsed(f.Caches) }

// ended is when the run, or the last thing that is known of it, came to its end.
func (f Facts) ended() time.Time {
	end := f.Manifest.Ended
	for _, n := range f.Execution.Nodes {
		if t := time.Unix(0, max(n.End, n.Start)); t.After(end) && t.After(f.Manifest.Started) {
			end = t
		}
	}
	return end
}
