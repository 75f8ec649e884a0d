package engine

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/sqllex"
)

func TestConditionsOfTables(t *testing.T) {
	s := open(t, Options{Threads: 1})
	f := func(column string, op listing.Op, v any) listing.Filter {
		return listing.Filter{Column: column, Op: op, Value: v}
	}
	date := func(text string) listing.Date { d, _ := listing.ParseDate(text); return d }
	for _, test := range []struct {
		sql  string
		want map[string]alternatives // without the tables of which all rows are needed
	}{
		{"SELECT * FROM t", nil},
		{"SELECT * FROM t WHERE x > 5 AND 3 >= y AND s = 'a'", map[string]alternatives{"t": {{f("x", listing.Gt, int64(5)), f("y", listing.Le, int64(3)), f("s", listing.Eq, "a")}}}},
		{"FROM T WHERE x BETWEEN -1 AND 2 AND x IS NOT NULL", map[string]alternatives{"t": {{f("x", listing.Ge, int64(-1)), f("x", listing.Le, int64(2)), f("x", listing.IsNotNull, nil)}}}},
		{"FROM t WHERE d >= DATE '2024-02-29' AND f < 1.5 AND b = false AND x IN (1, 2)", map[string]alternatives{"t": {{f("d", listing.Ge, date("2024-02-29")),
			f("f", listing.Lt, 1.5), f("b", listing.Eq, false), f("x", listing.In, []any{int64(1), int64(2)})}}}},
		{"FROM t WHERE x = 1 OR y = 2", nil},
		{"FROM t WHERE x + 1 = 2 AND NOT (x = 3 AND y = 4) AND x = NULL AND x = y", nil},
		{"FROM t WHERE x IN (1, y)", nil},
		{"SELECT y AS x FROM t WHERE x = 1", nil}, // might be the alias
		{"SELECT y AS x FROM t WHERE t.x = 1", map[string]alternatives{"t": {{f("x", listing.Eq, int64(1))}}}},
		{"FROM t JOIN r USING (k) WHERE x = 1", nil}, // whose x is not known
		{"FROM t AS a LEFT JOIN r AS b USING (k) WHERE a.x = 1 AND b.y = 2", map[string]alternatives{"t": {{f("x", listing.Eq, int64(1))}}, "r": {{f("y", listing.Eq, int64(2))}}}},
		{"FROM t ASOF JOIN r ON t.k >= r.k WHERE r.x = 1", nil},
		{"FROM t SEMI JOIN r ON t.k = r.k WHERE t.x = 1", nil},
		{"FROM t POSITIONAL JOIN r WHERE t.x = 1", nil},
		{"FROM t AS a(x, y) WHERE x = 1", nil},
		{"FROM t TABLESAMPLE 50% WHERE x = 1", nil},
		{"FROM t WHERE x = 1 USING SAMPLE 50%", nil},
		{"FROM t WHERE x = 1 UNION ALL FROM t WHERE x = 9", map[string]alternatives{"t": {{f("x", listing.Eq, int64(1))}, {f("x", listing.Eq, int64(9))}}}},
		{"FROM t WHERE x = 1 UNION ALL FROM t", nil},
		{"FROM t WHERE x = 1 UNION ALL FROM main.t WHERE x = 2", nil},
		{"FROM t WHERE x = (SELECT max(x) FROM t) AND x = 1", nil},
		{"FROM t WHERE x = 1 AND y IN (FROM r WHERE z = 2)", map[string]alternatives{"t": {{f("x", listing.Eq, int64(1))}}, "r": {{f("z", listing.Eq, int64(2))}}}},
		{"WITH t AS (FROM r WHERE z = 1) FROM t WHERE x = 1", map[string]alternatives{"r": {{f("z", listing.Eq, int64(1))}}}},
		{"FROM t WHERE x = 1 UNION ALL FROM query_table('t')", nil},
		{"FROM t, range(3) WHERE t.x = 1", map[string]alternatives{"t": {{f("x", listing.Eq, int64(1))}}}},
	} {
		found, err := parseReads(t.Context(), s.db, "", test.sql)
		if err != nil {
			t.Errorf("%s: %v", test.sql, err)
			continue
		}
		for _, all := range found.rows { // the tree is walked in no order
			slices.SortFunc(all, func(a, b []listing.Filter) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		if len(found.rows) != len(test.want) || len(found.rows) > 0 && !reflect.DeepEqual(found.rows, test.want) {
			t.Errorf("%s:\n got %v\nwant %v", test.sql, found.rows, test.want)
		}
	}
}

// TestPrunedQueriesGiveTheSameRows runs many statements with and without statistics
// over files of overlapping ranges, NULLs, NaN and an empty first file that lacks a column.
func TestPrunedQueriesGiveTheSameRows(t *testing.T) {
	with, without := open(t, withCaches()), open(t, Options{Threads: 2})
	dir, out := t.TempDir(), t.TempDir()
	r := rand.New(rand.NewPCG(4, 2))
	for _, name := range []string{"t", "r"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 9 {
			base, more := r.IntN(40), ", 1 AS more"
			if i == 0 {
				more = "" // the columns of the table come from here
			}
			table(t, with, filepath.Join(dir, name, fmt.Sprint(i, ".parquet")), fmt.Sprintf(`SELECT (%d + range) AS x, nullif(range %% 4, 1) AS k,
				CASE WHEN range = 2 THEN 'nan'::DOUBLE ELSE range / 2 END AS f, 's' || (%d + range) %% 7 AS s,
				DATE '2024-01-01' + (%d + range)::INTEGER AS d, range %% 2 = 0 AS b, %d + range AS u %s FROM range(%d)`, base, base, base, r.IntN(10)*10+100*i, more, min(i, 1)*(1+r.IntN(6))))
		}
	}
	inputs := []model.QueryInput{input("t", filepath.Join(dir, "t")), input("r", filepath.Join(dir, "r"))}
	condition := func(of string) string {
		var all []string
		for range 1 + r.IntN(2) {
			all = append(all, []string{
				fmt.Sprintf("%sx %s %d", of, []string{"<", ">", "=", "<>", ">=", "<="}[r.IntN(6)], r.IntN(45)),
				fmt.Sprintf("%d < %sx", r.IntN(45), of), of + "k IS NOT NULL", of + "k IS NULL",
				fmt.Sprintf("%sf %s %d", of, []string{"<", ">", "=", ">="}[r.IntN(4)], r.IntN(4)), fmt.Sprintf("%sf < %d.5", of, r.IntN(3)),
				fmt.Sprintf("%ss IN ('s%d', 's%d')", of, r.IntN(9), r.IntN(9)), fmt.Sprintf("%ss BETWEEN 's%d' AND 's%d'", of, r.IntN(9), r.IntN(9)),
				fmt.Sprintf("%sd >= DATE '2024-01-%02d'", of, 1+r.IntN(28)), fmt.Sprintf("%sd = '2024-01-%02d'", of, 1+r.IntN(28)), of + "b = true",
			}[r.IntN(11)])
		}
		return strings.Join(all, " AND ")
	}
	var narrowed int
	for n := range 150 {
		c := func(of string) string { return condition(of) }
		sql := []func() string{
			func() string { return "FROM t WHERE " + c("") },
			func() string { return "SELECT count(*) AS n, sum(x)::BIGINT AS x FROM t WHERE " + c("t.") },
			func() string { return "SELECT a.x, b.s FROM t a LEFT JOIN r b ON a.k = b.k WHERE " + c("b.") },
			func() string { return "SELECT a.x, b.s FROM t a FULL JOIN r b ON a.x = b.x WHERE " + c("a.") },
			func() string {
				return "SELECT a.x, b.s FROM t a RIGHT JOIN r b ON a.x = b.x WHERE " + c("a.") + " AND " + c("b.")
			},
			func() string { return "SELECT x FROM t WHERE x NOT IN (SELECT x FROM r WHERE " + c("") + ")" },
			func() string { return "SELECT x FROM t ANTI JOIN r USING (x) WHERE " + c("") },
			// On a column without ties, among which ASOF may choose any.
			func() string { return "SELECT a.x, b.x AS y FROM t a ASOF JOIN r b ON a.u >= b.u WHERE " + c("b.") },
			func() string { return "SELECT x FROM t WHERE " + c("") + " UNION ALL SELECT x FROM t WHERE " + c("") },
			func() string {
				return "SELECT x, (SELECT count(*) FROM r WHERE r.x = t.x AND " + c("r.") + ") AS n FROM t WHERE " + c("")
			},
			func() string { return "SELECT x, row_number() OVER (ORDER BY x, k, f) AS n FROM t WHERE " + c("") },
		}[n%11]()
		sql = "SELECT * FROM (" + sql + ") ORDER BY ALL"
		var got [2]string
		for i, s := range []*Session{with, without} {
			path := filepath.Join(out, fmt.Sprint(i, ".parquet"))
			res, err := s.Materialize(t.Context(), model.Query{SQL: sql, Path: path, Inputs: inputs, Profile: true})
			if err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
			columns, rows, err := without.Query(t.Context(), "SELECT * FROM "+sqllex.QuotePattern(path), 5000)
			if err != nil {
				t.Fatal(err)
			}
			got[i] = fmt.Sprint(columns, rows)
			if i == 0 && res.Profile.FilesRead < 15 {
				narrowed++
			}
		}
		if got[0] != got[1] {
			t.Fatalf("%s\npruned  %s\nwithout %s", sql, got[0], got[1])
		}
	}
	if narrowed < 30 {
		t.Errorf("only %d of 150 statements read fewer files", narrowed)
	}
}

// A query that left files out must not leave the next one, or one beside it, with
// fewer rows.
func TestNarrowViewsAreForOneQuery(t *testing.T) {
	s, dir, out := open(t, withCaches()), t.TempDir(), filepath.Join(t.TempDir(), "o.parquet")
	for i := range 4 {
		table(t, s, filepath.Join(dir, fmt.Sprint(i, ".parquet")), fmt.Sprintf("SELECT %d AS x", i))
	}
	in := []model.QueryInput{input("t", dir)}
	if err := s.Bind(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		sql        string
		rows       int64
		files, sum int
	}{{"FROM t WHERE x = 2", 1, 1, 2}, {"FROM t", 4, 4, 6}, {"FROM t WHERE x > 1", 2, 2, 5}, {"FROM t WHERE x > 1 OR false", 2, 4, 5}, {"FROM t WHERE x = 9", 0, 1, 0}} {
		res, err := s.Materialize(t.Context(), model.Query{SQL: step.sql, Path: out, Inputs: in, Profile: true})
		if err != nil || res.Rows != step.rows || res.Profile.FilesRead != step.files || res.Profile.FilesListed != 4 {
			t.Errorf("%s: %d rows of %d files, %v; want %d of %d", step.sql, res.Rows, res.Profile.FilesRead, err, step.rows, step.files)
		}
		if _, rows, err := s.Query(t.Context(), "SELECT count(*) FROM t", 1); err != nil || rows[0][0] != int64(4) {
			t.Errorf("beside %s: %v, %v; want 4 rows", step.sql, rows, err)
		}
	}
	if _, err := s.Materialize(t.Context(), model.Query{SQL: "FROM u", Path: out, Inputs: []model.QueryInput{input("u", dir)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Materialize(t.Context(), model.Query{SQL: "FROM t WHERE x = 2", Path: out}); err == nil {
		t.Error("a table of an earlier query could be read")
	}
}
