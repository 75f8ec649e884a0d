package pipeline_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.uber.org/goleak"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var numbers = arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)

// counting makes a node that produces the numbers 0 to n-1.
func counting(name string, n int64, spec pipeline.Spec) *pipeline.Node {
	spec.Name = name
	return pipeline.Func(spec, func(ctx context.Context, t *pipeline.Task) (pipeline.Table, error) {
		b := array.NewRecordBuilder(memory.DefaultAllocator, numbers)
		defer b.Release()
		for i := range n {
			b.Field(0).(*array.Int64Builder).Append(i)
		}
		w, err := t.NewTable(name, numbers)
		if err != nil {
			return pipeline.Table{}, err
		}
		rec := b.NewRecordBatch()
		defer rec.Release()
		if err := w.Write(rec); err != nil {
			return pipeline.Table{}, err
		}
		return w.Close()
	})
}

func open(t *testing.T) *engine.Session {
	t.Helper()
	s, err := engine.Open(t.Context(), engine.Options{TempDirectory: t.TempDir(), Threads: 2,
		MetadataCacheLimit: 1 << 20, ListFilesCacheLimit: 1 << 20, FileStatisticsCacheLimit: 1 << 20, CollectStatistics: true})
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

func TestGraphFaultsAreAllReportedWithPositions(t *testing.T) {
	e := open(t)
	_, err := pipeline.New(t.Context(), e,
		counting("numbers", 1, pipeline.Spec{}),
		pipeline.SQL(pipeline.Spec{Name: "a"}, "SELECT *\nFROM numbres", "a.sql"),
		pipeline.SQL(pipeline.Spec{Name: "numbers2"}, "SELECT n FROM numbers", "b.sql"),
		pipeline.Func(pipeline.Spec{Name: "c"}, func(context.Context, *pipeline.Task, struct{ Numbers string }) (int, error) { return 0, nil }),
	)
	for _, want := range []string{"a.sql:2:", "reads numbres, which no node produces; did you mean numbers", "reads numbers as string, but node numbers"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in: %v", want, err)
		}
	}
	_, err = pipeline.New(t.Context(), e,
		pipeline.SQL(pipeline.Spec{Name: "x"}, "SELECT * FROM y", "x.sql"), pipeline.SQL(pipeline.Spec{Name: "y"}, "SELECT * FROM x", "y.sql"))
	if err == nil || !strings.Contains(err.Error(), "cycle") || !strings.Contains(err.Error(), "x.sql") {
		t.Errorf("a cycle gave %v", err)
	}
	_, err = pipeline.New(t.Context(), e, counting("d", 1, pipeline.Spec{}), counting("d", 1, pipeline.Spec{}))
	if err == nil || !strings.Contains(err.Error(), "defined twice") {
		t.Errorf("a duplicate gave %v", err)
	}
	_, err = pipeline.New(t.Context(), e, pipeline.SQL(pipeline.Spec{Name: "bad"}, "SELECT 1 FROM FROM", "bad.sql"))
	if err == nil || !strings.Contains(err.Error(), "parser error at 1:15") {
		t.Errorf("bad SQL gave %v", err)
	}
}

func TestGoAndSQLRun(t *testing.T) {
	e := open(t)
	var got int64
	g, err := pipeline.New(t.Context(), e,
		counting("numbers", 10, pipeline.Spec{}),
		pipeline.SQL(pipeline.Spec{Name: "even"}, "WITH numbers2 AS (SELECT n FROM numbers) SELECT n FROM numbers2 WHERE n % 2 = 0", "even.sql"),
		pipeline.Func(pipeline.Spec{Name: "total"}, func(ctx context.Context, _ *pipeline.Task, in struct{ Even pipeline.Table }) (int64, error) {
			err := in.Even.Read(ctx, func(rec arrow.RecordBatch) error {
				for _, v := range rec.Column(0).(*array.Int64).Int64Values() {
					got += v
				}
				return nil
			})
			return got, err
		}))
	if err != nil {
		t.Fatal(err)
	}
	r := g.Run(t.Context(), pipeline.Options{Engine: e, Dir: t.TempDir(), Workers: 2, KeepProfiles: true})
	if r.Err != nil || got != 20 {
		t.Fatalf("total %d, error %v", got, r.Err)
	}
	if q := r.Nodes[1].Query; q == nil || q.Rows != 5 || len(q.Root) == 0 {
		t.Errorf("profile of the SQL node: %+v", q)
	}
}

