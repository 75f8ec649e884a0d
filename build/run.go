package build

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/buildscope/buildscope/engine/remote/spark"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/pipeline/sqlproject"
)

// run executes the graph and writes everything that is known afterwards. Every
// step is tried also when an earlier one failed: a run that could not publish
// still leaves its report.
func (r *Run) run(ctx context.Context) {
	b := r.opts.Resolved.Settings.Build
	r.update(func(s *model.RunSnapshot) { s.State = model.RunRunning })
	spans := newSpanHook(r)
	o := pipeline.Options{
		Engine: r.engine(), Dir: filepath.Join(r.bundle.Dir, "work"), Workers: r.workers(),
		ContinueOnError: b.OnError == model.OnErrorContinue,
		KeepProfiles:    r.opts.Resolved.Settings.Diagnostics.PlanDiagnostics,
		ChildSpans:      r.opts.Resolved.Settings.Diagnostics.NodeTracing,
		Capture:         r.capture,
		Started:         r.started,
		Redact:          r.keys.Text,
		FullRefresh:     b.FullRefresh,
		Estimates:       r.learn(), Logger: r.logger,
		Hooks:     append([]pipeline.Hook{spans, r.why, &cacheHook{run: r}, &eventHook{run: r}, viewHook{feed: r.feed, spans: r.opts.Resolved.Settings.Diagnostics.NodeTracing}, r.metrics}, r.opts.Hooks...),
		HookError: func(err error) { r.logger.ErrorContext(ctx, "lifecycle hook", "error", err.Error()) },
	}
	if b.Incremental {
		o.Cache = &pipeline.Cache{Dir: filepath.Join(b.WorkDir, "cache"), Code: codeVersion(r.opts.Version)}
		if r.remote != nil {
			o.Cache.Engine = spark.Dialect
		}
	}
	if r.startTracker() {
		o.Hooks = append(o.Hooks, r.tracker)
	}
	res := r.graph.Run(ctx, o)
	r.update(func(s *model.RunSnapshot) { s.State = model.RunFinishing })

	var outputs []model.OutputLocation
	tests, _ := res.DataTests()
	err := res.Err
	if err == nil {
		outputs, err = publish(ctx, res, b.OutputDir, r.id, r.workers())
	}
	state := model.RunSucceeded
	switch {
	case err != nil && ctx.Err() != nil && !isNodeError(err):
		state, err = model.RunCancelled, context.Cause(ctx)
	case err != nil:
		state = model.RunFailed
	}
	r.update(func(s *model.RunSnapshot) {
		s.Ended, s.Outputs, s.Warnings = r.now(), outputs, tests.Warnings()
		if len(outputs) > 0 {
			s.OutputDir = filepath.Join(b.OutputDir, r.id)
		}
		if err != nil {
			s.Err = r.keys.Text(err.Error())
		}
		var ne *pipeline.NodeError
		if errors.As(err, &ne) {
			s.ErrNode = ne.Node
		}
	})
	spans.end(err)
	r.closeTracker(ctx, state)
	if o.Cache != nil && state == model.RunSucceeded {
		if err := o.Cache.Accept(res); err != nil {
			r.logger.Warn("the next build computes incremental models whole", "error", err.Error())
		}
		if err := o.Cache.Prune(); err != nil {
			r.logger.Warn("prune the result cache", "error", err.Error())
		}
	}
	r.keepStatistics(r.opts.Resolved.Settings)
	err = r.closeEngines()
	flushing := time.Now()
	err = errors.Join(err, r.tel.Shutdown(context.WithoutCancel(ctx)))
	r.flush = time.Since(flushing)
	if err != nil {
		r.logger.Warn("close the run", "error", err.Error())
	}
	if _, lost, err := r.spans.Close(); lost > 0 {
		r.logger.Warn("not every span was written to the bundle", "lost", lost, "error", fmt.Sprint(err))
	}
	if err := r.writeEndArtifacts(res, state); err != nil {
		r.update(func(s *model.RunSnapshot) {
			if s.OutputDir != "" {
				err = fmt.Errorf("the outputs were published to %s, but the bundle is not whole: %w", s.OutputDir, err)
			}
			s.Err = strings.TrimPrefix(s.Err+"\n"+err.Error(), "\n")
		})
		state = model.RunFailed
	}
	r.view.Close()
	r.update(func(s *model.RunSnapshot) { s.State = state })
	if err := r.release(); err != nil {
		r.update(func(s *model.RunSnapshot) { s.Err += " " + err.Error() })
	}
	if err := r.closeRecord(); err != nil { // the build is as good as without it
		r.update(func(s *model.RunSnapshot) { s.Err = strings.TrimPrefix(s.Err+"\n"+err.Error(), "\n") })
	}
}

