package listing

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
)

func TestPruneByRange(t *testing.T) {
	table, err := New(allOn()).Listing(t.Context(), threeFiles(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		filters []Filter
		want    string
	}{
		{nil, "a c"}, // b has no rows
		{[]Filter{{"c0", Eq, 9}}, "a"},
		{[]Filter{{"c0", Eq, 50}}, "a"}, // none matches: one stays for the schema
		{[]Filter{{"c0", Ge, 109}}, "c"},
		{[]Filter{{"c0", Gt, 9}}, "c"},
		{[]Filter{{"c0", Lt, 100}}, "a"},
		{[]Filter{{"c0", Le, 100}}, "a c"},
		{[]Filter{{"c0", Ge, 5}, {"c1", Le, 50}}, "a"},
		{[]Filter{{"c0", IsNull, nil}}, "a"},
		{[]Filter{{"c0", IsNotNull, nil}}, "a c"},
		{[]Filter{{"c0", Gt, uint64(math.MaxUint64)}}, "a"},
		{[]Filter{{"unknown", Eq, 1}}, "a c"},
		{[]Filter{{"c0", Eq, "nine"}}, "a c"}, // another type proves nothing
		{[]Filter{{"c0", Eq, 50.5}}, "a c"},
	} {
		if got := names(table.Prune(test.filters...)); got != test.want {
			t.Errorf("%v: %q, want %q", test.filters, got, test.want)
		}
	}
}

// TestPruneNeverDropsAMatch asks DuckDB whether a file that was left out holds
// a row that satisfies the filter, over files written by DuckDB with every type
// that has bounds, NULLs, NaN and several row groups.
func TestPruneNeverDropsAMatch(t *testing.T) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	r := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	types := map[string]struct {
		values []string
		filter []any
	}{
		"INTEGER":      {[]string{"-5", "0", "3", "7"}, []any{-5, 0, 2, 3, 9, uint64(3), 3.0}},
		"BIGINT":       {[]string{"'-9223372036854775808'", "-1", "4", "9223372036854775807"}, []any{-1, 4, int64(math.MinInt64), int64(math.MaxInt64)}},
		"UINTEGER":     {[]string{"1", "2147483648", "4294967295"}, []any{-1, 1, 2147483648, uint64(4294967295)}},
		"UBIGINT":      {[]string{"0", "9223372036854775808", "18446744073709551615"}, []any{-1, 0, uint64(1 << 63), uint64(math.MaxUint64)}},
		"SMALLINT":     {[]string{"-3", "8"}, []any{-3, 0, 8}},
		"DOUBLE":       {[]string{"-1.5", "0", "-0.0", "2.25", "'nan'", "'inf'"}, []any{-1.5, 0.0, 1.0, 2.25, 1e9, math.Inf(1)}},
		"FLOAT":        {[]string{"0.1", "2.5", "'nan'"}, []any{0.1, 2.5, -1.0}},
		"VARCHAR":      {[]string{"''", "'a'", "'Ä'", "'zz'", "'" + strings.Repeat("long", 30) + "'"}, []any{"", "a", "b", "Ä", strings.Repeat("long", 30)}},
		"BOOLEAN":      {[]string{"true", "false"}, []any{true, false}},
		"DATE":         {[]string{"'1969-12-31'", "'2024-02-29'"}, []any{"1969-12-31", "2024-02-29"}},
		"DECIMAL(9,2)": {[]string{"-1.25", "3.50"}, []any{-125, 350, -1.25}},
	}
	var dropped, kept int
	for _, typ := range slices.Sorted(maps.Keys(types)) { // in order: the seed then always gives the same files
		v := types[typ]
		for n := range 12 {
			var rows []string
			for range 1 + r.IntN(4) {
				value := v.values[r.IntN(len(v.values))]
				if r.IntN(5) == 0 {
					value = "NULL"
				}
				rows = append(rows, fmt.Sprintf("(%s::%s)", value, typ))
			}
			path := filepath.Join(dir, fmt.Sprintf("%s-%d.parquet", strings.ToLower(typ[:4]), n))
			mustExec(t, db, fmt.Sprintf("COPY (SELECT * FROM (VALUES %s) t(x)) TO '%s' (FORMAT parquet, ROW_GROUP_SIZE 2)", strings.Join(rows, ", "), path))
			table, err := New(allOn()).Listing(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			for _, op := range []Op{Eq, Ne, Lt, Le, Gt, Ge, IsNull, IsNotNull} {
				for _, value := range v.filter {
					f := Filter{"x", op, value}
					if table.Files[0].Stats.mayMatch([]Filter{f}) {
						kept++
						continue
					}
					dropped++
					if n := matches(t, db, path, typ, f); n != 0 {
						t.Errorf("%s %v: dropped a file with %d matching rows of %v", typ, f, n, rows)
					}
				}
			}
		}
	}
	if dropped < 500 || kept < 500 {
		t.Errorf("dropped %d and kept %d files: the test proves little", dropped, kept)
	}
}

func matches(t *testing.T, db *sql.DB, path, typ string, f Filter) (n int64) {
	t.Helper()
	condition := fmt.Sprintf("x %s", f.Op)
	if f.Op != IsNull && f.Op != IsNotNull {
		condition += " " + literal(f.Value)
	}
	query := fmt.Sprintf("SELECT count(*) FROM '%s' WHERE %s", path, condition)
	if err := db.QueryRowContext(context.Background(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %s: %v", typ, query, err)
	}
	return n
}

// literal writes a filter's value as SQL; the driver takes no large uint64.
func literal(v any) string {
	switch v := v.(type) {
	case string:
		return "'" + v + "'"
	case float64:
		return fmt.Sprintf("'%v'::DOUBLE", v)
	}
	return fmt.Sprint(v)
}

func mustExec(tb testing.TB, db *sql.DB, statement string) {
	tb.Helper()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		tb.Fatal(err)
	}
}

func TestNestedColumnsHaveNoBounds(t *testing.T) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	path := filepath.Join(t.TempDir(), "n.parquet")
	mustExec(t, db, fmt.Sprintf("COPY (SELECT {'x': 1, 'y': 'a'} AS s, [1, 2] AS l, 5 AS x) TO '%s' (FORMAT parquet)", path))
	table, err := New(allOn()).Listing(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	s := table.Files[0].Stats
	if len(s.Columns) != 1 || s.Column("x") == nil || s.Column("x").Min != int64(5) || s.Column("x").Nulls != 0 {
		t.Errorf("columns %+v, want x with bounds alone", s.Columns)
	}
}

// TestBoundsThatProveLittle covers what other writers put into footers: bounds
// that leave NaN out, and bounds of long strings that are cut.
func TestBoundsThatProveLittle(t *testing.T) {
	number := ColumnStatistics{Name: "x", Min: 1.0, Max: 1.0}
	text := ColumnStatistics{Name: "x", Min: "a", Max: "a"}
	for _, test := range []struct {
		column ColumnStatistics
		filter Filter
		want   bool
	}{
		{number, Filter{"x", Gt, 5.0}, true}, // NaN is greater than every number
		{number, Filter{"x", Ge, 5.0}, true},
		{number, Filter{"x", Ne, 1.0}, true},
		{number, Filter{"x", Eq, 5.0}, false},
		{number, Filter{"x", Lt, 1.0}, false},
		{number, Filter{"x", Eq, math.NaN()}, true},
		{text, Filter{"x", Ne, "a"}, true},
		{text, Filter{"x", Gt, "b"}, false},
		{ColumnStatistics{Name: "x", Nulls: -1}, Filter{"x", IsNull, nil}, true},
	} {
		if got := test.column.mayMatch(test.filter, 3); got != test.want {
			t.Errorf("%v within [%v, %v]: %v, want %v", test.filter, test.column.Min, test.column.Max, got, test.want)
		}
	}
}
