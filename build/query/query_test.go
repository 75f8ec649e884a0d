package query_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/build/query"
	"github.com/buildscope/buildscope/engine/console"
	"github.com/buildscope/buildscope/model"
)

// run makes a bundle with one span, statistics of one column, and one output.
func run(t *testing.T, work, id string, whole bool) *bundle.Bundle {
	t.Helper()
	w, err := bundle.Create(work, id)
	if err != nil {
		t.Fatal(err)
	}
	node := "extract"
	errs := []error{
		w.JSON("settings.json", []map[string]any{{"key": "build.workers", "value": id[:1], "source": "flag --workers", "lower": []any{}}, {"key": "otel.sampler", "value": "always_on", "source": "default"}}),
		w.Event("run_started", map[string]any{"profile": "debug"}),
		w.Event("node_finished", map[string]any{"node": node, "state": "failed", "duration_ns": 1500000, "rows": 7, "error": "no such file"}),
		w.Event("log", map[string]any{"level": "WARN", "message": "slow", "path": "a.go"}),
	}
	if whole {
		spans, err := w.Spans()
		if err != nil {
			t.Fatal(err)
		}
		spans.Add([]model.SpanRecord{{Trace: [16]byte{1}, ID: [8]byte{2}, Name: "extract.file", Start: 1_000_000_000, End: 1_002_500_000,
			Attrs: []model.Attr{{Key: "hamilton.node.name", Value: node}, {Key: "code.file.path", Value: "a.go"}}}})
		_, _, err = spans.Close()
		errs = append(errs, w.File(bundle.CacheEntriesFile, []byte(`{"cache":"list_files","table":"t","path":"/d","bytes":90,"hits":2,"recency":1,"expires_in_ms":1500,"files":[{"file_path":"/d/1.parquet","file_modified":"2026-01-02T03:04:05Z","file_size_bytes":77}]}
{"cache":"metadata","path":"/d/1.parquet","bytes":900,"hits":3,"recency":1,"file_path":"/d/1.parquet","file_modified":"2026-01-02T03:04:05Z","file_size_bytes":77,"extra":"page_index=false","row_groups":1,"columns":4,"rows":5}
{"cache":"statistics","table":"t","path":"/d/1.parquet","bytes":200,"hits":4,"recency":1,"file_path":"/d/1.parquet","file_modified":"2026-01-02T03:04:05Z","file_size_bytes":77,"columns":4}
`)), w.Artifact(model.ArtifactCacheState, model.CacheStatePayload{Moments: []model.CacheMoment{{Moment: "end", Caches: []model.CacheAccount{{Cache: "metadata", Setting: "engine.metadata_cache_limit",
			Value: "50M", Source: "default", CacheCounts: model.CacheCounts{Hits: 3, Misses: 1, Limit: 100}, Tables: []model.CacheTable{{Table: "t", CacheCounts: model.CacheCounts{Hits: 2}}},
			Curve: model.CacheCurve{Lookups: 4, Points: []model.CachePoint{{Limit: 60, Hits: 1}, {Limit: 95, Hits: 3}}}}}}}}))
		errs = append(errs, err, w.CaptureTable([]model.TableStats{{Node: node, Table: "t", Rows: 7, Columns: []model.ColumnStats{{Name: "x", Type: "int64"}}}}))
	}
	// The output is a table that DuckDB writes; one of them has a column run_id and the name of a table of ours.
	dir := filepath.Join(work, "out "+id)
	var outputs []model.OutputLocation
	for _, o := range []struct{ name, sql string }{{"edges", "SELECT i AS src FROM range(3) t(i)"}, {"Logs", "SELECT 'mine' AS run_id, 1 AS x"}} {
		path := filepath.Join(dir, o.name+".parquet")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		s, err := console.Open(t.Context(), console.Options{ParquetFile: path})
		if err != nil {
			t.Fatal(err)
		}
		errs = append(errs, s.WriteParquet(t.Context(), o.sql, 0), s.Close())
		outputs = append(outputs, model.OutputLocation{Name: o.name, Path: path, Rows: 3, Bytes: 10, Checksum: "ab"})
	}
	errs = append(errs, w.Artifact(model.ArtifactLocations, model.LocationsPayload{RunID: id, Outputs: outputs}), w.Close())
	b, err := bundle.Open(w.Dir)
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t *testing.T, runs ...*bundle.Bundle) *console.Session {
	t.Helper()
	s, err := query.Open(t.Context(), runs, console.Options{})
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

// csv is the result of a query without its head, lines joined by a bar.
func csv(t *testing.T, s *console.Session, sql string) string {
	t.Helper()
	rows, err := s.Query(t.Context(), sql, 0)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	var b strings.Builder
	if _, err := console.WriteCSV(&b, rows); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	_, body, _ := strings.Cut(strings.TrimSpace(b.String()), "\n")
	return strings.ReplaceAll(body, "\n", "|")
}

func TestTheTablesOfARun(t *testing.T) {
	work := filepath.Join(t.TempDir(), "it's [a] *dir*") // whose name would be a pattern and end a quoted text
	s := open(t, run(t, work, "a1", true))
	for sql, want := range map[string]string{
		"SELECT name, node, duration_ms, started, status, attributes ->> '$.\"code.file.path\"', run_id FROM spans": "extract.file,extract,2.5,1970-01-01 00:00:01,unset,a.go,a1",
		`SELECT node, "table", name, table_rows, run_id FROM capture`:                                               "extract,t,x,7,a1",
		"SELECT event, node, state, duration_ms, rows, error, run_id FROM events WHERE node IS NOT NULL":            "node_finished,extract,failed,1.5,7,no such file,a1",
		"SELECT level, message, attributes, run_id FROM logs":                                                       `WARN,slow,"{""path"":""a.go""}",a1`,
		"SELECT name, version, bytes > 0, payload ->> '$.run_id', run_id FROM artifacts WHERE name LIKE 'build%'":   "build_output_locations_v1,1,true,a1,a1",
		"SELECT key, value, source, run_id FROM settings ORDER BY key":                                              "build.workers,a,flag --workers,a1|otel.sampler,always_on,default,a1",
		"FROM metadata_cache()":   "/d/1.parquet,2026-01-02 03:04:05,77,,,900,3,page_index=false,1,5,4,1,a1",
		"FROM Statistics_Cache()": "/d/1.parquet,t,2026-01-02 03:04:05,77,,,Exact(0),4,Absent,4,200,1,a1",
		"SELECT \"table\", path, metadata_size_bytes, expires_in, hits, metadata_list[1].file_path, metadata_list[1].e_tag FROM list_files_cache()": "t,/d,90,00:00:01.5,2,/d/1.parquet,",
		"SELECT path FROM metadata_cache": "/d/1.parquet",
		"SELECT moment, cache, \"table\", value, hits, misses, limit_bytes FROM caches ORDER BY hits": "end,metadata,t,,2,0,|end,metadata,,50M,3,1,100",
		"SELECT cache, limit_bytes, hits, lookups, hit_rate FROM cache_limits ORDER BY 2":             "metadata,60,1,4,0.25|metadata,95,3,4,0.75",
		"SELECT * FROM edges ORDER BY src": "0,a1|1,a1|2,a1",
		"SELECT * FROM output_logs":        "1,a1",
		"SELECT count(*), min(time) > TIMESTAMP '2020-01-01', count(time) FROM events": "5,true,5",
	} {
		if got := csv(t, s, sql); got != want {
			t.Errorf("%s:\n got %s\nwant %s", sql, got, want)
		}
	}
}

func TestEveryTableHasTheRun(t *testing.T) {
	work := t.TempDir()
	a, b := run(t, work, "a1", true), run(t, work, "b2", true)
	one, two := open(t, a), open(t, a, b)
	for i, table := range two.Tables() {
		if n := len(table.Columns); table.Absent != "" || table.Columns[n-1].Name != "run_id" {
			t.Errorf("%s: %+v", table.Name, table)
		}
		if alone := one.Tables()[i]; fmt.Sprint(alone) != fmt.Sprint(table) {
			t.Errorf("%v of one run, %v of two", alone, table)
		}
		if got := csv(t, two, "SELECT DISTINCT run_id FROM "+table.Name+" ORDER BY 1"); got != "a1|b2" {
			t.Errorf("%s: runs %s", table.Name, got)
		}
	}
}

// A run whose process died, outputs that are gone, and lines that are not whole cost
// only themselves.
func TestWhatIsNotThereIsTold(t *testing.T) {
	work := t.TempDir()
	b := run(t, work, "a1", false)
	log := filepath.Join(b.Dir, "events.jsonl")
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	text := lines[0] + lines[1][:20] + "\n" + lines[2] + lines[3][:15]
	if err := errors.Join(os.WriteFile(log, []byte(text), 0o644), os.RemoveAll(filepath.Join(work, "out a1")),
		os.WriteFile(filepath.Join(b.Dir, "artifacts", "torn.json"), []byte(`{"name":`), 0o644)); err != nil {
		t.Fatal(err)
	}
	s := open(t, b)
	if got := csv(t, s, "SELECT event FROM events"); got != "run_started|log" {
		t.Errorf("events: %s", got)
	}
	if got := csv(t, s, "SELECT name, payload IS NULL FROM artifacts ORDER BY name"); got != "build_output_locations_v1,false|torn,true" {
		t.Errorf("artifacts: %s", got)
	}
	for table, want := range map[string]string{"spans": "left no spans.parquet", "capture": "captured no statistics", "edges": "no such file"} {
		_, err := s.Query(t.Context(), "SELECT * FROM "+table, 0)
		if err == nil || !strings.Contains(err.Error(), "there is no table "+table) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", table, err)
		}
	}
	if _, err := s.Query(t.Context(), "FROM metadata_cache()", 0); err == nil || !strings.Contains(err.Error(), "metadata_cache() has no rows to give: of run a1: it left no account") {
		t.Errorf("metadata_cache(): %v", err)
	}
	// Beside a whole run, the table is there, and says what it lacks.
	for _, table := range open(t, run(t, work, "b2", true), b).Tables() {
		if table.Name == "spans" && (len(table.Columns) == 0 || !strings.Contains(table.Absent, "a1")) {
			t.Errorf("spans: %+v", table)
		}
	}
}

func TestExamplesRun(t *testing.T) {
	work := t.TempDir()
	a, b := run(t, work, "a1", true), run(t, work, "b2", true)
	one, two := open(t, a), open(t, a, b)
	want := map[string]string{
		"slowest-nodes": "extract,failed,,1.5,7,,a1", "slowest-files": "a.go,2.5,1,a1", "rows-per-output": "Logs,3,10,ab,a1|edges,3,10,ab,a1",
		"settings-changed": "build.workers,[a],[flag --workers],1", "slowest-queries": "",
		"errors": "node,extract,no such file,a1|log,WARN,slow,a1",
	}
	for _, e := range query.Examples() {
		if e.Help == "" {
			t.Errorf("%s: its first line does not say what it answers", e.Name)
		}
		got := csv(t, one, e.SQL)
		if e.Name == "errors" { // without the times
			lines := strings.Split(got, "|")
			for i, line := range lines {
				_, lines[i], _ = strings.Cut(line, ",")
			}
			got = strings.Join(lines, "|")
		}
		if w, ok := want[e.Name]; !ok || got != w {
			t.Errorf("%s:\n got %s\nwant %s", e.Name, got, w)
		}
		csv(t, two, e.SQL)
	}
}
