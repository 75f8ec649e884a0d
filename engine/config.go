package engine

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/buildscope/buildscope/model"
)

// CacheConfig is the payload of datafusion_cache_config_v1. Intended values and
// their sources come from the resolved settings; the effective ones are read back
// from the cache objects and, for the engine's own options, from the engine.
func (s *Session) CacheConfig(ctx context.Context, values []model.Value) (model.CacheConfigPayload, error) {
	version, err := s.Version(ctx)
	if err != nil {
		return model.CacheConfigPayload{}, err
	}
	p := model.CacheConfigPayload{Engine: version}
	ttl := "none"
	if d := s.caches.list.TTL(); d > 0 {
		ttl = displayTTL(d)
	}
	effective := []struct{ key, value string }{
		{"engine.metadata_cache_limit", displayBytes(s.caches.meta.Limit())},
		{"engine.list_files_cache_limit", displayBytes(s.caches.list.Limit())},
		{"engine.list_files_cache_ttl", ttl},
		{"engine.file_statistics_cache_limit", displayBytes(s.caches.stats.Limit())},
		{"engine.collect_statistics", strconv.FormatBool(s.caches.opts.CollectStatistics)},
		{"engine.meta_fetch_concurrency", strconv.Itoa(s.caches.opts.MetaFetchConcurrency)},
	}
	for _, e := range effective {
		p.Values = append(p.Values, effectiveOf(values, e.key, e.value, ""))
	}
	for _, o := range []struct{ key, name string }{
		{"engine.memory_limit", "memory_limit"},
		{"engine.temp_directory", "temp_directory"},
		{"engine.target_partitions", "threads"},
	} {
		v, err := s.Setting(ctx, o.name)
		if err != nil {
			return p, err
		}
		p.EngineOptions = append(p.EngineOptions, effectiveOf(values, o.key, v, "current_setting('"+o.name+"')"))
	}
	return p, nil
}

func effectiveOf(values []model.Value, key, effective, note string) model.Effective {
	e := model.Effective{Key: key, Effective: effective, Source: "default", Note: note}
	for _, v := range values {
		if v.Key == key {
			e.Intended, e.Source = v.Text, v.Source
		}
	}
	return e
}

// displayBytes is DataFusion's display form, which drops what is below a whole
// unit, with the exact bytes behind it.
func displayBytes(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1 << 30, "G"}, {1 << 20, "M"}, {1 << 10, "K"}} {
		if n >= u.size {
			return fmt.Sprintf("%d%s (%d)", n/u.size, u.name, n)
		}
	}
	return strconv.FormatInt(n, 10)
}

// displayTTL is DataFusion's display form: minutes and seconds.
func displayTTL(d time.Duration) string {
	sec := int64(d / time.Second)
	return fmt.Sprintf("%dm%ds", sec/60, sec%60)
}
