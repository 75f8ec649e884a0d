package engine

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/buildscope/buildscope/engine/objects"
	"github.com/buildscope/buildscope/model"
)

func TestCacheConfigReportsWhatIsInForce(t *testing.T) {
	o := withCaches()
	o.ListFilesCacheTTL, o.MetaFetchConcurrency, o.MemoryLimit = 90*time.Second, 0, 200<<20
	o.TempDirectory, o.KeepStatistics = t.TempDir(), true
	var err error
	if o.Objects, err = objects.New(objects.Options{CacheLimit: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	s := open(t, o)
	p := s.CacheConfig([]model.Value{
		{Key: "engine.metadata_cache_limit", Text: "50M", Source: "profile debug"},
		{Key: "engine.meta_fetch_concurrency", Text: "0", Source: "flag --engine-meta-fetch-concurrency"},
		{Key: "engine.memory_limit", Text: "200M", Source: "default"},
		{Key: "engine.keep_statistics", Text: "true", Source: "file buildscope.toml:3"},
	})
	want := map[string]model.Effective{
		"engine.metadata_cache_limit":        {Intended: "50M", Effective: "50M (52428800)", Source: "profile debug"},
		"engine.list_files_cache_limit":      {Effective: "1M (1048576)"},
		"engine.list_files_cache_ttl":        {Effective: "1m30s"},
		"engine.file_statistics_cache_limit": {Effective: "20M (20971520)"},
		"engine.collect_statistics":          {Effective: "true"},
		"engine.keep_statistics":             {Intended: "true", Effective: "true", Source: "file buildscope.toml:3"},
		"engine.meta_fetch_concurrency":      {Intended: "0", Effective: "1", Source: "flag --engine-meta-fetch-concurrency"},
		"engine.s3_endpoint":                 {Effective: "https://s3.amazonaws.com"},
		"engine.object_cache_limit":          {Effective: "1M (1048576)"},
		"engine.object_fetch_concurrency":    {Effective: "1"},
		"engine.memory_limit":                {Intended: "200M", Effective: "200.0 MiB", Source: "default", Note: "as duckdb_settings() shows memory_limit, rounded to one decimal"},
		"engine.temp_directory":              {Effective: o.TempDirectory, Note: "as duckdb_settings() shows temp_directory"},
		"engine.target_partitions":           {Effective: "2", Note: "as duckdb_settings() shows threads"},
	}
	all := append(p.Values, p.EngineOptions...)
	if p.Engine != "DuckDB v1.5.6" || len(all) != len(want) {
		t.Errorf("engine %q, %d values", p.Engine, len(all))
	}
	for _, got := range all {
		w := want[got.Key]
		w.Key = got.Key
		if got != w {
			t.Errorf("got  %+v\nwant %+v", got, w)
		}
	}
}

func TestCacheConfigSaysWhatIsOff(t *testing.T) {
	for _, v := range open(t, Options{}).CacheConfig(nil).Values {
		if v.Key != "engine.collect_statistics" && v.Note == "" {
			t.Errorf("no note on %+v", v)
		}
	}
}

// Statistics that are not collected are not kept, whatever was asked for.
func TestCacheConfigSaysThatNothingIsKept(t *testing.T) {
	for _, v := range open(t, Options{KeepStatistics: true}).CacheConfig([]model.Value{{Key: "engine.keep_statistics", Text: "true"}}).Values {
		if v.Key == "engine.keep_statistics" && (v.Intended != "true" || v.Effective != "false" || v.Note != "not used: engine.collect_statistics is false") {
			t.Errorf("%+v", v)
		}
	}
}

// TestEverySettingActs shows each cache and the switch in the counters.
func TestEverySettingActs(t *testing.T) {
	s, dir := open(t, withCaches()), t.TempDir()
	table(t, s, filepath.Join(dir, "1.parquet"), "SELECT 1 AS x")
	out := filepath.Join(t.TempDir(), "o.parquet")
	for range 3 {
		if _, err := s.Materialize(t.Context(), model.Query{SQL: "FROM t", Path: out, Inputs: []model.QueryInput{input("t", dir)}}); err != nil {
			t.Fatal(err)
		}
	}
	c := s.CacheState()
	if c.ListFiles.Hits != 2 || c.Statistics.Hits != 2 || c.Metadata.Inserts != 1 {
		t.Errorf("state %+v", c)
	}
}
