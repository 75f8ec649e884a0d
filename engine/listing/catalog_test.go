package listing

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// counting makes the catalog count how many files it opens.
func counting(c *Catalog) *atomic.Int64 {
	var opened atomic.Int64
	inner := c.open
	c.open = func(path string) (openFile, error) {
		opened.Add(1)
		return inner(path)
	}
	return &opened
}

func TestDirectoryAndListOfFilesAgree(t *testing.T) {
	dir := threeFiles(t)
	writeFile(t, filepath.Join(dir, "notes.txt"), []byte("no table"))
	if err := os.Mkdir(filepath.Join(dir, "sub.parquet"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := New(allOn())
	byDir, err := c.Listing(t.Context(), dir+"/")
	if err != nil {
		t.Fatal(err)
	}
	byFile, err := c.ListingOf(t.Context(), "t", []string{
		filepath.Join(dir, "a.parquet"), filepath.Join(dir, "b.parquet"), filepath.Join(dir, "c.parquet")})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []*Table{byDir, byFile} {
		rows, known := table.Rows()
		if names(table.Files) != "a b c" || rows != 20 || !known {
			t.Errorf("files %q rows %d known %v, want a b c with 20 rows", names(table.Files), rows, known)
		}
	}
}

func TestCachesAreUsedInOrder(t *testing.T) {
	dir := threeFiles(t)
	c := New(allOn())
	opened := counting(c)
	for range 3 {
		if _, err := c.Listing(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
	}
	s := c.State()
	if opened.Load() != 3 || s.ListFiles.Hits != 2 || s.Statistics.Hits != 6 || s.Metadata.Misses != 3 || s.Metadata.Hits != 0 {
		t.Errorf("opened %d, state %+v", opened.Load(), s)
	}
	c.statistics.SetLimit(0) // without statistics, footers come from their cache
	if _, err := c.Listing(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if s := c.State(); opened.Load() != 3 || s.Metadata.Hits != 3 {
		t.Errorf("opened %d, state %+v", opened.Load(), s)
	}
}

func TestRewrittenFileIsReadAgain(t *testing.T) {
	dir := threeFiles(t)
	path := filepath.Join(dir, "b.parquet")
	c := New(allOn())
	if _, err := c.ListingOf(t.Context(), "t", []string{path}); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, parquetBytes(t, 2, 5, 7, 0))
	table, err := c.ListingOf(t.Context(), "t", []string{path})
	if err != nil {
		t.Fatal(err)
	}
	if rows, _ := table.Rows(); rows != 7 {
		t.Errorf("%d rows, want the 7 of the new file", rows)
	}
	if s := c.State(); s.Statistics.Invalidations != 1 || s.Metadata.Invalidations != 1 {
		t.Errorf("state %+v", s)
	}
}

func TestCachedListingIsTrustedUntilItsTTLEnds(t *testing.T) {
	dir := threeFiles(t)
	now := time.Unix(0, 0)
	o := allOn()
	o.ListFilesTTL, o.Now = time.Minute, func() time.Time { return now }
	c := New(o)
	count := func() int {
		t.Helper()
		table, err := c.Listing(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(table.Files)
	}
	before := count()
	writeFile(t, filepath.Join(dir, "d.parquet"), parquetBytes(t, 2, 0, 1, 0))
	during := count()
	now = now.Add(time.Minute + 1)
	after := count()
	writeFile(t, filepath.Join(dir, "e.parquet"), parquetBytes(t, 2, 0, 1, 0))
	if err := c.Invalidate(filepath.Join(dir, "e.parquet")); err != nil {
		t.Fatal(err)
	}
	if told := count(); before != 3 || during != 3 || after != 4 || told != 5 {
		t.Errorf("files: %d, %d within the TTL, %d after it, %d after Invalidate; want 3 3 4 5", before, during, after, told)
	}
}

func TestStaleListingIsMadeAgainOnce(t *testing.T) {
	dir := threeFiles(t)
	o := allOn()
	o.StatisticsLimit, o.MetadataLimit = 0, 0 // so that every listing opens the files
	c := New(o)
	if _, err := c.Listing(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "a.parquet")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "b.parquet"), parquetBytes(t, 2, 0, 3, 0))
	table, err := c.Listing(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if rows, _ := table.Rows(); names(table.Files) != "b c" || rows != 13 {
		t.Errorf("%q with %d rows, want b c with 13", names(table.Files), rows)
	}
}

func TestErrorsNameTheFile(t *testing.T) {
	good := parquetBytes(t, 2, 0, 10, 0)
	huge := append(append([]byte{}, good...), 0xff, 0xff, 0xff, 0x7f, 'P', 'A', 'R', '1')
	broken := append([]byte("PAR1 not thrift at all"), 22, 0, 0, 0, 'P', 'A', 'R', '1')
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"empty":     {nil, "only 0 bytes"},
		"tiny":      {[]byte("PAR1"), "only 4 bytes"},
		"truncated": {good[:len(good)-20], "cut short"},
		"magic":     {append(append([]byte{}, good[:len(good)-4]...), "XXXX"...), `ends in "XXXX"`},
		"encrypted": {append(append([]byte{}, good[:len(good)-4]...), "PARE"...), "encrypted"},
		"length":    {huge, "it claims 2147483647 bytes"},
		"thrift":    {broken, "damaged footer"},
	} {
		path := writeFile(t, filepath.Join(t.TempDir(), name+".parquet"), test.data)
		_, err := New(allOn()).Listing(t.Context(), path)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want the path and %q", name, err, test.want)
		}
	}

	empty := t.TempDir()
	missing := filepath.Join(empty, "none.parquet")
	c := New(allOn())
	if _, err := c.Listing(t.Context(), empty); !errors.Is(err, ErrNoFiles) || !strings.Contains(err.Error(), empty) {
		t.Errorf("empty directory: %v", err)
	}
	if _, err := c.Listing(t.Context(), missing); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("missing file: %v", err)
	}
	if _, err := c.Listing(t.Context(), missing+"/"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing directory: %v", err)
	}
	if c.State().ListFiles.Entries != 0 {
		t.Error("an empty listing was cached")
	}
}

