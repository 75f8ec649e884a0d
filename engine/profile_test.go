package engine

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/buildscope/buildscope/model"
)

func TestProfile(t *testing.T) {
	s, dir := open(t, withCaches()), t.TempDir()
	one := table(t, s, filepath.Join(dir, "1.parquet"), "SELECT range AS x FROM range(1000)")
	const sql = "SELECT x % 10 AS g, count(*) AS n FROM t WHERE x > 5 GROUP BY g"
	result, err := s.Materialize(t.Context(), model.Query{SQL: sql, Path: filepath.Join(dir, "o.parquet"), Profile: true,
		Inputs: []model.QueryInput{input("t", one)}})
	if err != nil {
		t.Fatal(err)
	}
	p := result.Profile
	if p == nil || p.SQL != sql || p.Rows != 10 || p.LatencyNS <= 0 || p.CPUNS <= 0 || p.PeakMemory <= 0 || p.FilesRead != 1 {
		t.Fatalf("profile %+v", p)
	}
	var scan, group *model.Operator
	var walk func([]model.Operator)
	walk = func(ops []model.Operator) {
		for i := range ops {
			switch ops[i].Name {
			case "READ_PARQUET":
				scan = &ops[i]
			case "HASH_GROUP_BY", "PERFECT_HASH_GROUP_BY":
				group = &ops[i]
			}
			walk(ops[i].Children)
		}
	}
	walk(p.Root)
	if scan == nil || group == nil {
		text, _ := json.Marshal(p.Root)
		t.Fatalf("operators %s", text)
	}
	if scan.Rows != 994 || scan.EstimatedRows <= 0 || scan.Extra["Total Files Read"] != "1" || scan.Extra["Filename(s)"] != one {
		t.Errorf("scan %+v", scan)
	}
	if group.Rows != 10 || group.Extra["estimated_cardinality"] != "" {
		t.Errorf("group %+v", group)
	}
}

func TestParseExtra(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"":                 nil,
		"{}":               {},
		"{a=1, b=x y}":     {"a": "1", "b": "x y"},
		"{__order_by__=g}": {"order_by": "g"},
		"{Groups=#0, Aggregates='count_star()\nsum(#1)', 'Filename(s)'=/a, b=}": {"Groups": "#0", "Aggregates": "count_star()\nsum(#1)", "Filename(s)": "/a", "b": ""},
		`{F='it\'s, {x=1}'}`: {"F": "it's, {x=1}"},
		"{a=1, broken":       {"a": "1"},
		"{a='open":           {"a": "open"},
	} {
		got := parseExtra(text)
		if len(got) != len(want) || (got == nil) != (want == nil) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%q: %s = %q, want %q", text, k, got[k], v)
			}
		}
	}
}

func FuzzParseExtra(f *testing.F) {
	for _, text := range []string{"{a=1, b=2}", `{'a\'b'='c\\'}`, "{Filters=a>5, 'Filename(s)'=/x}", "{=,}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		size := 0
		for k, v := range parseExtra(text) {
			size += len(k) + len(v)
		}
		if size > len(text) {
			t.Errorf("%q gave %d bytes out of %d", text, size, len(text))
		}
	})
}

// A statement that runs after one that spilled has not spilled itself, and one that
// spills less than an earlier one has.
func TestSpill(t *testing.T) {
	s, err := Open(t.Context(), Options{TempDirectory: t.TempDir(), Threads: 2, MemoryLimit: 100 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	sorted := func(rows int) string {
		return fmt.Sprintf("SELECT range AS n, md5(range::VARCHAR) AS x FROM range(%d) ORDER BY x", rows)
	}
	for _, c := range []struct {
		sql    string
		spills bool
	}{{"SELECT 1 AS n", false}, {sorted(4_000_000), true}, {"SELECT count(*) AS n FROM range(1000)", false}, {sorted(3_000_000), true}, {"SELECT 1 AS n", false}} {
		got, err := s.Materialize(t.Context(), model.Query{SQL: c.sql, Path: filepath.Join(t.TempDir(), "n.parquet"), Profile: true})
		if err != nil {
			t.Fatal(err)
		}
		if temp := got.Profile.PeakTemp; (temp > 0) != c.spills {
			t.Errorf("%s: %d bytes were in temporary files", c.sql, temp)
		}
	}
}
