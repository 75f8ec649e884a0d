package pipeline_test

import (
	"context"
	"regexp"
	"testing"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

type method struct{}

func (method) run(context.Context, *pipeline.Task) (int, error) { return 0, nil }

// A method value has no position of its own; the node's declaration stands in.
func TestSourceOfANode(t *testing.T) {
	for name, n := range map[string]*pipeline.Node{
		"closure": pipeline.Func(pipeline.Spec{Name: "a"}, func(context.Context, *pipeline.Task) (int, error) { return 0, nil }),
		"method":  pipeline.Func(pipeline.Spec{Name: "b"}, method{}.run),
	} {
		if !regexp.MustCompile(`pipeline/source_test\.go:(19|20)$`).MatchString(n.Source()) {
			t.Errorf("%s is at %s", name, n.Source())
		}
	}
}

// A node outside the cache may produce something else each time, and its readers
// must notice.
func TestReadersOfAnUncachedNodeGoByItsContent(t *testing.T) {
	s := open(t)
	cache := &pipeline.Cache{Dir: t.TempDir(), Code: "1"}
	for _, c := range []struct {
		n    int64
		want model.CacheAction
	}{{3, model.CacheMiss}, {3, model.CacheHit}, {5, model.CacheMiss}} {
		g, err := pipeline.New(t.Context(), s, counting("source", c.n, pipeline.Spec{NoCache: true}),
			pipeline.SQL(pipeline.Spec{Name: "sum"}, "SELECT sum(n) AS s FROM source", "sum.sql"))
		if err != nil {
			t.Fatal(err)
		}
		r := g.Run(t.Context(), pipeline.Options{Engine: s, Dir: t.TempDir(), Cache: cache})
		if got := r.Nodes[1].Execution.Cache; r.Err != nil || got != c.want {
			t.Errorf("%d rows: cache %s, want %s (%v)", c.n, got, c.want, r.Err)
		}
	}
}
