package cpg_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/engine/remote"
	"github.com/buildscope/buildscope/engine/remote/sailtest"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// Another engine, with texts of its own for some nodes, makes the same tables: columns,
// types and rows, whether it writes them or sends them.
func TestSameTablesOnSail(t *testing.T) {
	server := sailtest.Start(t)
	s := model.BuildSettings{RepoRoot: allSources(t), Languages: []string{"python", "go"}, Untracked: true}
	want := tables(t, run(t, s, pipeline.Options{Workers: 2}))
	for _, name := range []string{"cpg_nodes", "cpg_edges", "cpg_props", "unresolved_calls", "file_quality"} {
		if len(want[name]) < 6 { // one is the columns
			t.Fatalf("the build made %d rows of %s, too little to compare", len(want[name]), name)
		}
	}
	for _, writes := range []string{remote.WritesServer, remote.WritesStream} {
		t.Run(writes, func(t *testing.T) {
			local, err := engine.Open(t.Context(), engine.Options{TempDirectory: t.TempDir(), Threads: 2})
			if err != nil {
				t.Fatal(err)
			}
			defer local.Close()
			e, err := remote.Open(t.Context(), remote.Options{Endpoint: server.Endpoint, ConnectTimeout: 10 * time.Second,
				Writes: writes, ProbeDir: t.TempDir(), Local: local})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			got := tables(t, runOn(t, e, s, pipeline.Options{Workers: 2}))
			for _, name := range slices.Sorted(maps.Keys(want)) {
				if !slices.Equal(got[name], want[name]) {
					t.Errorf("%s differs:\n%s", name, difference(got[name], want[name]))
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d tables, want %d", len(got), len(want))
			}
		})
	}
}

// allSources is one tree of all the sources that the tests have, and some that are
// hard for an engine.
func allSources(t *testing.T) string {
	t.Helper()
	files := map[string]string{
		"hard/deep.py": "def f(x):\n    return " + strings.Repeat("lambda: ", 40) + "x\n\ndef g(x):\n    def h(x):\n        return lambda: x\n    return h\n",
		"hard/classes.py": "import enum\n\nclass A:\n    def m(self): pass\n    def n(self): pass\n\nclass B(A):\n    def m(self): super().m()\n\n" +
			"class C(A, enum.Enum):\n    def m(self): self.n()\n\nclass D(B, C):\n    def o(self): self.m(); self.n(); super().o()\n\n" +
			"def use(d: 'D', e: dict[\n    str,\t\u00a0int], \u00e9 = 1):\n    x = D()\n    x.o(); x.m(); d.p(); \u00e9()\n",
		"hard/star.py":    "from hard.names import *\nfrom hard.names import _hidden\n\nshown(); _hidden(); missing(); print(open('x'))\n",
		"hard/names.py":   "def shown(): pass\n\ndef _hidden(): pass\n",
		"src/lib/one.py":  "from . import two\nimport lib.two as again\n\ntwo.run(); again.run()\n",
		"src/lib/two.py":  "def run(): run.count = 1\n",
		"dots/go.mod":     "module dots\n",
		"dots/dots.go":    "package dots\n\nimport . \"dots/other\"\n\nfunc Use() { Shown(); \u00c9t\u00e9() }\n",
		"dots/other/o.go": "package other\n\nfunc Shown() {}\n\nfunc \u00c9t\u00e9() {}\n",
	}
	for name, text := range sources {
		files["calls/"+name] = text
	}
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, archive := range archives {
		ar, err := txtar.ParseFile(archive)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			files[strings.TrimSuffix(filepath.Base(archive), ".txtar")+"/"+f.Name] = string(f.Data)
		}
	}
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// tables gives the columns of each table and its rows, as text and sorted: an engine
// that writes several files keeps no order.
func tables(t *testing.T, r *pipeline.Result) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, n := range r.Nodes {
		for _, table := range n.Tables {
			columns := table.Schema.Fields()
			rows := []string{}
			for _, record := range records(t, r, table.Name) {
				var row []string
				for _, c := range columns {
					row = append(row, record[c.Name])
				}
				rows = append(rows, strings.Join(row, " | "))
			}
			slices.Sort(rows)
			header := ""
			for _, c := range columns {
				header += c.Name + " "
				if n.Node.Publish { // in between an engine may have more digits
					header += fmt.Sprint(c.Type, " ")
				}
			}
			out[table.Name] = append([]string{header}, rows...)
		}
	}
	return out
}

// difference lists the rows that only one of two sorted tables has.
func difference(got, want []string) string {
	var out []string
	for len(got) > 0 || len(want) > 0 {
		switch {
		case len(want) == 0 || len(got) > 0 && got[0] < want[0]:
			out, got = append(out, "got only:  "+got[0]), got[1:]
		case len(got) == 0 || want[0] < got[0]:
			out, want = append(out, "want also: "+want[0]), want[1:]
		default:
			got, want = got[1:], want[1:]
		}
	}
	return strings.Join(out[:min(len(out), 20)], "\n")
}
