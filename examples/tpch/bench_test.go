package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/buildscope/buildscope/examples/tpch/gen"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/sqlproject"
)

var scale = flag.Float64("scale", 0.1, "of the data of the benchmarks")

// The 22 models built with everything that a build has, beside the same statements run
// by DuckDB itself over the same files with as many threads. Each round runs both, and
// the fastest of each counts: other load on the machine only adds.
func BenchmarkModels(b *testing.B) {
	dir := writeScale(b)
	p, err := sqlproject.Load(dir)
	if err != nil {
		b.Fatal(err)
	}
	tests := strings.Join(testsOf(b, dir), ",")
	for _, c := range []struct{ name, incremental, capture string }{
		{"nothing captured", "false", "false"},
		{"all captured", "false", "true"},
		{"sources captured before", "true", "true"},
	} {
		b.Run(c.name, func(b *testing.B) {
			ours := func() {
				buildProject(b, dir, "exclude", tests, "incremental", c.incremental, "hamilton-capture-data-statistics", c.capture)
			}
			ours() // reads the files of the sources for the first time
			var duckdb, all spent
			for b.Loop() {
				for _, m := range p.Models { // their results, where they are kept
					if err := os.RemoveAll(filepath.Join(dir, ".buildscope", "cache", m.Name)); err != nil {
						b.Fatal(err)
					}
				}
				duckdb.add(func() { runPlain(b, p, dir) })
				all.add(ours)
			}
			b.ReportMetric(slices.Min(duckdb.wall), "duckdb-ms")
			b.ReportMetric(slices.Min(all.wall), "build-ms")
			b.ReportMetric(slices.Min(all.wall)/slices.Min(duckdb.wall), "build/duckdb")
			b.ReportMetric(slices.Min(all.cpu)/slices.Min(duckdb.cpu), "cpu-build/duckdb")
			b.ReportMetric((slices.Min(all.wall)-slices.Min(duckdb.wall))/float64(len(p.Models)), "more-ms/model")
		})
	}
}

// writeScale writes the project and its data.
func writeScale(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	if err := writeProject(b.Context(), dir, gen.Options{Scale: *scale, Seed: 1, Workers: runtime.GOMAXPROCS(0)}); err != nil {
		b.Fatal(err)
	}
	return dir
}

// spent is the time that something took, several times over, and that of CPUs in it.
type spent struct{ wall, cpu []float64 } // milliseconds

func (s *spent) add(f func()) {
	start, before := time.Now(), cpuTime()
	f()
	s.wall = append(s.wall, time.Since(start).Seconds()*1000)
	s.cpu = append(s.cpu, (cpuTime()-before).Seconds()*1000)
}

// cpuTime is what all threads of this process have used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkUnchanged builds the whole project with its 43 tests, of which nothing has
// changed since the build before.
func BenchmarkUnchanged(b *testing.B) {
	dir := writeScale(b)
	buildProject(b, dir)
	for b.Loop() {
		for _, o := range buildProject(b, dir).Outputs {
			if !o.Cached {
				b.Fatalf("%s is not from the cache", o.Name)
			}
		}
	}
}

// testsOf are the names of the nodes of a project that are tests of the data.
func testsOf(b *testing.B, dir string) []string {
	b.Helper()
	nodes, err := sqlproject.Nodes(model.BuildSettings{RepoRoot: dir})
	if err != nil {
		b.Fatal(err)
	}
	var names []string
	for _, n := range nodes {
		if n.Test != nil {
			names = append(names, n.Name)
		}
	}
	return names
}

// runPlain has DuckDB write the result of each model, as a script would.
func runPlain(b testing.TB, p *sqlproject.Project, dir string) {
	b.Helper()
	db := openDuckDB(b)
	exec := func(statement string) {
		if _, err := db.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	exec("SET threads = " + strconv.Itoa(runtime.GOMAXPROCS(0)))
	for _, s := range p.Sources {
		exec(fmt.Sprintf("CREATE VIEW %s AS FROM read_parquet('%s/*.parquet')", s.Name, filepath.Dir(s.Files[0])))
	}
	out := b.TempDir()
	for _, m := range p.Models {
		text := strings.ReplaceAll(m.SQL, "{{ fraction }}", fmt.Sprint(p.Variables["fraction"]))
		exec(fmt.Sprintf("COPY (\n%s\n) TO '%s' (FORMAT parquet, COMPRESSION zstd)", text, filepath.Join(out, m.Name+".parquet")))
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
}
