package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/pipeline/capture"
)

// told is a hook that keeps what AfterCapture says.
type told struct {
	pipeline.NoHook
	mu     sync.Mutex
	states map[string]model.NodeState
	stats  map[string]model.TableStats
}

func newTold() *told {
	return &told{states: map[string]model.NodeState{}, stats: map[string]model.TableStats{}}
}

func (h *told) AfterCapture(_ context.Context, n *pipeline.NodeRun) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, twice := h.states[n.Node.Name]; twice {
		panic("AfterCapture came twice for " + n.Node.Name)
	}
	h.states[n.Node.Name] = n.Execution.State
	for _, t := range n.Stats {
		h.stats[t.Table] = t
	}
}

// captured runs nodes with capture and returns what the hook was told.
func captured(t *testing.T, ctx context.Context, o pipeline.Options, nodes ...*pipeline.Node) (*told, *pipeline.Result) {
	t.Helper()
	h := newTold()
	o.Engine, o.Dir = open(t), t.TempDir()
	o.Hooks = append(o.Hooks, h)
	o.HookError = func(err error) { t.Error(err) }
	g, err := pipeline.New(t.Context(), o.Engine, nodes...)
	if err != nil {
		t.Fatal(err)
	}
	r := g.Run(ctx, o)
	if len(h.states) != len(nodes) {
		t.Errorf("AfterCapture came for %v", h.states)
	}
	return h, r
}

func full(hide func(string) string) *pipeline.Capture {
	return &pipeline.Capture{Options: capture.Options{MaxListLength: 10, MaxDictLength: 10, Quantiles: true, Hide: hide}, Version: "1"}
}

func doubled() *pipeline.Node {
	return pipeline.SQL(pipeline.Spec{Name: "doubled"}, "SELECT n, 2 * n AS m FROM numbers", "doubled.sql")
}

func TestEveryTableIsCaptured(t *testing.T) {
	for _, workers := range []int{1, 2, 4} {
		h, r := captured(t, t.Context(), pipeline.Options{Workers: workers, Capture: full(nil)}, counting("numbers", 3000, pipeline.Spec{}), doubled())
		if r.Err != nil || r.CaptureFailed != 0 {
			t.Fatal(r.Err, r.CaptureFailed)
		}
		numbers, doubled := h.stats["numbers"], h.stats["doubled"]
		if numbers.Files != 0 || numbers.Node != "numbers" || numbers.Rows != 3000 || *numbers.Columns[0].Max != 2999 {
			t.Errorf("the table that a function wrote is %+v", numbers)
		}
		if doubled.Files != 1 || doubled.Node != "doubled" || doubled.Rows != 3000 || len(doubled.Columns) != 2 || *doubled.Columns[1].Max != 5998 || doubled.SpentNS == 0 {
			t.Errorf("the table of a SELECT is %+v", doubled)
		}
	}
}

func TestWithoutCaptureNothingIsCounted(t *testing.T) {
	h, r := captured(t, t.Context(), pipeline.Options{Workers: 2}, counting("numbers", 10, pipeline.Spec{}), doubled())
	if r.Err != nil || len(h.stats) != 0 || len(h.states) != 2 {
		t.Errorf("%v, statistics %v", r.Err, h.stats)
	}
}

// The nodes that read a table do not wait for its statistics.
func TestReadersDoNotWaitForCapture(t *testing.T) {
	started := make(chan struct{})
	reader := pipeline.Func(pipeline.Spec{Name: "reader"}, func(_ context.Context, _ *pipeline.Task, _ struct{ Doubled pipeline.Table }) (int, error) {
		close(started)
		return 1, nil
	})
	hide := func(name string) string {
		if name == "m" {
			<-started // for ever, if the reader waited
		}
		return ""
	}
	h, r := captured(t, t.Context(), pipeline.Options{Workers: 2, Capture: full(hide)}, counting("numbers", 10, pipeline.Spec{}), doubled(), reader)
	if r.Err != nil || h.stats["doubled"].Columns[1].Distinct == nil {
		t.Errorf("%v, %+v", r.Err, h.stats)
	}
}

// A fault of capture costs the figures that it touches and says so; never the build.
func TestAFaultOfCaptureHasAReason(t *testing.T) {
	hide := func(name string) string {
		if name == "m" {
			panic("the sketch is broken")
		}
		return ""
	}
	bad := pipeline.SQL(pipeline.Spec{Name: "gone"}, "SELECT n FROM numbers", "gone.sql")
	h, r := captured(t, t.Context(), pipeline.Options{Workers: 2, Capture: full(hide), Hooks: []pipeline.Hook{removing{}}},
		counting("numbers", 10, pipeline.Spec{}), doubled(), bad)
	if r.Err != nil || r.CaptureFailed != 2 {
		t.Errorf("%v, %d columns failed", r.Err, r.CaptureFailed)
	}
	n, m, gone := h.stats["doubled"].Columns[0], h.stats["doubled"].Columns[1], h.stats["gone"].Columns[0]
	if n.Distinct == nil || m.Distinct != nil || m.Reason != "not counted: panic: the sketch is broken" || m.Count != 10 || m.Name != "m" {
		t.Errorf("columns are %+v and %+v", n, m)
	}
	if !strings.Contains(gone.Reason, "no such file") {
		t.Errorf("a column of a file that is gone is %+v", gone)
	}
	// The same in a function's table.
	everything := func(string) string { panic("broken too") }
	h, r = captured(t, t.Context(), pipeline.Options{Workers: 2, Capture: full(everything)}, counting("numbers", 10, pipeline.Spec{}))
	if c := h.stats["numbers"].Columns[0]; r.Err != nil || r.CaptureFailed != 1 || c.Reason != "not counted: panic: broken too" || c.Count != 10 {
		t.Errorf("%v, %d failed, %+v", r.Err, r.CaptureFailed, c)
	}
}

