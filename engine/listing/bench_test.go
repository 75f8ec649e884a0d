package listing

import (
	"fmt"
	"path/filepath"
	"testing"
)

// manyFiles writes n files of one row and ten columns; file i holds i.
func manyFiles(b *testing.B, n int) (dir string) {
	b.Helper()
	dir = b.TempDir()
	for i := range n {
		writeFile(b, filepath.Join(dir, fmt.Sprintf("part-%05d.parquet", i)), parquetBytes(b, 10, int64(i), 1, 0))
	}
	return dir
}

// BenchmarkListing lists 2,000 files: cold reads every footer, kept has
// statistics of an earlier run, footers has them cached without their statistics, warm has everything cached.
func BenchmarkListing(b *testing.B) {
	dir := manyFiles(b, 2000) + "/"
	list := func(b *testing.B, c *Catalog) {
		if table, err := c.Listing(b.Context(), dir); err != nil || len(table.Files) != 2000 {
			b.Fatal(err)
		}
	}
	o := allOn()
	o.MetadataLimit = 1 << 30
	for _, workers := range []int{1, 4, 32} {
		b.Run(fmt.Sprintf("cold/workers=%d", workers), func(b *testing.B) {
			o.MetaFetchConcurrency = workers
			b.ReportAllocs()
			for b.Loop() {
				list(b, New(o))
			}
		})
	}
	b.Run("kept", func(b *testing.B) { // as the first listing of a run that took statistics over
		c := New(allOn())
		list(b, c)
		kept := c.KeepStatistics()
		b.ReportMetric(float64(len(kept)), "kept-B")
		b.ReportAllocs()
		for b.Loop() {
			c := New(allOn())
			if _, err := c.RestoreStatistics(kept); err != nil {
				b.Fatal(err)
			}
			list(b, c)
		}
	})
	b.Run("footers", func(b *testing.B) {
		o.StatisticsLimit = 0
		c := New(o)
		list(b, c)
		b.ReportAllocs()
		for b.Loop() {
			list(b, c)
		}
	})
	b.Run("warm", func(b *testing.B) {
		c := New(allOn())
		list(b, c)
		b.ReportAllocs()
		for b.Loop() {
			list(b, c)
		}
	})
}

// BenchmarkPrune leaves 20 of 2,000 files by a range over their statistics.
func BenchmarkPrune(b *testing.B) {
	table, err := New(allOn()).Listing(b.Context(), manyFiles(b, 2000))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if n := len(table.Prune(Filter{"c9", Ge, 1980})); n != 20 {
			b.Fatalf("%d files, want 20", n)
		}
	}
}
