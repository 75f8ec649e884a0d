package compare

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/plandiff"
)

var update = flag.Bool("update", false, "write the golden files anew")

var epoch = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func num(f float64) *float64 { return &f }

// run is a run whose nodes took so many milliseconds; 0 is cached.
func run(id string, took map[string]int64) Run {
	r := Run{ID: id, Status: model.RunSucceeded, Profile: "dev", Workers: 2, Sources: "0a1b2c3", Pipeline: "cpg", RepoRoot: "/repo", InputsHash: "aa", Started: epoch, Ended: epoch.Add(2 * time.Second)}
	for _, name := range []string{"read", "parse", "join", "write"} {
		ms, has := took[name]
		if !has {
			continue
		}
		n := model.NodeExecution{Name: name, State: model.NodeSucceeded, Start: 1e9, End: 1e9 + ms*1e6, Rows: 100}
		if ms == 0 {
			n = model.NodeExecution{Name: name, State: model.NodeCached, Rows: 100}
		}
		r.Nodes = append(r.Nodes, n)
		r.Prints = append(r.Prints, model.Fingerprint{Node: name, Code: "1"})
	}
	return r
}

func history(parse ...int64) []Run {
	var out []Run
	for i, ms := range parse {
		out = append(out, run(string(rune('a'+i)), map[string]int64{"read": 50, "parse": ms}))
	}
	return out
}

