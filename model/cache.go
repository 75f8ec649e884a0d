package model

import (
	"math"
	"slices"
	"time"
)

// CacheCounts is the account of one cache of the engine, or the part that one table
// has in it. A table's part has no limit and no TTL.
type CacheCounts struct {
	Hits          int64         `json:"hits" doc:"lookups that found a valid entry"`
	Misses        int64         `json:"misses" doc:"lookups that did not, expired and outdated entries included"`
	Inserts       int64         `json:"inserts" doc:"values kept, replacements included"`
	Restored      int64         `json:"restored" doc:"values kept from earlier runs at the start"`
	Rejections    int64         `json:"rejections" doc:"values not kept: larger than the limit, or empty"`
	Evictions     int64         `json:"evictions" doc:"entries dropped to keep the limit"`
	Expirations   int64         `json:"expirations" doc:"entries found older than their TTL"`
	Invalidations int64         `json:"invalidations" doc:"entries dropped because what they describe had changed"`
	Entries       int           `json:"entries" doc:"entries held now"`
	Bytes         int64         `json:"bytes" doc:"bytes held now"`
	PeakBytes     int64         `json:"peak_bytes" doc:"most bytes held at any time"`
	WorkingSet    int64         `json:"working_set_bytes" doc:"bytes of all that was looked up and is not known to be out of date, kept or not"`
	Limit         int64         `json:"limit_bytes" doc:"limit in force; 0: the cache is off"`
	TTL           time.Duration `json:"ttl_ns" doc:"TTL of new entries in nanoseconds; 0: they never expire"`
}

// CacheCurve says which limit would have given which hits in the lookups so far.
type CacheCurve struct {
	Lookups int64        `json:"lookups" doc:"lookups that were followed, also while the cache is off"`
	Points  []CachePoint `json:"points" doc:"limits from which on there are more hits, the smallest first"`
}

// CachePoint is one step of a CacheCurve.
type CachePoint struct {
	Limit int64 `json:"limit_bytes" doc:"limit in bytes"`
	Hits  int64 `json:"hits" doc:"lookups that a cache of this limit would have answered"`
}

// HitsAt is the number of lookups that a cache of limit bytes would have answered.
func (c CacheCurve) HitsAt(limit int64) (hits int64) {
	for _, p := range c.Points {
		if p.Limit > limit {
			break
		}
		hits = p.Hits
	}
	return hits
}

// Most is the number of lookups that the largest limit would have answered.
func (c CacheCurve) Most() int64 { return c.HitsAt(math.MaxInt64) }

// Enough is the smallest limit that has at least share (0 to 1) of the hits that any
// limit would have; ok is false when no limit would have any.
func (c CacheCurve) Enough(share float64) (p CachePoint, ok bool) {
	want := int64(math.Ceil(share * float64(c.Most())))
	if want == 0 {
		return CachePoint{}, false
	}
	for _, p = range c.Points {
		if p.Hits >= want {
			break
		}
	}
	return p, true
}

// CacheTable is the part that one table has in a cache.
type CacheTable struct {
	Table string `json:"table" doc:"name of the table as SQL reads it"`
	CacheCounts
}

// CacheAccount is one cache of the engine with its settings.
type CacheAccount struct {
	Cache      string `json:"cache" doc:"list_files, metadata or statistics"`
	Setting    string `json:"setting" doc:"setting of the limit"`
	Value      string `json:"value" doc:"what the setting was resolved to"`
	Source     string `json:"source" doc:"layer that gave the value"`
	TTLSetting string `json:"ttl_setting,omitempty" doc:"setting of the lifetime, where there is one"`
	CacheCounts
	Tables []CacheTable `json:"tables" doc:"parts of the tables, by name"`
	Curve  CacheCurve   `json:"curve" doc:"what other limits would have done"`
	Advice string       `json:"advice,omitempty" doc:"what the limit did and which would do better, in words; empty when nothing is to be said"`
	Better int64        `json:"better_limit_bytes,omitempty" doc:"limit that the advice names; 0: none"`
}

// CachesUsed reports whether any of the caches was asked for anything.
func CachesUsed(caches []CacheAccount) bool {
	return slices.ContainsFunc(caches, func(c CacheAccount) bool { return c.Curve.Lookups > 0 })
}

// CacheMoment is the state of all caches at one time.
type CacheMoment struct {
	Moment string         `json:"moment" doc:"start or end of the engine session, or now for a build that was running when this was written"`
	Time   time.Time      `json:"time" doc:"when the caches were read"`
	Caches []CacheAccount `json:"caches" doc:"list_files, metadata and statistics"`
}

// CacheStatePayload is datafusion_cache_state_v1, read back from the caches.
type CacheStatePayload struct {
	Engine            string        `json:"engine" doc:"engine and version"`
	CollectStatistics bool          `json:"collect_statistics" doc:"whether footers are read when a table is listed, as the engine has it"`
	Moments           []CacheMoment `json:"moments" doc:"start and end; in a build that goes on, start and now, anew at most once a second"`
}

// Last is the newest state of the caches.
func (p CacheStatePayload) Last() []CacheAccount {
	if len(p.Moments) == 0 {
		return nil
	}
	return p.Moments[len(p.Moments)-1].Caches
}

// CacheEntry is one entry of a cache of the engine, a line of cache_entries.jsonl.
type CacheEntry struct {
	Cache   string `json:"cache"`           // list_files, metadata or statistics
	Table   string `json:"table,omitempty"` // "" where all tables share the entry
	Path    string `json:"path"`            // of the file, or of the directory that was listed
	Bytes   int64  `json:"bytes"`           // that it counts for: key and value
	Hits    int64  `json:"hits"`            // since it was put in
	Recency int    `json:"recency"`         // 1 is the most recently used; the last one goes first

	CachedFile               // of metadata and statistics
	Extra       string       `json:"extra,omitempty"`         // of metadata: whether the page index is there too
	RowGroups   int          `json:"row_groups,omitempty"`    // of metadata
	Columns     int          `json:"columns,omitempty"`       // of metadata: leaves of the schema; of statistics: those with an account
	Rows        int64        `json:"rows,omitempty"`          // of metadata and statistics
	Files       []CachedFile `json:"files,omitempty"`         // of list_files
	ExpiresInMS *int64       `json:"expires_in_ms,omitempty"` // of list_files: milliseconds, below 0 when it is over; nil: never
}

// CachedFile is a file as it was when it was listed.
type CachedFile struct {
	FilePath string    `json:"file_path,omitempty"`
	Modified time.Time `json:"file_modified,omitzero"`
	Size     int64     `json:"file_size_bytes,omitempty"`
}
