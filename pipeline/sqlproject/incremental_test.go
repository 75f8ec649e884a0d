package sqlproject

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// growing is a project with one source, events, and the model m.
func growing(t *testing.T, text string) string {
	t.Helper()
	return project(t, map[string]string{
		FileName:       "[sources.raw_orders]\npath = \"data/**/orders*.csv\"\n[sources.people]\npath = \"data/people.json\"\n[sources.events]\npath = \"data/events*.csv\"\n",
		"models/m.sql": text,
	})
}

// events writes a file of the source events; later files are later days.
func events(t *testing.T, dir, name string, rows ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "data", "events"+name+".csv"), []byte("id,day,amount\n"+strings.Join(rows, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// grow builds a project as a build does: what a run that fails leaves is not added to.
func grow(t *testing.T, s *engine.Session, dir string, o pipeline.Options) (*pipeline.Result, error) {
	t.Helper()
	nodes, err := Nodes(model.BuildSettings{RepoRoot: dir})
	if err != nil {
		return nil, err
	}
	g, err := pipeline.New(context.Background(), s, nodes...)
	if err != nil {
		return nil, err
	}
	o.Engine, o.Dir = s, filepath.Join(dir, "work")
	if o.Cache == nil {
		o.Cache = &pipeline.Cache{Dir: filepath.Join(dir, "cache")}
	}
	r := g.Run(context.Background(), o)
	if r.Err == nil {
		if err := o.Cache.Accept(r); err != nil {
			t.Fatal(err)
		}
		if err := o.Cache.Prune(); err != nil {
			t.Fatal(err)
		}
	}
	return r, r.Err
}

// computed is what a run says of the model m: how it was computed, or its state.
func computed(t *testing.T, r *pipeline.Result) string {
	t.Helper()
	for _, n := range r.Nodes {
		if n.Node.Name == "m" {
			if n.Execution.Computed != "" {
				return n.Execution.Computed
			}
			return n.Execution.State.String()
		}
	}
	t.Fatal("there is no node m")
	return ""
}

// must builds a project, and compares what is said of m and how many rows it has.
func must(t *testing.T, s *engine.Session, dir string, o pipeline.Options, want string, rows int64) *pipeline.Result {
	t.Helper()
	r, err := grow(t, s, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := computed(t, r); got != want {
		t.Errorf("m: %s\nwant %s", got, want)
	}
	if tab, _ := r.Table("m"); tab.Rows != rows || len(tab.Files) != 1 {
		t.Errorf("m has %d rows in %d files, want %d in one", tab.Rows, len(tab.Files), rows)
	}
	return r
}

const byTime = "-- @materialized incremental\n-- @time day\nSELECT id, day, amount FROM events WHERE {{ newer(day) }}"

func TestIncremental(t *testing.T) {
	s, dir := session(t), growing(t, byTime)
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "models", "m.sql"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	events(t, dir, "1", "1,2026-01-01,5", "2,2026-01-02,6")
	must(t, s, dir, pipeline.Options{}, "whole: first build", 2)
	must(t, s, dir, pipeline.Options{}, "cached", 2)
	events(t, dir, "2", "3,2026-01-02,7", "4,2026-01-03,8")
	r := must(t, s, dir, pipeline.Options{KeepProfiles: true}, "incremental: 2 new rows on 2, 1 replaced", 4)
	for _, n := range r.Nodes {
		if n.Node.Name == "m" && !strings.Contains(n.Query.SQL, ">= CAST('2026-01-02' AS DATE)") {
			t.Errorf("the statement was\n%s", n.Query.SQL)
		}
	}
	must(t, s, dir, pipeline.Options{}, "cached", 4)
	must(t, s, dir, pipeline.Options{FullRefresh: true}, "whole: build.full_refresh is set", 4)
	must(t, s, dir, pipeline.Options{}, "cached", 4)
	events(t, dir, "3", "5,2026-01-04,9")
	must(t, s, dir, pipeline.Options{}, "incremental: 1 new row on 4, 1 replaced", 5)

	// Another text begins anew, and so does the first one when it comes back later.
	write(byTime + " AND amount > 5")
	must(t, s, dir, pipeline.Options{}, "whole: its text changed", 4)
	events(t, dir, "4", "6,2026-01-05,9")
	must(t, s, dir, pipeline.Options{}, "incremental: 1 new row on 4, 1 replaced", 5)

	// So does a table whose rows are gone, and one whose columns are others.
	found, err := filepath.Glob(filepath.Join(dir, "cache", "m", "*", "m.parquet"))
	if err != nil || len(found) != 2 {
		t.Fatalf("stored: %v, %v", found, err)
	}
	for _, f := range found {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	events(t, dir, "5", "7,2026-01-06,9")
	must(t, s, dir, pipeline.Options{}, "whole: its earlier rows are gone", 6)
	write("-- @materialized incremental\n-- @time day\nSELECT * FROM events")
	must(t, s, dir, pipeline.Options{}, "whole: its text changed", 7)
	if err := os.WriteFile(filepath.Join(dir, "data", "events6.csv"), []byte("id,day,amount,note\n8,2026-01-07,1,x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, s, dir, pipeline.Options{}, "whole: its columns changed: note is new", 8)
	must(t, s, dir, pipeline.Options{}, "cached", 8)
	must(t, s, dir, pipeline.Options{Cache: &pipeline.Cache{Dir: t.TempDir()}}, "whole: first build", 8)
}

// A model that reads a view is as old as the text of the view.
func TestIncrementalUpstream(t *testing.T) {
	s, dir := session(t), growing(t, strings.ReplaceAll(byTime, "events", "plain"))
	view := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "models", "plain.sql"), []byte("-- @materialized view\n"+text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	events(t, dir, "1", "1,2026-01-01,5")
	view("SELECT * FROM events")
	must(t, s, dir, pipeline.Options{}, "whole: first build", 1)
	events(t, dir, "2", "2,2026-01-02,5")
	view("SELECT * REPLACE (amount * 2 AS amount) FROM events")
	must(t, s, dir, pipeline.Options{}, "whole: plain, which it reads, changed", 2)
	text, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(strings.ReplaceAll(string(text), "data/events*", "data/event?*")), 0o644); err != nil {
		t.Fatal(err)
	}
	events(t, dir, "3", "3,2026-01-03,5")
	must(t, s, dir, pipeline.Options{}, "whole: events, which it reads, changed", 3)
	events(t, dir, "4", "4,2026-01-04,5")
	must(t, s, dir, pipeline.Options{}, "incremental: 1 new row on 3, 1 replaced", 4)
}

// By key, rows that are gone upstream stay, and rows of a key replace each other.
func TestIncrementalByKey(t *testing.T) {
	s, dir := session(t), growing(t, "-- @materialized incremental\n-- @key ID\nSELECT id, day, amount FROM events")
	events(t, dir, "", "1,2026-01-01,5", "2,2026-01-02,6", ",2026-01-02,6")
	must(t, s, dir, pipeline.Options{}, "whole: first build", 3)
	events(t, dir, "", "2,2026-01-03,60", "3,2026-01-03,7", ",2026-01-02,8")
	r := must(t, s, dir, pipeline.Options{}, "incremental: 1 new row on 3, 2 replaced", 4)
	for _, want := range []string{"1,2026-01-01,5", "2,2026-01-03,60", ",2026-01-02,8"} {
		if got := cells(t, r, "m"); !strings.Contains(" "+got+" ", " "+want+" ") && !strings.Contains(got, "(null)"+want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
	// Going back to the first file is a change, not the first result once more.
	events(t, dir, "", "1,2026-01-01,5", "2,2026-01-02,6", ",2026-01-02,6")
	must(t, s, dir, pipeline.Options{}, "incremental: 0 new rows on 4, 3 replaced", 4)
	must(t, s, dir, pipeline.Options{FullRefresh: true}, "whole: build.full_refresh is set", 3)
}

// What a build that failed has computed is not built upon: rows that a test found
// would never leave the table again.
func TestIncrementalAfterAFailedTest(t *testing.T) {
	s, dir := session(t), growing(t, byTime)
	if err := os.WriteFile(filepath.Join(dir, "models", "m.sql"), []byte("-- @test rows 1..\n-- @test accepted_values amount: 5, 6\n"+byTime), 0o644); err != nil {
		t.Fatal(err)
	}
	events(t, dir, "1", "1,2026-01-01,6")
	must(t, s, dir, pipeline.Options{}, "whole: first build", 1)
	events(t, dir, "2", "2,2026-01-02,-1")
	for i, want := range []string{"incremental: 1 new row on 1, 1 replaced", "cached"} {
		r, err := grow(t, s, dir, pipeline.Options{})
		if err == nil || computed(t, r) != want {
			t.Errorf("run %d: m %s, %v", i, computed(t, r), err)
		}
	}
	events(t, dir, "2", "3,2026-01-02,5")
	r := must(t, s, dir, pipeline.Options{}, "incremental: 1 new row on 1, 1 replaced", 2)
	if got := cells(t, r, "m"); strings.Contains(got, "-1") {
		t.Errorf("a row that a test has found is still there: %s", got)
	}

	// However often builds fail, and whatever else succeeds meanwhile, the last good
	// result stays.
	for i := range 4 {
		events(t, dir, "3", fmt.Sprintf("4,2026-01-03,%d", 100+i))
		if _, err := grow(t, s, dir, pipeline.Options{}); err == nil {
			t.Fatal("the test found nothing")
		}
		if err := (&pipeline.Cache{Dir: filepath.Join(dir, "cache")}).Prune(); err != nil {
			t.Fatal(err)
		}
	}
	events(t, dir, "3", "4,2026-01-03,5")
	must(t, s, dir, pipeline.Options{}, "incremental: 1 new row on 2, 1 replaced", 3)

	// The first build fails; the second has nothing to add to.
	dir = growing(t, "-- @test accepted_values amount: 5, 6\n"+byTime)
	events(t, dir, "1", "1,2026-01-01,-1")
	if _, err := grow(t, s, dir, pipeline.Options{}); err == nil {
		t.Fatal("the test found nothing")
	}
	events(t, dir, "1", "1,2026-01-01,5", "2,2026-01-02,6")
	must(t, s, dir, pipeline.Options{}, "whole: no earlier build of it succeeded", 2)
}

// A build that is stopped while rows are added leaves the table as it was, and the
// next one adds them.
func TestIncrementalCutShort(t *testing.T) {
	s, dir := session(t), growing(t, byTime)
	events(t, dir, "1", "1,2026-01-01,5")
	must(t, s, dir, pipeline.Options{}, "whole: first build", 1)
	events(t, dir, "2", "2,2026-01-02,5")
	// The statements for m are one for the latest time, one for the new rows, and one
	// that puts both together.
	for stop := 1; stop <= 3; stop++ {
		nodes, err := Nodes(model.BuildSettings{RepoRoot: dir})
		if err != nil {
			t.Fatal(err)
		}
		g, err := pipeline.New(context.Background(), s, nodes...)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		r := g.Run(ctx, pipeline.Options{Engine: &stopping{Session: s, left: stop, stop: cancel}, Dir: filepath.Join(dir, "work"), Cache: &pipeline.Cache{Dir: filepath.Join(dir, "cache")}})
		cancel()
		if !r.Cancelled() || states(r, model.NodeCancelled) == "" {
			t.Fatalf("stopped at statement %d: %v", stop, r.Err)
		}
		if left, err := filepath.Glob(filepath.Join(dir, "cache", "m", "*")); err != nil || len(left) != 1 {
			t.Errorf("stopped at statement %d: %v, %v", stop, left, err)
		}
	}
	must(t, s, dir, pipeline.Options{}, "incremental: 1 new row on 1, 1 replaced", 2)
}

// stopping is an engine that cancels the run once it has run a number of statements
// of the model m.
type stopping struct {
	*engine.Session
	left int
	stop context.CancelFunc
}

func (e *stopping) Materialize(ctx context.Context, q model.Query) (model.QueryResult, error) {
	res, err := e.Session.Materialize(ctx, q)
	if q.Node == "m" {
		if e.left--; e.left == 0 {
			e.stop()
			return res, context.Canceled
		}
	}
	return res, err
}

func TestIncrementalFaults(t *testing.T) {
	s := session(t)
	for _, c := range []struct{ name, text, want string }{
		{"neither", "-- @materialized incremental\nSELECT 1", "models/m.sql: line 1: @materialized incremental needs @key COLUMN, COLUMN or @time COLUMN, or both"},
		{"key of a table", "-- A table.\n-- @key id\nSELECT 1 AS id", "models/m.sql: line 2: @key is for a model with @materialized incremental"},
		{"time of a view", "-- @materialized view\n-- @time id\nSELECT 1 AS id", "models/m.sql: line 2: @time is for a model with @materialized incremental"},
		{"two times", "-- @materialized incremental\n-- @time a, b\nSELECT 1", `line 2: @time is "a, b"; it must be one column, as in @time ordered_at or @time ordered_at: 72h`},
		{"time twice", "-- @materialized incremental\n-- @time a\n-- @time b\nSELECT 1", "line 3: @time is given twice"},
		{"key twice", "-- @materialized incremental\n-- @key a\n-- @key b\nSELECT 1", "line 3: @key is given twice"},
		{"column twice", "-- @materialized incremental\n-- @key a, A\nSELECT 1", "line 2: @key names A twice"},
		{"no duration", "-- @materialized incremental\n-- @time a: 3 days\nSELECT 1", `line 2: @time a: "3 days" is no duration; it must be how late rows may come, as in @time a: 72h`},
		{"newer of a table", "-- A table.\nSELECT *\nFROM events WHERE {{ newer(day) }}", "models/m.sql:3:19: newer is for a model with @materialized incremental and @time COLUMN\n\n3 | FROM events WHERE {{ newer(day) }}\n                      ^"},
		{"newer of a key", "-- @materialized incremental\n-- @key id\nSELECT * FROM events WHERE {{ newer(day) }}", "models/m.sql:3:28: newer is for a model with @materialized incremental and @time COLUMN"},
		{"newer of nothing", byTime + " AND {{ newer( ) }}", "models/m.sql:3:63: newer needs an expression, as in {{ newer(day) }}"},
		{"no column", "-- @materialized incremental\n-- @key idd\n-- @time dya\nSELECT * FROM events", "models/m.sql:2: @key names idd, which is no column of the result; did you mean id?\nmodels/m.sql:3: @time names dya, which is no column of the result; did you mean day?"},
		{"no time", "-- @materialized incremental\n-- @time id: 1h\nSELECT * FROM events", "models/m.sql:2: @time id: a duration after the column is for dates and timestamps; id is int64"},
		{"SQL", "-- @materialized incremental\n-- @time day\nSELECT *\nFROM events WHERE dya > '2026-01-01'", "binder error at 4:19"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := growing(t, c.text)
			events(t, dir, "", "1,2026-01-01,5")
			if _, err := grow(t, s, dir, pipeline.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v\nlacks %s", err, c.want)
			}
		})
	}
	// The statement for new rows has the lines of the model, too.
	dir := growing(t, byTime+"\n  AND amount > 0 AND CAST(note AS INTEGER) > 0")
	for i, note := range []string{"1", "x"} {
		if err := os.WriteFile(filepath.Join(dir, "data", fmt.Sprintf("events%d.csv", i)), []byte("id,day,amount,note\n1,2026-01-01,5,"+note+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := grow(t, s, dir, pipeline.Options{}); i == 1 && (err == nil || !strings.Contains(err.Error(), "node m: conversion error at 4:")) {
			t.Errorf("%v", err)
		}
	}
	dir = project(t, map[string]string{"tests/t.sql": "-- @materialized incremental\n-- @key a\nSELECT 1 AS a"})
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "tests/t.sql: @materialized incremental is for the models") {
		t.Error(err)
	}
}

// For inputs that only grow, in the order of their time or as late as is said, a
// table that was added to is the table that is computed whole.
func TestIncrementalIsTheWhole(t *testing.T) {
	s := session(t)
	for name, text := range map[string]string{
		"rows by day":         "-- @time day\nSELECT * FROM events",
		"rows by day, newer":  "-- @time day\nSELECT * FROM events WHERE {{ newer(day) }}",
		"rows by moment":      "-- @time at\nSELECT *, day::TIMESTAMP + INTERVAL '3661.5 seconds' AS at FROM events WHERE {{ newer(day::TIMESTAMP + INTERVAL '3661.5 seconds') }}",
		"rows by number":      "-- @time n\nSELECT *, day - DATE '2026-01-01' AS n FROM events WHERE amount <> 3 AND {{ newer(day - DATE '2026-01-01') }}",
		"rows by text":        "-- @time t\nSELECT id, day::VARCHAR AS t, amount FROM events WHERE {{ newer(day::VARCHAR) }}",
		"rows by decimal":     "-- @time d\nSELECT *, (day - DATE '2026-01-01')::DECIMAL(10,2) / 4 AS d FROM events",
		"rows by zoned time":  "-- @time z\nSELECT *, make_timestamptz((epoch_us(day))::BIGINT) AS z FROM events",
		"sums by day":         "-- @time day\nSELECT day, count(*) AS n, sum(amount)::BIGINT AS amount FROM events WHERE {{ newer(day) }} GROUP BY day",
		"sums by month":       "-- @time month\nSELECT date_trunc('month', day) AS month, sum(amount)::BIGINT AS amount FROM events WHERE {{ newer(date_trunc('month', day)) }} GROUP BY ALL",
		"late":                "-- @time day: 96h\nSELECT * FROM events WHERE {{ newer(day) }}",
		"latest by key":       "-- @key id\nSELECT id, max_by(amount, day) AS amount, max(day) AS day FROM events GROUP BY id",
		"latest by key, time": "-- @key id\n-- @time day\nSELECT * FROM events WHERE {{ newer(day) }} QUALIFY row_number() OVER (PARTITION BY id ORDER BY day DESC NULLS LAST, amount DESC) = 1",
		"sums by key, time":   "-- @key id\n-- @time last\nSELECT id, sum(amount)::BIGINT AS amount, max(day) AS last FROM events GROUP BY id",
		"two keys":            "-- @key id, day\nSELECT id, day, sum(amount)::BIGINT AS amount FROM events GROUP BY ALL",
		"window over all":     "-- @time day\nSELECT *, sum(amount) OVER (ORDER BY day, id, amount)::BIGINT AS running FROM events",
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, uint64(len(name))))
			dir := growing(t, "-- @materialized incremental\n"+text)
			whole := &pipeline.Cache{Dir: t.TempDir()}
			day, added := 0, 0
			for step := range 5 {
				var rows []string
				for range 1 + random.IntN(12) {
					day += random.IntN(2) * random.IntN(20)
					at := day
					if name == "late" && step > 0 {
						at -= random.IntN(5)
					}
					date := dateAfter(at)
					if random.IntN(15) == 0 && name != "latest by key, time" && name != "window over all" {
						date = ""
					}
					rows = append(rows, fmt.Sprintf("%d,%s,%d", random.IntN(9), date, random.IntN(5)))
				}
				events(t, dir, fmt.Sprint(step), rows...)
				r, err := grow(t, s, dir, pipeline.Options{})
				if err != nil {
					t.Fatal(err)
				}
				full, err := grow(t, s, dir, pipeline.Options{Cache: whole, FullRefresh: true})
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(computed(t, r), "incremental: ") {
					added++
				}
				if a, b := sum(t, r), sum(t, full); a != b {
					t.Fatalf("step %d, %s:\n%s\nwhole:\n%s", step, computed(t, r), cells(t, r, "m"), cells(t, full, "m"))
				}
			}
			if added < 3 {
				t.Errorf("rows were added only %d times", added)
			}
		})
	}
}

// dateAfter is a day after the first of 2026.
func dateAfter(days int) string {
	return time.Date(2026, 1, 1+days, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// sum identifies the rows of m.
func sum(t *testing.T, r *pipeline.Result) pipeline.FileSum {
	t.Helper()
	tab, ok := r.Table("m")
	if !ok {
		t.Fatal("there is no table m")
	}
	sum, err := pipeline.Fingerprint(context.Background(), tab.Files[0], 1)
	if err != nil {
		t.Fatal(err)
	}
	sum.Bytes = 0
	return sum
}
