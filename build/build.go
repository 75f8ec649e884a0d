// Package build is the one way to run a build: Start wires settings, bundle,
// telemetry, engine and pipeline into a Run that viewers read.
package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/build/recording"
	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/engine/objects"
	"github.com/buildscope/buildscope/engine/remote"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/otel/spanlog"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/pipeline/cpg"
	"github.com/buildscope/buildscope/pipeline/sqlproject"
	"github.com/buildscope/buildscope/pipeline/tracker"
	"github.com/buildscope/buildscope/presets"
)

// Options says what to build.
type Options struct {
	Resolved  *presets.Resolved
	Version   string          // of the program
	Pipeline  string          // name of the pipeline of Nodes; "" means what the settings say
	Nodes     NodesFunc       // nil: the nodes of that pipeline
	Hooks     []pipeline.Hook // told of the run beside buildscope's own; must not block
	Stdout    io.Writer       // of the stdout exporter
	Variables []string        // names of OTEL_ variables that were set at start
	Record    string          // new file that takes a recording of the run; "" for none
}

// NodesFunc makes the nodes of a pipeline for the settings.
type NodesFunc func(model.BuildSettings) ([]*pipeline.Node, error)

// Run is one build. Its methods may be called from any goroutine.
type Run struct {
	id      string
	started time.Time // from which the run's times are counted, see model.Now
	opts    Options
	cancel  context.CancelCauseFunc
	done    chan struct{} // closed by the run's goroutine when everything is written
	bundle  *bundle.Writer
	tel     *otel.Telemetry
	session *engine.Session
	remote  *remote.Session // nil: the session runs the SQL
	graph   *pipeline.Graph
	metrics *metricsHook
	why     *whyHook
	logger  *slog.Logger
	view    *runview.DB
	feed    *recording.Tee    // all that goes into view
	record  *recording.Writer // nil: the run is not recorded
	spans   *bundle.Spans
	keys    *model.Redactor
	locks   []func() error
	traceID trace.TraceID

	repository map[string]string // what is built, by repositoryResource
	flush      time.Duration     // what closing the telemetry took

	tracker    *tracker.Tracker  // nil: the run is not sent to a Hamilton UI
	capture    *pipeline.Capture // nil: no statistics
	statistics *captureLog       // what was captured, as the spans tell it

	cachesAtStart *model.CacheMoment // set before the first node

	mu   sync.Mutex // guards snap
	snap model.RunSnapshot
}

// ErrCancelled is the cause of a run that somebody cancelled.
var ErrCancelled = errors.New("cancelled")

// Start prepares a build and starts it. What fails before the first node is
// returned here, with the bundle, if there is one, closed as failed. The run ends
// when ctx does, or by Cancel.
func Start(ctx context.Context, o Options) (*Run, error) {
	if o.Pipeline == "" {
		o.Pipeline, o.Nodes = choosePipeline(o.Resolved.Settings.Build)
	}
	id, err := newID(o.Resolved.Settings.Build.WorkDir)
	if err != nil {
		return nil, err
	}
	started := startClock()
	r := &Run{id: id, started: started, opts: o, done: make(chan struct{}), view: runview.New(runview.Options{}), why: newWhyHook(started), statistics: new(captureLog),
		keys:    model.NewRedactor(o.Resolved.Settings.Diagnostics.RedactKeys),
		capture: newCapture(o.Resolved.Settings, codeVersion(o.Version))}
	s := o.Resolved.Settings
	r.snap = model.RunSnapshot{RunID: r.id, Profile: o.Resolved.Profile, RepoRoot: s.Build.RepoRoot, Workers: r.workers(), Started: r.started}
	r.view.SetRun(r.started)
	r.feed = &recording.Tee{View: r.view}
	if err := r.prepare(ctx); err != nil {
		err = o.Resolved.Sourced(err)
		return nil, errors.Join(err, r.closeUnstarted(err), r.closeRecord(), r.release())
	}
	ctx, r.cancel = context.WithCancelCause(ctx)
	stop := func() {}
	if s.Build.Timeout > 0 {
		ctx, stop = context.WithTimeoutCause(ctx, s.Build.Timeout, fmt.Errorf("the build ran longer than build.timeout (%s)", s.Build.Timeout))
	}
	go func() {
		defer close(r.done)
		defer r.cancel(nil) // nobody may call Cancel; the context must not outlive the run
		defer stop()
		r.run(ctx)
	}()
	return r, nil
}

// choosePipeline is the pipeline that the settings name, or that fits the folder.
func choosePipeline(b model.BuildSettings) (string, NodesFunc) {
	if b.Pipeline == model.PipelineSQL || b.Pipeline == model.PipelineAuto && sqlproject.Exists(b.RepoRoot) {
		return model.PipelineSQL, sqlproject.Nodes
	}
	return model.PipelineCPG, cpg.Nodes
}

