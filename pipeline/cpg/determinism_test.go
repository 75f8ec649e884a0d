package cpg_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// someLibrary copies packages of both standard libraries into one tree, some
// two hundred files, as far as the languages are installed here.
func someLibrary(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for language, dirs := range map[string][]string{
		"go":     {"encoding/json", "errors", "io", "io/fs", "net/url", "strings", "text/template/parse"},
		"python": {"asyncio", "concurrent/futures", "email", "importlib", "json", "logging"},
	} {
		from := library(t, language).RepoRoot
		for _, dir := range dirs {
			entries, err := os.ReadDir(filepath.Join(from, filepath.FromSlash(dir)))
			if err != nil {
				t.Fatal(err)
			}
			to := filepath.Join(root, language, filepath.FromSlash(dir))
			if err := os.MkdirAll(to, 0o755); err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if ext := path.Ext(e.Name()); e.IsDir() || ext != ".py" && ext != ".go" {
					continue
				}
				text, err := os.ReadFile(filepath.Join(from, filepath.FromSlash(dir), e.Name()))
				if err == nil {
					err = os.WriteFile(filepath.Join(to, e.Name()), text, 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := os.WriteFile(filepath.Join(root, "go", "go.mod"), []byte("module std\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

// sums are the checksums of all published tables.
func sums(t *testing.T, r *pipeline.Result) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, n := range r.Nodes {
		for _, table := range n.Tables {
			if !n.Node.Publish {
				continue
			}
			for _, f := range table.Files {
				sum, err := pipeline.Fingerprint(t.Context(), f, 2)
				if err != nil {
					t.Fatal(err)
				}
				out[table.Name] = fmt.Sprint(sum.Rows, " rows ", sum.Checksum)
			}
		}
	}
	return out
}

// The same tree gives the same rows with any number of workers, one node at a time
// or several, and a sound graph.
func TestSameTreeSameRows(t *testing.T) {
	if testing.Short() {
		t.Skip("builds four graphs")
	}
	s := model.BuildSettings{RepoRoot: someLibrary(t), Languages: []string{"python", "go"}, Untracked: true}
	first := run(t, s, pipeline.Options{Workers: 1}) // one node at a time is the serial mode
	want := sums(t, first)
	if len(want) < 12 || strings.HasPrefix(want["cpg_edges"], "0 ") {
		t.Fatalf("the build made too little to compare: %v", want)
	}
	for name, sum := range want {
		if strings.HasPrefix(name, "cpg_") && strings.HasSuffix(name, "_quality") && !strings.HasPrefix(sum, "0 rows") {
			t.Errorf("%s: %s, want none", name, sum)
		}
	}
	checkKinds(t, first)
	for _, workers := range []int{2, 7} {
		if got := sums(t, run(t, s, pipeline.Options{Workers: workers})); !maps.Equal(got, want) {
			t.Errorf("with %d workers:\n got %v\nwant %v", workers, got, want)
		}
	}
	moved := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Rename(s.RepoRoot, moved); err != nil {
		t.Fatal(err)
	}
	s.RepoRoot = moved
	if got := sums(t, run(t, s, pipeline.Options{Workers: 2})); !maps.Equal(got, want) {
		t.Errorf("in another directory:\n got %v\nwant %v", got, want)
	}
}

// What is documented as ordered is: edges by kind and place, and what is sorted by
// node by its number.
func TestOrder(t *testing.T) {
	r := build(t, tree(t), 3)
	for table, column := range map[string]string{"cpg_nodes": "node_no", "cpg_props": "node_no", "cpg_edges_by_src": "src_no", "cpg_edges_by_dst": "dst_no"} {
		last := []byte{}
		for _, row := range records(t, r, table) {
			at := fmt.Appendf(nil, "%020s", row[column])
			if bytes.Compare(at, last) < 0 {
				t.Fatalf("%s: %s after %s", table, at, last)
			}
			last = at
		}
	}
	ended, last := map[string]bool{}, ""
	for _, row := range records(t, r, "cpg_edges") {
		kind := row["edge_kind"]
		if strings.HasSuffix(kind, "_CALLS_QNAME") {
			kind = "CALLS_QNAME"
		}
		if kind != last {
			if ended[kind] {
				t.Fatalf("the edges of kind %s are not together", kind)
			}
			ended[last], last = true, kind
		}
	}
}
