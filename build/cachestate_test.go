package build_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// onFirstNode calls a function after the first node has ended.
type onFirstNode struct {
	pipeline.NoHook
	do func()
}

func (h *onFirstNode) AfterNode(context.Context, *pipeline.NodeRun) {
	if h.do != nil {
		h.do()
		h.do = nil
	}
}

// The account of the caches is on disk from the start, while nodes run and at the end,
// each time as the caches have it, and is one artifact all the time.
func TestCachesAreAccountedForWhileTheBuildGoesOn(t *testing.T) {
	node := func(name string) *pipeline.Node {
		return pipeline.Func(pipeline.Spec{Name: name}, func(context.Context, *pipeline.Task) (int, error) { return 1, nil })
	}
	dir := t.TempDir()
	moments := func() []string {
		found, err := filepath.Glob(filepath.Join(dir, ".buildscope", "runs", "*", "artifacts", model.ArtifactCacheState+".json"))
		if err != nil || len(found) != 1 {
			t.Fatalf("artifacts %v, %v", found, err)
		}
		data, err := os.ReadFile(found[0])
		var a struct{ Payload model.CacheStatePayload }
		if err == nil {
			err = json.Unmarshal(data, &a)
		}
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, m := range a.Payload.Moments {
			out = append(out, fmt.Sprint(m.Moment, " ", len(m.Caches), " ", m.Caches[1].Limit))
		}
		return out
	}
	var during []string
	hook := &onFirstNode{do: func() { during = moments() }}
	r, err := startHooked(t, dir, []*pipeline.Node{node("a"), node("b")}, []pipeline.Hook{hook}, "workers", "1", "engine-metadata-cache-limit", "3M")
	if err != nil {
		t.Fatal(err)
	}
	snap := finish(t, r, nil)
	if want := []string{"start 3 3145728", "now 3 3145728"}; !slices.Equal(during, want) {
		t.Errorf("after the first node %q, want %q", during, want)
	}
	if got, want := moments(), []string{"start 3 3145728", "end 3 3145728"}; !slices.Equal(got, want) {
		t.Errorf("at the end %q, want %q", got, want)
	}
	b, err := bundle.Open(snap.BundleDir)
	if err != nil {
		t.Fatal(err)
	}
	var m model.ManifestPayload
	if err := b.Payload(model.ArtifactManifest, &m); err != nil {
		t.Fatal(err)
	}
	if all := slices.Sorted(slices.Values(m.Artifacts)); len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("an artifact is listed twice: %v", all)
	}
}
