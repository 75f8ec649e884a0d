package remote

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model"
)

func files(paths ...string) (out []listing.TableFile) {
	for _, p := range paths {
		out = append(out, listing.TableFile{File: listing.File{Path: p}})
	}
	return out
}

func TestBind(t *testing.T) {
	orders := engine.Input{Name: "orders", Files: files("/d/a.parquet")}
	for _, c := range []struct {
		name, text string
		inputs     []engine.Input
		want       string
	}{
		{"no inputs", "SELECT 1", nil, "SELECT 1"},
		{"one", "SELECT * FROM orders", []engine.Input{orders},
			"WITH `orders` AS (SELECT * FROM parquet.`/d/a.parquet`) SELECT * FROM orders"},
		{"files of folders", "SELECT 1", []engine.Input{{Name: "t", Files: files("/d/a.parquet", "/e/x y.parquet", "/d/b.parquet", "s3://b/k/c.parquet")}},
			"WITH `t` AS (SELECT * FROM parquet.`/d/{a.parquet,b.parquet}` UNION ALL SELECT * FROM parquet.`/e/x y.parquet` UNION ALL SELECT * FROM parquet.`s3://b/k/c.parquet`) SELECT 1"},
		{"names of their own", "-- why\nWITH a AS (SELECT 1) SELECT * FROM a, orders", []engine.Input{orders},
			"WITH `orders` AS (SELECT * FROM parquet.`/d/a.parquet`),a AS (SELECT 1) SELECT * FROM a, orders"},
		{"recursive", "WITH RECURSIVE a AS (SELECT 1) SELECT * FROM a", []engine.Input{orders},
			"WITH RECURSIVE `orders` AS (SELECT * FROM parquet.`/d/a.parquet`), a AS (SELECT 1) SELECT * FROM a"},
		{"a name that hides it", "WITH Orders AS (SELECT * FROM orders) SELECT * FROM orders -- end", []engine.Input{orders},
			"WITH `orders` AS (SELECT * FROM parquet.`/d/a.parquet`) SELECT * FROM (WITH Orders AS (SELECT * FROM orders) SELECT * FROM orders -- end\n)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := bind(c.text, c.inputs)
			if got.sql != c.want {
				t.Errorf("got\n%s\nwant\n%s", got.sql, c.want)
			}
			for _, word := range []string{"1", "FROM a", "* FROM orders"} {
				at, in := strings.LastIndex(got.sql, word), strings.LastIndex(c.text, word)
				if in >= 0 && got.offset(at) != in {
					t.Errorf("%q is at %d, want %d", word, got.offset(at), in)
				}
			}
		})
	}
}

// A server that does not see the files takes a table for empty; the build fails
// and does not.
func TestUnseenFiles(t *testing.T) {
	here := local(t)
	in := filepath.Join(t.TempDir(), "in.parquet")
	writeTable(t, here, in, "SELECT range AS n FROM range(1234)")
	f := &fake{rows: func(_ context.Context, sql string, send func(...int64) error) error {
		if strings.Contains(sql, "count(*)") {
			return send(0)
		}
		return send(1)
	}}
	endpoint, _ := serve(t, f, "127.0.0.1:0")
	s := open(t, endpoint, Options{Local: here})
	_, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT * FROM t", Path: filepath.Join(t.TempDir(), "n.parquet"), Inputs: []model.QueryInput{{Name: "t", Files: []string{in}}}})
	if err == nil || !strings.Contains(err.Error(), "node n: table t: "+endpoint+" reads 0 of its 1,234 rows") || !strings.Contains(err.Error(), in) {
		t.Errorf("error %v", err)
	}
}

// Each file is counted once, however many statements read it.
func TestCountedOnce(t *testing.T) {
	here := local(t)
	in := filepath.Join(t.TempDir(), "in.parquet")
	writeTable(t, here, in, "SELECT 1 AS n")
	f := &fake{rows: one}
	endpoint, _ := serve(t, f, "127.0.0.1:0")
	s := open(t, endpoint, Options{Local: here})
	for range 3 {
		if _, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT * FROM t", Path: filepath.Join(t.TempDir(), "n.parquet"), Inputs: []model.QueryInput{{Name: "t", Files: []string{in}}}}); err != nil {
			t.Fatal(err)
		}
	}
	counts := 0
	for _, sql := range f.statements() {
		if strings.Contains(sql, "count(*)") {
			counts++
		}
	}
	if counts != 1 {
		t.Errorf("counted %d times:\n%s", counts, strings.Join(f.statements(), "\n"))
	}
}

// Where the server writes nothing that is seen here, auto streams and says why, and
// server fails.
func TestWrites(t *testing.T) {
	endpoint, _ := serve(t, &fake{rows: one}, "127.0.0.1:0")
	s := open(t, endpoint, Options{Writes: WritesAuto})
	if got := s.Config(nil); got.Writes != WritesStream || !strings.Contains(got.Why, "not shared") {
		t.Errorf("%+v", got)
	}
	if _, err := tryOpen(t, endpoint, Options{Writes: WritesServer}); err == nil || !strings.Contains(err.Error(), "engine.remote_writes is server, but "+endpoint) {
		t.Errorf("error %v", err)
	}
}
