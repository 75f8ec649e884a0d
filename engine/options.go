package engine

import (
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/engine/objects"
)

// Options configures a Session. The zero value works: DuckDB's own memory limit
// and threads, a temporary directory of its own, no caches, no statistics.
type Options struct {
	// MemoryLimit is DuckDB's limit in bytes; zero or less means DuckDB's own
	// default, 80 % of the memory of the machine.
	MemoryLimit int64
	// TempDirectory is where DuckDB spills. It is made if missing and left in
	// place. Empty: a new directory under os.TempDir, removed by Close.
	TempDirectory string
	// Threads of DuckDB; zero or less means one per CPU.
	Threads int

	// Limits of the caches in bytes; zero switches a cache off.
	MetadataCacheLimit       int64
	ListFilesCacheLimit      int64
	FileStatisticsCacheLimit int64
	// ListFilesCacheTTL is how long a directory listing is trusted; zero means
	// for ever.
	ListFilesCacheTTL time.Duration
	// CollectStatistics reads the footers of all inputs of a query, so that files
	// without rows are not given to DuckDB and damaged files are named.
	CollectStatistics bool
	// KeepStatistics says that the owner keeps the statistics of files for a later
	// session, see Session.KeepsStatistics.
	KeepStatistics bool
	// MetaFetchConcurrency is how many footers are read at the same time; zero or
	// less means 1.
	MetaFetchConcurrency int

	// Objects is the store of what is named by URL, which Close closes; nil: there is
	// none.
	Objects *objects.Store

	// Tracer makes the spans of a query when the caller's span records; nil makes
	// none.
	Tracer trace.Tracer
	// Now is the clock of the cache TTL; nil means time.Now.
	Now func() time.Time
}

func (o Options) catalog() *listing.Catalog {
	var store listing.Objects
	if o.Objects != nil {
		store = o.Objects
	}
	return listing.New(listing.Options{
		ListFilesLimit:       o.ListFilesCacheLimit,
		ListFilesTTL:         o.ListFilesCacheTTL,
		MetadataLimit:        o.MetadataCacheLimit,
		StatisticsLimit:      o.FileStatisticsCacheLimit,
		CollectStatistics:    o.CollectStatistics,
		MetaFetchConcurrency: o.MetaFetchConcurrency,
		Objects:              store,
		Now:                  o.Now,
	})
}
