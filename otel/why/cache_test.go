package why

import (
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
)

func TestAdvise(t *testing.T) {
	// 25 lookups of each of 100 footers of 3.07 MiB, in rotation.
	rotation := model.CacheAccount{Cache: "metadata", Setting: "engine.metadata_cache_limit", Value: "50M", Source: "default",
		CacheCounts: model.CacheCounts{Limit: 50 << 20, Misses: 2500, Evictions: 2484, WorkingSet: 307 << 20},
		Curve:       model.CacheCurve{Lookups: 2500, Points: []model.CachePoint{{Limit: 318 << 20, Hits: 2400}}}}
	for _, tc := range []struct {
		name   string
		change func(*model.CacheAccount)
		want   string // "" for no advice
		better int64
	}{
		{"rotation", func(*model.CacheAccount) {},
			"metadata_cache_limit is 50M (default); the footers read need 307.0 MiB in rotation, so the hit rate was 0%; 320M would have hit 96%.", 320 << 20},
		{"off", func(a *model.CacheAccount) { a.Limit, a.Value, a.Source, a.Misses = 0, "0", "profile lean", 0 },
			"metadata_cache_limit is 0 (profile lean), so the cache is off; the footers read are 307.0 MiB, and 320M would have hit 96% of 2500 lookups.", 320 << 20},
		{"it works", func(a *model.CacheAccount) { a.Hits, a.Misses = 2400, 100 }, "", 0},
		{"nearly as good", func(a *model.CacheAccount) { a.Hits, a.Misses = 2200, 300 }, "", 0},
		{"each was asked for once", func(a *model.CacheAccount) { a.Curve.Points = nil }, "", 0},
		{"the limit is there already", func(a *model.CacheAccount) { a.Limit = 1 << 30 }, "", 0},
		{"expired", func(a *model.CacheAccount) {
			*a = model.CacheAccount{Cache: "list_files", Setting: "engine.list_files_cache_limit", TTLSetting: "engine.list_files_cache_ttl",
				CacheCounts: model.CacheCounts{Limit: 1 << 20, TTL: 90 * time.Second, Hits: 1, Misses: 4, Expirations: 3}}
		}, "list_files_cache_ttl is 1m30s; 3 of 5 lookups found an entry that had expired, and the hit rate was 20%.", 0},
	} {
		a := rotation
		tc.change(&a)
		text, better := Advise(a)
		if text != tc.want || better != tc.better {
			t.Errorf("%s:\n got %q, %d\nwant %q, %d", tc.name, text, better, tc.want, tc.better)
		}
	}
}

func TestRoundUpIsWhatASettingTakes(t *testing.T) {
	for n, want := range map[int64]string{1: "1K", 1024: "1K", 1025: "2K", 318 << 20: "320M", 1 << 20: "1024K", 1<<20 + 1: "2M", 99 << 20: "99M", 101 << 20: "110M", 5 << 30: "5G"} {
		got := RoundUp(n)
		if got < n || strings.HasPrefix(Capacity(got), "0") {
			t.Errorf("%d bytes: %d, %s", n, got, Capacity(got))
		}
		if Capacity(got) != want && n != 1<<20 {
			t.Errorf("%d bytes: %s, want %s", n, Capacity(got), want)
		}
	}
}
