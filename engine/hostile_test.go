package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model"
)

// TestHostileFiles puts one bad thing into a directory of good files. The error names
// the node and the file; where the file is odd but sound, it is read.
func TestHostileFiles(t *testing.T) {
	maker := open(t, Options{Threads: 1})
	good := contents(t, table(t, maker, filepath.Join(t.TempDir(), "g.parquet"), "SELECT range AS x, 's' || range AS s FROM range(1000)"))
	var columns strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&columns, ", %d AS c%d", i, i)
	}
	wide := contents(t, table(t, maker, filepath.Join(t.TempDir(), "w.parquet"), "SELECT 7 AS x, 's' AS s"+columns.String()))
	none := contents(t, table(t, maker, filepath.Join(t.TempDir(), "n.parquet"), "SELECT 1 AS x, 's' AS s LIMIT 0"))
	pages := bytes.Clone(good)
	for i := 4; i < 200; i++ {
		pages[i] ^= 0x5a
	}
	write := func(data []byte) func(string) error {
		return func(path string) error { return os.WriteFile(path, data, 0o644) }
	}
	for _, test := range []struct {
		name, file string
		make       func(path string) error
		want       string // "" when the file is read
		rows       int64  // of it
	}{
		{"truncated footer", "bad.parquet", write(good[:len(good)-30]), "cut short", 0},
		{"cut at the head", "bad.parquet", write(good[len(good)-40:]), "damaged footer", 0},
		{"wrong magic", "bad.parquet", write(append(bytes.Clone(good[:len(good)-4]), "PAR2"...)), `ends in "PAR2"`, 0},
		{"no bytes", "bad.parquet", write(nil), "only 0 bytes", 0},
		{"text", "bad.parquet", write([]byte("name,age\nada,36\n")), "not a Parquet file", 0},
		{"a footer beyond the file", "bad.parquet", write(append(bytes.Clone(good[:len(good)-8]), 0xff, 0xff, 0xff, 0x7f, 'P', 'A', 'R', '1')), "claims 2147483647 bytes", 0},
		{"huge metadata", "bad.parquet", func(path string) error { // sparse: it takes no room
			const length = 300 << 20
			if err := os.WriteFile(path, []byte("PAR1"), 0o644); err != nil {
				return err
			}
			if err := os.Truncate(path, length+4); err != nil {
				return err
			}
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.Write([]byte{0, 0, 0xc0, 0x12, 'P', 'A', 'R', '1'})
			return errors.Join(err, f.Close())
		}, "the footer has 314572800 bytes, and at most", 0},
		{"damaged pages", "bad.parquet", write(pages), "bad.parquet", 0},
		{"a loop of links", "bad.parquet", func(path string) error { return os.Symlink("bad.parquet", path) }, "too many levels of symbolic links", 0},
		{"zero rows", "none.parquet", write(none), "", 0},
		{"a thousand columns more", "wide.parquet", write(wide), "", 1},
		{"a link to nothing", "bad.parquet", func(path string) error { return os.Symlink("nothing", path) }, "", 0}, // as a file that has just been removed
		{"a directory", "dir.parquet", func(path string) error { return os.Mkdir(path, 0o755) }, "", 0},
		{"quotes and a newline", "it's \"x\"\n[1]*.parquet", write(good), "", 1000},
		{"quotes and a newline, damaged", "it's\nbad.parquet", write(good[:99]), `it's\nbad.parquet"`, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, dir := open(t, withCaches()), t.TempDir()
			for i := range 3 {
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".parquet")), good, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := test.make(filepath.Join(dir, test.file)); err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "o.parquet")
			got, err := s.Materialize(t.Context(), model.Query{Node: "people", SQL: "SELECT x, s FROM t", Path: out, Inputs: []model.QueryInput{input("t", dir)}})
			if test.want == "" {
				if err != nil || got.Rows != 3000+test.rows {
					t.Errorf("%d rows, %v; want %d", got.Rows, err, 3000+test.rows)
				}
				return
			}
			if err == nil {
				t.Fatal("no error")
			}
			text := err.Error()
			if !strings.Contains(text, "node people") || !strings.Contains(text, strings.ReplaceAll(test.file, "\n", `\n`)) || !strings.Contains(text, test.want) || strings.Contains(text, "\n") && test.want != "bad.parquet" {
				t.Errorf("error %q, want the node, the file and %q", text, test.want)
			}
			wantOnly(t, filepath.Dir(out))
		})
	}
}

