package console

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Every kind of value, in each format.
func TestValuesInAllFormats(t *testing.T) {
	s := open(t, Options{})
	for _, c := range []struct{ sql, kind, text, csv, json string }{
		{"NULL::INTEGER", "INTEGER", "NULL", "", "null"},
		{"true", "BOOLEAN", "true", "true", "true"},
		{"(-128)::TINYINT", "TINYINT", "-128", "-128", "-128"},
		{"18446744073709551615::UBIGINT", "UBIGINT", "18446744073709551615", "18446744073709551615", "18446744073709551615"},
		{"170141183460469231731687303715884105727::HUGEINT", "HUGEINT", "170141183460469231731687303715884105727", "170141183460469231731687303715884105727", "170141183460469231731687303715884105727"},
		{"12.30::DECIMAL(9,2)", "DECIMAL(9,2)", "12.30", "12.30", "12.30"},
		{"'1234567890123456789012345.0123456789'::DECIMAL(38,10)", "DECIMAL(38,10)", "1234567890123456789012345.0123456789", "1234567890123456789012345.0123456789", "1234567890123456789012345.0123456789"},
		{"0.1::DOUBLE", "DOUBLE", "0.1", "0.1", "0.1"},
		{"'nan'::DOUBLE", "DOUBLE", "nan", "nan", "null"},
		{"'-inf'::FLOAT", "FLOAT", "-inf", "-inf", "null"},
		{"''", "VARCHAR", "", `""`, `""`},
		{"'NULL'", "VARCHAR", "NULL", "NULL", `"NULL"`},
		{`'a,"b"'`, "VARCHAR", `a,"b"`, `"a,""b"""`, `"a,\"b\""`},
		{"'two' || chr(10) || 'lines'", "VARCHAR", "two lines", "\"two\nlines\"", `"two\nlines"`},
		{"' padded '", "VARCHAR", " padded ", `" padded "`, `" padded "`},
		{"'é漢字 long enough'", "VARCHAR", "é漢字 long enough", "é漢字 long enough", `"é漢字 long enough"`},
		{`'\x00\xFFab'::BLOB`, "BLOB", `\x00\xFFab`, `\x00\xFFab`, `"\\x00\\xFFab"`},
		{"DATE '2026-01-02'", "DATE", "2026-01-02", "2026-01-02", `"2026-01-02"`},
		{"TIMESTAMP '2026-01-02 03:04:05.678901'", "TIMESTAMP", "2026-01-02 03:04:05.678901", "2026-01-02 03:04:05.678901", `"2026-01-02 03:04:05.678901"`},
		{"make_timestamp_ns(1)", "TIMESTAMP_NS", "1970-01-01 00:00:00.000000001", "1970-01-01 00:00:00.000000001", `"1970-01-01 00:00:00.000000001"`},
		{"TIME '03:04:05'", "TIME", "03:04:05", "03:04:05", `"03:04:05"`},
		{"INTERVAL 90 MINUTE", "INTERVAL", "01:30:00", "01:30:00", `"01:30:00"`},
		{"'6b3a9c0e-0000-4000-8000-000000000001'::UUID", "UUID", "6b3a9c0e-0000-4000-8000-000000000001", "6b3a9c0e-0000-4000-8000-000000000001", `"6b3a9c0e-0000-4000-8000-000000000001"`},
		{"[1, NULL, 3]", "INTEGER[]", "[1, NULL, 3]", `"[1, NULL, 3]"`, "[1,null,3]"},
		{"{'a': 1, 'b': 'x, y'}", "STRUCT(a INTEGER, b VARCHAR)", "{'a': 1, 'b': 'x, y'}", `"{'a': 1, 'b': 'x, y'}"`, `{"a":1,"b":"x, y"}`},
		{"MAP {'k': [0.5::DOUBLE]}", "MAP(VARCHAR, DOUBLE[])", "{k=[0.5]}", "{k=[0.5]}", `{"k":[0.5]}`},
		{`'{"x":[1,2]}'::JSON`, "JSON", `{"x":[1,2]}`, `"{""x"":[1,2]}"`, `{"x":[1,2]}`},
		{"['nan'::DOUBLE]", "DOUBLE[]", "[nan]", "[nan]", ""}, // not a number inside of a list: see below
	} {
		query := "SELECT " + c.sql + " AS v, 1 AS last"
		rows, err := s.Query(t.Context(), query, 0)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if n, err := WriteTable(&b, rows, func(s string) string { return strings.ReplaceAll(s, "\n", " ") }); n != 1 || err != nil {
			t.Errorf("%s: %d rows, %v", c.sql, n, err)
		}
		rows.Close()
		if kind := rows.Columns()[0].Type; kind != c.kind {
			t.Errorf("%s is a %s, want %s", c.sql, kind, c.kind)
		}
		if lines := strings.Split(b.String(), "\n"); len(lines) != 4 || strings.TrimSpace(strings.TrimSuffix(lines[2], "1")) != strings.TrimSpace(c.text) {
			t.Errorf("%s as a table: %q, want %q", c.sql, lines, c.text)
		}
		b.Reset()
		if rows, err = s.Query(t.Context(), query, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := WriteCSV(&b, rows); err != nil {
			t.Error(err)
		}
		rows.Close()
		if got, want := b.String(), "v,last\n"+c.csv+",1\n"; got != want {
			t.Errorf("%s as CSV: %q, want %q", c.sql, got, want)
		}
		if c.json == "" {
			continue
		}
		b.Reset()
		if rows, err = s.JSONRows(t.Context(), query, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := WriteJSON(&b, rows); err != nil {
			t.Error(err)
		}
		rows.Close()
		if got, want := b.String(), "[\n{\"v\":"+c.json+",\"last\":1}\n]\n"; got != want || !json.Valid([]byte(got)) {
			t.Errorf("%s as JSON: %s, want %s", c.sql, got, want)
		}
	}
}

func TestNoRowsAndEqualNames(t *testing.T) {
	s := open(t, Options{})
	write := func(query string) (csv, array string) {
		var b, j strings.Builder
		rows, err := s.Query(t.Context(), query, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = WriteCSV(&b, rows)
		rows.Close()
		if err != nil {
			t.Fatal(err)
		}
		if rows, err = s.JSONRows(t.Context(), query, 0); err != nil {
			t.Fatal(err)
		}
		_, err = WriteJSON(&j, rows)
		rows.Close()
		if err != nil {
			t.Fatal(err)
		}
		return b.String(), j.String()
	}
	if csv, array := write("SELECT 1 AS a WHERE false"); csv != "a\n" || array != "[]\n" {
		t.Errorf("no rows: %q %q", csv, array)
	}
	csv, array := write(`SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS A, 5 AS "x""y'"`)
	if !strings.HasPrefix(csv, "a,a") || array != "[\n"+`{"a":1,"a_1":2,"a_1_1":3,"A_2":4,"x\"y'":5}`+"\n]\n" && !json.Valid([]byte(array)) {
		t.Errorf("equal names: %q %q", csv, array)
	}
	var row []map[string]any
	if err := json.Unmarshal([]byte(array), &row); err != nil || len(row) != 1 || len(row[0]) != 5 {
		t.Errorf("equal names: %s, %v", array, err)
	}
}

// The order of the rows is that of the query, and limit is a bound.
func TestOrderAndLimit(t *testing.T) {
	s := open(t, Options{})
	rows, err := s.Query(t.Context(), "SELECT i FROM range(300000) t(i) ORDER BY i DESC", 250_000)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var b strings.Builder
	n, err := WriteCSV(&b, rows)
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if err != nil || n != 250_000 || len(lines) != 250_001 || lines[1] != "299999" || lines[250_000] != "50000" {
		t.Errorf("%d rows, %v: %s ... %s", n, err, lines[1], lines[len(lines)-1])
	}
}

// gone is a reader that leaves after some bytes.
type gone struct{ left int }

func (g *gone) Write(p []byte) (int, error) {
	if g.left -= len(p); g.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func TestAReaderThatLeavesEndsTheQuery(t *testing.T) {
	s := open(t, Options{})
	rows, err := s.Query(t.Context(), "SELECT i FROM range(100000000000) t(i)", 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = WriteCSV(&gone{1 << 20}, rows)
	rows.Close()
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

func TestParquetKeepsTypes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.parquet")
	makeParquet(t, path, "SELECT 1::UTINYINT AS a, 1.50::DECIMAL(9,2) AS b, [1, NULL] AS c, {'x': 'y'} AS d, NULL::DATE AS e, 'z'::BLOB AS f")
	s := open(t, Options{Tables: []Table{table("t", path)}})
	var kinds []string
	for _, c := range s.Tables()[0].Columns {
		kinds = append(kinds, c.Type)
	}
	if got, want := strings.Join(kinds, " "), "UTINYINT DECIMAL(9,2) INTEGER[] STRUCT(x VARCHAR) DATE BLOB"; got != want {
		t.Errorf("types %s, want %s", got, want)
	}
	if _, rows := result(t, s, "SELECT c, e IS NULL FROM t"); rows[0][0].Text != "[1, NULL]" || rows[0][1].Text != "true" {
		t.Error(rows)
	}
}

// bigTable is ten million rows on disk.
func bigTable(b *testing.B) Table {
	path := filepath.Join(os.TempDir(), "buildscope-query-bench.parquet")
	if _, err := os.Stat(path); err != nil {
		makeParquet(b, path+".tmp", "SELECT i AS id, 'name_' || (i % 1000) AS name, i * 1.5 AS v, i % 7 AS k, 'some longer text number ' || i AS txt FROM range(10000000) t(i)")
		if err := os.Rename(path+".tmp", path); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() { os.Remove(path) })
	return table("big", path)
}

// The first page of ten million rows; the goal is 100 ms.
func BenchmarkFirstPage(b *testing.B) {
	s := open(b, Options{Tables: []Table{bigTable(b)}})
	for name, query := range map[string]string{"all": "SELECT * FROM big", "where": "SELECT * FROM big WHERE k = 3", "top": "SELECT * FROM big ORDER BY v DESC LIMIT 200"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rows, err := s.Query(b.Context(), query, 0)
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				if _, err := rows.Next(func([]Cell) { n++ }); err != nil || n < 200 {
					b.Fatal(n, err)
				}
				rows.Close()
			}
		})
	}
}

// Ten million rows as CSV; live is what the Go heap holds at the end.
func BenchmarkCSV(b *testing.B) {
	s := open(b, Options{Tables: []Table{bigTable(b)}})
	for b.Loop() {
		rows, err := s.Query(b.Context(), "SELECT * FROM big", 0)
		if err != nil {
			b.Fatal(err)
		}
		n, err := WriteCSV(io.Discard, rows)
		rows.Close()
		if n != 10_000_000 || err != nil {
			b.Fatal(n, err)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapSys)/(1<<20), "MB-heap")
}
