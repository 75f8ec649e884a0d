package listing

import (
	"path/filepath"
	"testing"
	"time"
)

func TestEntriesAreWhatTheCachesHold(t *testing.T) {
	dir, now := threeFiles(t), time.Unix(1000, 0)
	o := allOn()
	o.ListFilesTTL, o.Now = time.Minute, func() time.Time { return now }
	c := New(o)
	for range 2 {
		if _, err := c.ListingOf(t.Context(), "people", []string{dir}); err != nil {
			t.Fatal(err)
		}
	}
	before := c.Accounts()
	byCache := map[string]int{}
	var bytes int64
	for _, e := range c.Entries(now.Add(time.Second)) {
		byCache[e.Cache]++
		bytes += e.Bytes
		switch e.Cache {
		case "list_files":
			if e.Table != "people" || e.Path != dir || e.Hits != 1 || len(e.Files) != 3 || e.ExpiresInMS == nil || *e.ExpiresInMS != 59_000 {
				t.Errorf("listing %+v", e)
			}
		case "metadata":
			if e.Table != "" || e.Path != e.FilePath || e.Columns != 2 || e.Size == 0 || e.Modified.IsZero() {
				t.Errorf("footer %+v", e)
			}
			if filepath.Base(e.Path) == "c.parquet" && (e.Rows != 10 || e.RowGroups != 3) {
				t.Errorf("footer %+v", e)
			}
		case "statistics":
			if e.Table != "people" || e.Hits != 1 || e.Columns != 2 {
				t.Errorf("statistics %+v", e)
			}
		}
	}
	if byCache["list_files"] != 1 || byCache["metadata"] != 3 || byCache["statistics"] != 3 {
		t.Errorf("entries %v", byCache)
	}
	s := c.State()
	if held := s.ListFiles.Bytes + s.Metadata.Bytes + s.Statistics.Bytes; held != bytes {
		t.Errorf("the entries have %d bytes, the caches hold %d", bytes, held)
	}
	if s.Statistics.Hits != before.Statistics.Hits || c.Accounts().Metadata.Tables["people"].Misses != 3 {
		t.Errorf("state %+v", s)
	}
}
