package tracker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// closeSlack is far more than the two seconds that a build waits: the machine may be
// busy with others.
const closeSlack = 20 * time.Second

const testNodes = 150 // more than one request takes

// drive plays a run of testNodes nodes to the tracker; the last one fails when
// asked to. It returns the status and what Close took.
func drive(t *testing.T, url, dir string, fail bool, earlier ...string) (model.TrackerStatusPayload, time.Duration) {
	t.Helper()
	return driveAs(t, url, dir, fail, func(*Tracker) {}, earlier...)
}

// driveAs is drive with a tracker that is changed before it hears of anything.
func driveAs(t *testing.T, url, dir string, fail bool, change func(*Tracker), earlier ...string) (model.TrackerStatusPayload, time.Duration) {
	t.Helper()
	tr, err := Start(Options{Target: Target{APIURL: url, UIURL: url, ProjectID: "1", Username: "u"}, RunID: filepath.Base(dir), Dir: dir,
		DAGName: "d", Code: "c", Tags: map[string]string{"profile": "dev"}, Statistics: true, Earlier: earlier})
	if err != nil {
		t.Fatal(err)
	}
	change(tr)
	plan, res := model.Plan{}, &pipeline.Result{}
	for i := range testNodes {
		p := model.PlanNode{Name: fmt.Sprintf("n%d", i), Kind: model.KindSQL, Source: "s.sql", SQL: "SELECT 1"}
		plan.Nodes = append(plan.Nodes, p)
		res.Nodes = append(res.Nodes, &pipeline.NodeRun{Node: &pipeline.Node{Spec: pipeline.Spec{Name: p.Name}}, Plan: p})
	}
	ctx := tr.BeforeGraph(context.Background(), plan)
	for i, n := range res.Nodes {
		n.Execution = model.NodeExecution{Name: n.Node.Name, Start: int64(i + 1), TraceID: "t", SpanID: "s"}
		tr.BeforeNode(ctx, n)
		n.Execution.End, n.Execution.State = int64(i+2), model.NodeSucceeded
		if fail && i == testNodes-1 {
			n.Execution.State, n.Err = model.NodeFailed, errors.New("boom")
		}
		tr.AfterCapture(ctx, n)
	}
	tr.AfterGraph(ctx, res)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	began := time.Now()
	if err := tr.Close(ctx, Ending{Succeeded: !fail, At: time.Now(), Tags: map[string]string{"trace_id": "t"}, Diagnosis: map[string]string{"n0": "slow", "n7": "slow too", "nobody": "?"}}); err != nil {
		t.Fatal(err)
	}
	return tr.Status(), time.Since(began)
}

// whole checks that the fake has each of n runs once, with every node and attribute.
func whole(t *testing.T, f *fake, n int) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.runs) != n {
		t.Fatalf("the server has %d runs; want %d", len(f.runs), n)
	}
	for _, r := range f.runs {
		if r.closed == nil || len(r.nodes) != testNodes {
			t.Fatalf("run %d: closed %v, %d nodes; want closed with %d", r.id, r.closed, len(r.nodes), testNodes)
		}
		have := map[string]int{}
		for _, a := range r.attributes {
			have[a.Node]++
		}
		for _, u := range r.nodes {
			want := 4 // result_summary or stack_trace, Cache, Resources, Trace
			if u.Name == "n0" || u.Name == "n7" {
				want++ // Diagnosis
			}
			if u.Status == running || have[u.Name] != want {
				t.Errorf("run %d, %s: %s with %d attributes", r.id, u.Name, u.Status, have[u.Name])
			}
		}
	}
}

func TestWholeRun(t *testing.T) {
	f := newFake(t)
	p, _ := drive(t, f.URL, t.TempDir(), false)
	whole(t, f, 1)
	if !p.Delivered || p.NodesSent != testNodes || p.NodesSpooled != 0 || p.Spool != "" || p.RunURL != f.URL+"/dashboard/project/1/runs/1" {
		t.Errorf("status %+v", p)
	}
	drive(t, f.URL, t.TempDir(), true)
	whole(t, f, 2)
	if len(f.templates) != 1 {
		t.Errorf("the second run of the same graph made template %d", len(f.templates))
	}
	last := f.runs[1]
	if last.closed.Status != failure || last.node("n149").Status != failure {
		t.Errorf("the failed run is %s, its node %s", last.closed.Status, last.node("n149").Status)
	}
	i := slices.IndexFunc(last.attributes, func(a Attribute) bool { return a.Node == "n149" })
	if a := last.attributes[i]; a.Type != "error" || a.Role != "error" || !strings.Contains(fmt.Sprint(a.Value), "boom") {
		t.Errorf("the first attribute of the failed node is %+v", a)
	}
}