func TestTextOfAComparison(t *testing.T) {
	plain := func() (Run, Run) {
		return run("x1", map[string]int64{"read": 50, "parse": 400}), run("x2", map[string]int64{"read": 52, "parse": 410})
	}
	for _, tc := range []struct {
		name    string
		earlier []Run
		make    func() (Run, Run)
		files   []File
	}{
		{"nothing changed", history(400, 405, 410, 398), plain, nil},
		{"slower beyond noise", history(400, 405, 410, 398), func() (Run, Run) {
			a, b := plain()
			b.Nodes[1].End += 300e6
			return a, b
		}, nil},
		{"noise unknown", history(400, 405), func() (Run, Run) {
			a, b := plain()
			b.Nodes[1].End += 300e6
			return a, b
		}, nil},
		{"settings and nodes", nil, func() (Run, Run) {
			a := run("x1", map[string]int64{"read": 50, "parse": 400, "join": 10})
			b := run("x2", map[string]int64{"read": 0, "parse": 400, "write": 10})
			a.Settings = []model.Value{{Key: "build.workers", Text: "2", Source: "default"}, {Key: "old.key", Text: "x", Source: "default"}, {Key: "otel.sampler", Text: "always_on", Source: "default"}}
			b.Settings = []model.Value{{Key: "build.workers", Text: "1", Source: "flag --workers"}, {Key: "otel.sampler", Text: "always_on", Source: "env OTEL_TRACES_SAMPLER"}}
			b.Prints[1].Code, b.InputsHash = "2", "bb"
			return a, b
		}, nil},
		{"files and states", nil, func() (Run, Run) {
			a := run("x1", map[string]int64{"read": 50, "parse": 400, "join": 10, "write": 10})
			b := run("x2", map[string]int64{"read": 0, "parse": 0, "join": 0, "write": 0})
			b.Sources, b.InputsHash, b.Ended = "9f8e7d6+", "bb", time.Time{}
			return a, b
		}, []File{{"a/edited.py", "changed"}, {"new.py", "added"}}},
		{"outputs and columns", nil, func() (Run, Run) {
			a, b := plain()
			a.Outputs = []model.OutputLocation{{Name: "gone", Rows: 3}, {Name: "defs", Rows: 100, Checksum: "1"}, {Name: "same", Rows: 5, Checksum: "9"}, {Name: "shape", Rows: 5, SchemaHash: "1"}}
			b.Outputs = []model.OutputLocation{{Name: "defs", Rows: 130, Checksum: "2"}, {Name: "same", Rows: 5, Checksum: "9"}, {Name: "shape", Rows: 5, SchemaHash: "2"}, {Name: "new", Rows: 7}}
			a.Tables = []model.TableStats{{Table: "defs", Rows: 100, Columns: []model.ColumnStats{
				{Name: "id", Type: "int64", Count: 100, Mean: num(10)}, {Name: "kind", Type: "utf8", Count: 100}, {Name: "was", Type: "bool", Count: 100}, {Name: "still", Type: "int64", Count: 100, Mean: num(100)}}}}
			b.Tables = []model.TableStats{{Table: "defs", Rows: 130, Columns: []model.ColumnStats{
				{Name: "id", Type: "int64", Count: 130, Nulls: 13, Mean: num(12.5)}, {Name: "kind", Type: "int32", Count: 130}, {Name: "now", Type: "bool", Count: 130}, {Name: "still", Type: "int64", Count: 130, Mean: num(101)}}}}
			return a, b
		}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, b := tc.make()
			c := Runs(a, b, tc.earlier)
			c.Files = tc.files
			got := strings.Join(c.Text(), "\n") + "\n"
			path := filepath.Join("testdata", strings.ReplaceAll(tc.name, " ", "_")+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestVerdicts(t *testing.T) {
	ms := func(values ...int64) []int64 {
		for i := range values {
			values[i] *= 1e6
		}
		return values
	}
	for _, tc := range []struct {
		name    string
		earlier []int64
		took    int64
		want    Verdict
	}{
		{"nothing known", nil, 900, Unknown},
		{"two runs are too few", ms(100, 100), 900, Unknown},
		{"within a tenth", ms(1000, 1000, 1000), 1090, Usual},
		{"above a tenth", ms(1000, 1000, 1000), 1110, Slower},
		{"below it", ms(1000, 1000, 1000), 890, Faster},
		{"10 ms are noise", ms(1, 1, 1), 10, Usual},
		{"a noisy node needs more", ms(500, 1000, 1500), 1900, Usual},
		{"one outlier does not widen it", ms(1000, 1000, 1001, 999, 9000), 1200, Slower},
	} {
		if got := noiseOf(tc.earlier).judge(tc.took * 1e6); got != tc.want {
			t.Errorf("%s: %s, not %s", tc.name, got, tc.want)
		}
	}
}

// Cached runs of a node say nothing of its time, and a run is not judged by itself.
func TestWhatCountsAsHistory(t *testing.T) {
	earlier := append(history(400, 400, 0, 0), run("x2", map[string]int64{"read": 50, "parse": 400}))
	c := Runs(run("x1", map[string]int64{"parse": 400}), run("x2", map[string]int64{"parse": 900}), earlier)
	if n := c.Nodes[0]; n.Noise.Runs != 2 || n.Verdict != Unknown {
		t.Errorf("%+v", n)
	}
}

func TestThresholds(t *testing.T) {
	b := run("x2", map[string]int64{"parse": 600})
	c := Runs(run("x1", map[string]int64{"parse": 600}), b, history(400, 400, 400))
	if len(c.SlowerThan(49)) != 1 || len(c.SlowerThan(50)) != 0 {
		t.Errorf("slower by %v %%", c.Nodes[0].Over())
	}
	c.Outputs = []Output{{Name: "less", RowsA: 100, RowsB: 80}, {Name: "fewer", RowsA: 100, RowsB: 95}, {Name: "first", RowsB: 1}, {Name: "new", Change: "added"}}
	var names []string
	for _, o := range c.RowsBeyond(10) {
		names = append(names, o.Name)
	}
	if !slices.Equal(names, []string{"less", "first", "new"}) {
		t.Errorf("beyond: %v", names)
	}
}

// The median against a brute-force twin: as many values lie below it as above it.
func TestMedianHalves(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		values := make([]int64, 1+rng.IntN(12))
		for i := range values {
			values[i] = rng.Int64N(50)
		}
		m, below, above := median(values), 0, 0
		for _, v := range values {
			if v < m {
				below++
			}
			if v > m {
				above++
			}
		}
		if below > len(values)/2 || above > len(values)/2 {
			t.Fatalf("median of %v is not %d", values, m)
		}
	}
}

// Two runs compared the other way round have the same differences, turned around.
func TestComparisonTurnsAround(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	some := func(id string) Run {
		took := map[string]int64{}
		for _, n := range []string{"read", "parse", "join", "write"} {
			if rng.IntN(3) > 0 {
				took[n] = rng.Int64N(3) * 100
			}
		}
		r := run(id, took)
		for _, k := range []string{"a", "b", "c"} {
			if rng.IntN(3) > 0 {
				r.Settings = append(r.Settings, model.Value{Key: k, Text: string(rune('0' + rng.IntN(2))), Source: "default"})
				r.Outputs = append(r.Outputs, model.OutputLocation{Name: k, Rows: rng.Int64N(2)})
			}
		}
		return r
	}
	for range 300 {
		a, b := some("x1"), some("x2")
		c, d := Runs(a, b, nil), Runs(b, a, nil)
		if !slices.Equal(c.Added, d.Removed) || !slices.Equal(c.Removed, d.Added) || len(c.Nodes) != len(d.Nodes) ||
			c.SameOutputs != d.SameOutputs || len(c.Outputs) != len(d.Outputs) || len(c.Settings) != len(d.Settings) {
			t.Fatalf("%+v\n%+v", c, d)
		}
		for i, s := range c.Settings {
			if o := d.Settings[i]; s.A != o.B || s.B != o.A || s.Key != o.Key {
				t.Fatalf("%+v and %+v", s, o)
			}
		}
	}
}

// Only runs of the same profile and number of workers tell what is usual.
func TestHistoryIsOfTheSameKind(t *testing.T) {
	work := t.TempDir()
	put := func(id, profile, status string, workers int) {
		t.Helper()
		dir := filepath.Join(work, "runs", id)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"manifest.json": fmt.Sprintf(`{"run_id": %q, "status": %q, "started": "2026-01-01T00:00:00Z", "profile": %q, "pipeline": "cpg", "repo_root": "/repo", "nodes_finished": 1}`, id, status, profile),
			"report.json":   fmt.Sprintf(`{"plan_execution_v1": {"workers": %d}}`, workers),
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	ids := make([]string, 6)
	for i := range ids {
		ids[i] = fmt.Sprintf("01a00000-0000-7000-8000-00000000000%d", i)
	}
	put(ids[0], "dev", "succeeded", 2)
	put(ids[1], "debug", "succeeded", 2)
	put(ids[2], "dev", "succeeded", 4)
	put(ids[3], "dev", "failed", 2)
	put(ids[4], "dev", "succeeded", 2)
	put(ids[5], "dev", "succeeded", 2) // it is later
	got, err := History(work, Run{ID: ids[5], Profile: "dev", Workers: 2, Pipeline: "cpg", RepoRoot: "/repo"})
	if err != nil || len(got) != 2 || got[0].ID != ids[4] || got[1].ID != ids[0] {
		t.Errorf("%v %+v", err, got)
	}
}

// Of the nodes that both runs have plans of, those are told that ran in another way.
func TestPlansOfAComparison(t *testing.T) {
	scan := func(table string) model.Operator {
		return model.Operator{Name: "READ_PARQUET", Extra: map[string]string{"Table": table}}
	}
	query := func(node, sql string, tables ...string) model.NodeQuery {
		join := model.Operator{Name: "HASH_JOIN"}
		for _, name := range tables {
			join.Children = append(join.Children, scan(name))
		}
		return model.NodeQuery{Node: node, Profile: model.QueryProfile{SQL: sql, Root: []model.Operator{join}}}
	}
	run := func(id string, queries ...model.NodeQuery) Run {
		r := Run{ID: id, Queries: queries}
		for _, name := range []string{"same", "swapped", "written", "gone"} {
			r.Nodes = append(r.Nodes, model.NodeExecution{Name: name, State: model.NodeSucceeded})
		}
		return r
	}
	a := run("a", query("same", "s", "x", "y"), query("swapped", "s", "x", "y"), query("written", "s", "x", "y"), query("gone", "s", "x", "y"))
	b := run("b", query("same", "s", "x", "y"), query("swapped", "s", "y", "x"), query("written", "t", "x", "z"))
	c := Runs(a, b, nil)
	want := []Plan{
		{"swapped", false, []plandiff.Change{{Now: "the sides of a join have changed places: y JOIN x", Before: "x JOIN y"}}},
		{"written", true, []plandiff.Change{{Now: "it reads x JOIN z", Before: "x JOIN y"}}},
	}
	if !reflect.DeepEqual(c.Plans, want) {
		t.Errorf("%+v", c.Plans)
	}
	text := strings.Join(c.Text(), "\n")
	for _, want := range []string{"Plans of the engine", "swapped                 the sides of a join have changed places: y JOIN x\n", "before x JOIN y", "written (another text)  it reads x JOIN z"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
