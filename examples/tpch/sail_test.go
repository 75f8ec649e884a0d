package main

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/engine/remote/sailtest"
	"github.com/buildscope/buildscope/examples/tpch/gen"
	"github.com/buildscope/buildscope/model"
)

// The whole project gives the same on a cluster as on the embedded engine: rows, and
// their values up to what the types of sums and averages hold. All tests of the data
// pass there too, or the build would fail.
func TestSail(t *testing.T) {
	server := sailtest.Start(t)
	dir := filepath.Join(t.TempDir(), "tpch")
	if err := writeProject(t.Context(), dir, gen.Options{Scale: 0.02, Seed: 1, Workers: 2}); err != nil {
		t.Fatal(err)
	}
	here := filesOf(buildProject(t, dir).Outputs)
	for _, writes := range []string{"stream", "server"} {
		t.Run(writes, func(t *testing.T) {
			snap := buildProject(t, dir, "engine-kind", "flightsql", "engine-endpoint", server.Endpoint, "engine-remote-writes", writes, "incremental", "false")
			there := filesOf(snap.Outputs)
			if len(here) != 22 || len(there) != 22 {
				t.Fatalf("%d outputs here, %d there", len(here), len(there))
			}
			for name, files := range here {
				want, got := sortedRows(t, files), sortedRows(t, there[name])
				if len(want) == 0 || len(got) != len(want) {
					t.Errorf("%s: %d rows, want %d", name, len(got), len(want))
					continue
				}
				for i := range want {
					if !nearly(want[i], got[i]) {
						t.Errorf("%s: row %d is\n%s\nwant\n%s", name, i, strings.Join(got[i], "|"), strings.Join(want[i], "|"))
						break
					}
				}
			}
		})
	}
}

// filesOf are the files of each output.
func filesOf(outputs []model.OutputLocation) map[string][]string {
	files := map[string][]string{}
	for _, o := range outputs {
		files[o.Name] = append(files[o.Name], o.Path)
	}
	return files
}

// sortedRows are the rows of some files as text, in an order in which numbers of one
// value stand at one place, whatever digits they have.
func sortedRows(t *testing.T, files []string) [][]string {
	t.Helper()
	query := "SELECT * FROM read_parquet(['" + strings.Join(files, "', '") + "']) ORDER BY ALL"
	var rows [][]string
	for _, line := range textRows(t, openDuckDB(t), query) {
		rows = append(rows, strings.Split(line, "|"))
	}
	rounded := func(row []string) string {
		out := make([]string, len(row))
		for i, v := range row {
			if out[i] = v; strings.Contains(v, ".") {
				if f, err := strconv.ParseFloat(v, 64); err == nil {
					out[i] = fmt.Sprintf("%020.0f", f)
				}
			}
		}
		return strings.Join(out, "|")
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(rounded(a), rounded(b)) })
	return rows
}

// nearly compares two rows. An average of decimals has six digits behind the point in
// Spark SQL and is a DOUBLE in DuckDB.
func nearly(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		x, errX := strconv.ParseFloat(a[i], 64)
		y, errY := strconv.ParseFloat(b[i], 64)
		if errX != nil || errY != nil || math.Abs(x-y) > 1e-6+1e-9*math.Abs(x) {
			return false
		}
	}
	return true
}
