package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/engine/remote/sailtest"
	"github.com/buildscope/buildscope/engine/remote/spark"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/sqllex"
)

// writeTable writes a table by the embedded engine.
func writeTable(t *testing.T, s *engine.Session, path, sql string) string {
	t.Helper()
	if _, err := s.Materialize(t.Context(), model.Query{SQL: sql, Path: path}); err != nil {
		t.Fatal(err)
	}
	return path
}

// rowsOf are the rows of files as the embedded engine writes their values, sorted.
func rowsOf(t *testing.T, s *engine.Session, files ...string) []string {
	t.Helper()
	quoted := make([]string, len(files))
	for i, f := range files {
		quoted[i] = sqllex.QuotePattern(f)
	}
	_, rows, err := s.Query(t.Context(), "SELECT row(COLUMNS(*))::VARCHAR AS r FROM read_parquet(["+strings.Join(quoted, ", ")+"]) AS t", 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprint(r...))
	}
	slices.Sort(out)
	return out
}

const everyType = `SELECT * FROM (VALUES
	(1, 1::BIGINT, 1.5::DOUBLE, 12.34::DECIMAL(12,2), 'it''s', DATE '1992-02-29', TIMESTAMP '2020-01-01 12:34:56.789', true, [1, 2], {'x': 1, 'y': 'a'}, '\x00ab'::BLOB),
	(-2147483648, -9223372036854775808, '-inf'::DOUBLE, -0.01, 'ä "b" \n` + "`" + `c` + "`" + `', DATE '0001-01-01', TIMESTAMP '1969-12-31 23:59:59.999999', false, [], {'x': NULL, 'y': ''}, ''::BLOB),
	(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)) AS t("int", "b i g", d, "dec""imal", s, day, "at", yes, list, pair, bytes)`