// Files that are bad are named together, up to a number, in their order.
func TestAllBadFilesAreNamed(t *testing.T) {
	s, dir := open(t, withCaches()), t.TempDir()
	good := contents(t, table(t, s, filepath.Join(t.TempDir(), "g.parquet"), "SELECT 1 AS x"))
	bad := func(n int) string {
		for i := range n {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d-bad.parquet", i)), good[:20+i], 0o644); err != nil {
				t.Fatal(err)
			}
		}
		_, err := s.Materialize(t.Context(), model.Query{Node: "people", SQL: "FROM t", Path: filepath.Join(t.TempDir(), "o"), Inputs: []model.QueryInput{input("t", dir+"/")}})
		if err == nil {
			t.Fatal("no error")
		}
		return err.Error()
	}
	if err := os.WriteFile(filepath.Join(dir, "zz.parquet"), good, 0o644); err != nil {
		t.Fatal(err)
	}
	if text := bad(3); !strings.Contains(text, "node people: table t: 3 of 4 files cannot be read:\n") || strings.Count(text, "-bad.parquet") != 3 ||
		strings.Index(text, "00-bad") > strings.Index(text, "02-bad") {
		t.Error(text)
	}
	if err := s.Invalidate(filepath.Join(dir, "x")); err != nil {
		t.Fatal(err)
	}
	if text := bad(15); !strings.Contains(text, "more than 10 of 16 files cannot be read") || strings.Count(text, "-bad.parquet") != 10 {
		t.Error(text)
	}
}

// A file that is deleted or rewritten while a query is prepared or runs is an error
// that names it, or the query reads what is there; never a mixture.
func TestFilesThatGoWhileAQueryIsPrepared(t *testing.T) {
	s, dir := open(t, withCaches()), t.TempDir()
	for i := range 3 {
		table(t, s, filepath.Join(dir, fmt.Sprint(i, ".parquet")), fmt.Sprintf("SELECT %d AS x", i))
	}
	gone := filepath.Join(dir, "1.parquet")
	q := model.Query{Node: "people", SQL: "FROM t", Path: filepath.Join(t.TempDir(), "o.parquet"), Inputs: []model.QueryInput{input("t", dir)}}
	in, err := s.scan(t.Context(), q.Inputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	// Between the listing and the engine.
	if err := s.createViews(t.Context(), "people", in); err == nil {
		_, err = s.write(t.Context(), q)
		if err == nil || !strings.Contains(err.Error(), gone) || !strings.Contains(err.Error(), "people") {
			t.Errorf("deleted after the listing: %v, want the node and the file", err)
		}
	} else if !strings.Contains(err.Error(), gone) {
		t.Errorf("deleted after the listing: %v, want the file", err)
	}
	// Named by itself, it is looked at every time.
	q.Inputs = []model.QueryInput{input("t", gone)}
	if _, err := s.Materialize(t.Context(), q); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "node people: table t: list "+gone) {
		t.Errorf("missing: %v", err)
	}
	// A directory of which nothing is left.
	for _, name := range []string{"0", "2"} {
		if err := os.Remove(filepath.Join(dir, name+".parquet")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Invalidate(gone); err != nil {
		t.Fatal(err)
	}
	q.Inputs = []model.QueryInput{input("t", dir)}
	if _, err := s.Materialize(t.Context(), q); !errors.Is(err, listing.ErrNoFiles) || !strings.Contains(err.Error(), dir) {
		t.Errorf("empty: %v", err)
	}
}

func contents(tb testing.TB, path string) []byte {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}
