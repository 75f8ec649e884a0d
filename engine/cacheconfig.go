package engine

import (
	"strconv"

	"github.com/buildscope/buildscope/engine/cache"
	"github.com/buildscope/buildscope/engine/objects"
	"github.com/buildscope/buildscope/model"
)

// CacheConfig is datafusion_cache_config_v1. values are the resolved settings,
// of which the engine section's are used; what they say is the intended side.
// The effective side is read from the caches and the fetcher in use, and for
// DuckDB's own options from duckdb_settings() when the session was opened.
func (s *Session) CacheConfig(values []model.Value) model.CacheConfigPayload {
	intended := make(map[string]model.Value, len(values))
	for _, v := range values {
		intended[v.Key] = v
	}
	row := func(key, effective, note string) model.Effective {
		v := intended[key]
		return model.Effective{Key: key, Intended: v.Text, Effective: effective, Source: v.Source, Note: note}
	}
	state := s.catalog.State()
	var store objects.Options
	note := "there is no object store"
	if s.objects != nil {
		store, note = s.objects.InForce(), ""
	}
	return model.CacheConfigPayload{
		Engine: s.Version(),
		Values: []model.Effective{
			row("engine.metadata_cache_limit", cache.FormatBytes(state.Metadata.Limit), s.footerNote(state.Metadata)),
			row("engine.list_files_cache_limit", cache.FormatBytes(state.ListFiles.Limit), offNote(state.ListFiles)),
			row("engine.list_files_cache_ttl", cache.FormatTTL(state.ListFiles.TTL), offNote(state.ListFiles)),
			row("engine.file_statistics_cache_limit", cache.FormatBytes(state.Statistics.Limit), s.footerNote(state.Statistics)),
			row("engine.collect_statistics", strconv.FormatBool(s.catalog.CollectStatistics()), ""),
			row("engine.keep_statistics", strconv.FormatBool(s.KeepsStatistics()), s.footerNote(cache.Stats{Limit: 1})),
			row("engine.meta_fetch_concurrency", strconv.Itoa(s.catalog.MetaFetchConcurrency()), s.footerNote(cache.Stats{Limit: 1})),
			row("engine.s3_endpoint", store.Endpoint, note),
			row("engine.object_cache_limit", cache.FormatBytes(store.CacheLimit), note),
			row("engine.object_fetch_concurrency", strconv.Itoa(store.FetchConcurrency), note),
		},
		EngineOptions: []model.Effective{
			row("engine.memory_limit", s.engine.memoryLimit, "as duckdb_settings() shows memory_limit, rounded to one decimal"),
			row("engine.temp_directory", s.engine.tempDirectory, "as duckdb_settings() shows temp_directory"),
			row("engine.target_partitions", s.engine.threads, "as duckdb_settings() shows threads"),
		},
	}
}

func offNote(c cache.Stats) string {
	if c.Limit == 0 {
		return "the cache is off"
	}
	return ""
}

// footerNote is for what works only while footers are read.
func (s *Session) footerNote(c cache.Stats) string {
	if !s.catalog.CollectStatistics() {
		return "not used: engine.collect_statistics is false"
	}
	return offNote(c)
}
