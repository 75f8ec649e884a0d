package spark

import (
	"strings"
	"testing"
)

func TestTranslate(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing to do", "SELECT a, count(*) AS n FROM t WHERE a > 1.5 GROUP BY a", "SELECT a, count(*) AS n FROM t WHERE a > 1.5 GROUP BY a"},
		{"names", `SELECT "a b", "x""y", "p` + "`" + `q" FROM "t"`, "SELECT `a b`, `x\"y`, `p``q` FROM `t`"},
		{"strings", `SELECT 'it''s', 'a\b', E'a\n''b', $$it's$$, $x$a\$x$`, `SELECT 'it\'s', 'a\\b', 'a\n\'b', 'it\'s', 'a\\'`},
		{"whole division", "SELECT a//b, 7 // 2", "SELECT a div b, 7  div  2"},
		{"order", "SELECT a FROM t ORDER BY a, b DESC LIMIT 3", "SELECT a FROM t ORDER BY a NULLS LAST, b DESC NULLS LAST LIMIT 3"},
		{"order says it", "SELECT a FROM t ORDER BY a NULLS FIRST, b NULLS LAST", "SELECT a FROM t ORDER BY a NULLS FIRST, b NULLS LAST"},
		{"order of a window", "SELECT sum(a) OVER (PARTITION BY b, c ORDER BY f(d, e), g ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), h FROM t",
			"SELECT sum(a) OVER (PARTITION BY b, c ORDER BY f(d, e) NULLS LAST, g NULLS LAST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), h FROM t"},
		{"order by a column called rows", "SELECT count(*) AS rows FROM t ORDER BY rows, a -- end", "SELECT count(*) AS rows FROM t ORDER BY rows NULLS LAST, a NULLS LAST -- end"},
		{"order in a subquery", "SELECT * FROM (SELECT a FROM t ORDER BY a LIMIT 1), u ORDER BY (SELECT 1, 2), b", "SELECT * FROM (SELECT a FROM t ORDER BY a NULLS LAST LIMIT 1), u ORDER BY (SELECT 1, 2) NULLS LAST, b NULLS LAST"},
		{"order before a union", "(SELECT a FROM t ORDER BY a) UNION ALL SELECT b FROM u", "(SELECT a FROM t ORDER BY a NULLS LAST) UNION ALL SELECT b FROM u"},
		{"types", "SELECT a::VARCHAR, CAST(b AS TEXT), CAST(f(c) AS TIMESTAMP), TRY_CAST(d AS int8), e AS text, cast(g AS VARCHAR(3)) FROM t",
			"SELECT a::STRING, CAST(b AS STRING), CAST(f(c) AS TIMESTAMP_NTZ), TRY_CAST(d AS BIGINT), e AS text, cast(g AS VARCHAR(3)) FROM t"},
		{"literals", "SELECT TIMESTAMP '2020-01-01 00:00:00', DATE '2020-01-01', timestamp FROM t", "SELECT TIMESTAMP_NTZ '2020-01-01 00:00:00', DATE '2020-01-01', timestamp FROM t"},
		{"now", "SELECT max(a) < (now() AT TIME ZONE 'UTC') - INTERVAL '5 seconds'", "SELECT max(a) < (to_timestamp_ntz(now())) - INTERVAL '5 seconds'"},
		{"functions", "SELECT starts_with(a, 'x'), t.suffix, Suffix (a, b), starts_with FROM t", "SELECT startswith(a, 'x'), t.suffix, endswith (a, b), starts_with FROM t"},
		{"comments", "-- \"a\" 'b'\nSELECT /* ORDER BY x */ 1", "-- \"a\" 'b'\nSELECT /* ORDER BY x */ 1"},
		{"open ends", `SELECT 'a`, `SELECT 'a'`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Translate(c.in).SQL; got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestOrdered(t *testing.T) {
	for sql, want := range map[string]bool{
		"SELECT a FROM t ORDER BY a":                                    true,
		"WITH u AS (SELECT 1) SELECT a FROM u order /* up */ by a -- x": true,
		"SELECT * FROM (SELECT a FROM t ORDER BY a)":                    false,
		"SELECT sum(a) OVER (ORDER BY b) FROM t":                        false,
		"SELECT 'ORDER BY' FROM t -- ORDER BY a":                        false,
	} {
		if Ordered(sql) != want {
			t.Errorf("%s: ordered is %v", sql, !want)
		}
	}
}

func TestOffset(t *testing.T) {
	const in = "SELECT \"a\", 'it''s', x FROM t ORDER BY b,\n  nosuch"
	out := Translate(in)
	for _, name := range []string{"x FROM", "FROM t", "nosuch", "b,", "SELECT"} {
		at := strings.Index(out.SQL, strings.TrimSuffix(name, ","))
		if got, want := out.Offset(at), strings.Index(in, name); got != want {
			t.Errorf("%s is at %d of the original, want %d", name, got, want)
		}
	}
}

// FuzzTranslate holds what is true of every text: its tokens are the text, and places
// are inside it and in its order.
func FuzzTranslate(f *testing.F) {
	for _, seed := range []string{"SELECT 1", `SELECT "a" FROM t ORDER BY 'x', b`, "(((", ")))", "CAST(a AS TEXT", "E'", "$a$", "ORDER BY", "a::", "(now() AT TIME ZONE 'UTC')", "'", `"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := Translate(in)
		whole := ""
		for _, tok := range tokens(in) {
			whole += tok.text
		}
		if whole != in {
			t.Fatalf("the tokens of %q are %q", in, whole)
		}
		last := 0
		for at := range len(out.SQL) {
			got := out.Offset(at)
			if got < last || got > len(in) {
				t.Fatalf("byte %d of %q is at %d of %q, the one before at %d", at, out.SQL, got, in, last)
			}
			last = got
		}
	})
}
