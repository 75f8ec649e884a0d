package build_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/sqlproject"
	"github.com/buildscope/buildscope/presets"
)

// An unchanged project of a source, 100 models that read each other in a chain, and
// 100 tests: the whole run with its bundle, everything from the cache.
func BenchmarkUnchangedSQLProject(b *testing.B) {
	dir := b.TempDir()
	files := map[string]string{sqlproject.FileName: "[sources.m0]\npath = \"m0.csv\"\n", "m0.csv": "id\n1\n2\n3\n"}
	for i := range 100 {
		files[fmt.Sprintf("models/m%d.sql", i+1)] = fmt.Sprintf("-- @test not_null id\nSELECT id + 1 AS id FROM m%d", i)
	}
	if err := os.Mkdir(filepath.Join(dir, "models"), 0o755); err != nil {
		b.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	run := func() model.RunSnapshot {
		res, err := presets.Resolve(presets.Input{Dir: dir, Flags: []presets.FlagValue{{Name: "repo-root", Text: dir}}})
		if err != nil {
			b.Fatal(err)
		}
		r, err := build.Start(b.Context(), build.Options{Resolved: res, Version: "bench"})
		snap := finish(b, r, err)
		if snap.Err != "" || len(snap.Outputs) != 100 {
			b.Fatalf("%d outputs, %s", len(snap.Outputs), snap.Err)
		}
		return snap
	}
	run()
	for b.Loop() {
		for _, o := range run().Outputs {
			if !o.Cached {
				b.Fatalf("%s is not from the cache", o.Name)
			}
		}
	}
}
