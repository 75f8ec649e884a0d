package build_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"golang.org/x/sync/errgroup"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// A node whose last shard runs on alone is told of as such, to viewers and in the
// bundle alike; while it runs, viewers hear that everything waits for it.
func TestOneShardIsLeft(t *testing.T) {
	seen, asked := make(chan struct{}), make(chan struct{})
	uneven := pipeline.Func(pipeline.Spec{Name: "uneven"}, func(ctx context.Context, task *pipeline.Task) (int, error) {
		var g errgroup.Group
		for i := range 4 {
			g.Go(func() error {
				_, end := task.Span(ctx, "shard", attribute.String(model.AttrFilePath, fmt.Sprintf("shard-%d", i)))
				defer end(nil)
				if i == 2 {
					close(seen)
					<-asked
					time.Sleep(200 * time.Millisecond)
				}
				return nil
			})
		}
		return 1, g.Wait()
	})
	dir := t.TempDir()
	r, err := start(t, dir, []*pipeline.Node{uneven}, "diagnostics-profile", "debug", "otel-exporter", "none", "workers", "2")
	if err != nil {
		t.Fatal(err)
	}
	<-seen
	live := r.Snapshot().WhySlow
	close(asked)
	snap := finish(t, r, nil)
	if live == nil {
		t.Error("nothing is known while the build runs")
	}
	slow := snap.WhySlow
	var got string
	for _, c := range slow.Causes {
		if c.Kind == model.CauseSkew {
			got = c.Node + ": " + c.Text
			if c.CostNS < 190e6 || c.CostNS > slow.WallNS {
				t.Errorf("it cost %s of %s", time.Duration(c.CostNS), time.Duration(slow.WallNS))
			}
		}
	}
	if !strings.HasPrefix(got, "uneven: shard-2 took node uneven") || !strings.Contains(got, "the other 3 parts") {
		t.Errorf("causes %+v", slow.Causes)
	}
	b, err := bundle.Open(snap.BundleDir)
	if err != nil {
		t.Fatal(err)
	}
	var kept model.WhySlowPayload
	if err := b.Payload(model.ArtifactWhySlow, &kept); err != nil || !reflect.DeepEqual(&kept, slow) {
		t.Errorf("the bundle has %+v, %v; viewers see %+v", kept, err, slow)
	}
}