// TestFaultsLoseAndDoubleNothing runs against ill servers, heals them, and pushes.
func TestFaultsLoseAndDoubleNothing(t *testing.T) {
	// nth counts the requests that match, and answers for those from first to last.
	nth := func(method, path string, first, last int, fault fakeFault) func(*http.Request) fakeFault {
		n := 0
		return func(r *http.Request) fakeFault {
			if r.Method == method && strings.Contains(r.URL.Path, path) {
				if n++; n >= first && n <= last {
					return fault
				}
			}
			return fakeFault{}
		}
	}
	ever := 1 << 30
	for name, fault := range map[string]func(*http.Request) fakeFault{
		"500 to everything":           nth("", "", 1, ever, fakeFault{refuse: true}),
		"bulk refused for good":       nth("PUT", "bulk", 1, ever, fakeFault{refuse: true}),
		"second bulk refused":         nth("PUT", "bulk", 2, 2, fakeFault{refuse: true}),
		"answer to new run lost":      nth("POST", "/dag_runs", 1, 1, fakeFault{lose: true}),
		"answer to template lost":     nth("POST", "/dag_templates", 1, 1, fakeFault{lose: true}),
		"answer to first bulk lost":   nth("PUT", "bulk", 1, 1, fakeFault{lose: true}),
		"answers to all bulks lost":   nth("PUT", "bulk", 1, ever, fakeFault{lose: true}),
		"answer to close lost":        nth("PUT", "/dag_runs/", 1, 1, fakeFault{lose: true}),
		"killed after the first bulk": nth("PUT", "bulk", 2, ever, fakeFault{lose: true}),
		"hangs":                       nth("PUT", "bulk", 1, 1, fakeFault{wait: 3 * time.Second}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			if strings.HasPrefix(name, "500") {
				fault = func(*http.Request) fakeFault { return fakeFault{refuse: true} }
			}
			f.set(fault)
			dir := t.TempDir()
			p, took := drive(t, f.URL, dir, false)
			if took > closeSlack {
				t.Errorf("Close took %s", took)
			}
			f.set(nil)
			if !p.Delivered {
				if _, _, err := Push(context.Background(), dir, Target{}); err != nil {
					t.Fatal(err)
				}
			}
			whole(t, f, 1)
			if _, err := os.Stat(filepath.Join(dir, sentName)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAbsentServer(t *testing.T) {
	f := newFake(t)
	url := f.URL
	dir := filepath.Join(t.TempDir(), "runs", "a")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p, took := drive(t, "http://127.0.0.1:1", dir, false)
	if took > closeSlack || p.Delivered || p.NodesSpooled != testNodes || p.LastError == "" || p.Spool == "" {
		t.Errorf("after %s: %+v", took, p)
	}
	if got := Waiting(filepath.Dir(filepath.Dir(dir))); !slices.Equal(got, []string{dir}) {
		t.Errorf("waiting: %q", got)
	}
	// The server comes up where it was expected: the next run sends both.
	data, err := os.ReadFile(filepath.Join(dir, journalName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, journalName), []byte(strings.ReplaceAll(string(data), "http://127.0.0.1:1", url)), 0o644); err != nil {
		t.Fatal(err)
	}
	p, _ = drive(t, url, t.TempDir(), false, dir)
	whole(t, f, 2)
	if p.EarlierSent != testNodes || p.EarlierWaiting != 0 || f.runs[0].Tags["run_id"] != "a" {
		t.Errorf("%+v; first run %v", p, f.runs[0].Tags)
	}
}

// A server that takes connections and never says a word costs the end of the build a
// bounded time, and nothing else.
func TestSilentServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // with the connections that it has never taken
	p, took := drive(t, "http://"+l.Addr().String(), t.TempDir(), false)
	if took > closeSlack || p.Delivered || p.NodesSpooled != testNodes || p.SpoolError != "" || p.LastError == "" {
		t.Errorf("after %s: %+v", took, p)
	}
}

// With a full disk under the spool a server that is there gets everything, once; where
// it is away, what could not be kept is not said to be kept.
func TestFullDiskUnderTheSpool(t *testing.T) {
	full := func(tr *Tracker) {
		f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip("this system has no /dev/full")
		}
		if err := tr.journal.file.Close(); err != nil {
			t.Fatal(err)
		}
		tr.journal.file = f
	}
	f := newFake(t)
	p, _ := driveAs(t, f.URL, t.TempDir(), false, full)
	whole(t, f, 1)
	if !p.Delivered || p.NodesSpooled != 0 || p.SpoolError != "" {
		t.Errorf("server there: %+v", p)
	}
	p, _ = driveAs(t, "http://127.0.0.1:1", t.TempDir(), false, full)
	if p.Delivered || p.NodesSpooled != 0 || !strings.Contains(p.SpoolError, "no space left") {
		t.Errorf("server away: %+v", p)
	}
}

// The run to compare with is the newest that succeeded and that the server has whole.
func TestLastGood(t *testing.T) {
	f := newFake(t)
	runs := t.TempDir()
	dir := func(name string) string {
		d := filepath.Join(runs, name)
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
		return d
	}
	drive(t, f.URL, dir("a"), false)
	good, _ := drive(t, f.URL, dir("b"), false)
	drive(t, f.URL, dir("c"), true)                                    // failed
	drive(t, "http://127.0.0.1:1", dir("d"), false)                    // not sent
	list := []string{dir("e"), dir("d"), dir("c"), dir("b"), dir("a")} // e is not tracked
	here := Target{APIURL: f.URL, ProjectID: "1"}
	if got := LastGood(list, here); got != good.RunID || got == 0 {
		t.Errorf("the last good run is %d; want %d", got, good.RunID)
	}
	for _, other := range []Target{{APIURL: f.URL, ProjectID: "2"}, {APIURL: "http://elsewhere", ProjectID: "1"}} {
		if got := LastGood(list, other); got != 0 {
			t.Errorf("%+v has run %d", other, got)
		}
	}
}

// TestDeadProcess pushes the journal of a process that died in the middle of a line.
func TestDeadProcess(t *testing.T) {
	f := newFake(t)
	dir := t.TempDir()
	j, err := openJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	tr := &Tracker{opts: Options{Target: Target{APIURL: f.URL, ProjectID: "1", Username: "u"}, RunID: "r", DAGName: "d"}, rec: newRecord(), journal: j, started: time.Now()}
	tr.take(event{plan: &model.Plan{Nodes: []model.PlanNode{{Name: "n"}}}})
	n := &pipeline.NodeRun{Node: &pipeline.Node{Spec: pipeline.Spec{Name: "n"}}}
	tr.take(event{start: n, startNS: 5})
	if _, err := j.file.WriteString(`{"node":{"na`); err != nil {
		t.Fatal(err)
	}
	if err := j.close(false); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Push(context.Background(), dir, Target{}); err != nil {
		t.Fatal(err)
	}
	if len(f.runs) != 1 || f.runs[0].closed == nil || f.runs[0].closed.Status != failure || f.runs[0].node("n").Status != failure ||
		f.runs[0].attributes[0].Type != "error" {
		t.Errorf("the server has %+v", f.runs)
	}
}

func TestKeyGoesOnlyToItsServer(t *testing.T) {
	f := newFake(t)
	dir := t.TempDir()
	f.set(func(*http.Request) fakeFault { return fakeFault{refuse: true} })
	drive(t, f.URL, dir, false)
	var keys []string
	f.set(func(r *http.Request) fakeFault { keys = append(keys, r.Header.Get("X-Api-Key")); return fakeFault{} })
	if _, _, err := Push(context.Background(), dir, Target{APIURL: "http://elsewhere", APIKey: "k"}); err != nil {
		t.Fatal(err)
	}
	if len(keys) == 0 || strings.Join(keys, "") != "" {
		t.Errorf("the key of another server was sent: %q", keys)
	}
}

func BenchmarkNode(b *testing.B) {
	tr := &Tracker{queue: make(chan event, queueSize)}
	n := &pipeline.NodeRun{Node: &pipeline.Node{}}
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		tr.BeforeNode(ctx, n)
		tr.AfterCapture(ctx, n)
		if len(tr.queue) > queueSize-2 {
			b.StopTimer()
			for len(tr.queue) > 0 {
				<-tr.queue
			}
			b.StartTimer()
		}
	}
}
