package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/sqllex"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// withCaches are options with everything on.
func withCaches() Options {
	return Options{Threads: 2, MetadataCacheLimit: 50 << 20, ListFilesCacheLimit: 1 << 20,
		FileStatisticsCacheLimit: 20 << 20, CollectStatistics: true, MetaFetchConcurrency: 4}
}

func open(tb testing.TB, o Options) *Session {
	tb.Helper()
	s, err := Open(context.Background(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// table writes the result of a SELECT without inputs as a Parquet file.
func table(tb testing.TB, s *Session, path, sql string) string {
	tb.Helper()
	if _, err := s.Materialize(context.Background(), model.Query{SQL: sql, Path: path}); err != nil {
		tb.Fatal(err)
	}
	return path
}

func input(name string, files ...string) model.QueryInput {
	return model.QueryInput{Name: name, Files: files}
}

// read returns all cells of a Parquet file as one line of text.
func read(tb testing.TB, s *Session, path string) string {
	tb.Helper()
	columns, rows, err := s.Query(context.Background(), "SELECT * FROM "+sqllex.QuotePattern(path), 100)
	if err != nil {
		tb.Fatal(err)
	}
	return fmt.Sprint(columns, rows)
}

func wantOnly(tb testing.TB, dir string, names ...string) {
	tb.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		tb.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		found = append(found, filepath.Base(e.Name()))
	}
	if fmt.Sprint(found) != fmt.Sprint(names) {
		tb.Errorf("files %v, want %v", found, names)
	}
}
