package build_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// hamiltonUI gives the address of a real Hamilton UI server. Where CI is set it is
// installed and must start; elsewhere BUILDSCOPE_TEST_HAMILTON_PYTHON names an
// interpreter that has it.
func hamiltonUI(t *testing.T) string {
	t.Helper()
	python := os.Getenv("BUILDSCOPE_TEST_HAMILTON_PYTHON")
	dir := t.TempDir()
	if python == "" {
		if os.Getenv("CI") != "true" {
			t.Skip("installing a Hamilton UI takes minutes: set CI=true, or BUILDSCOPE_TEST_HAMILTON_PYTHON to an interpreter that has one")
		}
		venv := filepath.Join(dir, "venv")
		python = filepath.Join(venv, "bin", "python")
		// Later releases do not start with each other.
		for _, c := range [][]string{{"python3", "-m", "venv", venv}, {python, "-m", "pip", "-q", "install",
			"sf-hamilton-ui==0.0.17", "django-ninja>=1.1,<1.5", "django>=4.2,<5.3", "sf-hamilton==1.88.0", "pandas", "setuptools"}} {
			if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %v\n%s", c, err, out)
			}
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(dir, "ui")
	if err := os.Mkdir(base, 0o755); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "ui.log"))
	if err != nil {
		t.Fatal(err)
	}
	// Without the autoloader there is one process to end.
	manage := "import os, sys\nos.environ['DJANGO_SETTINGS_MODULE'] = 'hamilton_ui.server.settings_mini'\n" +
		"import hamilton_ui\nsys.path.insert(0, os.path.dirname(hamilton_ui.__file__))\nos.environ['DJANGO_SETTINGS_MODULE'] = 'server.settings_mini'\n" +
		"from django.core.management import execute_from_command_line as run\nrun(['m', 'migrate'])\n" +
		fmt.Sprintf("run(['m', 'runserver', '127.0.0.1:%d', '--insecure', '--noreload'])\n", port)
	cmd := exec.Command(python, "-c", manage)
	cmd.Env = append(os.Environ(), "HAMILTON_BASE_DIR="+base, "HAMILTON_TELEMETRY_ENABLED=false")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // killed
		_ = log.Close()
	})
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if code, body := get(url + "/api/ping"); code == 200 && body == "ok" {
			return url
		}
	}
	text, _ := os.ReadFile(log.Name()) // for the message only
	t.Fatalf("the Hamilton UI did not start:\n%s", text)
	return ""
}

func get(url string) (int, string) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("X-Api-User", "alice@example.com")
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body) // what is missing shows in what is compared
	return resp.StatusCode, string(data)
}

// TestRealHamiltonUI reads a whole, a cached and a failed run back from a real server.
func TestRealHamiltonUI(t *testing.T) {
	url := hamiltonUI(t)
	c := tracker.NewClient(tracker.Target{APIURL: url, UIURL: url, Username: "alice@example.com"})
	defer c.Close()
	project, made, err := c.CreateProject(t.Context(), "p")
	if err != nil || !made {
		t.Fatal(made, err)
	}
	if again, made, err := c.CreateProject(t.Context(), "p"); err != nil || made || again.ID != project.ID {
		t.Errorf("the project was made again: %+v, %v", again, err)
	}
	dir := t.TempDir()
	flags := []string{"enable-hamilton-tracker", "true", "hamilton-project-id", fmt.Sprint(project.ID), "hamilton-username", "alice@example.com", "hamilton-api-url", url}
	run := func(nodes ...*pipeline.Node) (model.RunSnapshot, model.TrackerStatusPayload) {
		r, err := start(t, dir, nodes, flags...)
		snap := finish(t, r, err)
		p := payload[model.TrackerStatusPayload](t, snap, model.ArtifactTracker)
		if !p.Delivered {
			t.Fatalf("not delivered: %+v", p)
		}
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
	res, err := presets.Resolve(presets.Input{Dir: dir, Flags: []presets.FlagValue{{Name: "repo-root", Text: dir}}})
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for range 2 {
		if err := build.PushTracked(t.Context(), res, nil, func(p build.Pushed) { sent++ }); err != nil {
			t.Fatal(err)
		}
	}
	_, body := get(fmt.Sprintf("%s/api/v1/dag_runs/latest/?project_id=%d", url, project.ID))
	if got := strings.Count(body, `"run_status"`); sent != 1 || got != 4 {
		t.Errorf("%d pushes, %d runs at the server; want 1 and 4", sent, got)
	}
}
