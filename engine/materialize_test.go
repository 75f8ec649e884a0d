package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/sqllex"
)

func TestMaterialize(t *testing.T) {
	s, dir := open(t, withCaches()), t.TempDir()
	a := table(t, s, filepath.Join(dir, "a.parquet"), "SELECT range AS id, 'n' || range AS name FROM range(3)")
	b := table(t, s, filepath.Join(dir, "b.parquet"), "SELECT range AS id FROM range(1, 9)")
	out := filepath.Join(dir, "out.parquet")
	result, err := s.Materialize(t.Context(), model.Query{Node: "join", Path: out,
		SQL:    "SELECT name, id FROM Names JOIN \"odd name\" USING (id) ORDER BY id; -- done;",
		Inputs: []model.QueryInput{input("names", a), input("odd name", b)}})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(out)
	if err != nil {
		t.Fatal(err)
	}
	if result.Rows != 2 || result.Bytes != info.Size() || result.Profile != nil {
		t.Errorf("result %+v, file of %d bytes", result, info.Size())
	}
	if got, want := read(t, s, out), "[name id] [[n1 1] [n2 2]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	wantOnly(t, dir, "a.parquet", "b.parquet", "out.parquet")
}

func TestInputOfManyFilesAndDirectories(t *testing.T) {
	s, dir := open(t, withCaches()), filepath.Join(t.TempDir(), "k=1", "we[i]rd*?'s")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	table(t, s, filepath.Join(dir, "0.parquet"), "SELECT 1 AS x WHERE false")
	table(t, s, filepath.Join(dir, "1.parquet"), "SELECT 2 AS x")
	more := table(t, s, filepath.Join(t.TempDir(), "more.parquet"), "SELECT 3 AS x")
	out := filepath.Join(t.TempDir(), "out.parquet")
	result, err := s.Materialize(t.Context(), model.Query{SQL: "FROM t ORDER BY x", Path: out, Profile: true,
		Inputs: []model.QueryInput{input("t", dir+"/", more)}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, s, out), "[x] [[2] [3]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if p := result.Profile; p.FilesListed != 3 || p.FilesRead != 2 {
		t.Errorf("listed %d, read %d; want 3 and 2: one file has no rows", p.FilesListed, p.FilesRead)
	}
}

func TestEmptyInputKeepsItsSchema(t *testing.T) {
	s, dir := open(t, withCaches()), t.TempDir()
	var files []string
	for i := range 2 {
		files = append(files, table(t, s, filepath.Join(dir, fmt.Sprintf("%d.parquet", i)), "SELECT 1::BIGINT AS z, 'a' AS a WHERE false"))
	}
	out := filepath.Join(dir, "out.parquet")
	result, err := s.Materialize(t.Context(), model.Query{SQL: "FROM t", Path: out, Inputs: []model.QueryInput{input("t", files...)}})
	if err != nil || result.Rows != 0 {
		t.Fatalf("%d rows, %v", result.Rows, err)
	}
	_, rows, err := s.Query(t.Context(), "SELECT column_name, column_type FROM (DESCRIBE FROM "+sqllex.QuotePattern(out)+")", 9)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(rows), "[[z BIGINT] [a VARCHAR]]"; got != want {
		t.Errorf("schema %s, want %s", got, want)
	}
}

func TestNamesAreReboundOnlyWhenFilesChange(t *testing.T) {
	s, dir := open(t, withCaches()), t.TempDir()
	one := table(t, s, filepath.Join(dir, "1.parquet"), "SELECT 1 AS x")
	two := table(t, s, filepath.Join(dir, "2.parquet"), "SELECT 'two' AS y")
	run := func(files ...string) string {
		t.Helper()
		out := filepath.Join(dir, "out.parquet")
		if _, err := s.Materialize(t.Context(), model.Query{SQL: "FROM t", Path: out, Inputs: []model.QueryInput{input("t", files...)}}); err != nil {
			t.Fatal(err)
		}
		return read(t, s, out)
	}
	first := run(one)
	before := s.views["t"]
	if run(one); s.views["t"] != before {
		t.Error("the same files were bound again")
	}
	if first, second := first, run(two); first != "[x] [[1]]" || second != "[y] [[two]]" {
		t.Errorf("got %s and %s", first, second)
	}
	table(t, s, two, "SELECT 2.5::DOUBLE AS y, true AS more") // same path, other columns
	if got := run(two); got != "[y more] [[2.5 true]]" {
		t.Errorf("after a rewrite: %s", got)
	}
}