// prepare opens everything the run needs, in the order in which it is closed.
func (r *Run) prepare(ctx context.Context) error {
	s := r.opts.Resolved.Settings
	if err := checkDirs(s.Build); err != nil {
		return err
	}
	var err error
	if r.locks, err = lockDirs(s.Build); err != nil {
		return err
	}
	if r.bundle, err = bundle.Create(s.Build.WorkDir, r.id); err != nil {
		return err
	}
	r.bundle.Started, r.snap.BundleDir = r.started, r.bundle.Dir
	if err := r.bundle.JSON("settings.json", r.opts.Resolved.Values); err != nil {
		return err
	}
	if err := r.bundle.Event("run_started", map[string]any{"profile": r.opts.Resolved.Profile, "repo_root": s.Build.RepoRoot, "version": r.opts.Version}); err != nil {
		return err
	}
	leftovers := removeLeftovers(s.Build.OutputDir, s.Build.WorkDir) // before this run has files of its own there
	if r.spans, err = r.bundle.Spans(); err != nil {
		return err
	}
	spans := spanlog.New(func(recs []model.SpanRecord) {
		r.feed.Apply(recs)
		r.why.parts.Add(recs)
		r.spans.Add(recs)
	}, r.feed.AddDropped, r.keys)
	processors := []sdktrace.SpanProcessor{spans}
	if r.capture != nil {
		processors = append(processors, r.statistics)
	}
	r.repository = repositoryResource(ctx, s.Build.RepoRoot)
	if r.tel, err = otel.Start(ctx, otel.Options{Settings: s.OTel, RunID: r.id, Version: r.opts.Version, BundleDir: r.bundle.Dir,
		Stdout: r.opts.Stdout, Variables: r.opts.Variables, RedactKeys: s.Diagnostics.RedactKeys, Processors: processors,
		Resource: r.repository, Started: r.started}); err != nil {
		return errors.Join(err, spans.Shutdown(ctx))
	}
	if r.opts.Record != "" {
		if r.record, err = recording.Create(r.opts.Record, r.opts.Version, r.Snapshot); err != nil {
			return err
		}
		r.feed.Record(r.record)
	}
	r.logger = newLogger(r.bundle, r.feed, r.tel, s)
	if leftovers != nil {
		r.logger.Warn("clean up", "error", leftovers.Error())
	}
	temp := s.Engine.TempDirectory
	if temp == "" {
		temp = filepath.Join(r.bundle.Dir, "work")
	}
	if err := os.MkdirAll(temp, 0o755); err != nil {
		return fmt.Errorf("make the engine's temporary directory: %w", err)
	}
	var tracer trace.Tracer
	if s.Diagnostics.NodeTracing {
		tracer = r.tel.Tracer(model.ScopeEngine)
	}
	store, err := objects.New(objects.Options{Endpoint: s.Engine.S3Endpoint, Region: s.Engine.S3Region,
		AccessKeyID: s.Engine.S3AccessKeyID, SecretAccessKey: s.Engine.S3SecretAccessKey, SessionToken: s.Engine.S3SessionToken,
		Dir: FetchedObjects(s.Build.WorkDir), CacheLimit: s.Engine.ObjectCacheLimit, FetchConcurrency: s.Engine.ObjectFetchConcurrency})
	if err != nil {
		return err
	}
	if r.session, err = engine.Open(ctx, engine.Options{
		MemoryLimit: s.Engine.MemoryLimit, TempDirectory: temp, Threads: s.Engine.TargetPartitions,
		MetadataCacheLimit: s.Engine.MetadataCacheLimit, ListFilesCacheLimit: s.Engine.ListFilesCacheLimit, ListFilesCacheTTL: s.Engine.ListFilesCacheTTL,
		FileStatisticsCacheLimit: s.Engine.FileStatisticsCacheLimit, CollectStatistics: s.Engine.CollectStatistics, KeepStatistics: s.Engine.KeepStatistics,
		MetaFetchConcurrency: s.Engine.MetaFetchConcurrency, Objects: store, Tracer: tracer,
	}); err != nil {
		return err
	}
	if err := r.openRemote(ctx, s.Engine); err != nil {
		return err
	}
	r.restoreStatistics(s)
	nodes, err := r.opts.Nodes(s.Build)
	if err != nil {
		return err
	}
	if r.graph, err = pipeline.New(ctx, r.engine(), nodes...); err != nil {
		return err
	}
	if r.graph, err = r.graph.Only(ctx, r.engine(), s.Build.Targets, s.Build.Exclude); err != nil {
		return err
	}
	if r.metrics, err = newMetricsHook(r.tel.Meter(model.ScopePipeline), r.session, r.tel.Exports); err != nil {
		return err
	}
	return r.writeStartArtifacts()
}

// closeUnstarted marks the bundle of a run that failed before its first node, so
// that it does not read as one whose process died.
func (r *Run) closeUnstarted(cause error) error {
	if r.bundle == nil {
		return nil
	}
	m := model.ManifestPayload{RunID: r.id, Status: model.RunFailed, Error: cause.Error(), Started: r.started, Ended: r.now(),
		Version: r.opts.Version, Pipeline: r.opts.Pipeline, Profile: r.snap.Profile, RepoRoot: r.snap.RepoRoot, Artifacts: r.bundle.Artifacts()}
	err := errors.Join(r.bundle.Event("run_finished", map[string]any{"status": m.Status.String(), "error": m.Error}), r.writeEarlyPage(m))
	var listErr error
	m.Files, listErr = r.bundle.Files()
	return errors.Join(err, listErr, r.bundle.JSON("manifest.json", m))
}

