package remote

import (
	"strings"

	"github.com/buildscope/buildscope/model"
)

// notReported stands for what a server has no way to tell: Flight SQL has none, and Sail
// shows none of its settings. What is ours is never put in its place.
const notReported = "not reported by server"

// sailKeys are the names that Sail 0.7 has for what the embedded session's caches are
// set by. They are read where its server starts.
var sailKeys = []struct{ ours, sail, note string }{
	{"engine.metadata_cache_limit", "parquet.file_metadata_cache.size_limit", "bytes, 0 sets no limit"},
	{"engine.list_files_cache_limit", "execution.file_listing_cache.max_entries", "entries and not bytes; file_listing_cache.type is none unless it is set"},
	{"engine.list_files_cache_ttl", "execution.file_listing_cache.ttl", "seconds"},
	{"engine.file_statistics_cache_limit", "parquet.file_statistics_cache.max_entries", "entries and not bytes"},
	{"engine.collect_statistics", "execution.collect_statistics", ""},
}

// Config says what is known of the server. values are the resolved settings.
func (s *Session) Config(values []model.Value) *model.RemoteEngine {
	intended := make(map[string]model.Value, len(values))
	for _, v := range values {
		intended[v.Key] = v
	}
	c := &model.RemoteEngine{Endpoint: s.o.Endpoint, Version: s.version, Writes: s.writes, Why: s.why}
	if c.Version == "" {
		c.Version = notReported
	}
	for _, k := range sailKeys {
		note := k.sail + " of a Sail server, which reads SAIL_" + strings.ToUpper(strings.ReplaceAll(k.sail, ".", "__")) + " as it starts"
		if k.note != "" {
			note += "; " + k.note
		}
		v := intended[k.ours]
		c.Values = append(c.Values, model.Effective{Key: k.ours, Intended: v.Text, Effective: notReported, Source: v.Source, Note: note})
	}
	return c
}
