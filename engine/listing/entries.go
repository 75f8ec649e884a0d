package listing

import (
	"time"

	"github.com/buildscope/buildscope/model"
)

// Entries describes all that the caches hold, the most recently used of each first.
// Reading it changes neither order nor counts.
func (c *Catalog) Entries(now time.Time) []model.CacheEntry {
	var out []model.CacheEntry
	for i, e := range c.lists.Entries() {
		entry := model.CacheEntry{Cache: "list_files", Table: e.Key.Table, Path: e.Key.Path, Bytes: e.Size, Hits: e.Hits, Recency: i + 1, Files: make([]model.CachedFile, len(e.Value))}
		if !e.Expires.IsZero() {
			ms := e.Expires.Sub(now).Milliseconds()
			entry.ExpiresInMS = &ms
		}
		for i, f := range e.Value {
			entry.Files[i] = f.cached()
		}
		out = append(out, entry)
	}
	for i, e := range c.footers.Entries() {
		meta := e.Value.meta
		entry := model.CacheEntry{Cache: "metadata", Path: e.Key, Bytes: e.Size, Hits: e.Hits, Recency: i + 1, CachedFile: e.Value.file.cached(),
			Extra: "page_index=false", RowGroups: meta.NumRowGroups(), Columns: meta.Schema.NumColumns(), Rows: meta.NumRows}
		out = append(out, entry)
	}
	for i, e := range c.statistics.Entries() {
		out = append(out, model.CacheEntry{Cache: "statistics", Table: e.Key.Table, Path: e.Key.Path, Bytes: e.Size, Hits: e.Hits, Recency: i + 1,
			CachedFile: e.Value.File.cached(), Rows: e.Value.Rows, Columns: len(e.Value.Columns)})
	}
	return out
}

func (f File) cached() model.CachedFile {
	return model.CachedFile{FilePath: f.Path, Modified: time.Unix(0, f.ModTime).UTC(), Size: f.Size}
}
