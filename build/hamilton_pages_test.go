package build_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/build/browsertest"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

// uiPage is a page of the Hamilton UI, and texts that it must show.
type uiPage struct {
	about, url string
	shows      []string
}

// pagesShow opens the pages of a project in a browser.
func pagesShow(t *testing.T, s *hamiltonServer, project int64, good, failed model.TrackerStatusPayload) {
	home := fmt.Sprintf("%s/dashboard/project/%d", s.url, project)
	lookAt(t, s, []uiPage{
		{"runs", home + "/runs", []string{"success", "failure"}},
		{"run", good.RunURL, []string{"numbers", "total"}},
		{"output of a node", good.RunURL + "/task/numbers?tab=Output", []string{"Result summary", "Schema", "Cache", "Resources", "Trace"}},
		{"error of a node", failed.ErrorURL, []string{"boom"}},
		{"comparison with the last good run", failed.CompareURL, []string{"numbers"}},
		{"graph", fmt.Sprintf("%s/version/%d/visualize", home, good.TemplateID), []string{"numbers", "total"}},
		{"code", fmt.Sprintf("%s/version/%d/code", home, good.TemplateID), []string{"SELECT"}},
		{"catalog", home + "/catalog", []string{"numbers", "total"}},
	})
}

// graphOfCode builds the code property graph of a small repository and looks at it in
// the UI: the built-in build has more nodes, kinds and types than those of the tests.
func graphOfCode(t *testing.T, s *hamiltonServer) {
	id, flags := newProject(t, s.url, "graph of code")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.py": "import os\n\nclass A:\n    def f(self, x):\n        return os.path.join(x, self.g())\n\n    def g(self):\n        return 'b'\n",
		"b.go": "package b\n\n// F calls.\nfunc F(n int) int { return G(n) + 1 }\n\nfunc G(n int) int { return n }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	in := presets.Input{Dir: dir, Flags: []presets.FlagValue{{Name: "repo-root", Text: dir}}}
	for i := 0; i < len(flags); i += 2 {
		in.Flags = append(in.Flags, presets.FlagValue{Name: flags[i], Text: flags[i+1]})
	}
	res, err := presets.Resolve(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := build.Start(t.Context(), build.Options{Resolved: res, Version: "test"})
	snap := finish(t, r, err)
	p := payload[model.TrackerStatusPayload](t, snap, model.ArtifactTracker)
	p.RunID = arrived(t, dir, p)
	run := r.View().Header()
	_, body := get(fmt.Sprintf("%s/api/v1/dag_runs/%d", s.url, p.RunID))
	if n := strings.Count(body, `"node_template_name"`); snap.State != model.RunSucceeded || n != run.Nodes || strings.Contains(body, "FAILURE") {
		t.Fatalf("the run %s; the server has %d of %d nodes: %.600s", snap.State, n, run.Nodes, body)
	}
	home := fmt.Sprintf("%s/dashboard/project/%d", s.url, id)
	lookAt(t, s, []uiPage{
		{"run", p.RunURL, []string{"scan_repo", "cpg_nodes", "cpg_edges"}},
		{"output of a SQL node", p.RunURL + "/task/cpg_nodes?tab=Output", []string{"Result summary", "Schema", "Cache", "Resources"}},
		{"code of a SQL node", p.RunURL + "/task/cpg_nodes?tab=Code", []string{"SELECT"}},
		{"graph", fmt.Sprintf("%s/version/%d/visualize", home, p.TemplateID), []string{"scan_repo", "cpg_nodes"}},
		{"catalog", home + "/catalog", []string{"scan_repo"}},
	})
}

// lookAt opens pages in a browser: a field that the UI does not expect leaves a page
// blank, which no answer of its API tells.
func lookAt(t *testing.T, s *hamiltonServer, pages []uiPage) {
	t.Helper()
	b := browsertest.New(t)
	look := browsertest.Look{Width: 1280, Height: 900, Scheme: "light", Scripts: true}
	b.Open(s.url, look)
	b.Eval(`localStorage.setItem('hamilton-username', 'alice@example.com'); localStorage.setItem('authed', 'true')`, nil)
	for _, p := range pages {
		b.Open(p.url, look)
		var text string
		missing := p.shows
		for end := time.Now().Add(20 * time.Second); len(missing) > 0 && time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
			b.Eval(`document.body.innerText`, &text)
			missing = nil
			for _, want := range p.shows {
				if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
					missing = append(missing, want)
				}
			}
		}
		if len(missing) > 0 {
			t.Errorf("the page of the %s (%s) lacks %q: %.1500s", p.about, p.url, missing, text)
		}
		for _, trouble := range b.Troubles() {
			if strings.HasPrefix(trouble, "Runtime.exceptionThrown") {
				t.Errorf("the page of the %s: %s", p.about, trouble)
			}
		}
	}
}
