package tracker

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is a server that enforces the rules of Hamilton's: slashes, required
// fields, lengths, attributes that are inserted once and all or nothing.
type fake struct {
	*httptest.Server
	mu        sync.Mutex
	templates []template
	runs      []*fakeRun
	fault     func(r *http.Request) fakeFault // nil: none
	calls     int
}

// fakeFault is what goes wrong with a request.
type fakeFault struct {
	refuse bool // 500, nothing done
	lose   bool // done, but the answer never comes
	wait   time.Duration
}

type fakeRun struct {
	newRun
	id, template int64
	nodes        []*taskUpdate
	attributes   []Attribute
	closed       *closing
}

func newFake(t testing.TB) *fake {
	f := &fake{}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) set(fault func(*http.Request) fakeFault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = fault
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	var fault fakeFault
	if f.fault != nil {
		fault = f.fault(r)
	}
	if fault.wait > 0 {
		select {
		case <-time.After(fault.wait):
		case <-r.Context().Done():
		}
	}
	if fault.refuse {
		http.Error(w, "out of order", 500)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	code, answer := f.answer(r, body)
	if fault.lose {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(code)
	if answer != nil {
		_ = json.NewEncoder(w).Encode(answer) // to a recorder in the same process
	}
}

// required lists the keys that a body must have.
func required(body []byte, keys ...string) error {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(body, &m); err != nil {
		return err
	}
	for _, k := range keys {
		if _, ok := m[k]; !ok {
			return fmt.Errorf("%s is missing", k)
		}
	}
	return nil
}

func (f *fake) answer(r *http.Request, body []byte) (int, any) {
	if r.Header.Get("X-Api-User") == "" {
		return 500, "no user"
	}
	q := r.URL.Query()
	num := func(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }
	path := strings.TrimPrefix(r.URL.Path, "/api/v1")
	switch {
	case path == "/phone_home":
		return 200, map[string]any{"success": true}
	case r.Method == "GET" && path == "/projects/1":
		return 200, project{ID: 1, Name: "p", Role: "write"}
	case r.Method == "GET" && path == "/projects":
		return 200, []project{{ID: 1, Name: "p", Role: "write"}}
	case path == "/dag_templates/exists/":
		for i, t := range f.templates {
			if t.DAGHash == q.Get("dag_hash") && t.CodeHash == q.Get("code_hash") && t.Name == q.Get("dag_name") && q.Get("project_id") == "1" {
				return 200, map[string]any{"id": i + 1}
			}
		}
		return 200, json.RawMessage("null")
	case r.Method == "POST" && path == "/dag_templates":
		return f.addTemplate(body)
	case r.Method == "POST" && path == "/dag_runs":
		if err := required(body, "run_status", "tags", "inputs", "outputs"); err != nil {
			return 422, err.Error()
		}
		run := &fakeRun{id: int64(len(f.runs) + 1), template: num(q.Get("dag_template_id"))}
		if json.Unmarshal(body, &run.newRun) != nil || run.template < 1 || run.template > int64(len(f.templates)) {
			return 404, "no such template"
		}
		f.runs = append(f.runs, run)
		return 200, run.state(false)
	case path == "/dag_runs/latest/":
		list := []runState{}
		for _, run := range f.runs {
			list = append(list, run.state(false))
		}
		return 200, list
	case r.Method == "PUT" && path == "/dag_runs_bulk":
		return f.update(num(q.Get("dag_run_id")), body)
	case strings.HasPrefix(path, "/dag_runs/"):
		run := f.run(num(strings.Trim(strings.TrimPrefix(path, "/dag_runs/"), "/")))
		slash := strings.HasSuffix(path, "/")
		switch {
		case r.Method == "PUT" && slash && run != nil:
			if err := required(body, "run_status", "run_end_time"); err != nil {
				return 422, err.Error()
			}
			run.closed = &closing{}
			if json.Unmarshal(body, run.closed) != nil {
				return 422, "bad close"
			}
			return 200, run.state(false)
		case r.Method == "GET" && !slash && run != nil:
			return 200, []runState{run.state(true, q["attr"]...)}
		case run == nil:
			return 404, "no such run"
		}
	}
	return 405, "not allowed"
}

func (f *fake) run(id int64) *fakeRun {
	if id < 1 || id > int64(len(f.runs)) {
		return nil
	}
	return f.runs[id-1]
}

func (f *fake) addTemplate(body []byte) (int, any) {
	if err := required(body, "name", "template_type", "dag_hash", "code_hash", "nodes", "code_artifacts", "code_log", "code_version_info_type"); err != nil {
		return 422, err.Error()
	}
	var t template
	if err := json.Unmarshal(body, &t); err != nil || len(t.DAGHash) > 64 || len(t.Name) > 255 {
		return 422, "too long"
	}
	seen := map[string]bool{}
	for _, n := range t.Nodes {
		if seen[n.Name] || n.Tags == nil || n.Output != nil && n.Output.TypeName == "" {
			return 500, "node " + n.Name
		}
		seen[n.Name] = true
	}
	f.templates = append(f.templates, t)
	return 200, map[string]any{"id": len(f.templates)}
}

func (f *fake) update(id int64, body []byte) (int, any) {
	run := f.run(id)
	if run == nil {
		return 404, "no such run"
	}
	if err := required(body, "attributes", "task_updates"); err != nil {
		return 422, err.Error()
	}
	var b struct {
		Attributes []Attribute  `json:"attributes"`
		Updates    []taskUpdate `json:"task_updates"`
	}
	if err := json.Unmarshal(body, &b); err != nil {
		return 422, err.Error()
	}
	for _, a := range b.Attributes {
		if len(a.Name) > 63 || len(a.Node) > 255 || a.Role == "" || a.Type == "" {
			return 422, a.Name
		}
	}
	for _, u := range b.Updates {
		old := run.node(u.Name)
		if old == nil {
			run.nodes = append(run.nodes, &u)
			continue
		}
		old.Status, old.End = u.Status, u.End
	}
	for _, a := range b.Attributes {
		for _, have := range run.attributes {
			if a.Value == nil || have.Node == a.Node && have.Name == a.Name {
				return 500, "IntegrityError"
			}
		}
	}
	run.attributes = append(run.attributes, b.Attributes...)
	return 200, nil
}

func (r *fakeRun) node(name string) *taskUpdate {
	for _, n := range r.nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

func (r *fakeRun) state(nodes bool, types ...string) runState {
	s := runState{ID: r.id, Template: r.template, Status: r.Status, Tags: r.Tags}
	if !nodes {
		return s
	}
	for _, n := range r.nodes {
		ns := nodeState{Name: n.Name, Status: n.Status}
		for _, a := range r.attributes {
			for _, typ := range types {
				if a.Node == n.Name && a.Type == typ {
					ns.Attributes = append(ns.Attributes, a)
				}
			}
		}
		s.Nodes = append(s.Nodes, ns)
	}
	return s
}
