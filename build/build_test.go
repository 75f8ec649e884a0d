package build_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/presets"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start starts a build of dir with settings given as flag name, value, ….
func start(t testing.TB, dir string, nodes []*pipeline.Node, flags ...string) (*build.Run, error) {
	t.Helper()
	return startHooked(t, dir, nodes, nil, flags...)
}

func startHooked(t testing.TB, dir string, nodes []*pipeline.Node, hooks []pipeline.Hook, flags ...string) (*build.Run, error) {
	t.Helper()
	in := presets.Input{Dir: dir, Flags: []presets.FlagValue{{Name: "repo-root", Text: dir}}}
	for i := 0; i < len(flags); i += 2 {
		in.Flags = append(in.Flags, presets.FlagValue{Name: flags[i], Text: flags[i+1]})
	}
	res, err := presets.Resolve(in)
	if err != nil {
		t.Fatal(err)
	}
	return build.Start(t.Context(), build.Options{Resolved: res, Version: "test", Pipeline: "test", Hooks: hooks,
		Nodes: func(model.BuildSettings) ([]*pipeline.Node, error) { return nodes, nil }})
}

// finish waits for the end of a build that must have started.
func finish(t testing.TB, r *build.Run, err error) model.RunSnapshot {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	snap, err := r.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func numbers() *pipeline.Node {
	return pipeline.SQL(pipeline.Spec{Name: "numbers", Publish: true}, "SELECT range AS n FROM range(1000)", "numbers.sql")
}

// blocking is a node that runs until it is cancelled, and says when it started.
func blocking() (n *pipeline.Node, started chan struct{}) {
	started = make(chan struct{})
	return pipeline.Func(pipeline.Spec{Name: "wait"}, func(ctx context.Context, _ *pipeline.Task) (int, error) {
		close(started)
		<-ctx.Done()
		return 0, ctx.Err()
	}), started
}

func TestTwoRunsInOneProcessDoNotSeeEachOther(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	ra, errA := start(t, a, []*pipeline.Node{numbers()}, "diagnostics-profile", "debug", "otel-exporter", "file", "engine-metadata-cache-limit", "8M")
	rb, errB := start(t, b, []*pipeline.Node{numbers()}, "diagnostics-profile", "off")
	sa, sb := finish(t, ra, errA), finish(t, rb, errB)
	if sa.State != model.RunSucceeded || sb.State != model.RunSucceeded || sa.Profile != "debug" || sb.Profile != "off" {
		t.Fatalf("runs ended as %+v and %+v", sa, sb)
	}
	if len(sa.Exports) != 3 || sa.Exports[0].Sent == 0 || len(sb.Exports) != 0 {
		t.Errorf("exports are %+v and %+v", sa.Exports, sb.Exports)
	}
	if !strings.HasPrefix(sa.OutputDir, a) || !strings.HasPrefix(sb.OutputDir, b) {
		t.Errorf("outputs are in %s and %s", sa.OutputDir, sb.OutputDir)
	}
	for dir, limit := range map[string]string{sa.BundleDir: "8M", sb.BundleDir: "50M"} {
		data, err := os.ReadFile(filepath.Join(dir, "artifacts", model.ArtifactCacheConfig+".json"))
		if err != nil || !strings.Contains(string(data), `"intended": "`+limit+`"`) {
			t.Errorf("%s does not say that the limit is %s (%v)", dir, limit, err)
		}
	}
}

func TestAFailureBeforeTheFirstNodeClosesTheBundle(t *testing.T) {
	dir := t.TempDir()
	if _, err := start(t, dir, []*pipeline.Node{numbers()}, "targets", "nosuch"); err == nil {
		t.Fatal("started with a target that does not exist")
	}
	runs, err := bundle.List(filepath.Join(dir, ".buildscope"))
	if err != nil || len(runs) != 1 || runs[0].Status != model.RunFailed || !strings.Contains(runs[0].Error, "nosuch") {
		t.Errorf("runs %+v, %v", runs, err)
	}
}

func TestRepositoryIsNotUsedAsWorkOrOutputDirectory(t *testing.T) {
	for _, flag := range []string{"work-dir", "output-dir"} {
		dir := t.TempDir()
		if _, err := start(t, dir, []*pipeline.Node{numbers()}, flag, dir); err == nil || !strings.Contains(err.Error(), "repository itself") {
			t.Errorf("--%s: %v", flag, err)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 0 {
			t.Errorf("--%s: the repository got %v", flag, entries)
		}
	}
}

func TestMissingRepositoryIsNamed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nosuch")
	if _, err := start(t, dir, nil); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "build.repo_root") {
		t.Error(err)
	}
}

func TestOutputDirectoryBelowAFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := start(t, dir, []*pipeline.Node{numbers()}, "output-dir", filepath.Join(dir, "file", "out")); err == nil || !strings.Contains(err.Error(), "output directory") {
		t.Error(err)
	}
}

func TestCancelLeavesLatestAlone(t *testing.T) {
	dir := t.TempDir()
	r, err := start(t, dir, []*pipeline.Node{numbers()})
	first := finish(t, r, err)
	node, started := blocking()
	r, err = start(t, dir, []*pipeline.Node{numbers(), node})
	if err != nil {
		t.Fatal(err)
	}
	<-started
	if _, err := start(t, dir, []*pipeline.Node{numbers()}); err == nil || !strings.Contains(err.Error(), "in use by another build") {
		t.Errorf("a second build on the same directories: %v", err)
	}
	r.Cancel("enough")
	second := finish(t, r, nil)
	if second.State != model.RunCancelled || !strings.Contains(second.Err, "enough") {
		t.Errorf("the cancelled run ended as %s: %q", second.State, second.Err)
	}
	if target, err := os.Readlink(filepath.Join(filepath.Dir(first.OutputDir), "latest")); err != nil || target != first.RunID {
		t.Errorf("latest is %s, %v; want %s", target, err, first.RunID)
	}
	b, err := bundle.Open(second.BundleDir)
	if err != nil || b.Status != model.RunCancelled {
		t.Errorf("the bundle reads back as %+v, %v", b, err)
	}
}

// panicking is a hook with a fault of its own.
type panicking struct{ pipeline.NoHook }

func (panicking) AfterNode(context.Context, *pipeline.NodeRun) { panic("the hook is broken") }

func TestABrokenHookIsReportedAndChangesNothing(t *testing.T) {
	dir := t.TempDir()
	r, err := startHooked(t, dir, []*pipeline.Node{numbers()}, []pipeline.Hook{panicking{}})
	snap := finish(t, r, err)
	if snap.State != model.RunSucceeded {
		t.Errorf("the run ended as %s: %s", snap.State, snap.Err)
	}
	events, err := os.ReadFile(filepath.Join(snap.BundleDir, "events.jsonl"))
	if err != nil || !strings.Contains(string(events), "the hook is broken") {
		t.Errorf("the log does not tell of the hook (%v)", err)
	}
}

func TestAFailedNodeNamesItself(t *testing.T) {
	dir := t.TempDir()
	bad := pipeline.Func(pipeline.Spec{Name: "bad"}, func(context.Context, *pipeline.Task) (int, error) { return 0, errors.New("no such luck") })
	r, err := start(t, dir, []*pipeline.Node{bad})
	snap := finish(t, r, err)
	if snap.State != model.RunFailed || snap.ErrNode != "bad" || !strings.Contains(snap.Err, "no such luck") || strings.HasPrefix(snap.Err, "\n") {
		t.Errorf("the run ended as %+v", snap)
	}
}

func TestOutputsInsideTheTreeAndUnchangedRebuild(t *testing.T) {
	dir := t.TempDir()
	r, err := start(t, dir, []*pipeline.Node{numbers()}, "output-dir", filepath.Join(dir, "out"))
	first := finish(t, r, err)
	r, err = start(t, dir, []*pipeline.Node{numbers()}, "output-dir", filepath.Join(dir, "out"))
	second := finish(t, r, err)
	if len(first.Outputs) != 1 || len(second.Outputs) != 1 {
		t.Fatalf("outputs %+v and %+v", first.Outputs, second.Outputs)
	}
	a, b := first.Outputs[0], second.Outputs[0]
	if a.Checksum != b.Checksum || a.Rows != 1000 || b.Rows != 1000 || a.SchemaHash != b.SchemaHash || !b.Cached || a.Path == b.Path {
		t.Errorf("outputs %+v and %+v", a, b)
	}
}
