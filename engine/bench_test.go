package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// BenchmarkMaterialize reads 2,000 files of which 20 have rows: with statistics
// DuckDB opens 20, without it opens all. The caches are warm.
func BenchmarkMaterialize(b *testing.B) {
	dir, out := b.TempDir(), filepath.Join(b.TempDir(), "out.parquet")
	s := open(b, Options{Threads: 2})
	full := contents(b, table(b, s, filepath.Join(b.TempDir(), "full.parquet"), "SELECT range AS x, 'v' || range AS v FROM range(1000)"))
	none := contents(b, table(b, s, filepath.Join(b.TempDir(), "none.parquet"), "SELECT range AS x, 'v' || range AS v FROM range(0)"))
	for i := range 2000 {
		data := none
		if i%100 == 0 {
			data = full
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.parquet", i)), data, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for _, collect := range []bool{true, false} {
		b.Run(fmt.Sprintf("pruned=%v", collect), func(b *testing.B) {
			o := withCaches()
			o.CollectStatistics = collect
			s := open(b, o)
			q := model.Query{SQL: "SELECT count(*) AS n, max(v) AS v FROM t", Path: out, Inputs: []model.QueryInput{input("t", dir+"/")}}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Materialize(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTables parses a statement of ordinary length for its tables.
func BenchmarkTables(b *testing.B) {
	s := open(b, Options{Threads: 1})
	const sql = `WITH calls AS (SELECT * FROM evidence_calls WHERE shape = 'NAME'), defs AS (SELECT * FROM evidence_defs)
		SELECT c.file_no, c.key, d.key AS target FROM calls c JOIN defs d ON c.name = d.name LEFT JOIN imports i USING (file_no) ORDER BY ALL`
	b.ReportAllocs()
	for b.Loop() {
		if refs, err := s.Tables(b.Context(), sql); err != nil || len(refs) != 3 {
			b.Fatal(refs, err)
		}
	}
}

func contents(b *testing.B, path string) []byte {
	b.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	return data
}
