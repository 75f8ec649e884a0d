// Package query says what SQL can read of runs: the files of their bundles and
// their outputs as tables. Reading is the work of package console.
package query

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/engine/console"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/sqllex"
)

// views are the queries behind the tables. {FILES} stands for the list of files and
// {RUN} for the run's id, both quoted.
//
//go:embed sql/*.sql
var views embed.FS

const noCaches = "it left no account of the engine's caches, because it did not come to its end or an earlier version made it"

// telemetry are the tables of what a run tells of itself, in the order in which they
// are listed, each with the files that it reads.
var telemetry = []struct {
	name, files string // pattern inside of the bundle
	absent      string
	function    bool // it can be called too
}{
	{"spans", bundle.SpansFile, "it left no " + bundle.SpansFile + ", because it did not come to its end", false},
	{"capture", "capture.parquet", "it captured no statistics: hamilton.capture_data_statistics was off, or it did not come to its end", false},
	{"events", "events.jsonl", "it left no events.jsonl", false},
	{"logs", "events.jsonl", "it left no events.jsonl", false},
	{"artifacts", "artifacts/*.json", "it left no artifacts", false},
	{"settings", "settings.json", "it left no settings.json", false},
	{"caches", "artifacts/" + model.ArtifactCacheState + ".json", noCaches, false},
	{"cache_limits", "artifacts/" + model.ArtifactCacheState + ".json", noCaches, false},
	{"metadata_cache", bundle.CacheEntriesFile, noCaches, true},
	{"statistics_cache", bundle.CacheEntriesFile, noCaches, true},
	{"list_files_cache", bundle.CacheEntriesFile, noCaches, true},
}

// Tables gives the tables of some runs. Every table has the run's id as its last
// column, run_id, also when there is one run only, so that a query is right for one
// and for many. An output with the name of a telemetry table is called output_NAME.
// What cannot be read, as outputs that were removed, is a table without parts that
// says why.
func Tables(runs []*bundle.Bundle) ([]console.Table, error) {
	var tables []console.Table
	for _, t := range telemetry {
		table := console.Table{Name: t.name, Function: t.function}
		for _, b := range runs {
			files, err := bundleFiles(b, t.files)
			if err != nil {
				return nil, fmt.Errorf("tables of run %s: %w", b.RunID, err)
			}
			if len(files) == 0 {
				table.Absent = fmt.Sprintf("of run %s: %s", b.RunID, t.absent)
				continue
			}
			table.Parts = append(table.Parts, part(t.name, b.RunID, files))
		}
		tables = append(tables, table)
	}
	for _, b := range runs {
		outputs, err := outputsOf(b)
		if err != nil {
			return nil, fmt.Errorf("tables of run %s: %w", b.RunID, err)
		}
		for _, o := range outputs {
			tables = addOutput(tables, b, o)
		}
	}
	return tables, nil
}

// addOutput adds an output to the table of its name, or makes that table.
func addOutput(tables []console.Table, b *bundle.Bundle, o model.OutputLocation) []console.Table {
	name := o.Name
	for _, t := range telemetry {
		if strings.EqualFold(t.name, name) {
			name = "output_" + name
		}
	}
	i := slices.IndexFunc(tables, func(t console.Table) bool { return strings.EqualFold(t.Name, name) })
	if i < 0 {
		i = len(tables)
		tables = append(tables, console.Table{Name: name})
	}
	err := b.MayRead(o.Path)
	if err == nil {
		_, err = os.Stat(o.Path)
	}
	if err != nil {
		tables[i].Absent = fmt.Sprintf("of run %s: %v", b.RunID, err)
		return tables
	}
	tables[i].Parts = append(tables[i].Parts, part("output", b.RunID, []string{o.Path}))
	return tables
}

// outputsOf are the tables that a run has published.
func outputsOf(b *bundle.Bundle) ([]model.OutputLocation, error) {
	var p model.LocationsPayload
	err := b.Optional(model.ArtifactLocations, &p) // not there when the run did not come to its end
	return p.Outputs, err
}

// bundleFiles are the files of a bundle that match, as absolute paths.
func bundleFiles(b *bundle.Bundle, pattern string) ([]string, error) {
	dir, err := filepath.Abs(b.Dir)
	if err != nil {
		return nil, err
	}
	under, last := filepath.Split(pattern)
	names, err := b.Files(filepath.Clean(under)) // not Glob: the directory may have a name with stars in it
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var files []string
	for _, name := range names {
		if ok, matchErr := filepath.Match(last, name); matchErr != nil {
			return nil, matchErr
		} else if ok {
			files = append(files, filepath.Join(dir, under, name))
		}
	}
	return files, err
}

// part is the part that one run has in a table.
func part(view, runID string, files []string) console.Part {
	text, err := views.ReadFile("sql/" + view + ".sql")
	if err != nil {
		panic(err) // it is embedded
	}
	quoted := make([]string, len(files))
	for i, f := range files {
		quoted[i] = sqllex.QuotePattern(f)
	}
	sql := strings.NewReplacer("{FILES}", "["+strings.Join(quoted, ", ")+"]", "{RUN}", sqllex.QuoteText(runID)).Replace(string(text))
	return console.Part{SQL: sql, Files: files}
}

// Open opens a session over the tables of some runs. The options' tables are set here.
func Open(ctx context.Context, runs []*bundle.Bundle, o console.Options) (*console.Session, error) {
	var err error
	if o.Tables, err = Tables(runs); err != nil {
		return nil, err
	}
	return console.Open(ctx, o)
}
