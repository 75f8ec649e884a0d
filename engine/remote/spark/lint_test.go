package spark

import (
	"fmt"
	"strings"
	"testing"
)

func TestLint(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"SELECT a, extract(year FROM b), list[1] FROM t", "1:37 an index"},
		{"SELECT [1, 2] AS l, {'a': 1} AS s FROM t WHERE x IN ['a']", "1:8 a list; 1:21 a struct; 1:53 a list"},
		{"FROM t", "1:1 a query"},
		{"SELECT * FROM (FROM t) WHERE a IN (FROM u)", "1:16 a query; 1:36 a query"},
		{"SELECT DISTINCT ON (a) a, b FROM t", "1:8 DISTINCT ON"},
		{"SELECT a, count(*) FROM t GROUP BY ALL ORDER BY ALL", "1:27 GROUP BY; 1:40 ORDER BY"},
		{"SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1", "1:17 QUALIFY is"},
		{"WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x", "1:6 WITH RECURSIVE"},
		{"SELECT * EXCLUDE (a) FROM t", "1:10 EXCLUDE is"},
		{"SELECT list(a), t.list, strftime(b, '%Y') FROM t ASOF JOIN u USING (a)", "1:8 the function; 1:25 the function; 1:50 ASOF joins"},
		{"SELECT qualify, exclude, t.recursive AS list FROM t -- QUALIFY [1]\nWHERE 'FROM [' <> \"{\"", ""},
		{`SELECT E'\x41'`, `1:8 \x in`},
		{"SELECT a FROM t USING SAMPLE 10", "1:17 samples are"},
	} {
		var got []string
		for _, f := range Lint(c.sql) {
			head := strings.Fields(f.Text)
			got = append(got, fmt.Sprintf("1:%d %s", f.Offset+1, strings.Join(head[:2], " ")))
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s\nfinds %s\nwant  %s", c.sql, strings.Join(got, "; "), c.want)
		}
	}
}