func TestTablesOfOtherQueriesAreOutOfReach(t *testing.T) {
	s, dir := open(t, withCaches()), t.TempDir()
	one := table(t, s, filepath.Join(dir, "1.parquet"), "SELECT 1 AS x")
	q := model.Query{Node: "first", SQL: "FROM t", Path: filepath.Join(dir, "out.parquet"), Inputs: []model.QueryInput{input("t", one)}}
	if _, err := s.Materialize(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	q = model.Query{Node: "second", SQL: "SELECT *\nFROM T", Path: q.Path}
	_, err := s.Materialize(t.Context(), q)
	var e *Error
	if !errors.As(err, &e) || e.Line != 2 || e.Column != 6 || !strings.Contains(err.Error(), "node second: binder error at 2:6: table T exists, but is not an input") {
		t.Errorf("error %v", err)
	}
	q.SQL = "WITH t AS (SELECT 5 AS x) FROM t" // a name of its own is no reach
	if _, err := s.Materialize(t.Context(), q); err != nil {
		t.Error(err)
	}
}

func TestErrorsHaveNodeAndPosition(t *testing.T) {
	s, dir := open(t, withCaches()), t.TempDir()
	one := table(t, s, filepath.Join(dir, "1.parquet"), "SELECT 1 AS x")
	out := filepath.Join(dir, "out.parquet")
	for _, test := range []struct {
		sql          string
		line, column int
		want         string
	}{
		{"SELECT x,\n  'ü', y\nFROM t", 2, 8, `binder error at 2:8: Referenced column "y" not found`},
		{"SELECT x FROM t, nope", 1, 18, "catalog error at 1:18: Table with name nope does not exist"},
		{"SELECT x,\n CAST('a' || x AS INT) FROM t", 2, 2, "conversion error at 2:2: Could not convert string 'a1' to INT32"},
		{"SELECT x FROM t WHERE", 1, 22, "parser error at 1:22: syntax error"},
		{"DELETE FROM t", 1, 1, "only a SELECT"},
		{"SELECT x FROM t) TO '/tmp/x' --", 1, 16, "syntax error"},
	} {
		_, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: test.sql, Path: out, Inputs: []model.QueryInput{input("t", one)}})
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: error %v, want an *Error", test.sql, err)
			continue
		}
		if e.Node != "n" || e.Line != test.line || e.Column != test.column || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %d:%d\n%v\nwant %d:%d %q", test.sql, e.Line, e.Column, err, test.line, test.column, test.want)
		}
	}
	for name, q := range map[string]model.Query{
		"table t: no files":         {SQL: "FROM t", Path: out, Inputs: []model.QueryInput{input("t")}},
		"table T is bound twice":    {SQL: "FROM t", Path: out, Inputs: []model.QueryInput{input("t", one), input("T", one)}},
		"gone.parquet":              {SQL: "FROM t", Path: out, Inputs: []model.QueryInput{input("t", filepath.Join(dir, "gone.parquet"))}},
		"No such file or directory": {SQL: "SELECT 1", Path: filepath.Join(dir, "no", "dir.parquet")},
		"no usable output path":     {SQL: "SELECT 1"},
	} {
		q.Node = "n"
		if _, err := s.Materialize(t.Context(), q); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "node n: ") {
			t.Errorf("error %v, want node n and %q", err, name)
		}
	}
	wantOnly(t, dir, "1.parquet")
}

