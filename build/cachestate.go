package build

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/why"
	"github.com/buildscope/buildscope/pipeline"
)

// readCaches is the state of the engine's caches at the start and at this moment.
func (r *Run) readCaches(moment string) model.CacheStatePayload {
	m := model.CacheMoment{Moment: moment, Time: r.now(), Caches: r.session.CacheAccounts(r.opts.Resolved.Values)}
	for i := range m.Caches {
		m.Caches[i].Advice, m.Caches[i].Better = why.Advise(m.Caches[i])
	}
	moments := []model.CacheMoment{m}
	if r.cachesAtStart != nil {
		moments = []model.CacheMoment{*r.cachesAtStart, m}
	}
	return model.CacheStatePayload{Engine: r.session.Version(), CollectStatistics: r.session.CollectsStatistics(), Moments: moments}
}

// cachesEvery bounds how often the account of the caches is written while the build
// goes on.
const cachesEvery = time.Second

// cacheHook writes the account of the caches anew now and then, so that who asks while
// the build runs, or after it was killed, sees what they did.
type cacheHook struct {
	pipeline.NoHook
	run  *Run
	last atomic.Int64 // unix nanoseconds
}

// AfterNode implements pipeline.Hook.
func (h *cacheHook) AfterNode(ctx context.Context, _ *pipeline.NodeRun) {
	last, now := h.last.Load(), h.run.now().UnixNano()
	if now-last < int64(cachesEvery) || !h.last.CompareAndSwap(last, now) {
		return
	}
	if err := h.run.bundle.Artifact(model.ArtifactCacheState, h.run.readCaches("now")); err != nil {
		h.run.logger.WarnContext(ctx, "write the state of the caches", "error", err.Error())
	}
}

// writeCacheEntries writes what the caches hold at the end, for SQL.
func (r *Run) writeCacheEntries() error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, e := range r.session.CacheEntries(time.Now()) {
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("write %s: %w", bundle.CacheEntriesFile, err)
		}
	}
	return r.bundle.File(bundle.CacheEntriesFile, b.Bytes())
}
