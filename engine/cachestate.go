package engine

import (
	"maps"
	"slices"
	"time"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model"
)

// CacheAccounts reads the three caches. values are the resolved settings, as for
// CacheConfig. It works after Close too.
func (s *Session) CacheAccounts(values []model.Value) []model.CacheAccount {
	all := s.catalog.Accounts()
	out := []model.CacheAccount{
		account(all.ListFiles, model.CacheAccount{Cache: "list_files", Setting: "engine.list_files_cache_limit", TTLSetting: "engine.list_files_cache_ttl"}),
		account(all.Metadata, model.CacheAccount{Cache: "metadata", Setting: "engine.metadata_cache_limit"}),
		account(all.Statistics, model.CacheAccount{Cache: "statistics", Setting: "engine.file_statistics_cache_limit"}),
	}
	for _, v := range values {
		for i := range out {
			if v.Key == out[i].Setting {
				out[i].Value, out[i].Source = v.Text, v.Source
			}
		}
	}
	return out
}

func account(from listing.Account, a model.CacheAccount) model.CacheAccount {
	a.CacheCounts, a.Curve, a.Tables = from.Stats, from.Curve, []model.CacheTable{}
	for _, name := range slices.Sorted(maps.Keys(from.Tables)) {
		if from.Tables[name] == (model.CacheCounts{}) {
			continue // it was listed, and this cache had nothing to do with it
		}
		a.Tables = append(a.Tables, model.CacheTable{Table: name, CacheCounts: from.Tables[name]})
	}
	return a
}

// Version is the engine with its version.
func (s *Session) Version() string { return "DuckDB " + s.engine.version }

// CollectsStatistics reports whether footers are read when a table is listed.
func (s *Session) CollectsStatistics() bool { return s.catalog.CollectStatistics() }

// CacheEntries describes all that the three caches hold at this moment.
func (s *Session) CacheEntries(now time.Time) []model.CacheEntry { return s.catalog.Entries(now) }

// KeepsStatistics reports whether the statistics are to be kept for a later session, and
// restored from an earlier one: there are some only while footers are read.
func (s *Session) KeepsStatistics() bool { return s.keeps && s.catalog.CollectStatistics() }

// KeepStatistics is what the statistics cache holds, for RestoreStatistics of a later
// session.
func (s *Session) KeepStatistics() []byte { return s.catalog.KeepStatistics() }

// RestoreStatistics fills the statistics cache of a new session and gives the number of
// files, see [listing.Catalog.RestoreStatistics].
func (s *Session) RestoreStatistics(data []byte) (int, error) {
	return s.catalog.RestoreStatistics(data)
}
