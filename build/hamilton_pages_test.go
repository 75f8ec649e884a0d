package build_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/build/browsertest"
	"github.com/buildscope/buildscope/model"
)

// pagesShow opens the pages of a project in a browser: a field that the UI does not
// expect leaves a page blank, which no answer of its API tells.
func pagesShow(t *testing.T, s *hamiltonServer, project int64, good, failed model.TrackerStatusPayload) {
	b := browsertest.New(t)
	look := browsertest.Look{Width: 1280, Height: 900, Scheme: "light", Scripts: true}
	b.Open(s.url, look)
	b.Eval(`localStorage.setItem('hamilton-username', 'alice@example.com'); localStorage.setItem('authed', 'true')`, nil)
	home := fmt.Sprintf("%s/dashboard/project/%d", s.url, project)
	for _, p := range []struct {
		about, url string
		shows      []string
	}{
		{"runs", home + "/runs", []string{"success", "failure"}},
		{"run", good.RunURL, []string{"numbers", "total"}},
		{"output of a node", good.RunURL + "/task/numbers?tab=Output", []string{"Result summary", "Schema", "Cache", "Resources", "Trace"}},
		{"error of a node", failed.ErrorURL, []string{"boom"}},
		{"comparison with the last good run", failed.CompareURL, []string{"numbers"}},
		{"graph", fmt.Sprintf("%s/version/%d/visualize", home, good.TemplateID), []string{"numbers", "total"}},
		{"code", fmt.Sprintf("%s/version/%d/code", home, good.TemplateID), []string{"SELECT"}},
		{"catalog", home + "/catalog", []string{"numbers", "total"}},
	} {
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
