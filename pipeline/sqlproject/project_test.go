package sqlproject

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// project is a folder with a small project; files, by name, are put over it.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		FileName:                  "[sources.raw_orders]\npath = \"data/**/orders*.csv\"\n[sources.people]\npath = \"data/people.json\"\n",
		"data/a/orders-1.csv":     "id,person,amount\n1,1,10\n2,2,20\n",
		"data/b/orders-2.csv":     "id,person,amount\n3,1,5\n",
		"data/people.json":        `[{"id":1,"name":"Ann"},{"id":2,"name":"Bob"}]`,
		"models/orders.sql":       "-- @materialized view\nSELECT id, person, amount FROM RAW_ORDERS",
		"models/marts/totals.sql": "WITH o AS (SELECT * FROM orders) SELECT name, sum(amount)::BIGINT AS total FROM o JOIN people p ON p.id = o.person GROUP BY ALL",
	} {
		write(name, text)
	}
	for name, text := range files {
		write(name, text)
	}
	return dir
}

// session is an engine of the test's own.
func session(t *testing.T) *engine.Session {
	t.Helper()
	s, err := engine.Open(context.Background(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// run builds a project with a result cache below it.
func run(t *testing.T, s *engine.Session, dir string) (*pipeline.Result, error) {
	t.Helper()
	nodes, err := Nodes(model.BuildSettings{RepoRoot: dir})
	if err != nil {
		return nil, err
	}
	g, err := pipeline.New(context.Background(), s, nodes...)
	if err != nil {
		return nil, err
	}
	r := g.Run(context.Background(), pipeline.Options{Engine: s, Dir: filepath.Join(dir, "work"), Cache: &pipeline.Cache{Dir: filepath.Join(dir, "cache")}})
	return r, r.Err
}

// states are the names of a run's nodes that ended in a state.
func states(r *pipeline.Result, state model.NodeState) string {
	var names []string
	for _, n := range r.Nodes {
		if n.Execution.State == state {
			names = append(names, n.Node.Name)
		}
	}
	return strings.Join(names, " ")
}

func cells(t *testing.T, r *pipeline.Result, table string) string {
	t.Helper()
	tab, ok := r.Table(table)
	if !ok {
		t.Fatalf("there is no table %s", table)
	}
	rows, err := pipeline.Preview(context.Background(), tab.Files[0], 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, row := range rows.Cells {
		lines = append(lines, strings.Join(row, ","))
	}
	return strings.Join(lines, " ")
}

func TestBuild(t *testing.T) {
	s, dir := session(t), project(t, nil)
	r, err := run(t, s, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := cells(t, r, "totals"); got != "Ann,15 Bob,20" && got != "Bob,20 Ann,15" {
		t.Errorf("totals: %s", got)
	}
	for _, n := range r.Nodes {
		if n.Node.Publish != (n.Node.Name == "totals") {
			t.Errorf("%s is published: %t", n.Node.Name, n.Node.Publish)
		}
	}
	if r, err = run(t, s, dir); err != nil || states(r, model.NodeCached) != "people raw_orders orders totals" {
		t.Errorf("unchanged: cached %s, %v", states(r, model.NodeCached), err)
	}
	// A changed file is read again, with all that comes of it, and nothing else.
	path := filepath.Join(dir, "data", "b", "orders-2.csv")
	if err := os.WriteFile(path, []byte("id,person,amount\n3,1,7\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	if r, err = run(t, s, dir); err != nil || states(r, model.NodeCached) != "people" || !strings.Contains(cells(t, r, "totals"), "Ann,17") {
		t.Errorf("after a change: cached %s, totals %s, %v", states(r, model.NodeCached), cells(t, r, "totals"), err)
	}
}

// Parquet is read where it is, and what is read of it stays in the cache for as
// long as the files have their size and time.
func TestParquetSource(t *testing.T) {
	s, dir := session(t), project(t, nil)
	if _, err := s.Materialize(context.Background(), model.Query{SQL: "SELECT 1 AS id, 'Cat' AS name", Path: filepath.Join(dir, "data", "people.parquet")}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte("[sources.raw_orders]\npath = \"data/a/*.csv\"\n[sources.people]\npath = \"data/*.parquet\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "raw_orders orders totals"} {
		r, err := run(t, s, dir)
		if err != nil || states(r, model.NodeCached) != want || cells(t, r, "totals") != "Cat,10" {
			t.Fatalf("run %d: cached %s, totals %s, %v", i, states(r, model.NodeCached), cells(t, r, "totals"), err)
		}
		if tab, _ := r.Table("people"); tab.Files[0] != filepath.Join(dir, "data", "people.parquet") {
			t.Errorf("the source is read from %v", tab.Files)
		}
	}
}

// A model that asks for the time is never taken from the cache.
func TestVolatile(t *testing.T) {
	s, dir := session(t), project(t, map[string]string{"models/at.sql": "SELECT now() AS at", "models/said.sql": "SELECT 'now()' AS now"})
	for range 2 {
		r, err := run(t, s, dir)
		if err != nil || !strings.Contains(states(r, model.NodeSucceeded), "at") {
			t.Fatalf("ran %s, %v", states(r, model.NodeSucceeded), err)
		}
	}
	if r, err := run(t, s, dir); err != nil || !strings.Contains(states(r, model.NodeCached), "said") {
		t.Errorf("cached %s, %v", states(r, model.NodeCached), err)
	}
}

func TestFaults(t *testing.T) {
	s := session(t)
	for _, c := range []struct {
		name, file, text string
		want             []string
	}{
		{"unknown key", FileName, "nam = \"x\"\n", []string{FileName + ":1:1: unknown key nam"}},
		{"no TOML", FileName, "name = \n", []string{FileName + ":1:"}},
		{"no file", FileName, "[sources.s]\npath = \"none/*.csv\"\n", []string{`sources.s: no file matches path "none/*.csv"`}},
		{"format", FileName, "[sources.s]\npath = \"data/people.json\"\nformat = \"xml\"\n", []string{`format is "xml"; it must be parquet, csv or json`}},
		{"missing table", "models/totals2.sql", "SELECT *\nFROM peple", []string{"models/totals2.sql:2:6", "did you mean people?", "2 | FROM peple\n         ^"}},
		{"parser", "models/bad.sql", "SELECT 1\nFRM x y", []string{"node bad (models/bad.sql): parser error at 2:", "^"}},
		{"two statements", "models/bad.sql", "SELECT 1; SELECT 2", []string{"one SELECT is expected"}},
		{"cycle", "models/orders.sql", "SELECT * FROM totals", []string{"the nodes form a cycle: ", "totals (models/marts/totals.sql) -> "}},
		{"twice", "models/people.sql", "SELECT 1", []string{"node people is defined twice"}},
		{"past the sources", "models/raw.sql", "SELECT *\n  FROM read_csv('data/x.csv')", []string{"models/raw.sql:2:8: read_csv reads files past the project", "^"}},
		{"name", "models/1st.sql", "SELECT 1", []string{`models/1st.sql: "1st" is no name of a table`}},
		{"header", "models/orders.sql", "-- @tag x\nSELECT 1", []string{"models/orders.sql: line 1: unknown directive @tag"}},
		{"empty", "models/none.sql", "\n", []string{"models/none.sql is empty"}},
		{"column", "models/totals2.sql", "SELECT\n  nme FROM people", []string{"binder error at 2:3", "2 |   nme FROM people"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, s, project(t, map[string]string{c.file: c.text}))
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q\nlacks %q", err, want)
				}
			}
		})
	}
}

func TestNameOf(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{"name = \"shop\"": "shop", "[sources]": filepath.Base(dir), "name = [": filepath.Base(dir)} {
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := NameOf(dir); got != want {
			t.Errorf("%s: %s, not %s", text, got, want)
		}
	}
	if got := NameOf("/nowhere/there"); got != "there" {
		t.Error(got)
	}
}