func TestFileThatChangesWhileItIsListed(t *testing.T) {
	dir := threeFiles(t)
	path := filepath.Join(dir, "a.parquet")
	c := New(allOn())
	inner := c.open
	c.open = func(p string) (openFile, error) {
		writeFile(t, p, parquetBytes(t, 2, 0, 50, 0))
		return inner(p)
	}
	_, err := c.Listing(t.Context(), path)
	if !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want ErrChanged with the path", err)
	}
}

func TestWithoutStatisticsNoFileIsOpened(t *testing.T) {
	dir := threeFiles(t)
	o := allOn()
	o.CollectStatistics = false
	c := New(o)
	opened := counting(c)
	table, err := c.Listing(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, known := table.Rows(); known || opened.Load() != 0 || names(table.Prune()) != "a b c" {
		t.Errorf("known %v, opened %d, pruned to %q", known, opened.Load(), names(table.Prune()))
	}
}

// gate lets a test see how many files are open at the same time.
type gate struct {
	openFile
	open *atomic.Int64
}

func (g gate) Close() error {
	g.open.Add(-1)
	return g.openFile.Close()
}

func TestMetaFetchConcurrencyIsReachedAndKept(t *testing.T) {
	dir := t.TempDir()
	data := parquetBytes(t, 1, 0, 1, 0)
	for i := range 40 {
		writeFile(t, filepath.Join(dir, string(rune('a'+i%26))+string(rune('a'+i/26))+".parquet"), data)
	}
	for _, limit := range []int{1, 4} {
		o := allOn()
		o.MetaFetchConcurrency = limit
		c := New(o)
		var open, most atomic.Int64
		inner := c.open
		c.open = func(path string) (openFile, error) {
			n := open.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(2 * time.Millisecond)
			f, err := inner(path)
			return gate{f, &open}, err
		}
		if _, err := c.Listing(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		if most.Load() != int64(limit) || open.Load() != 0 {
			t.Errorf("limit %d: %d files open at once, %d left open", limit, most.Load(), open.Load())
		}
	}
}

func TestCancelStopsReadingFooters(t *testing.T) {
	dir := threeFiles(t)
	c := New(allOn())
	c.concurrency = 1
	ctx, cancel := context.WithCancel(t.Context())
	inner := c.open
	c.open = func(path string) (openFile, error) {
		cancel()
		return inner(path)
	}
	opened := counting(c)
	if _, err := c.Listing(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if opened.Load() != 1 {
		t.Errorf("%d files opened, want none after the cancel", opened.Load())
	}
}

func TestConcurrentListings(t *testing.T) {
	dir := threeFiles(t)
	o := allOn()
	o.StatisticsLimit = 700 // evicts all the time
	c := New(o)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				table, err := c.Listing(t.Context(), dir)
				if err != nil {
					t.Error(err)
					return
				}
				if rows, _ := table.Rows(); rows != 20 {
					t.Errorf("%d rows, want 20", rows)
				}
				_ = c.Invalidate(filepath.Join(dir, "a.parquet"))
			}
		})
	}
	wg.Wait()
}