func TestFailureKeepsThePreviousOutput(t *testing.T) {
	s, dir := open(t, Options{Threads: 2}), t.TempDir()
	out := table(t, s, filepath.Join(dir, "out.parquet"), "SELECT 'old' AS x")
	// Fails after many rows have been written.
	_, err := s.Materialize(t.Context(), model.Query{Path: out, SQL: "SELECT CAST(if(range < 3000000, '1', 'x') AS INT) AS x FROM range(3000001)"})
	if err == nil {
		t.Fatal("no error")
	}
	if got := read(t, s, out); got != "[x] [[old]]" {
		t.Errorf("the output is now %s", got)
	}
	wantOnly(t, dir, "out.parquet")
}

func TestCancelInterrupts(t *testing.T) {
	s, dir := open(t, Options{Threads: 2}), t.TempDir()
	cause := errors.New("the operator said so")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(200*time.Millisecond, func() { cancel(cause) })
	start := time.Now()
	_, err := s.Materialize(ctx, model.Query{Node: "long", SQL: endless, Path: filepath.Join(dir, "out.parquet")})
	took := time.Since(start)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, cause) || !strings.Contains(err.Error(), "node long: query interrupted") {
		t.Errorf("error %v, want context.Canceled and its cause", err)
	}
	if took > 2*time.Second { // half a second on a free machine
		t.Errorf("ended %v after the start, want soon after 200ms", took)
	}
	wantOnly(t, dir)
	table(t, s, filepath.Join(dir, "next.parquet"), "SELECT 1") // the session goes on
}

func TestWaitingQueryCanBeCancelled(t *testing.T) {
	s := open(t, Options{Threads: 2})
	release, err := s.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = s.Materialize(ctx, model.Query{SQL: "SELECT 1", Path: filepath.Join(t.TempDir(), "o.parquet")})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want DeadlineExceeded", err)
	}
}

func TestConcurrentUse(t *testing.T) {
	s, dir := open(t, withCaches()), t.TempDir()
	one := table(t, s, filepath.Join(dir, "1.parquet"), "SELECT range AS x FROM range(1000)")
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			for j := range 3 {
				name := fmt.Sprintf("t%d_%d", i, j)
				result, err := s.Materialize(t.Context(), model.Query{Node: name, SQL: "SELECT x + " + fmt.Sprint(i) + " AS x FROM " + name,
					Path: filepath.Join(dir, name+".parquet"), Inputs: []model.QueryInput{input(name, one)}, Profile: j%2 == 0})
				if err != nil || result.Rows != 1000 || (result.Profile != nil) != (j%2 == 0) {
					t.Errorf("%s: %+v, %v", name, result, err)
				}
				if _, rows, err := s.Query(t.Context(), "SELECT sum(x) FROM "+name, 1); err != nil || rows[0][0] != int64(499500) {
					t.Errorf("%s: %v, %v", name, rows, err)
				}
			}
		})
	}
	wg.Wait()
}

// TestCachesDoNotChangeResults runs the same queries with everything on and off.
func TestCachesDoNotChangeResults(t *testing.T) {
	dir := t.TempDir()
	on, off := open(t, withCaches()), open(t, Options{Threads: 2})
	for i := range 6 {
		table(t, off, filepath.Join(dir, fmt.Sprintf("%d.parquet", i)), fmt.Sprintf("SELECT range + %d AS x FROM range(%d)", i*10, i%3*5))
	}
	for i, sql := range []string{"SELECT count(*) AS n, sum(x)::BIGINT AS s FROM t", "FROM t ORDER BY x DESC", "FROM t WHERE x > 30 ORDER BY x"} {
		var got []string
		for n, s := range []*Session{on, off, on} {
			out := filepath.Join(t.TempDir(), fmt.Sprintf("%d-%d.parquet", i, n))
			if _, err := s.Materialize(t.Context(), model.Query{SQL: sql, Path: out, Inputs: []model.QueryInput{input("t", dir)}}); err != nil {
				t.Fatal(err)
			}
			got = append(got, read(t, off, out))
		}
		if got[0] != got[1] || got[0] != got[2] {
			t.Errorf("%s\n on %s\noff %s\n on %s", sql, got[0], got[1], got[2])
		}
	}
}