func failing(name string, err error) *pipeline.Node {
	return pipeline.Func(pipeline.Spec{Name: name}, func(context.Context, *pipeline.Task) (pipeline.Table, error) {
		if err == nil {
			panic("on purpose")
		}
		return pipeline.Table{}, err
	})
}

func states(r *pipeline.Result) string {
	var out []string
	for _, n := range r.Nodes {
		out = append(out, n.Execution.Name+"="+n.Execution.State.String())
	}
	return strings.Join(out, " ")
}

func TestFailures(t *testing.T) {
	e := open(t)
	for _, c := range []struct {
		name     string
		err      error
		carryOn  bool
		want     string
		wantText string
	}{
		{"stop", errors.New("no luck"), false, "bad=failed good=cancelled after=blocked also=cancelled", "node bad: no luck"},
		{"continue", errors.New("no luck"), true, "bad=failed good=succeeded after=blocked also=succeeded", "node bad: no luck"},
		{"panic", nil, true, "bad=failed good=succeeded after=blocked also=succeeded", "node bad: panic: on purpose"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := pipeline.New(t.Context(), e, failing("bad", c.err), counting("good", 3, pipeline.Spec{}),
				pipeline.SQL(pipeline.Spec{Name: "after"}, "SELECT * FROM bad", "after.sql"),
				pipeline.SQL(pipeline.Spec{Name: "also"}, "SELECT * FROM good", "also.sql"))
			if err != nil {
				t.Fatal(err)
			}
			r := g.Run(t.Context(), pipeline.Options{Engine: e, Dir: t.TempDir(), ContinueOnError: c.carryOn})
			want := strings.Fields(c.want)
			for _, w := range want {
				if !strings.Contains(states(r), w) {
					t.Errorf("states %s, want %s", states(r), w)
				}
			}
			if r.Err == nil || r.Err.Error() != c.wantText {
				t.Errorf("error %v", r.Err)
			}
			if c.err == nil && !strings.Contains(r.Nodes[0].Stack, "pipeline_test.go") {
				t.Error("the panic has no stack")
			}
		})
	}
}

func TestCancelStopsRunningNodes(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	g, err := pipeline.New(ctx, open(t), pipeline.Func(pipeline.Spec{Name: "slow"}, func(ctx context.Context, _ *pipeline.Task) (int, error) {
		cancel(errors.New("enough"))
		<-ctx.Done()
		return 0, ctx.Err()
	}))
	if err != nil {
		t.Fatal(err)
	}
	r := g.Run(ctx, pipeline.Options{Dir: t.TempDir()})
	if states(r) != "slow=cancelled" || r.Err == nil || r.Err.Error() != "enough" || !r.Cancelled() {
		t.Errorf("%s, error %v", states(r), r.Err)
	}
}

type rudeHook struct {
	pipeline.NoHook
}

func (rudeHook) AfterNode(context.Context, *pipeline.NodeRun) { panic("hook") }

func TestHookPanicDoesNotFailTheBuild(t *testing.T) {
	e := open(t)
	g, err := pipeline.New(t.Context(), e, counting("n", 1, pipeline.Spec{}))
	if err != nil {
		t.Fatal(err)
	}
	var reported error
	r := g.Run(t.Context(), pipeline.Options{Engine: e, Dir: t.TempDir(), Hooks: []pipeline.Hook{rudeHook{}}, HookError: func(err error) { reported = err }})
	if r.Err != nil || reported == nil || !strings.Contains(reported.Error(), "AfterNode: hook") {
		t.Errorf("run %v, reported %v", r.Err, reported)
	}
}

