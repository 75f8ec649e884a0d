package cache

import "time"

// Stats is the account of one cache since it was made.
type Stats struct {
	Hits          int64         `json:"hits" doc:"lookups that found a valid entry"`
	Misses        int64         `json:"misses" doc:"lookups that did not, expired and outdated entries included"`
	Inserts       int64         `json:"inserts" doc:"values kept, replacements included"`
	Rejections    int64         `json:"rejections" doc:"values not kept: larger than the limit, or empty"`
	Evictions     int64         `json:"evictions" doc:"entries dropped to keep the limit"`
	Expirations   int64         `json:"expirations" doc:"entries found older than their TTL"`
	Invalidations int64         `json:"invalidations" doc:"entries dropped because what they describe had changed"`
	Entries       int           `json:"entries" doc:"entries held now"`
	Bytes         int64         `json:"bytes" doc:"bytes held now"`
	PeakBytes     int64         `json:"peak_bytes" doc:"most bytes held at any time"`
	Limit         int64         `json:"limit_bytes" doc:"limit in force; 0: the cache is off"`
	TTL           time.Duration `json:"ttl_ns" doc:"TTL of new entries in nanoseconds; 0: they never expire"`
}