func isNodeError(err error) bool {
	var ne *pipeline.NodeError
	return errors.As(err, &ne)
}

func (r *Run) writeEndArtifacts(res *pipeline.Result, state model.RunState) error {
	if r.bundle.Gone() { // a few files in its place would be worse than none
		return fmt.Errorf("somebody has removed the bundle while the build ran: %s", r.bundle.Dir)
	}
	snap := r.Snapshot()
	settings := r.opts.Resolved.Settings
	var errs []error
	put := func(name string, payload any) { errs = append(errs, r.bundle.Artifact(name, payload)) }

	for _, n := range res.Nodes {
		if p, ok := n.Value.(model.ArtifactPayload); ok {
			put(p.ArtifactName(), p)
		}
	}
	exec := executed(res)
	slow := r.endedSlow(res, exec, snap.Exports)
	put(model.ArtifactWhySlow, slow)
	tests, tested := res.DataTests()
	if tested {
		put(model.ArtifactDataTests, tests)
	}
	caches := r.readCaches("end")
	put(model.ArtifactCacheState, caches)
	errs = append(errs, r.writeCacheEntries())
	var plan model.Plan
	if settings.Diagnostics.PlanDiagnostics {
		plan = res.Plan
		put(model.ArtifactPlan, model.PlanSchedulePayload{Plan: plan, ExecutionMode: settings.Build.ExecutionMode, Workers: res.Workers})
		put(model.ArtifactExecution, exec)
	}
	var capture *model.CaptureStatisticsPayload
	var captured *captureSummary
	if r.capture != nil {
		p := r.capturePayload(res.CaptureFailed)
		capture = &p
		put(model.ArtifactCapture, p)
		errs = append(errs, r.bundle.CaptureTable(p.Tables))
		var tables []model.TableStats
		for _, n := range res.Nodes {
			tables = append(tables, n.Stats...)
		}
		errs = append(errs, r.bundle.Sketches(tables))
		captured = summarize(p)
	}
	log := model.RunLogPayload{DAGName: r.dagName(), ProjectID: settings.Hamilton.ProjectID, Username: settings.Hamilton.Username,
		TraceID: r.traceID.String(), Tags: r.tags(), Nodes: []model.NodeExecution{}}
	if settings.Diagnostics.NodeDiagnostics {
		log.Nodes = exec.Nodes
	}
	put(model.ArtifactRunLog, log)
	tracked := r.trackerStatus()
	put(model.ArtifactTracker, tracked)
	put(model.ArtifactExportStatus, model.ExportStatusPayload{Exporters: snap.Exports})
	loc := model.LocationsPayload{RunID: r.id, Status: state, OutputDir: snap.OutputDir, LatestDir: latestDir(settings.Build.OutputDir),
		RunBundleDir: r.bundle.Dir, Outputs: snap.Outputs}
	if loc.Outputs == nil {
		loc.Outputs = []model.OutputLocation{}
	}
	put(model.ArtifactLocations, loc)

	ended, _ := r.tel.Spans()
	written, _, _ := r.spans.Close() // it is closed; an error was logged and means 0
	m := model.ManifestPayload{RunID: r.id, Status: state, Error: snap.Err, ErrorNode: snap.ErrNode, Started: snap.Started, Ended: snap.Ended,
		Version: r.opts.Version, Pipeline: r.opts.Pipeline, Profile: snap.Profile, RepoRoot: snap.RepoRoot, TraceID: r.traceID.String(),
		InputsHash: inputsHash(res), Fingerprints: fingerprints(res), Outputs: loc.Outputs, Files: []string{}, Nodes: finished(exec.Nodes), SpansTotal: ended, SpansDropped: r.view.Header().Dropped, SpansWritten: written}
	m.Commit, m.Dirty = commit(r.repository)
	rep := report{Manifest: m, Locations: loc, Execution: exec, Exports: snap.Exports, Capture: captured, Tracker: tracked, Causes: slow.Causes, Caches: caches.Last(), Tests: tests}
	if r.remote != nil {
		rep.Remote = r.remote.Config(r.opts.Resolved.Values)
	}
	errs = append(errs, r.bundle.JSON("report.json", rep), r.bundle.File("report.md", []byte(rep.markdown())))
	errs = append(errs, r.bundle.Event("run_finished", map[string]any{"status": state.String(), "error": snap.Err}))
	errs = append(errs, r.writePage(rep, plan, capture))
	files, err := r.bundle.Files()
	errs = append(errs, err)
	m.Artifacts, m.Files = append(r.bundle.Artifacts(), model.ArtifactManifest), files
	put(model.ArtifactManifest, m)
	errs = append(errs, r.bundle.JSON("manifest.json", m))
	return summed(errs)
}

