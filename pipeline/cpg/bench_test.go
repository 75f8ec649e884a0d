package cpg_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/pipeline/cpg"
)

// library is where a language's standard library is on this machine.
func library(tb testing.TB, language string) model.BuildSettings {
	tb.Helper()
	s := model.BuildSettings{Languages: []string{language}, MaxFileBytes: 4 << 20, Untracked: true, ExcludeGlobs: []string{"site-packages/**"}}
	command := []string{"go", "env", "GOROOT"}
	if language == "python" {
		command = []string{"python3", "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"}
	}
	out, err := exec.Command(command[0], command[1:]...).Output()
	if err != nil {
		tb.Skipf("no %s here: %v", language, err)
	}
	s.RepoRoot = strings.TrimSpace(string(out))
	if language == "go" {
		s.RepoRoot = filepath.Join(s.RepoRoot, "src")
	}
	if _, err := os.Stat(s.RepoRoot); err != nil {
		tb.Skipf("%s has no library sources here: %v", language, err)
	}
	return s
}

// run builds the nodes named, all if none are, and fails with the run.
func run(tb testing.TB, s model.BuildSettings, o pipeline.Options, names ...string) *pipeline.Result {
	tb.Helper()
	e, err := engine.Open(tb.Context(), engine.Options{TempDirectory: tb.TempDir(), Threads: o.Workers})
	if err != nil {
		tb.Fatal(err)
	}
	defer e.Close()
	return runOn(tb, e, s, o, names...)
}

// runOn is run on an engine.
func runOn(tb testing.TB, e pipeline.Engine, s model.BuildSettings, o pipeline.Options, names ...string) *pipeline.Result {
	tb.Helper()
	nodes, err := cpg.Nodes(s)
	if err != nil {
		tb.Fatal(err)
	}
	if len(names) > 0 {
		var some []*pipeline.Node
		for _, n := range nodes {
			for _, name := range names {
				if n.Name == name {
					some = append(some, n)
				}
			}
		}
		nodes = some
	}
	g, err := pipeline.New(tb.Context(), e, nodes...)
	if err != nil {
		tb.Fatal(err)
	}
	o.Engine, o.Dir = e, tb.TempDir()
	r := g.Run(tb.Context(), o)
	if r.Err != nil {
		tb.Fatal(r.Err)
	}
	return r
}

// lines is how many lines of source the build parsed.
func lines(tb testing.TB, r *pipeline.Result) (n int64) {
	tb.Helper()
	modules, ok := r.Table("ev_modules")
	if !ok {
		tb.Fatal("no modules")
	}
	if err := modules.Read(tb.Context(), func(rec arrow.RecordBatch) error {
		for _, v := range rec.Column(rec.Schema().FieldIndices("lines")[0]).(*array.Int64).Int64Values() {
			n += v
		}
		return nil
	}); err != nil {
		tb.Fatal(err)
	}
	return n
}

// BenchmarkExtract parses a standard library and writes its evidence.
func BenchmarkExtract(b *testing.B) {
	for _, language := range []string{"python", "go"} {
		b.Run(language, func(b *testing.B) {
			s := library(b, language)
			b.ReportAllocs()
			var loc, ns int64
			for b.Loop() {
				r := run(b, s, pipeline.Options{Workers: runtime.GOMAXPROCS(0)}, "scan_repo", "extract")
				for _, n := range r.Nodes {
					if n.Node.Name == "extract" {
						ns += n.Execution.End - n.Execution.Start
					}
				}
				loc += lines(b, r)
			}
			b.ReportMetric(float64(loc)/1000/(float64(ns)/1e9), "kLOC/s")
		})
	}
}

// BenchmarkBuild makes the whole graph of some packages of Python's standard library
// and reports its speed and what a line of source costs on disk.
func BenchmarkBuild(b *testing.B) {
	s := library(b, "python")
	s.IncludeGlobs = []string{"/asyncio/", "/email/", "/importlib/", "/json/", "/logging/", "/unittest/", "/xml/"}
	b.ReportAllocs()
	var loc, bytes int64
	for b.Loop() {
		r := run(b, s, pipeline.Options{Workers: runtime.GOMAXPROCS(0)})
		loc += lines(b, r)
		for _, n := range r.Nodes {
			for _, t := range n.Tables {
				if n.Node.Publish {
					bytes += t.Bytes
				}
			}
		}
	}
	b.ReportMetric(float64(loc)/1000/b.Elapsed().Seconds(), "kLOC/s")
	b.ReportMetric(float64(bytes)/float64(loc), "bytes/LOC")
}
