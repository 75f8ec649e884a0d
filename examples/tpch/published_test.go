package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The 22 models over the data of TPC's own program give the published answers at
// scale 1. Where CI is set the program is installed, in DuckDB's Python package;
// elsewhere BUILDSCOPE_TEST_TPCH_PYTHON names an interpreter that has one.
func TestPublishedAnswers(t *testing.T) {
	python := os.Getenv("BUILDSCOPE_TEST_TPCH_PYTHON")
	if python == "" {
		if os.Getenv("CI") != "true" {
			t.Skip("TPC's data takes a minute to make: set CI=true, or BUILDSCOPE_TEST_TPCH_PYTHON to an interpreter with duckdb 1.2.2")
		}
		venv := filepath.Join(t.TempDir(), "venv")
		python = filepath.Join(venv, "bin", "python")
		run(t, "python3", "-m", "venv", venv)
		run(t, python, "-m", "pip", "-q", "install", "duckdb==1.2.2")
	}
	dir := t.TempDir()
	run(t, python, "testdata/published.py", "1", dir)
	if err := writeModels(dir, 1); err != nil {
		t.Fatal(err)
	}
	outputs := buildModels(t, dir)
	db := openDuckDB(t)
	for name, path := range outputs {
		want, err := os.ReadFile(filepath.Join(dir, name[:3]+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		// The first line has the names of the columns.
		_, rows, _ := strings.Cut(strings.TrimSuffix(string(want), "\n"), "\n")
		got := textRows(t, db, "SELECT * FROM '"+path+"'")
		if msg := sameAnswer(got, strings.Split(rows, "\n")); msg != "" {
			t.Errorf("%s: %s", name, msg)
		}
	}
}

func run(t *testing.T, command ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
}

// sameAnswer compares rows of values with | between them. Numbers may differ in their
// last digits: averages and shares are rounded, and sums of them depend on the order.
func sameAnswer(got, want []string) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		g, w := strings.Split(got[i], "|"), strings.Split(want[i], "|")
		same := len(g) == len(w)
		for j := 0; same && j < len(w); j++ {
			a, errA := strconv.ParseFloat(g[j], 64)
			b, errB := strconv.ParseFloat(w[j], 64)
			same = g[j] == w[j] || errA == nil && errB == nil && math.Abs(a-b) <= 1e-9*math.Abs(b)
		}
		if !same {
			return fmt.Sprintf("row %d\n got %s\nwant %s", i+1, got[i], want[i])
		}
	}
	return ""
}
