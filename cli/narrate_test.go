package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// playedRun is a run whose facts the test writes itself.
type playedRun struct {
	db   *runview.DB
	done chan struct{}
	snap model.RunSnapshot

	once   sync.Once
	reason string // of the first Cancel; read after done is closed
}

func (r *playedRun) View() *runview.DB           { return r.db }
func (r *playedRun) Snapshot() model.RunSnapshot { return r.snap }
func (r *playedRun) Done() <-chan struct{}       { return r.done }
func (r *playedRun) Cancel(reason string)        { r.once.Do(func() { r.reason = reason; close(r.done) }) }

func play(nodes ...string) *playedRun {
	r := &playedRun{db: runview.New(runview.Options{}), done: make(chan struct{}), snap: model.RunSnapshot{State: model.RunRunning, Started: time.Now()}}
	var p model.Plan
	for _, n := range nodes {
		p.Nodes = append(p.Nodes, model.PlanNode{Name: n, Source: n + ".sql"})
	}
	r.db.SetPlan(p)
	return r
}

// signalled is a buffer that tells when something was written to it.
type signalled struct {
	mu    sync.Mutex // guards buf
	buf   bytes.Buffer
	wrote chan struct{} // capacity 1
}

func (s *signalled) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.wrote <- struct{}{}:
	default:
	}
	return s.buf.Write(p)
}

func (s *signalled) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// waitFor waits until the output contains a text.
func (s *signalled) waitFor(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for !strings.Contains(s.String(), text) {
		select {
		case <-s.wrote:
		case <-deadline:
			t.Fatalf("%q was not said:\n%s", text, s)
		}
	}
}

func TestSilenceIsBrokenByWhatRunsAndHowFarItIs(t *testing.T) {
	run := play("scan", "extract")
	run.db.SetNode(model.NodeExecution{Name: "scan", State: model.NodeSucceeded, Start: 1, End: 2}, nil)
	run.db.SetNode(model.NodeExecution{Name: "extract", State: model.NodeRunning, Start: time.Now().UnixNano()}, nil)
	run.db.SetProgress("extract", runview.Progress{Done: 45, Total: 100, Unit: "files"})
	out := &signalled{wrote: make(chan struct{}, 1)}
	n := &narrator{out: out, every: 200 * time.Millisecond}
	ended := make(chan bool)
	go func() { ended <- n.follow(t.Context(), run, nil) }()
	out.waitFor(t, "1 of 2 nodes done: extract 45 of 100 files (")
	run.Cancel("enough")
	if !<-ended {
		t.Error("follow says that the viewer left")
	}
	if !strings.Contains(out.String(), "started   extract\n") {
		t.Errorf("the start of extract was not told:\n%s", out)
	}
}

func TestTheEndOfTheContextCancelsAndASecondSignalLeaves(t *testing.T) {
	run := play("scan")
	out := &signalled{wrote: make(chan struct{}, 1)}
	n := &narrator{out: out, every: time.Hour}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	if !n.follow(ctx, run, nil) || run.reason != "interrupted" || !strings.Contains(out.String(), "cancelling: interrupted") {
		t.Errorf("reason %q, narration %s", run.reason, out)
	}
	again := make(chan struct{})
	close(again)
	if n.follow(t.Context(), play("scan"), again) {
		t.Error("a second signal did not end the narration")
	}
}

func TestNarrationOfAGraphWithoutEndIsBounded(t *testing.T) {
	var names []string
	for i := range 3 * mostLines {
		names = append(names, fmt.Sprintf("n%d", i))
	}
	run := play(names...)
	for _, name := range names {
		run.db.SetNode(model.NodeExecution{Name: name, State: model.NodeSucceeded, Start: 1, End: 2}, nil)
	}
	last := names[len(names)-1]
	run.db.SetNode(model.NodeExecution{Name: last, State: model.NodeFailed, Start: 1, End: 2, Error: "no"}, nil)
	close(run.done)
	out := &signalled{wrote: make(chan struct{}, 1)}
	(&narrator{out: out, every: time.Hour}).follow(t.Context(), run, nil)
	if lines := strings.Count(out.String(), "\n"); lines > mostLines+2 {
		t.Errorf("%d lines", lines)
	}
	if !strings.Contains(out.String(), "failed    "+last) {
		t.Error("a failure was kept back")
	}
}

// The report begins with the failure, where it began, and says it once.
func TestReportOfAFailure(t *testing.T) {
	run := play("scan", "relate", "edges", "nodes")
	run.snap.State, run.snap.Err, run.snap.ErrNode = model.RunFailed, "node relate: no table refs\nthe disk is full", "relate"
	run.snap.RunID, run.snap.RepoRoot, run.snap.BundleDir = "0195", "/src/my repo", "/work/runs/0195"
	run.db.SetNode(model.NodeExecution{Name: "scan", State: model.NodeCached, Start: 1, End: 5}, nil)
	run.db.SetNode(model.NodeExecution{Name: "relate", State: model.NodeFailed, Start: 5, End: 2_000_005, Error: "no table refs\x1b[2J"}, nil)
	for _, n := range []string{"edges", "nodes"} {
		run.db.SetNode(model.NodeExecution{Name: n, State: model.NodeBlocked, BlockedBy: "relate"}, nil)
	}
	run.snap.Err = "node relate: no table refs\x1b[2J\nthe disk is full"
	var out bytes.Buffer
	g := &globals{app: App{Name: "buildscope"}, io: Streams{Err: &out}}
	g.closing(&out).write(resultOf(run))
	want := `error: node relate at relate.sql
    no table refs␛[2J
  it kept from running: edges, nodes
error:
    the disk is full
next: buildscope runs show 0195 '/src/my repo' --work-dir /work
slowest nodes
  relate                             2.0ms          0 rows
nodes 4: 1 from the cache, 1 failed, 2 blocked
bundle /work/runs/0195
failed
`
	if out.String() != want {
		t.Errorf("report:\n%s\nwant:\n%s", &out, want)
	}
}