func TestCacheHitsUntilSomethingChanges(t *testing.T) {
	e := open(t)
	cache := &pipeline.Cache{Dir: t.TempDir(), Code: "1"}
	run := func(n int64, setting, sql string) string {
		t.Helper()
		g, err := pipeline.New(t.Context(), e,
			counting("numbers", n, pipeline.Spec{Settings: map[string]string{"n": setting}}),
			pipeline.SQL(pipeline.Spec{Name: "q"}, sql, "q.sql"))
		if err != nil {
			t.Fatal(err)
		}
		r := g.Run(t.Context(), pipeline.Options{Engine: e, Dir: t.TempDir(), Cache: cache, Capture: &pipeline.Capture{}})
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		if err := cache.Prune(); err != nil {
			t.Fatal(err)
		}
		return states(r)
	}
	for i, c := range []struct{ setting, sql, want string }{
		{"a", "SELECT n FROM numbers", "numbers=succeeded q=succeeded"},
		{"a", "SELECT n FROM numbers", "numbers=cached q=cached"},
		{"a", "SELECT n + 1 AS n FROM numbers", "numbers=cached q=succeeded"},
		{"b", "SELECT n FROM numbers", "numbers=succeeded q=succeeded"},
		{"b", "SELECT n FROM numbers", "numbers=cached q=cached"},
	} {
		if got := run(5, c.setting, c.sql); got != c.want {
			t.Errorf("run %d: %s, want %s", i, got, c.want)
		}
	}
	// A damaged result is a miss, not a wrong answer.
	files, err := filepath.Glob(filepath.Join(cache.Dir, "q", "*", "q.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cached files: %v", err)
	}
	for _, f := range files {
		if err := os.WriteFile(f, []byte("broken"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := run(5, "b", "SELECT n FROM numbers"); got != "numbers=cached q=succeeded" {
		t.Errorf("after damage: %s", got)
	}
	// All results were used in what the clock, which was set back since, calls the future.
	for _, node := range []string{"numbers", "q"} {
		results, err := filepath.Glob(filepath.Join(cache.Dir, node, "*"))
		if err != nil || len(results) != 2 {
			t.Fatal(results, err)
		}
		for _, dir := range results {
			if later := time.Now().Add(time.Hour); os.Chtimes(dir, later, later) != nil {
				t.Fatal(dir)
			}
		}
	}
	for _, want := range []string{"numbers=succeeded q=succeeded", "numbers=cached q=cached"} {
		if got := run(5, "c", "SELECT n FROM numbers"); got != want {
			t.Errorf("with a clock that was set back: %s, want %s", got, want)
		}
	}
}

// The checksum does not depend on the order of rows, nor on how they are encoded.
func TestFingerprintIgnoresRowOrder(t *testing.T) {
	e := open(t)
	dir := t.TempDir()
	sum := func(name, sql string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if _, err := e.Materialize(t.Context(), model.Query{SQL: sql, Path: path}); err != nil {
			t.Fatal(err)
		}
		sum, err := pipeline.Fingerprint(t.Context(), path, 2)
		if err != nil {
			t.Fatal(err)
		}
		return sum.Checksum
	}
	const rows = "SELECT range AS n, 'v' || (range % 7) AS s, [range, NULL] AS l FROM range(1000)"
	a := sum("a", rows)
	if b := sum("b", rows+" ORDER BY s DESC, n"); a != b {
		t.Errorf("row order changed the checksum: %s and %s", a, b)
	}
	if c := sum("c", strings.Replace(rows, "'v'", "'w'", 1)); a == c {
		t.Error("other values have the same checksum")
	}
}

func TestPlanFindsTheCriticalPath(t *testing.T) {
	e := open(t)
	g, err := pipeline.New(t.Context(), e, counting("a", 1, pipeline.Spec{}), counting("b", 1, pipeline.Spec{}),
		pipeline.SQL(pipeline.Spec{Name: "c"}, "SELECT * FROM a UNION ALL SELECT * FROM b", "c.sql"))
	if err != nil {
		t.Fatal(err)
	}
	p := g.Plan(map[string]time.Duration{"a": time.Second, "b": 3 * time.Second, "c": time.Second})
	if strings.Join(p.CriticalPath, " ") != "b c" || p.EstimateNS != int64(4*time.Second) {
		t.Errorf("critical path %v, %d ns", p.CriticalPath, p.EstimateNS)
	}
	if len(p.Generations) != 2 || len(p.Nodes[2].Deps) != 2 {
		t.Errorf("generations %v, deps %v", p.Generations, p.Nodes[2].Deps)
	}
}
