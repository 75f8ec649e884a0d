package receiver

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// played is what becomes of spans that come in some order.
func played(t *testing.T, recs []model.SpanRecord, batch int) string {
	t.Helper()
	s := NewSession(SessionOptions{})
	give(s, recs, batch)
	s.Close()
	builds := s.Builds()
	if len(builds) != 1 {
		t.Fatalf("%d builds", len(builds))
	}
	return story(t, builds[0])
}

func TestOwnBuild(t *testing.T) {
	got := played(t, ownTrace(traceOf(1)), 100)
	for _, want := range []string{
		`buildscope run-1 failed "relate: no such column" at "relate", 100 to 1000, 8 spans 0 dropped, nodes 3 [0 0 1 1 1 0 0], failed 1, rows 12`,
		"\nscan extract succeeded [110 300] rows 7 below 2/0/0", "tables 1 under []\n  b.go span succeeded [120 130]", "\n    parse.one span",
		"\nparse extract cached [310 500]", `error "no such column"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// hamiltonTrace is what Hamilton's OpenTelemetry plugin sends: with tasks, and
// nodes of the same name in several of them.
func hamiltonTrace() []model.SpanRecord {
	span := func(n, parent int, name string, start, end int64, keys ...string) model.SpanRecord {
		r := model.SpanRecord{Trace: traceOf(1), ID: id(n), Name: name, Scope: "hamilton.plugins.h_opentelemetry", Start: start, End: end, Status: model.StatusOK, Sampled: true}
		if parent != 0 {
			r.Parent = id(parent)
		}
		for _, k := range keys {
			r.Attrs = append(r.Attrs, model.Attr{Key: k, Value: "x"})
		}
		return r
	}
	graph, task, node := []string{"graph_version", "final_vars", "inputs", "overrides", "execution_path"}, []string{"nodes", "inputs", "overrides"}, []string{"type", "node_version", "tags"}
	list := []model.SpanRecord{span(1, 0, "run-9", 100, 900, graph...), span(2, 1, "load", 110, 200, node...)}
	for i := range 3 {
		at := int64(300 + 100*i)
		list = append(list, span(10+i, 1, fmt.Sprintf("expand.%d", i), at, at+90, task...), span(20+i, 10+i, "double", at+1, at+80, node...))
	}
	return list
}

func TestHamiltonBuild(t *testing.T) {
	got := played(t, hamiltonTrace(), 100)
	for _, want := range []string{`hamilton run-9 succeeded "" at "", 100 to 900, 8 spans 0 dropped, nodes 4 [0 0 4 0 0 0 0]`, "\nload node succeeded [110 200]",
		"\nexpand.0 span succeeded [300 390]", "\n  double node succeeded [301 380]"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// foreignTrace is a trace that nobody knows: a tree with some depth, a failure, a
// span whose parent never comes, a second beginning.
func foreignTrace(n int, r *rand.Rand) []model.SpanRecord {
	list := []model.SpanRecord{{Trace: traceOf(1), ID: id(1), Name: "GET /", Start: 1000, End: 1_000_000, Sampled: true}}
	for i := 2; i <= n; i++ {
		rec := model.SpanRecord{Trace: traceOf(1), ID: id(i), Parent: id(1 + r.IntN(i-1)), Name: fmt.Sprintf("op %d", i%17), Start: int64(1000 + i), End: int64(2000 + 3*i), Sampled: true,
			Attrs: []model.Attr{{Key: "i", Value: int64(i)}}}
		switch {
		case i == 9:
			rec.Parent = id(60_000)
		case i%13 == 0:
			rec.Status, rec.StatusMessage = model.StatusError, fmt.Sprintf("fault %d", i)
		}
		list = append(list, rec)
	}
	return list
}

func TestForeignTrace(t *testing.T) {
	list := []model.SpanRecord{
		{Trace: traceOf(1), ID: id(1), Name: "job", Start: 100, End: 900, Sampled: true},
		{Trace: traceOf(1), ID: id(2), Parent: id(1), Name: "step", Start: 110, End: 300, Sampled: true},
		{Trace: traceOf(1), ID: id(3), Parent: id(2), Name: "detail", Start: 120, End: 200, Sampled: true},
		{Trace: traceOf(1), ID: id(4), Parent: id(99), Name: "lost", Start: 130, End: 140, Sampled: true},
	}
	got := played(t, list, 100)
	for _, want := range []string{" succeeded \"\" at \"\", 100 to 900, 4 spans 0 dropped, nodes 2 ", "\nstep node succeeded", "\n  detail span", "\nlost node"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	alone := played(t, list[:1], 100)
	if !strings.Contains(alone, "1 spans 0 dropped, nodes 1") || !strings.Contains(alone, "\njob node succeeded") {
		t.Errorf("a root alone is\n%s", alone)
	}
}

// Whatever the order, the requests, and the repetitions: the end is the same.
func TestOrderDoesNotMatter(t *testing.T) {
	for name, list := range map[string][]model.SpanRecord{
		"own": ownTrace(traceOf(1)), "hamilton": hamiltonTrace(), "small": foreignTrace(8, rand.New(rand.NewPCG(1, 2))), "foreign": foreignTrace(300, rand.New(rand.NewPCG(1, 2))),
	} {
		t.Run(name, func(t *testing.T) {
			want := played(t, list, len(list))
			for seed := range uint64(60) {
				r := rand.New(rand.NewPCG(seed, 3))
				mixed := append([]model.SpanRecord(nil), list...)
				r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
				for range r.IntN(len(mixed)) { // requests that were sent twice
					mixed = append(mixed, mixed[r.IntN(len(mixed))])
				}
				if got := played(t, mixed, 1+r.IntN(len(mixed))); got != want {
					t.Fatalf("seed %d: got\n%s\nwant\n%s", seed, got, want)
				}
			}
		})
	}
}
