// Package listing turns a directory, a list of Parquet files or objects of a store
// into a table that knows its files' statistics, so that files a query cannot need are
// left out before the SQL engine opens them. It reads listings and footers through
// the three caches that DataFusion has; it reads no rows and runs no SQL.
package listing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/buildscope/buildscope/engine/cache"
)

// Options configures a Catalog. Limits are bytes and zero disables the cache,
// as in DataFusion.
type Options struct {
	ListFilesLimit  int64
	ListFilesTTL    time.Duration // zero: a listing never expires
	MetadataLimit   int64
	StatisticsLimit int64

	// CollectStatistics makes Listing read each file's footer. Without it a table
	// is a bare list of files, nothing is pruned, and a damaged file is noticed by
	// the SQL engine only.
	CollectStatistics bool
	// MetaFetchConcurrency is how many footers are read at the same time; zero or
	// less means 1.
	MetaFetchConcurrency int
	// Objects reads what is named by URL; nil refuses it.
	Objects Objects
	// Now is the clock of the listing TTL; nil means time.Now.
	Now func() time.Time
}

// Objects is a store of files that are named by URL, as package objecturl reads it.
type Objects interface {
	// List gives the files that a URL names, sorted; none is an ErrNoFiles.
	List(ctx context.Context, url string) ([]File, error)
	// ReadRange fills buf from an offset of a file on. A file that is not the one that
	// was listed is an ErrChanged or an fs.ErrNotExist.
	ReadRange(ctx context.Context, f File, buf []byte, off int64) error
}

// Catalog lists tables through the caches. All methods may be called from
// several goroutines.
type Catalog struct {
	// The keys are DataFusion's: footers are shared by all tables that read a file.
	lists      *cache.Cache[TableKey, []File]      // of directories and URLs; trusted until the TTL ends
	footers    *cache.Cache[string, footer]        // by path; valid while size and mtime stay
	statistics *cache.Cache[TableKey, *Statistics] // of files; valid while size and mtime stay

	collect     bool
	concurrency int
	objects     Objects                             // nil: none
	open        func(path string) (openFile, error) // os.Open, or slower in tests
}

// TableKey is the key of what is cached for one table.
type TableKey struct {
	Table string // as SQL names it; "" for what is read outside of a query
	Path  string // absolute, or a URL
}

func (k TableKey) bytes() int64 { return int64(len(k.Table) + len(k.Path)) }

// New returns a Catalog with empty caches.
func New(o Options) *Catalog {
	return &Catalog{
		lists: cache.New(cache.Options[TableKey, []File]{
			Limit: o.ListFilesLimit, TTL: o.ListFilesTTL, Now: o.Now, SizeOf: sizeOfList}),
		footers: cache.New(cache.Options[string, footer]{
			Limit: o.MetadataLimit, SizeOf: sizeOfFooter}),
		statistics: cache.New(cache.Options[TableKey, *Statistics]{
			Limit: o.StatisticsLimit, SizeOf: sizeOfStatistics}),
		collect:     o.CollectStatistics,
		concurrency: max(o.MetaFetchConcurrency, 1),
		objects:     o.Objects,
		open:        func(path string) (openFile, error) { return os.Open(path) },
	}
}

// Table is what a listing found, in the order it will be read.
type Table struct {
	Files []TableFile
}

// TableFile is a file of a table with its statistics; Stats is nil when
// statistics are not collected.
type TableFile struct {
	File
	Stats *Statistics
}

// Rows is the number of rows of all files, and whether it is known.
func (t *Table) Rows() (int64, bool) {
	var n int64
	for _, f := range t.Files {
		if f.Stats == nil {
			return 0, false
		}
		n += f.Stats.Rows
	}
	return n, true
}

// Listing lists a directory (its .parquet files, sorted by name, without
// subdirectories), a single file, or the objects that a URL names. A location that ends in a separator is
// taken for a directory without looking, so a cached listing costs no system
// call. A cached listing is trusted until its TTL ends, as in DataFusion; when
// one of its files turns out to be gone or changed, the directory is listed
// once more.
func (c *Catalog) Listing(ctx context.Context, location string) (*Table, error) {
	return c.ListingOf(ctx, "", []string{location})
}

// ListingOf lists several locations as the table of that name, in the given order.
// Each is what Listing accepts. Files named directly are looked at every time, so
// only directories and URLs can be stale.
func (c *Catalog) ListingOf(ctx context.Context, table string, locations []string) (*Table, error) {
	return c.listing(ctx, table, locations, c.collect)
}

// listing is ListingOf with or without the statistics of the files.
func (c *Catalog) listing(ctx context.Context, table string, locations []string, collect bool) (*Table, error) {
	if len(locations) == 0 {
		return nil, errors.New("list files: no file or directory given")
	}
	files, cached, err := c.files(ctx, table, locations)
	if err != nil {
		return nil, err
	}
	stats, err := c.collectAll(ctx, table, files, collect)
	if len(cached) > 0 && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrChanged)) {
		for _, dir := range cached {
			c.lists.Remove(TableKey{table, dir})
		}
		if files, _, err = c.files(ctx, table, locations); err == nil {
			stats, err = c.collectAll(ctx, table, files, collect)
		}
	}
	if err != nil {
		return nil, err
	}
	t := &Table{Files: make([]TableFile, len(files))}
	for i, f := range files {
		t.Files[i] = TableFile{File: f, Stats: stats[i]}
	}
	return t, nil
}

// Invalidate forgets what is known of a file and of its directory. Whoever
// writes a file calls it after the write: a size and mtime comparison misses a
// rewrite of equal size within the file system's time resolution.
func (c *Catalog) Invalidate(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("invalidate %s: %w", path, err)
	}
	c.footers.Remove(path)
	for table := range c.statistics.Tables() {
		c.statistics.Remove(TableKey{table, path})
	}
	for table := range c.lists.Tables() {
		c.lists.Remove(TableKey{table, filepath.Dir(path)})
	}
	c.statistics.Remove(TableKey{"", path})
	c.lists.Remove(TableKey{"", filepath.Dir(path)})
	return nil
}

// CollectStatistics reports whether footers are read when a table is listed.
func (c *Catalog) CollectStatistics() bool { return c.collect }

// MetaFetchConcurrency is how many footers are read at the same time.
func (c *Catalog) MetaFetchConcurrency() int { return c.concurrency }