// removing takes the file of a node away before it is read back.
type removing struct{ pipeline.NoHook }

func (removing) AfterNode(_ context.Context, n *pipeline.NodeRun) {
	if n.Node.Name == "gone" {
		_ = os.Remove(n.Tables[0].Files[0])
	}
}

// Cancelling a run ends the reading, also what has not begun; every node is still
// told of.
func TestCancelEndsCapture(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	hide := func(string) string {
		cancel()
		return ""
	}
	numbers := pipeline.SQL(pipeline.Spec{Name: "numbers"}, "SELECT range AS n, range AS k FROM range(1000000)", "numbers.sql")
	h, r := captured(t, ctx, pipeline.Options{Workers: 1, Capture: full(hide)}, numbers)
	if r.Err == nil || r.CaptureFailed != 0 || r.Nodes[0].Execution.State != model.NodeSucceeded {
		t.Errorf("the run ended with %v, the node as %s, %d failed", r.Err, r.Nodes[0].Execution.State, r.CaptureFailed)
	}
	for _, c := range h.stats["numbers"].Columns {
		if c.Distinct != nil || !strings.Contains(c.Reason, "the run was cancelled") || c.Count != 1_000_000 {
			t.Errorf("column %+v", c)
		}
	}
}

// What nodes produced before a run failed is captured: it may be the cause.
func TestAFailedRunHasItsStatistics(t *testing.T) {
	bad := pipeline.Func(pipeline.Spec{Name: "bad"}, func(context.Context, *pipeline.Task, struct{ Doubled pipeline.Table }) (int, error) {
		return 0, os.ErrInvalid
	})
	h, r := captured(t, t.Context(), pipeline.Options{Workers: 1, Capture: full(nil)}, counting("numbers", 10, pipeline.Spec{}), doubled(), bad)
	if r.Err == nil || h.stats["doubled"].Columns[1].Distinct == nil || h.states["bad"] != model.NodeFailed {
		t.Errorf("%v, %v, %+v", r.Err, h.states, h.stats)
	}
}

// A cached result has the statistics that it was captured with, as long as they are
// asked for in the same way.
func TestCachedResultsKeepTheirStatistics(t *testing.T) {
	cache := &pipeline.Cache{Dir: t.TempDir()}
	run := func(c *pipeline.Capture) map[string]model.TableStats {
		t.Helper()
		h, r := captured(t, t.Context(), pipeline.Options{Workers: 2, Cache: cache, Capture: c}, counting("numbers", 3000, pipeline.Spec{}), doubled())
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		return h.stats
	}
	first, again := run(full(nil)), run(full(nil))
	for name, w := range first {
		g := again[name]
		if w.Reused || !g.Reused || g.SpentNS != 0 {
			t.Errorf("%s was reused %v, then %v in %d ns", name, w.Reused, g.Reused, g.SpentNS)
		}
		g.Reused, g.SpentNS = false, w.SpentNS
		if text(t, g) != text(t, w) {
			t.Errorf("%s has other statistics from the cache:\n%s\n%s", name, text(t, g), text(t, w))
		}
	}
	few := full(nil)
	few.MaxDictLength = 1
	hidden := full(func(name string) string {
		if name == "m" {
			return "hidden"
		}
		return ""
	})
	hidden.Version = "m is hidden"
	for what, c := range map[string]*pipeline.Capture{"fewer values": few, "a hidden column": hidden} {
		other := run(c)["doubled"]
		if other.Reused || other.Rows != 3000 || (other.Columns[1].Distinct == nil) != (c == hidden) {
			t.Errorf("with %s the cached table is %+v", what, other)
		}
		if !run(c)["doubled"].Reused || !run(full(nil))["doubled"].Reused {
			t.Errorf("statistics with %s replaced others", what)
		}
	}
}

// Files that a node reads where they are have the statistics of an earlier run while
// the node says that they are the same, and only then.
func TestUnchangedFilesKeepTheirStatistics(t *testing.T) {
	_, r := captured(t, t.Context(), pipeline.Options{}, counting("made", 100, pipeline.Spec{}))
	files := r.Nodes[0].Tables[0].Files
	cache := &pipeline.Cache{Dir: t.TempDir()}
	run := func(version string) model.TableStats {
		t.Helper()
		source := pipeline.Func(pipeline.Spec{Name: "files", NoCache: true}, func(context.Context, *pipeline.Task) (pipeline.Table, error) {
			table, err := pipeline.OpenTable("files", files)
			table.Version = version
			return table, err
		})
		h, r := captured(t, t.Context(), pipeline.Options{Workers: 2, Cache: cache, Capture: full(nil)}, source)
		if err := errors.Join(r.Err, cache.Prune()); err != nil {
			t.Fatal(err)
		}
		return h.stats["files"]
	}
	want := run("files/1")
	if want.Reused || want.Columns[0].Distinct == nil {
		t.Fatalf("first: %+v", want)
	}
	if again := run("files/1"); !again.Reused || again.SpentNS != 0 || text(t, again.Columns) != text(t, want.Columns) {
		t.Errorf("unchanged: %+v", again)
	}
	for range 3 {
		if changed := run(""); changed.Reused { // goes by its content
			t.Errorf("without a version: %+v", changed)
		}
	}
	if changed := run("files/2"); changed.Reused {
		t.Errorf("changed: %+v", changed)
	}
	if back := run("files/1"); !back.Reused {
		t.Error("the statistics of the version before are gone")
	}
	run("files/3")
	if old := run("files/2"); old.Reused {
		t.Error("the statistics of every version are kept")
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