func (r *Run) tags() map[string]string {
	tags := captureTags(r.capture, r.opts.Resolved.Settings.Hamilton)
	maps.Copy(tags, r.opts.Resolved.Settings.Hamilton.Tags)
	for k := range tags {
		if r.keys.Match(k) {
			tags[k] = model.Redacted
		}
	}
	tags["profile"], tags["run_id"], tags["trace_id"] = r.opts.Resolved.Profile, r.id, r.traceID.String()
	return tags
}

// dagName is the name under which runs of this graph stand together.
func (r *Run) dagName() string {
	s := r.opts.Resolved.Settings
	name := s.Hamilton.DAGName
	if name == "" && r.opts.Pipeline == model.PipelineSQL {
		name = sqlproject.NameOf(s.Build.RepoRoot)
	}
	return cmp.Or(name, r.opts.Pipeline)
}

// inputsHash covers the versions of what nodes without inputs produced.
func inputsHash(res *pipeline.Result) string {
	h := xxh3.New()
	for _, n := range res.Nodes {
		if len(n.Plan.Deps) > 0 {
			continue
		}
		version := ""
		if v, ok := n.Value.(pipeline.Versioned); ok {
			version = v.Version()
		} else if len(n.Tables) == 1 { // a source of a SQL project: the version of its files, or the table's own
			version = cmp.Or(n.Node.Version, n.Tables[0].Version)
		}
		h.WriteString(n.Node.Name + "\x1f" + version + "\x1e")
	}
	sum := h.Sum128().Bytes()
	return hex.EncodeToString(sum[:])
}

func fingerprints(res *pipeline.Result) []model.Fingerprint {
	out := []model.Fingerprint{}
	for _, n := range res.Nodes {
		if n.Key != "" {
			out = append(out, model.Fingerprint{Node: n.Node.Name, Code: n.Node.Version, Key: n.Key})
		}
	}
	return out
}

// codeVersion changes with the program file, so that results of an older program
// are not taken for those of this one.
func codeVersion(version string) string {
	exe, err := os.Executable()
	if err != nil {
		return version
	}
	info, err := os.Stat(exe)
	if err != nil {
		return version
	}
	return fmt.Sprintf("%s/%d/%d", version, info.Size(), info.ModTime().UnixNano())
}

// finished counts the nodes that came to an end, as node_finished events do.
func finished(nodes []model.NodeExecution) int {
	n := 0
	for _, e := range nodes {
		if e.State.Ended() {
			n++
		}
	}
	return n
}
