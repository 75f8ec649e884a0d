package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/buildscope/buildscope/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T) *Session {
	t.Helper()
	s, err := Open(t.Context(), Options{TempDirectory: t.TempDir(), Threads: 2, MemoryLimit: 256 << 20,
		Caches: CacheOptions{MetadataLimit: 50 << 20, ListFilesLimit: 1 << 20, StatisticsLimit: 20 << 20, CollectStatistics: true, MetaFetchConcurrency: 4}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestTablesOfAQuery(t *testing.T) {
	s := open(t)
	for sql, want := range map[string]string{
		"SELECT 1":                         "",
		"SELECT * FROM a JOIN b USING (k)": "a b",
		"WITH c AS (SELECT * FROM a) SELECT * FROM c, C AS d WHERE x IN (SELECT y FROM e)":                   "a e",
		"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r, lim WHERE n < m) SELECT * FROM r": "lim",
		"SELECT * FROM a UNION ALL SELECT * FROM a":                                                          "a",
	} {
		refs, err := s.Tables(t.Context(), sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		var names []string
		for _, r := range refs {
			names = append(names, r.Name)
			if !strings.EqualFold(sql[r.Offset:r.Offset+len(r.Name)], r.Name) {
				t.Errorf("%s: %s is not at offset %d", sql, r.Name, r.Offset)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: got %q, want %q", sql, got, want)
		}
	}
	for _, bad := range []string{"SELEC 1", "DROP TABLE x", "SELECT * FROM"} {
		if _, err := s.Tables(t.Context(), bad); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

func TestEffectiveValuesAreReadBack(t *testing.T) {
	s := open(t)
	p, err := s.CacheConfig(t.Context(), []model.Value{{Key: "engine.metadata_cache_limit", Text: "50M", Source: "flag --engine-metadata-cache-limit"}})
	if err != nil {
		t.Fatal(err)
	}
	if v := p.Values[0]; v.Intended != "50M" || v.Effective != "50M (52428800)" || v.Source != "flag --engine-metadata-cache-limit" {
		t.Errorf("got %+v", v)
	}
	s.caches.meta.SetLimit(1 << 20)
	if p, err = s.CacheConfig(t.Context(), nil); err != nil || p.Values[0].Effective != "1M (1048576)" {
		t.Errorf("after a change: %+v, %v", p.Values[0], err)
	}
	if v := p.EngineOptions[0]; v.Key != "engine.memory_limit" || v.Effective != "256.0 MiB" {
		t.Errorf("memory limit %+v", v)
	}
}

func TestMaterializeThroughTheListing(t *testing.T) {
	s := open(t)
	dir := t.TempDir()
	put := func(name, sql string, inputs ...model.QueryInput) model.QueryResult {
		t.Helper()
		res, err := s.Materialize(t.Context(), model.Query{SQL: sql, Path: filepath.Join(dir, name), Inputs: inputs, Profile: true})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	put("full", "SELECT range AS n FROM range(10)")
	put("empty", "SELECT range AS n FROM range(10) WHERE range > 99")
	files := []string{filepath.Join(dir, "full"), filepath.Join(dir, "empty")}
	res := put("sum", `SELECT sum(n) AS s FROM "odd ""name"`, model.QueryInput{Name: `odd "name`, Files: files})
	if res.Rows != 1 || res.Profile.FilesListed != 2 || res.Profile.FilesRead != 1 {
		t.Errorf("result %+v, profile %+v", res, res.Profile)
	}
	// The schema of a table without rows survives.
	if res = put("none", "SELECT n + 1 AS m FROM t", model.QueryInput{Name: "t", Files: files[1:]}); res.Rows != 0 {
		t.Errorf("rows %d", res.Rows)
	}
	list, meta, stats := s.caches.State()
	if list.Hits == 0 || meta.Misses == 0 || stats.Hits == 0 {
		t.Errorf("listing %+v, metadata %+v, statistics %+v", list, meta, stats)
	}
}

func TestBadFilesAreNamed(t *testing.T) {
	s := open(t)
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.parquet")
	if err := os.WriteFile(bad, []byte("PAR1 but not really"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{bad, filepath.Join(dir, "missing.parquet")} {
		_, err := s.Materialize(t.Context(), model.Query{SQL: "SELECT * FROM t", Path: filepath.Join(dir, "out"), Inputs: []model.QueryInput{{Name: "t", Files: []string{path}}}})
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "table t") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestCancelInterruptsAndLeavesNoFile(t *testing.T) {
	s := open(t)
	out := filepath.Join(t.TempDir(), "out")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := s.Materialize(ctx, model.Query{SQL: "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b", Path: out})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %s", d)
	}
	if left, _ := filepath.Glob(out + "*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := s.Setting(t.Context(), "threads"); err != nil {
		t.Errorf("the session is not usable afterwards: %v", err)
	}
}
