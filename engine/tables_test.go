package engine

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/buildscope/buildscope/model/sqllex"
)

func TestTables(t *testing.T) {
	s := open(t, Options{})
	for _, test := range []struct{ sql, want string }{
		{"SELECT 1", ""},
		{"FROM t;", "t@5"},
		{"SELECT é FROM \"té\" JOIN main.t2 USING (a)", "té@15 main.t2@26"},
		{"SELECT * FROM a, b AS x, A y", "a@14 b@17"},
		{"SELECT * FROM 'x/y.parquet'", "x/y.parquet@14"},
		{"SELECT * FROM read_parquet('x')", ""},
		{"SELECT (SELECT max(v) FROM u) FROM t WHERE k IN (SELECT k FROM w)", "u@27 t@35 w@63"},
		{"FROM a UNION ALL (FROM b) EXCEPT FROM c", "a@5 b@23 c@38"},
		// Common table expressions: earlier ones are in scope, the expression itself
		// is not unless it recurses, a qualified name never means one.
		{"WITH c AS (FROM c0), d AS (FROM c) FROM d, C, e", "c0@16 e@46"},
		{"WITH a AS (FROM b), b AS (SELECT 2) FROM a, b", "b@16"},
		{"WITH b AS (FROM b) FROM b", "b@16"},
		{"WITH RECURSIVE b AS (FROM b) FROM b", "b@26"},
		{"WITH RECURSIVE r AS (FROM seed UNION ALL SELECT r.* FROM r, step) FROM r", "seed@26 step@60"},
		{"WITH c AS (SELECT 1) FROM s.c", "s.c@26"},
		{"SELECT * FROM (WITH b AS (SELECT 3) FROM b) t, b", "b@47"},
		{"WITH a AS (SELECT 1 UNION ALL (WITH b AS (SELECT 3) FROM b)) FROM a UNION ALL FROM b", "b@83"},
		{"SELECT {'type': 'BASE_TABLE', 'table_name': 'no'} FROM t", "t@55"},
	} {
		refs, err := s.Tables(t.Context(), test.sql)
		if err != nil {
			t.Errorf("%s: %v", test.sql, err)
			continue
		}
		var got []string
		for _, r := range refs {
			got = append(got, fmt.Sprintf("%s@%d", r.Name, r.Offset))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.sql, strings.Join(got, " "), test.want)
		}
	}
}

func TestTablesRefusesWhatIsNoSelect(t *testing.T) {
	s := open(t, Options{})
	for _, test := range []struct {
		sql          string
		line, column int
		want         string
	}{
		{"SELECT 'ü' fro m t,\n x", 1, 16, `syntax error at or near "m"`},
		{"SELECT a\nFROM t\n\tWHERE AND", 3, 8, `syntax error at or near "AND"`},
		{"-- why\n  INSERT INTO t VALUES (1)", 2, 3, "only a SELECT"},
		{"SELECT ';'; -- ;\n SELECT 2", 1, 11, "here are 2 statements"},
		{"  -- nothing", 1, 1, "no statement"},
		{"", 0, 0, "no statement"},
	} {
		_, err := s.Tables(t.Context(), test.sql)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: error %v, want an *Error", test.sql, err)
			continue
		}
		if e.Line != test.line || e.Column != test.column || !strings.Contains(e.Message, test.want) {
			t.Errorf("%q: %d:%d %q, want %d:%d %q", test.sql, e.Line, e.Column, e.Message, test.line, test.column, test.want)
		}
	}
	_, err := s.Tables(t.Context(), "SELECT a\nFROM t\n\tWHERE AND b")
	want := "parser error at 3:8: syntax error at or near \"AND\"\n\n3 | \tWHERE AND b\n    \t      ^"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestTablesFromManyGoroutines(t *testing.T) {
	s := open(t, Options{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				name := fmt.Sprintf("t%d", i)
				refs, err := s.Tables(t.Context(), "FROM "+name)
				if err != nil || len(refs) != 1 || refs[0].Name != name {
					t.Errorf("got %v, %v", refs, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestStatementOf(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1":                      "SELECT 1",
		"SELECT 1; -- ;":                "SELECT 1",
		"SELECT ';'''; x":               "SELECT ';'''",
		`SELECT ";""" ; x`:              `SELECT ";""" `,
		"SELECT -- ;\n 1;":              "SELECT -- ;\n 1",
		"SELECT /* ; /* ; */ ; */ 1; x": "SELECT /* ; /* ; */ ; */ 1",
		`SELECT E'\';' ; x`:             `SELECT E'\';' `,
		`SELECT type'\'; x`:             `SELECT type'\'`, // the e is part of a word
		"SELECT $$;$$, $a$;$$;$a$; x":   "SELECT $$;$$, $a$;$$;$a$",
		"SELECT $1; x":                  "SELECT $1",
		"SELECT a$b$ ; $b$":             "SELECT a$b$ ",
		"SELECT 'unterminated ; ":       "SELECT 'unterminated ; ",
		"SELECT /* unterminated ; ":     "SELECT /* unterminated ; ",
	} {
		if got := sqllex.StatementOf(sql); got != want {
			t.Errorf("%q: %q, want %q", sql, got, want)
		}
	}
}

// FuzzStatementOf checks against DuckDB: cutting a text that DuckDB reads as
// one SELECT leaves a text that it reads as the same SELECT.
func FuzzStatementOf(f *testing.F) {
	for _, sql := range []string{"SELECT 1;", "FROM t -- ;\n;;", "SELECT ';', \";\", $$;$$, E'\\';' /* ; */ ;", "SELECT $1 ;", "SELECT 'a' ;\f"} {
		f.Add(sql)
	}
	s := open(f, Options{Threads: 1})
	f.Fuzz(func(t *testing.T, sql string) {
		refs, err := s.Tables(t.Context(), sql)
		if err != nil {
			return
		}
		cut, err := s.Tables(t.Context(), sqllex.StatementOf(sql))
		if err != nil || fmt.Sprint(cut) != fmt.Sprint(refs) {
			t.Errorf("%q cut to %q: %v %v, want %v", sql, sqllex.StatementOf(sql), cut, err, refs)
		}
	})
}
