package build_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/pipeline/tracker"
	"github.com/buildscope/buildscope/presets"
)

func TestADeadHamiltonServerChangesNothing(t *testing.T) {
	dir := t.TempDir()
	r, err := start(t, dir, []*pipeline.Node{numbers()}, "enable-hamilton-tracker", "true", "hamilton-project-id", "1",
		"hamilton-username", "u", "hamilton-api-key", "topsecret", "hamilton-api-url", "http://127.0.0.1:1")
	snap := finish(t, r, err)
	if snap.State != model.RunSucceeded {
		t.Fatalf("the run %s: %s", snap.State, snap.Err)
	}
	p := payload[model.TrackerStatusPayload](t, snap, model.ArtifactTracker)
	if p.Delivered || p.NodesSpooled != 1 || p.LastError == "" || !p.Statistics {
		t.Errorf("status %+v", p)
	}
	if _, err := os.Stat(p.Spool); err != nil {
		t.Error(err)
	}
	report, err := os.ReadFile(filepath.Join(snap.BundleDir, "report.md"))
	if err != nil || !strings.Contains(string(report), "tracker push") {
		t.Errorf("the report does not say how to send the run: %v", err)
	}
	err = filepath.WalkDir(snap.BundleDir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), "topsecret") {
			t.Errorf("%s holds the key", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestProductionSendsNoStatistics(t *testing.T) {
	r, err := start(t, t.TempDir(), []*pipeline.Node{numbers()}, "diagnostics-profile", "prod", "enable-hamilton-tracker", "true",
		"hamilton-project-id", "1", "hamilton-username", "u", "hamilton-api-url", "http://127.0.0.1:1")
	snap := finish(t, r, err)
	p := payload[model.TrackerStatusPayload](t, snap, model.ArtifactTracker)
	spool, err := os.ReadFile(p.Spool)
	if err != nil {
		t.Fatal(err)
	}
	if p.Statistics || strings.Contains(string(spool), "dagworks_describe") || !strings.Contains(string(spool), "RESULT SUMMARY DISABLED") {
		t.Errorf("statistics %v; spool: %s", p.Statistics, spool)
	}
}

// TestRealHamiltonUI sends runs to a real server and reads them back.
func TestRealHamiltonUI(t *testing.T) {
	s := newHamiltonServer(t)
	t.Run("whole, cached, failed and late runs", func(t *testing.T) { readBack(t, s) })
	t.Run("the same fields as the Python SDK", func(t *testing.T) { likeThePythonSDK(t, s) })
	t.Run("the graph of code", func(t *testing.T) { graphOfCode(t, s) })
	t.Run("100 nodes at a bounded rate", func(t *testing.T) { atABoundedRate(t, s) })
	t.Run("the server is killed in the middle", func(t *testing.T) { killedInTheMiddle(t, s) })
}

// newProject makes a project and gives the flags of a build for it.
func newProject(t *testing.T, url, name string) (id int64, flags []string) {
	t.Helper()
	c := tracker.NewClient(tracker.Target{APIURL: url, UIURL: url, Username: "alice@example.com"})
	defer c.Close()
	project, made, err := c.CreateProject(t.Context(), name)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	if again, made, err := c.CreateProject(t.Context(), name); err != nil || made || again.ID != project.ID {
		t.Errorf("the project was made again: %+v, %v", again, err)
	}
	return project.ID, []string{"enable-hamilton-tracker", "true", "hamilton-project-id", fmt.Sprint(project.ID), "hamilton-username", "alice@example.com", "hamilton-api-url", url, "hamilton-ui-url", url}
}

// readBack reads a whole, a cached, a failed and a late run back.
func readBack(t *testing.T, s *hamiltonServer) {
	url := s.url
	id, flags := newProject(t, url, "p")
	dir := t.TempDir()
	run := func(nodes ...*pipeline.Node) (model.RunSnapshot, model.TrackerStatusPayload) {
		r, err := start(t, dir, nodes, flags...)
		snap := finish(t, r, err)
		p := payload[model.TrackerStatusPayload](t, snap, model.ArtifactTracker)
		p.RunID = arrived(t, dir, p)
		return snap, p
	}
	sum := pipeline.SQL(pipeline.Spec{Name: "total"}, "SELECT sum(n)::BIGINT AS s FROM numbers", "total.sql")
	first, p1 := run(numbers(), sum)
	_, p2 := run(numbers(), sum)
	if p1.TemplateID != p2.TemplateID || p1.RunID == p2.RunID {
		t.Errorf("two runs of one graph: %+v, %+v", p1, p2)
	}
	_, p3 := run(numbers(), pipeline.Func(pipeline.Spec{Name: "broken"}, func(context.Context, *pipeline.Task) (int, error) { return 0, errors.New("boom") }))
	if want := fmt.Sprintf("/runs/%d,%d", p3.RunID, p2.RunID); p1.CompareURL != "" || !strings.HasSuffix(p3.CompareURL, want) || !strings.HasSuffix(p3.ErrorURL, fmt.Sprintf("/runs/%d/task/broken?tab=Errors", p3.RunID)) {
		t.Errorf("pages of the first run %+v, of the failed one %+v", p1, p3)
	}
	_, stats := statistics(t, first)
	n := stats["numbers"].Columns[0]
	for _, c := range []struct {
		p     model.TrackerStatusPayload
		state string
		node  string
		want  []string
	}{
		{p1, "SUCCESS", "numbers", []string{"dagworks_describe", fmt.Sprintf(`"mean": %v`, *n.Mean), fmt.Sprintf(`"max": %v`, *n.Max), `"count": 1000`, `"outcome": "miss"`, "trace_id"}},
		{p2, "SUCCESS", "numbers", []string{"dagworks_describe", `"outcome": "hit"`}},
		{p3, "FAILURE", "broken", []string{`"stack_trace": ["boom"`}},
	} {
		_, body := get(fmt.Sprintf("%s/api/v1/dag_runs/%d?attr=dagworks_describe&attr=dict&attr=primitive&attr=error&attr=schema", url, c.p.RunID))
		var runs []struct {
			Status string            `json:"run_status"`
			End    string            `json:"run_end_time"`
			Tags   map[string]string `json:"tags"`
			Nodes  []struct {
				Name       string            `json:"node_name"`
				Status     string            `json:"status"`
				Attributes []json.RawMessage `json:"attributes"`
			} `json:"node_runs"`
		}
		if err := json.Unmarshal([]byte(body), &runs); err != nil || len(runs) != 1 {
			t.Fatalf("%v: %s", err, body)
		}
		if runs[0].Status != c.state || runs[0].End == "" || runs[0].Tags["trace_id"] == "" || runs[0].Tags["run_id"] == "" || len(runs[0].Nodes) != 2 {
			t.Errorf("run %d: %+v", c.p.RunID, runs[0])
		}
		for _, want := range c.want {
			if !strings.Contains(body, want) {
				t.Errorf("run %d lacks %s: %s", c.p.RunID, want, body)
			}
		}
		for _, n := range runs[0].Nodes {
			if n.Name == c.node && n.Status != c.state {
				t.Errorf("node %s is %s", n.Name, n.Status)
			}
		}
	}
	pagesShow(t, s, id, p1, p3)
	// Away, then back: the run is sent later, once.
	r, err := start(t, dir, []*pipeline.Node{numbers()}, append(flags, "hamilton-api-url", "http://127.0.0.1:1")...)
	late := payload[model.TrackerStatusPayload](t, finish(t, r, err), model.ArtifactTracker)
	data, err := os.ReadFile(late.Spool)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(late.Spool, []byte(strings.ReplaceAll(string(data), "http://127.0.0.1:1", url)), 0o644); err != nil {
		t.Fatal(err)
	}
	sent := 0
	for range 2 {
		sent += len(pushAll(t, dir))
	}
	_, body := get(fmt.Sprintf("%s/api/v1/dag_runs/latest/?project_id=%d", url, id))
	if got := strings.Count(body, `"run_status"`); sent != 1 || got != 4 {
		t.Errorf("%d pushes, %d runs at the server; want 1 and 4", sent, got)
	}
}

// pushAll sends what the runs of a project have left behind.
func pushAll(t *testing.T, dir string) (sent []build.Pushed) {
	t.Helper()
	res, err := presets.Resolve(presets.Input{Dir: dir, Flags: []presets.FlagValue{{Name: "repo-root", Text: dir}}})
	if err == nil {
		err = build.PushTracked(t.Context(), res, nil, func(p build.Pushed) { sent = append(sent, p) })
	}
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// arrived sees to it that the server has a run, whose number there it gives: a server
// that takes longer than a build waits for it gets the rest by a push.
func arrived(t *testing.T, dir string, p model.TrackerStatusPayload) (id int64) {
	t.Helper()
	if p.Delivered {
		return p.RunID
	}
	if _, err := os.Stat(p.Spool); err != nil {
		t.Fatalf("neither delivered nor spooled: %v; %+v", err, p)
	}
	sent := pushAll(t, dir)
	if len(sent) != 1 {
		t.Fatalf("pushed %+v of %+v", sent, p)
	}
	if _, err := fmt.Sscan(path.Base(sent[0].URL), &id); err != nil {
		t.Fatal(err)
	}
	return id
}

// crasher kills the server after half of 500 nodes, and starts it at the end.
type crasher struct {
	pipeline.NoHook
	server *hamiltonServer
	ended  atomic.Int64
}

func (c *crasher) AfterNode(context.Context, *pipeline.NodeRun) {
	switch c.ended.Add(1) {
	case 100:
		time.Sleep(2 * time.Second) // some have arrived by then
	case 250:
		c.server.kill()
	}
}

func (c *crasher) AfterGraph(context.Context, *pipeline.Result) {
	if err := c.server.start(); err != nil {
		panic(err)
	}
}

// killedInTheMiddle kills the server while a build of 500 nodes and of a table with
// 1,000 columns runs, and starts it again before the end: everything arrives, once.
func killedInTheMiddle(t *testing.T, s *hamiltonServer) {
	_, flags := newProject(t, s.url, "killed")
	const wide = 1000
	columns := make([]string, wide)
	for i := range columns {
		columns[i] = fmt.Sprintf("range + %d AS c%d", i, i)
	}
	nodes := []*pipeline.Node{pipeline.SQL(pipeline.Spec{Name: "wide"}, "SELECT "+strings.Join(columns, ", ")+" FROM range(10)", "wide.sql")}
	for i := range 500 {
		nodes = append(nodes, pipeline.Func(pipeline.Spec{Name: fmt.Sprintf("n%03d", i)}, func(context.Context, *pipeline.Task) (int, error) { return i, nil }))
	}
	dir := t.TempDir()
	r, err := startHooked(t, dir, nodes, []pipeline.Hook{&crasher{server: s}}, append(flags, "diagnostics-profile", "debug")...)
	snap := finish(t, r, err)
	p := payload[model.TrackerStatusPayload](t, snap, model.ArtifactTracker)
	if snap.State != model.RunSucceeded || p.FailedRequests == 0 {
		t.Fatalf("the run %s (%s); %+v", snap.State, snap.Err, p)
	}
	p.RunID = arrived(t, dir, p)
	if again := pushAll(t, dir); len(again) != 0 {
		t.Fatalf("%+v was still left", again)
	}
	_, body := get(fmt.Sprintf("%s/api/v1/dag_runs/%d?attr=dagworks_describe&attr=dict&attr=primitive&attr=error&attr=schema", s.url, p.RunID))
	var runs []struct {
		Status string `json:"run_status"`
		Nodes  []struct {
			Name       string `json:"node_name"`
			Status     string `json:"status"`
			Attributes []struct {
				Name  string         `json:"name"`
				Type  string         `json:"type"`
				Value map[string]any `json:"value"`
			} `json:"attributes"`
		} `json:"node_runs"`
	}
	if err := json.Unmarshal([]byte(body), &runs); err != nil || len(runs) != 1 || runs[0].Status != "SUCCESS" || len(runs[0].Nodes) != len(nodes) {
		t.Fatalf("%v: %.300s", err, body)
	}
	for _, n := range runs[0].Nodes {
		seen := map[string]bool{}
		for _, a := range n.Attributes {
			if seen[a.Name] {
				t.Errorf("%s has %s twice", n.Name, a.Name)
			}
			seen[a.Name] = true
			if n.Name == "n007" && a.Name == "result_summary" && fmt.Sprint(a.Value["value"]) != "7" {
				t.Errorf("the result of %s is %v", n.Name, a.Value)
			}
			if n.Name == "wide" && a.Type == "dagworks_describe" && len(a.Value) != wide {
				t.Errorf("the wide table has statistics of %d columns", len(a.Value))
			}
		}
		if n.Status != "SUCCESS" || !seen["result_summary"] || !seen["Cache"] || n.Name == "wide" && !seen["Schema"] {
			t.Errorf("%s: %s with %v", n.Name, n.Status, seen)
		}
	}
}
