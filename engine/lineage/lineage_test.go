package lineage_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/buildscope/buildscope/engine/lineage"
	"github.com/buildscope/buildscope/engine/sqltree"
)

// The tables of the tests. Column k decides on rows in all queries and is never
// changed, so a value that changes does so by way of the expression that it is in.
var tables = map[string][]string{
	"t": {"k", "a", "b", "c", "l", "s"},
	"u": {"k", "a", "d"},
}

func create(change string) []string {
	v := func(column, value, other string) string {
		if column == change {
			return other + " AS " + column[2:]
		}
		return value + " AS " + column[2:]
	}
	return []string{
		"CREATE OR REPLACE TABLE t AS SELECT i AS k, " + strings.Join([]string{v("t.a", "10 + i", "77 * i + 3"), v("t.b", "20 + i", "88 - i * i"), v("t.c", "30 + i", "99 * i + i * i"),
			v("t.l", "[i, i + 1]", "[i * 7, 5 - i]"), v("t.s", "{'f': 40 + i, 'g': 50 + i}", "{'f': 11 * i, 'g': 5 - i * i}")}, ", ") + " FROM range(5) r(i)",
		"CREATE OR REPLACE TABLE u AS SELECT i AS k, " + v("u.a", "60 + i", "66 * i - 9") + ", " + v("u.d", "70 + i", "i * i * 3 - 8") + " FROM range(1, 6) r(i)",
	}
}

// queries have the lineage of their columns: names of columns with blanks between them,
// a comma between the columns of the query.
var queries = map[string]string{
	"SELECT a, a + b AS x, 1 AS one, count(*) OVER () AS n FROM t": "t.a, t.a t.b, , ",
	"SELECT * FROM t": "t.k, t.a, t.b, t.c, t.l, t.s",
	"FROM u":          "u.k, u.a, u.d",
	"SELECT T.A, x.a AS b FROM t, u AS x WHERE t.k = x.k":                                                                  "t.a, u.a",
	"SELECT * EXCLUDE (a, t.l, s) REPLACE (b + c AS c) RENAME (b AS z) FROM t":                                             "t.k, t.b, t.b t.c",
	"SELECT x.* FROM (SELECT a, max(b) AS m FROM t GROUP BY a) x":                                                          "t.a, t.b",
	"WITH x AS (SELECT k, a + 1 AS y FROM t), z AS (SELECT y * 2 AS w, k FROM x) SELECT w, d FROM z JOIN u USING (k)":      "t.a, u.d",
	"WITH t AS (SELECT b AS a FROM t) SELECT a FROM t":                                                                     "t.b",
	"SELECT * FROM t JOIN u USING (k)":                                                                                     "t.k, t.a, t.b, t.c, t.l, t.s, u.a, u.d",
	"SELECT k, t.a AS a1, u.a AS a2 FROM t LEFT JOIN u USING (k)":                                                          "t.k, t.a, u.a",
	"SELECT k FROM t RIGHT JOIN u USING (k)":                                                                               "u.k",
	"SELECT k, t.k AS k1 FROM t FULL JOIN u USING (k)":                                                                     "t.k u.k, t.k",
	"SELECT * FROM (SELECT k, b FROM t) NATURAL JOIN (SELECT k, d FROM u)":                                                 "t.k, t.b, u.d",
	"SELECT * FROM u SEMI JOIN t USING (k)":                                                                                "u.k, u.a, u.d",
	"SELECT x, y FROM t AS v(k, x, y)":                                                                                     "t.a, t.b",
	"SELECT a FROM t UNION ALL SELECT d FROM u":                                                                            "t.a u.d",
	"SELECT a, b FROM t UNION ALL BY NAME SELECT d, a FROM u":                                                              "t.a u.a, t.b, u.d",
	"SELECT a FROM t EXCEPT SELECT d FROM u WHERE false":                                                                   "t.a",
	"SELECT a AS x, x + b AS y, y * 2 AS z FROM t":                                                                         "t.a, t.a t.b, t.a t.b",
	"SELECT CASE WHEN a > 13 THEN b ELSE c END AS x, CAST(a AS VARCHAR) AS y, a IN (11, 12) AS i FROM t":                   "t.a t.b t.c, t.a, t.a",
	"SELECT (SELECT max(d) FROM u) AS m, a + (SELECT sum(u.a) FROM u WHERE u.k = t.k) AS n FROM t":                         "u.d, t.a u.a",
	"SELECT EXISTS (SELECT a FROM u WHERE u.k = t.k) AS e, b FROM t":                                                       ", t.b",
	"SELECT a + 61 IN (SELECT d FROM u) AS i FROM t":                                                                       "t.a u.d",
	"SELECT list_transform(l, x -> x + b) AS m, list_transform(l, lambda a: a * 2) AS n FROM t":                            "t.b t.l, t.l",
	"SELECT s.f, t.s.g AS h, s['f'] AS i, {'x': a, 'y': b} AS st FROM t":                                                   "t.s, t.s, t.s, t.a t.b",
	"SELECT v, k FROM t, unnest(t.l) AS w(v)":                                                                              "t.l, t.k",
	"SELECT i + a AS x FROM t, range(3) r(i)":                                                                              "t.a",
	"SELECT sum(a) FILTER (WHERE k > 1) AS x, string_agg(k::VARCHAR ORDER BY a * b % 7) AS y FROM t":                       "t.a t.k, t.a t.b t.k",
	"SELECT sum(k) OVER (ORDER BY c RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS r FROM t":                                "t.c t.k",
	"SELECT x + k AS y FROM t, (VALUES (1), (2)) v(x)":                                                                     "t.k",
	"SELECT q.m FROM t, (SELECT max(u.d) + t.a AS m FROM u WHERE u.k >= t.k) q":                                            "t.a u.d",
	"WITH RECURSIVE r(n, x, y) AS (SELECT 1, a, 0 FROM t UNION ALL SELECT n + 1, x, x FROM r WHERE n < 3) SELECT * FROM r": ", t.a, t.a",
	"SELECT u FROM u": "u.a u.d u.k",
}

