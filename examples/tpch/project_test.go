package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/examples/tpch/gen"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

// buildProject builds a project with flags, as names and values, and expects success.
func buildProject(t testing.TB, dir string, flags ...string) model.RunSnapshot {
	t.Helper()
	in := presets.Input{Dir: dir, Flags: []presets.FlagValue{{Name: "repo-root", Text: dir}}}
	for i := 0; i < len(flags); i += 2 {
		in.Flags = append(in.Flags, presets.FlagValue{Name: flags[i], Text: flags[i+1]})
	}
	res, err := presets.Resolve(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := build.Start(t.Context(), build.Options{Resolved: res, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := r.Wait(t.Context())
	if err != nil || snap.Err != "" {
		t.Fatal(err, snap.Err)
	}
	return snap
}

// buildModels gives the file of each of the 22 models.
func buildModels(t testing.TB, dir string, flags ...string) map[string]string {
	t.Helper()
	outputs := map[string]string{}
	for _, o := range buildProject(t, dir, flags...).Outputs {
		outputs[o.Name] = o.Path
	}
	for i := range 22 {
		prefix, found := fmt.Sprintf("q%02d_", i+1), 0
		for name := range outputs {
			if strings.HasPrefix(name, prefix) {
				found++
			}
		}
		if found != 1 || len(outputs) != 22 {
			t.Fatalf("%d outputs, %d of them %s…", len(outputs), found, prefix)
		}
	}
	return outputs
}

func openDuckDB(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // in memory
	return db
}

// textRows are the rows of a query as DuckDB writes the values, with | between them.
func textRows(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT COLUMNS(*)::VARCHAR FROM ("+query+")")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var out []string
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, v := range values {
			line = append(line, v.String)
		}
		out = append(out, strings.Join(line, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// The project as the program writes it: every query finds rows, every test of the
// data passes, and what has not changed is not built again.
func TestProject(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tpch")
	write := func(o gen.Options) {
		t.Helper()
		if err := writeProject(t.Context(), dir, o); err != nil {
			t.Fatal(err)
		}
	}
	o := gen.Options{Scale: 0.05, Seed: 1, Workers: 2}
	write(o)
	db := openDuckDB(t)
	for name, path := range buildModels(t, dir) {
		rows := textRows(t, db, "SELECT * FROM '"+path+"'")
		if len(rows) == 0 || rows[0] == "" {
			t.Errorf("%s has no rows", name)
		}
	}
	write(o)
	for _, o := range buildProject(t, dir).Outputs {
		if !o.Cached {
			t.Errorf("%s was built again over the same data", o.Name)
		}
	}
	write(gen.Options{Scale: 0.01, Seed: 1})
	for _, o := range buildProject(t, dir).Outputs {
		if o.Cached {
			t.Errorf("%s was not built again over other data", o.Name)
		}
	}
}
