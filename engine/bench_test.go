package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/sqllex"
)

// BenchmarkMaterialize reads 2,000 files of 96 KB, of which a range of one column
// leaves 20: through the listing table with warm caches, without statistics, and as
// DuckDB reads a glob.
func BenchmarkMaterialize(b *testing.B) {
	const files, rows, needed = 2000, 265, 20
	dir, out := b.TempDir(), filepath.Join(b.TempDir(), "out.parquet")
	maker := open(b, Options{Threads: 2})
	var columns strings.Builder
	for i := range 43 {
		fmt.Fprintf(&columns, ", hash(range * 43 + %d) AS c%d", i, i)
	}
	if _, err := maker.db.Exec("CREATE TABLE src AS SELECT range AS x" + columns.String() + fmt.Sprintf(" FROM range(%d)", files*rows)); err != nil {
		b.Fatal(err)
	}
	var size int64
	for i := range files {
		path := filepath.Join(dir, fmt.Sprintf("%05d.parquet", i))
		if _, err := maker.db.Exec(fmt.Sprintf("COPY (FROM src LIMIT %d OFFSET %d) TO %s (FORMAT parquet)", rows, i*rows, sqllex.QuoteText(path))); err != nil {
			b.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		size += info.Size()
	}
	run := func(collect bool, from string, inputs ...model.QueryInput) func(*testing.B) {
		return func(b *testing.B) {
			o := withCaches()
			o.CollectStatistics = collect
			s := open(b, o)
			q := model.Query{SQL: fmt.Sprintf("SELECT count(*) AS n, max(c7) AS v FROM %s WHERE x >= %d", from, (files-needed)*rows), Path: out, Inputs: inputs}
			materialize := func() {
				if _, err := s.Materialize(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
			materialize()
			b.ReportMetric(float64(size)/files, "B/file")
			b.ReportAllocs()
			for b.Loop() {
				materialize()
			}
		}
	}
	b.Run("pruned", run(true, "t", input("t", dir+"/")))
	b.Run("unpruned", run(false, "t", input("t", dir+"/")))
	b.Run("glob", run(false, "read_parquet("+sqllex.QuoteText(dir+"/*.parquet")+")"))
}

// BenchmarkTables parses a statement of ordinary length for its tables.
func BenchmarkTables(b *testing.B) {
	s := open(b, Options{Threads: 1})
	const sql = `WITH calls AS (SELECT * FROM evidence_calls WHERE shape = 'NAME'), defs AS (SELECT * FROM evidence_defs)
		SELECT c.file_no, c.key, d.key AS target FROM calls c JOIN defs d ON c.name = d.name LEFT JOIN imports i USING (file_no) ORDER BY ALL`
	b.ReportAllocs()
	for b.Loop() {
		if found, err := parseReads(b.Context(), s.db, "", sql); err != nil || len(found.refs) != 3 {
			b.Fatal(found.refs, err)
		}
	}
}