func TestLineage(t *testing.T) {
	db := open(t)
	for text, want := range queries {
		got, err := of(t, db, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if line := show(got); line != want {
			t.Errorf("%s\ngives %q,\n not  %q", text, line, want)
		}
	}
}

// The engine itself is the twin: when a column of a table changes, the columns of a
// query that have it as a source do so, and no others.
func TestLineageIsWhatChanges(t *testing.T) {
	db := open(t)
	usual := map[string][]string{}
	for text := range queries {
		usual[text] = values(t, db, text)
	}
	for _, change := range []string{"t.a", "t.b", "t.c", "t.l", "t.s", "u.a", "u.d"} {
		for _, statement := range create(change) {
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		for text := range queries {
			got, err := of(t, db, text)
			if err != nil {
				continue // TestLineage tells
			}
			now := values(t, db, text)
			for i, refs := range got {
				is := slices.ContainsFunc(refs, func(r lineage.Ref) bool { return strings.ToLower(r.Table)+"."+r.Column == change })
				if changed := now[i] != usual[text][i]; changed != is {
					t.Errorf("%s\ncolumn %d with another %s: changed %v, lineage %v\nbefore %s\nnow    %s", text, i, change, changed, is, usual[text][i], now[i])
				}
			}
		}
	}
}

func TestUnknownLineage(t *testing.T) {
	db := open(t)
	for text, want := range map[string]string{
		"SELECT COLUMNS('a.*') FROM t":           "COLUMNS(…)",
		"SELECT * FROM range(3)":                 "table function",
		"SELECT * FROM nowhere":                  "table nowhere",
		"SELECT nothing FROM t":                  "nothing is no column",
		"SELECT z.* FROM t":                      "z.* is of no table",
		"SELECT sum(COLUMNS(*)) FROM t":          "COLUMNS(…)",
		"SELECT a FROM t JOIN u USING (nothing)": "USING names nothing",
		"SELECT a FROM t v(a, b, c, d, e, f, g)": "7 names for 6 columns",
	} {
		if _, err := of(t, db, text); !errors.Is(err, lineage.ErrUnknown) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	for _, statement := range create("") {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func of(t *testing.T, db *sql.DB, text string) ([][]lineage.Ref, error) {
	t.Helper()
	var out string
	if err := db.QueryRow("SELECT json_serialize_sql(?::VARCHAR, skip_null := true, skip_empty := true, skip_default := true)::VARCHAR", text).Scan(&out); err != nil {
		t.Fatal(err)
	}
	var tree struct {
		Statements []struct {
			Node json.RawMessage `json:"node"`
		} `json:"statements"`
	}
	if err := json.Unmarshal([]byte(out), &tree); err != nil || len(tree.Statements) != 1 {
		t.Fatalf("%s: %s, %v", text, out, err)
	}
	root, err := sqltree.Decode(tree.Statements[0].Node)
	if err != nil {
		t.Fatal(err)
	}
	return lineage.Of(root, tables)
}

func show(cols [][]lineage.Ref) string {
	var parts []string
	for _, refs := range cols {
		var names []string
		for _, r := range refs {
			names = append(names, strings.ToLower(r.Table)+"."+r.Column)
		}
		slices.Sort(names)
		parts = append(parts, strings.Join(names, " "))
	}
	return strings.Join(parts, ", ")
}

// values gives the values of each column of a query, sorted.
func values(t *testing.T, db *sql.DB, text string) []string {
	t.Helper()
	rows, err := db.Query(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	cols := make([][]string, len(names))
	for rows.Next() {
		row, cells := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			cells[i] = &row[i]
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		for i := range row {
			cols[i] = append(cols[i], fmt.Sprint(row[i]))
		}
	}
	out := make([]string, len(names))
	for i, c := range cols {
		slices.Sort(c)
		out[i] = strings.Join(c, " ")
	}
	return out
}