// closeRecord ends the recording of a run, if there is one.
func (r *Run) closeRecord() error {
	if r.record == nil {
		return nil
	}
	_, err := r.record.Close()
	return err
}

// Unrecorded is the number of changes that the recording of the run lacks.
func (r *Run) Unrecorded() int64 {
	if r.record == nil {
		return 0
	}
	return r.record.Lost()
}

// checkDirs refuses what would end in the middle of a build, or do harm: a
// repository that is not there or cannot be read, and a repository that is itself
// the output or work directory, whose .gitignore would then ignore the sources.
func checkDirs(b model.BuildSettings) error {
	info, err := os.Stat(b.RepoRoot)
	if err != nil {
		return &model.SettingError{Key: "build.repo_root", Err: err}
	}
	if !info.IsDir() {
		return &model.SettingError{Key: "build.repo_root", Err: errors.New("it is not a directory")}
	}
	d, err := os.Open(b.RepoRoot)
	if err != nil {
		return &model.SettingError{Key: "build.repo_root", Err: err}
	}
	itself := errors.New("it is the repository itself")
	if b.OutputDir == b.RepoRoot {
		err = &model.SettingError{Key: "build.output_dir", Err: itself}
	}
	if b.WorkDir == b.RepoRoot {
		err = errors.Join(err, &model.SettingError{Key: "build.work_dir", Err: itself})
	}
	return errors.Join(err, d.Close())
}

// startClock is a variable for tests, whose clock is set while a build runs.
var startClock = time.Now

// now is the time of the run.
func (r *Run) now() time.Time { return model.Now(r.started) }

func (r *Run) writeStartArtifacts() error {
	res := r.opts.Resolved
	extends := res.Extends
	if extends == nil {
		extends = []string{}
	}
	config := r.session.CacheConfig(res.Values)
	if r.remote != nil {
		config.Remote = r.remote.Config(res.Values)
	}
	caches := r.readCaches("start")
	r.cachesAtStart = &caches.Moments[0]
	return errors.Join(
		r.bundle.Artifact(model.ArtifactCacheConfig, config),
		r.bundle.Artifact(model.ArtifactCacheState, caches),
		r.bundle.Artifact(model.ArtifactOTelConfig, r.tel.Config(res.Values)),
		r.bundle.Artifact(model.ArtifactProfile, model.ProfilePayload{Profile: res.Profile, Extends: extends, Values: res.Values}),
	)
}

// workers is build.workers with its zero filled in.
func (r *Run) workers() int {
	b := r.opts.Resolved.Settings.Build
	switch {
	case b.ExecutionMode == model.ModeDeterministicSerial:
		return 1
	case b.Workers > 0:
		return b.Workers
	}
	return runtime.NumCPU()
}

// ID is the run's id, a UUIDv7.
func (r *Run) ID() string { return r.id }

// Done is closed when the run is over and everything about it is on disk.
func (r *Run) Done() <-chan struct{} { return r.done }

// Cancel stops the run at its next batch. The bundle is still written.
func (r *Run) Cancel(reason string) { r.cancel(fmt.Errorf("%w: %s", ErrCancelled, reason)) }

// Wait waits for the end of the run, or of ctx, and returns the last snapshot.
func (r *Run) Wait(ctx context.Context) (model.RunSnapshot, error) {
	select {
	case <-r.done:
		return r.Snapshot(), nil
	case <-ctx.Done():
		return r.Snapshot(), ctx.Err()
	}
}

// Snapshot is the run at this moment.
func (r *Run) Snapshot() model.RunSnapshot {
	slow := r.slowNow() // without the lock: in a graph of thousands of nodes it takes a while
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.snap
	s.WhySlow = slow
	s.Exports = r.tel.Exports()
	if r.tracker != nil {
		s.Tracker = r.tracker.Snapshot(s.ErrNode)
	}
	return s
}

func (r *Run) update(f func(*model.RunSnapshot)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.snap)
}

// release closes what prepare opened, the last first.
func (r *Run) release() error {
	var errs []error
	errs = append(errs, r.closeEngines())
	if r.tel != nil {
		errs = append(errs, r.tel.Shutdown(context.Background()))
	}
	if r.spans != nil {
		_, _, _ = r.spans.Close() // of a run that went to its end, the log has the error
	}
	if r.bundle != nil {
		errs = append(errs, os.RemoveAll(filepath.Join(r.bundle.Dir, "work")), r.bundle.Close())
		if r.bundle.Gone() {
			_ = os.Remove(r.bundle.Dir) // an empty folder that nodes have made is no bundle; one with files in it stays
		}
	}
	for _, unlock := range r.locks {
		errs = append(errs, unlock())
	}
	return errors.Join(errs...)
}