// What a table holds comes back as it was, by both ways of writing it.
func TestSailTypes(t *testing.T) {
	server := sailtest.Start(t)
	for _, writes := range []string{WritesStream, WritesServer} {
		t.Run(writes, func(t *testing.T) {
			here := local(t)
			s := open(t, server.Endpoint, Options{Writes: writes, Local: here})
			dir := t.TempDir()
			in := writeTable(t, here, filepath.Join(dir, "in.parquet"), everyType)
			for _, c := range []struct {
				name, sql string
				rows      int64
			}{
				{"all", "SELECT * FROM t", 3},
				{"none", "SELECT * FROM t WHERE s = 'nowhere'", 0},
				{"ordered", "SELECT * FROM t ORDER BY s -- comment", 3},
			} {
				got, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: c.sql, Path: filepath.Join(dir, c.name+".parquet"), Profile: true,
					Inputs: []model.QueryInput{{Name: "t", Files: []string{in}}}})
				if err != nil {
					t.Fatal(err)
				}
				want := rowsOf(t, here, writeTable(t, here, filepath.Join(dir, "want.parquet"), strings.Replace(c.sql, "FROM t", "FROM '"+in+"'", 1)))
				if rows := rowsOf(t, here, got.Files...); got.Rows != c.rows || !slices.Equal(rows, want) {
					t.Errorf("%s: %d rows\n%s\nwant\n%s", c.name, got.Rows, strings.Join(rows, "\n"), strings.Join(want, "\n"))
				}
				if got.Profile == nil || len(got.Profile.Root) == 0 || !strings.Contains(fmt.Sprintf("%+v", got.Profile.Root), "Table:t") {
					t.Errorf("%s: profile %+v", c.name, got.Profile)
				}
				for _, f := range got.Files {
					if err := os.Remove(f); err != nil {
						t.Error(err)
					}
				}
			}
			if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 2 { // in and want
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// What is known to differ between the dialects gives the same rows on both engines.
func TestSailDialect(t *testing.T) {
	server := sailtest.Start(t)
	here := local(t)
	s := open(t, server.Endpoint, Options{Local: here})
	dir := t.TempDir()
	nulls := writeTable(t, here, filepath.Join(dir, "nulls.parquet"), "SELECT * FROM (VALUES (1, 'b'), (NULL, 'a'), (3, NULL), (2, 'c')) AS v(x, y)")
	for i, sql := range []string{
		`SELECT 7 // 2 AS "whole", 7 / 2 AS half, -7 // 2 AS below, 7 % -2 AS rest`,
		`SELECT x, y FROM t ORDER BY x LIMIT 2`,
		`SELECT x, y FROM t ORDER BY y DESC LIMIT 2`,
		`SELECT x, CAST(row_number() OVER (ORDER BY x) AS INT) AS n FROM t`,
		`SELECT y, CAST(sum(x) OVER (ORDER BY y DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) AS n FROM t`,
		`SELECT 'a\b' AS slash, 'it''s' AS quote, E'a\tb' AS tab, $$it's$$ AS dollar`,
		`SELECT x::VARCHAR AS text, CAST(y AS VARCHAR) || '!' AS loud FROM t`,
		`SELECT TIMESTAMP '2020-03-29 02:30:00' AS at, CAST('2020-03-29 02:30:00' AS TIMESTAMP) AS too, CAST(DATE '2020-02-29' + INTERVAL '1' DAY AS DATE) AS next`,
		`SELECT "x", count(*) AS rows FROM "t" GROUP BY "x" HAVING count(*) > 0`,
		`WITH t AS (SELECT x + 1 AS x FROM t) SELECT x FROM t`,
		`WITH u(z) AS (SELECT x FROM t), v AS (SELECT z FROM u) SELECT z FROM v WHERE z IS NOT DISTINCT FROM 2`,
		`SELECT starts_with(y, 'b') AS s, suffix(y, 'b') AS e, regexp_matches(y, '[ab]') AS m FROM t`,
		`SELECT a.x FROM t a SEMI JOIN t b ON a.x = b.x + 1`,
		`SELECT a.x FROM t a ANTI JOIN t b ON a.x = b.x + 1`,
		`SELECT max(TIMESTAMP '2020-01-01 00:00:00') < (now() AT TIME ZONE 'UTC') - INTERVAL '5 seconds' AS old FROM t`,
	} {
		var results [2][]string
		for j, m := range []interface {
			Materialize(context.Context, model.Query) (model.QueryResult, error)
		}{here, s} {
			got, err := m.Materialize(t.Context(), model.Query{Node: "n", SQL: sql, Path: filepath.Join(dir, fmt.Sprintf("%d-%d.parquet", i, j)), Inputs: []model.QueryInput{{Name: "t", Files: []string{nulls}}}})
			if err != nil {
				t.Fatalf("%s\n%v", sql, err)
			}
			results[j] = rowsOf(t, here, got.Files...)
		}
		if !slices.Equal(results[0], results[1]) {
			t.Errorf("%s\nis here\n%s\nand there\n%s", sql, strings.Join(results[0], "\n"), strings.Join(results[1], "\n"))
		}
	}
}

// Files have the names that they have.
func TestSailFileNames(t *testing.T) {
	server := sailtest.Start(t)
	here := local(t)
	s := open(t, server.Endpoint, Options{Writes: WritesServer, Local: here})
	dir := filepath.Join(t.TempDir(), "it's a `dir`, {with} [all] *of* \"it\"")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var files []string
	for i, name := range []string{"plain", "a b", "a,b", "a{b}", "a{b,c}", "[ab]", "a*", "a?", "ä", "a'b", "a`b"} {
		files = append(files, writeTable(t, here, filepath.Join(dir, name+".parquet"), fmt.Sprintf("SELECT %d AS n", 1<<i)))
	}
	got, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT CAST(sum(n) AS BIGINT) AS n FROM t", Path: filepath.Join(dir, "out", "n.parquet"), Inputs: []model.QueryInput{{Name: "t", Files: files}}})
	if err == nil {
		t.Fatalf("a folder that is not there was made: %+v", got)
	}
	got, err = s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT CAST(sum(n) AS BIGINT) AS n FROM t", Path: filepath.Join(t.TempDir(), "sum.parquet"), Inputs: []model.QueryInput{{Name: "t", Files: files}}})
	if err != nil {
		t.Fatal(err)
	}
	if rows := rowsOf(t, here, got.Files...); len(rows) != 1 || rows[0] != fmt.Sprintf("(%d)", 1<<len(files)-1) {
		t.Errorf("the sum is %v", rows)
	}
	wrong := writeTable(t, here, filepath.Join(dir, "a%20b.parquet"), "SELECT 1 AS n")
	if _, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT n FROM t", Path: filepath.Join(t.TempDir(), "n.parquet"), Inputs: []model.QueryInput{{Name: "t", Files: []string{wrong}}}}); err == nil || !strings.Contains(err.Error(), "a%20b.parquet") {
		t.Errorf("a name with %% in it: %v", err)
	}
}

// Errors point into the text that somebody wrote.
func TestSailErrors(t *testing.T) {
	server := sailtest.Start(t)
	here := local(t)
	s := open(t, server.Endpoint, Options{Local: here})
	in := writeTable(t, here, filepath.Join(t.TempDir(), "in.parquet"), "SELECT 1 AS n")
	for _, c := range []struct{ name, sql, own, want string }{
		{"syntax", "SELECT \"n\",\n  [1, 2] AS list\nFROM t", "", "server error at 2:3: "},
		{"function", "SELECT n,\n  list_sum(list_value(n)) AS s FROM t", "", "server error at 2:"},
		{"own text", "SELECT n FROM t", "SELECT n,\n  nosuch(n) FROM t", "server error at 2:3: in its text of Spark SQL: "},
		{"own syntax", "SELECT n FROM t", "-- a comment\nSELECT n n n FROM t", "server error at 2:12: "},
		{"value", "SELECT CAST('x' || n AS INT) AS n FROM t", "", "server error: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := model.Query{Node: "n", SQL: c.sql, Path: filepath.Join(t.TempDir(), "n.parquet"), Inputs: []model.QueryInput{{Name: "t", Files: []string{in}}}}
			if c.own != "" {
				q.Dialects = map[string]string{spark.Dialect: c.own}
			}
			_, err := s.Materialize(t.Context(), q)
			var fault *engine.Error
			if !errors.As(err, &fault) || !strings.HasPrefix(err.Error(), "node n: "+c.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A statement is begun anew when its server ends in the middle of it and comes back.
func TestSailStartedAgain(t *testing.T) {
	server := sailtest.Start(t)
	here := local(t)
	s := open(t, server.Endpoint, Options{Writes: WritesServer, Local: here, ConnectTimeout: 30 * time.Second})
	dir := t.TempDir()
	in := writeTable(t, here, filepath.Join(dir, "in.parquet"), "SELECT range AS n FROM range(3000)")
	ended := make(chan error, 1)
	path := filepath.Join(dir, "out.parquet")
	go func() {
		_, err := s.Materialize(t.Context(), model.Query{Node: "n", Path: path, Inputs: []model.QueryInput{{Name: "t", Files: []string{in}}},
			SQL: "SELECT CAST(count(*) AS BIGINT) AS n FROM t a, t b, t c WHERE (a.n * b.n * c.n) % 7 = 3 AND c.n < 100"})
		ended <- err
	}()
	select {
	case err := <-ended:
		t.Fatalf("it ended before the server did: %v", err)
	case <-time.After(time.Second):
	}
	server.Restart()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if rows := rowsOf(t, here, path); len(rows) != 1 {
		t.Errorf("%d rows", len(rows))
	}
}

// A cancelled statement leaves no file, and the server goes on to others. This is about
// the mode local, as Sail 0.7.2 lets tasks of a cluster come to their end.
func TestSailCancel(t *testing.T) {
	server := sailtest.Start(t, "SAIL_MODE=local")
	here := local(t)
	s := open(t, server.Endpoint, Options{Writes: WritesServer, Local: here})
	dir := t.TempDir()
	in := writeTable(t, here, filepath.Join(dir, "in.parquet"), "SELECT range AS n FROM range(100000)")
	q := model.Query{Node: "n", Path: filepath.Join(dir, "out.parquet"), Inputs: []model.QueryInput{{Name: "t", Files: []string{in}}},
		SQL: "SELECT a.n * b.n AS n FROM t a, t b WHERE (a.n * b.n) % 7 = 3"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := s.Materialize(ctx, q); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || !slices.Equal(left, []string{in}) {
		t.Errorf("left behind: %v, %v", left, err)
	}
	next, stop := context.WithTimeout(t.Context(), 20*time.Second) // the other would take minutes
	defer stop()
	q.SQL = "SELECT sum(n) AS n FROM t"
	if _, err := s.Materialize(next, q); err != nil {
		t.Error(err)
	}
}
