package console

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model/sqllex"
)

// makeParquet writes the result of a query to a file of its own.
func makeParquet(t testing.TB, path, query string) string {
	t.Helper()
	s, err := Open(t.Context(), Options{ParquetFile: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.WriteParquet(t.Context(), query, 0), s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// table reads one Parquet file.
func table(name, path string) Table {
	return Table{Name: name, Parts: []Part{{SQL: "SELECT * FROM read_parquet(" + sqllex.QuotePattern(path) + ")", Files: []string{path}}}}
}

func open(t testing.TB, o Options) *Session {
	t.Helper()
	s, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// result reads a query whole.
func result(t testing.TB, s *Session, query string) ([]Column, [][]Cell) {
	t.Helper()
	rows, err := s.Query(t.Context(), query, 0)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all [][]Cell
	for {
		more, err := rows.Next(func(c []Cell) { all = append(all, c) })
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if !more {
			return rows.Columns(), all
		}
	}
}

func TestNothingButTheTablesCanBeReached(t *testing.T) {
	dir := t.TempDir()
	file := makeParquet(t, filepath.Join(dir, "a[1]*.parquet"), "SELECT 1 AS x")
	secret := filepath.Join(dir, "secret.csv")
	if err := os.WriteFile(secret, []byte("password\nhunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := makeParquet(t, filepath.Join(dir, "a1x.parquet"), "SELECT 2 AS x") // what the first name matches as a pattern
	s := open(t, Options{Tables: []Table{table("t", file)}})
	evil := filepath.Join(dir, "evil")
	for _, query := range []string{
		// Statements that are no SELECT.
		"COPY t TO '" + evil + "'",
		"COPY (SELECT 1) TO '" + evil + "' (FORMAT parquet)",
		"COPY t FROM '" + secret + "'",
		"ATTACH '" + evil + "'", "DETACH memory", "USE memory",
		"EXPORT DATABASE '" + evil + "'", "IMPORT DATABASE '" + evil + "'",
		"INSTALL httpfs", "LOAD httpfs", "LOAD '" + evil + "'", "UPDATE EXTENSIONS",
		"SET memory_limit = '1TB'", "RESET memory_limit", "PRAGMA memory_limit = '1TB'", "PRAGMA enable_external_access = true",
		"SET enable_external_access = true", "SET lock_configuration = false", "SET allowed_paths = ['/etc/passwd']", "SET allowed_directories = ['/']",
		"SET VARIABLE x = 1", "SET temp_directory = '" + evil + "'",
		"CREATE TABLE u AS SELECT 1", "CREATE VIEW u AS SELECT 1", "CREATE OR REPLACE VIEW t AS SELECT 2", "CREATE MACRO f() AS 1", "DROP VIEW t",
		"CREATE SECRET (TYPE s3)", "INSERT INTO t VALUES (1)", "DELETE FROM t", "UPDATE t SET x = 1", "ALTER VIEW t RENAME TO u",
		"PREPARE p AS SELECT 1", "EXECUTE p", "CALL enable_logging('QueryLog')", "CALL range(3)", "CHECKPOINT", "VACUUM", "BEGIN",
		"EXPLAIN COPY t TO '" + evil + "'", "EXPLAIN ANALYZE COPY t TO '" + evil + "'", "EXPLAIN ANALYZE CREATE TABLE u AS SELECT 1", "EXPLAIN EXPLAIN SELECT 1",
		"EXPLAIN (FORMAT json) SELECT 1", "EXPLAIN ANALYZE SELECT 1; COPY t TO '" + evil + "'", "EXPLAIN", "EXPLAIN ANALYZE", "EXPLAINSELECT 1",
		"EXPLAIN ANALYZE FROM read_text('/etc/passwd')", "EXPLAIN SELECT * FROM enable_logging()",
		// More than one, or pieces that would be.
		"SELECT 1; SELECT 2", "SELECT 1; COPY t TO '" + evil + "'", "SELECT 1) TO '" + evil + "' --", "SELECT 1) AS x; DROP VIEW t; SELECT (1",
		"", " ", ";", "-- nothing",
		"WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
		// SELECTs over other files.
		"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_blob('/etc/passwd')",
		"SELECT * FROM '" + secret + "'", "SELECT * FROM \"" + secret + "\"", "SELECT * FROM '" + other + "'", "SELECT * FROM read_parquet('" + other + "')",
		"SELECT * FROM read_json('/etc/passwd')", "SELECT * FROM parquet_metadata('" + other + "')", "SELECT * FROM parquet_scan('" + other + "')",
		"SELECT * FROM sniff_csv('/etc/passwd')", "SELECT * FROM glob('/etc/*')", "SELECT * FROM read_duckdb('" + evil + "')",
		"SELECT (SELECT content FROM read_text('/etc/passwd'))", "WITH x AS (FROM read_text('/etc/passwd')) SELECT * FROM x",
		"SELECT * FROM t WHERE x IN (SELECT size FROM read_text('/etc/passwd'))", "SELECT * FROM t, LATERAL (SELECT * FROM read_text('/etc/passwd'))",
		"SELECT * FROM 'https://example.com/x.parquet'", "SELECT * FROM 's3://bucket/x.parquet'",
		// SELECTs that change something.
		"SELECT * FROM enable_logging('QueryLog', storage='file', storage_path='" + evil + "')", "SELECT * FROM Enable_Logging()", "SELECT * FROM \"enable_logging\"()",
		"SELECT * FROM main.enable_logging('QueryLog')", "SELECT * FROM enable_profiling(save_location='" + evil + "')",
		"SELECT * FROM query('SELECT 1')", "SELECT * FROM query_table('t')", "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
		"SELECT * FROM checkpoint()", "SELECT * FROM force_checkpoint()", "SELECT * FROM duckdb_secrets()",
		"SELECT 1 INTO u", "SELECT getenv('HOME')", "SELECT 1 \x00",
	} {
		rows, err := s.Query(t.Context(), query, 0)
		if err == nil {
			_, err = rows.Next(func([]Cell) {})
			rows.Close()
		}
		if err == nil {
			t.Errorf("%s: it was done", query)
		} else if fault := (*engine.Error)(nil); !errors.As(err, &fault) || fault.Message == "" || strings.HasPrefix(fault.Message, "{") {
			t.Errorf("%s: the error is not told well: %v", query, err)
		}
	}
	// Nothing of it has changed anything.
	if _, rows := result(t, s, "SELECT x, (SELECT value FROM duckdb_settings() WHERE name = 'enable_external_access') FROM t"); len(rows) != 1 || rows[0][0].Text != "1" || rows[0][1].Text != "false" {
		t.Errorf("afterwards: %v", rows)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("files: %v, %v", entries, err)
	}
}

// The lock holds by itself, also where the check for SELECT would let something through.
func TestTheLockHoldsWithoutTheCheck(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Tables: []Table{table("t", makeParquet(t, filepath.Join(dir, "a.parquet"), "SELECT 1 AS x"))}})
	evil := filepath.Join(dir, "evil")
	for _, text := range []string{
		"COPY t TO '" + evil + "'", "ATTACH '" + evil + "'", "INSTALL httpfs", "LOAD httpfs", "SET memory_limit='1TB'", "SET enable_external_access=true",
		"SET lock_configuration=false", "RESET allowed_paths", "FROM read_text('/etc/passwd')", "FROM read_csv('/etc/passwd')", "FROM '/etc/passwd'", "FROM glob('/etc/*')",
		"EXPORT DATABASE '" + evil + "'", "PRAGMA memory_limit='1TB'", "SET GLOBAL autoload_known_extensions=true",
	} {
		if err := s.db.do(t.Context(), statement{typed: text}); err == nil {
			t.Errorf("%s: it was done", text)
		}
	}
	if _, err := os.Stat(evil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file was written: %v", err)
	}
}

func TestWhatIsASelect(t *testing.T) {
	s := open(t, Options{Tables: []Table{table("t", makeParquet(t, filepath.Join(t.TempDir(), "a.parquet"), "SELECT i AS x, i % 2 AS k FROM range(10) r(i)"))}})
	for query, want := range map[string]int{
		"SELECT * FROM t": 10, "select x from T where k = 1 -- the odd ones": 5, ";; SELECT 1 ; ; ": 1, "FROM t": 10, "TABLE t": 10, "VALUES (1), (2)": 2,
		"WITH a AS (SELECT 1) SELECT * FROM a UNION ALL SELECT 2": 2, "DESCRIBE t": 2, "SUMMARIZE t": 2, "SHOW TABLES": 1,
		"SELECT * FROM (PIVOT t ON k IN (0, 1) USING count(*))": 10, "SELECT unnest([1, 2, 3]) /* ; */": 3, "SELECT ';' AS \"a;b\"": 1,
		"SELECT * FROM range(4), unnest([1, 2])": 8, "SELECT x AS a, x AS a FROM t": 10,
		"WITH RECURSIVE f(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM f WHERE n < 5) SELECT * FROM f": 5,
	} {
		if _, rows := result(t, s, query); len(rows) != want {
			t.Errorf("%s: %d rows, want %d", query, len(rows), want)
		}
	}
}

// EXPLAIN gives the plan as lines; ANALYZE measures the query, which can be cancelled.
func TestExplain(t *testing.T) {
	s := open(t, Options{Tables: []Table{table("t", makeParquet(t, filepath.Join(t.TempDir(), "a.parquet"), "SELECT i AS x FROM range(1000) r(i)"))}})
	for query, want := range map[string]string{
		"EXPLAIN SELECT count(*) FROM t WHERE x > 3":             "READ_PARQUET",
		" -- a comment\n explain\nanalyze select * from t -- it": "Total Time",
		"EXPLAIN/**/FROM t": "READ_PARQUET", "; EXPLAIN ANALYZE SELECT 'it''s' AS \"a;b\";": "Total Time",
	} {
		columns, rows := result(t, s, query)
		var plan strings.Builder
		for _, r := range rows {
			plan.WriteString(r[0].Text + "\n")
		}
		if len(columns) != 1 || columns[0].Name != "plan" || !strings.Contains(plan.String(), want) {
			t.Errorf("%s: %v\n%s", query, columns, &plan)
		}
	}
	_, err := s.Query(t.Context(), "EXPLAIN\n  SELECT nope FROM t", 0)
	if err == nil || !strings.Contains(err.Error(), "binder error at 2:10") {
		t.Errorf("the place of an error: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Query(ctx, "EXPLAIN ANALYZE SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 3", 0); err == nil {
		t.Error("an endless query was measured")
	}
}

func TestErrorsHaveAPlaceInWhatWasTyped(t *testing.T) {
	s := open(t, Options{Tables: []Table{
		table("t", makeParquet(t, filepath.Join(t.TempDir(), "a.parquet"), "SELECT 1 AS x")),
		{Name: "capture", Absent: "this run captured no statistics"},
	}})
	for query, want := range map[string]string{
		"SELECT nope FROM t":                "binder error at 1:8",
		"SELECT x,\n  'é' || nope\nFROM t":  "binder error at 2:10",
		"SELECT FROM WHERE":                 "parser error at 1:",
		"SELECT * FROM missing":             "catalog error at 1:15",
		"SELECT 'x'::INT":                   "conversion error",
		"SELECT 1;\nSELECT 2":               "one SELECT is expected, here are 2 statements",
		"  DROP VIEW t":                     "at 1:3: only a SELECT",
		"SELECT * FROM read_text('/x')":     "at 1:15: the table function read_text cannot be used here",
		"SELECT * FROM Capture":             "there is no table capture: this run captured no statistics",
		"SELECT error('told by the query')": "told by the query",
	} {
		rows, err := s.Query(t.Context(), query, 0)
		if err == nil {
			_, err = rows.Next(func([]Cell) {})
			rows.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s", query, err, want)
		}
	}
}

func TestPartsAreOneTable(t *testing.T) {
	dir := t.TempDir()
	part := func(name, query string) Part {
		return table("", makeParquet(t, filepath.Join(dir, name), query)).Parts[0]
	}
	s := open(t, Options{Tables: []Table{
		{Name: "t", Parts: []Part{part("a", "SELECT 1 AS x, 'a' AS only_a"), part("b", "SELECT 2.5 AS x, 'b' AS only_b")}},
		{Name: "T", Absent: "the name is taken"},
		{Name: "gone", Parts: []Part{{SQL: "FROM read_parquet('/nowhere')", Files: []string{"/nowhere"}}}},
	}})
	columns, rows := result(t, s, "SELECT * FROM t ORDER BY x")
	want := [][]Cell{{{Text: "1.0"}, {Text: "a"}, {Null: true}}, {{Text: "2.5"}, {Null: true}, {Text: "b"}}}
	if len(columns) != 3 || !reflect.DeepEqual(rows, want) {
		t.Errorf("%v: %v", columns, rows)
	}
	tables := s.Tables()
	if len(tables) != 2 || tables[0].Absent != "" || len(tables[0].Columns) != 3 || !strings.Contains(tables[1].Absent, "/nowhere") {
		t.Errorf("tables: %+v", tables)
	}
}

// A query ends with its context, before its first row and between two.
func TestAQueryCanBeCancelled(t *testing.T) {
	s := open(t, Options{})
	for name, query := range map[string]string{
		"before the first row": "SELECT count(*) FROM range(10000000000) a(i), range(1000) b(j) WHERE hash(i + j) = 1",
		"between rows":         "SELECT i FROM range(100000000000) t(i)",
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(100*time.Millisecond, func() { cancel(errors.New("told to")) })
		began := time.Now()
		rows, err := s.Query(ctx, query, 0)
		for more := true; err == nil && more; {
			if more, err = rows.Next(func([]Cell) {}); err != nil {
				rows.Close()
			}
		}
		if !strings.Contains(fmt.Sprint(err), "interrupted: told to") || time.Since(began) > 5*time.Second {
			t.Errorf("%s: %v after %v", name, err, time.Since(began))
		}
	}
	if _, rows := result(t, s, "SELECT 1"); len(rows) != 1 { // the session is as good as before
		t.Error(rows)
	}
}

func TestClose(t *testing.T) {
	s, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	if _, err := s.Query(t.Context(), "SELECT 1", 0); !errors.Is(err, ErrClosed) {
		t.Errorf("a query after Close: %v", err)
	}
	if _, err := os.Stat(s.temp); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary directory is still there: %v", err)
	}
}

// Memory is limited: what is too much is an error, not the end of the process.
func TestMemoryIsLimited(t *testing.T) {
	s := open(t, Options{MemoryLimit: 32 << 20})
	rows, err := s.Query(t.Context(), "SELECT list(i) FROM range(100000000) t(i)", 0)
	if err == nil {
		_, err = rows.Next(func([]Cell) {})
		rows.Close()
	}
	if !strings.Contains(strings.ToLower(fmt.Sprint(err)), "memory") {
		t.Errorf("error: %v", err)
	}
}
