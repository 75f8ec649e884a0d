package cpg_test

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

var sources = map[string]string{
	"go.mod": "module example.com/m\n",
	"a/a.go": "package a\n\nimport \"example.com/m/b\"\nimport \"fmt\"\n\nfunc Top() { helper(); b.Do(); fmt.Println() }\n",
	"a/c.go": "package a\n\nfunc helper() { x := 1; _ = x }\n",
	"b/b.go": "package b\n\nfunc Do() { func() { Do() }() }\n",
	"b/t.go": "package b\n\ntype Base struct{}\n\nfunc (*Base) Stop() {}\n\ntype T struct{ Base }\n\nfunc (t *T) Run() { t.step(); t.Stop() }\n\nfunc (t T) step() {}\n\nfunc use() int { x := &T{}; x.Run(); return len(\"\") }\n",
	"bad.go": "package bad\n\nfunc broken( {\n",
}

func tree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range sources {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func build(t *testing.T, root string, workers int) *pipeline.Result {
	t.Helper()
	return run(t, model.BuildSettings{RepoRoot: root, Languages: []string{"python", "go"}, Untracked: true}, pipeline.Options{Workers: workers})
}

// rows reads the string columns of a table, one line per row.
func rows(t *testing.T, r *pipeline.Result, table string, columns ...string) [][]string {
	t.Helper()
	tab, ok := r.Table(table)
	if !ok {
		t.Fatalf("no table %s", table)
	}
	var out [][]string
	if err := tab.Read(t.Context(), func(rec arrow.RecordBatch) error {
		for i := range int(rec.NumRows()) {
			var row []string
			for _, c := range columns {
				at := rec.Schema().FieldIndices(c)
				col := rec.Column(at[0]).(*array.String)
				if col.IsNull(i) {
					row = append(row, "")
					continue
				}
				row = append(row, col.Value(i))
			}
			out = append(out, row)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// The calls of the small tree: within a file, across files of a package, through
// an import, on receivers and embedded types, and out of the sources.
func TestCallsAreResolved(t *testing.T) {
	r := build(t, tree(t), 2)
	names := map[string]string{}
	for _, p := range rows(t, r, "cpg_props", "entity_id", "prop_key", "value_string") {
		if p[1] == "qualname" || p[1] == "qname" || p[1] == "callee_text" {
			names[p[0]] = p[2]
		}
	}
	var got []string
	for _, e := range rows(t, r, "cpg_edges", "edge_kind", "src_node_id", "dst_node_id", "resolution_method") {
		if e[0] == "CALLS" || e[0] == "GO_CALLS_QNAME" {
			got = append(got, e[0]+" "+names[e[1]]+" -> "+names[e[2]]+" "+e[3])
		}
	}
	sort.Strings(got)
	want := []string{
		"CALLS Top -> Do IMPORT",
		"CALLS Top -> helper LEXICAL",
		"CALLS T.Run -> T.step SELF_MRO",
		"CALLS T.Run -> Base.Stop SELF_MRO",
		"CALLS use -> T.Run TYPE_ANNOT",
		"CALLS Do.func1 -> Do LEXICAL",
		"GO_CALLS_QNAME fmt.Println -> fmt.Println EXTERNAL",
		"GO_CALLS_QNAME len -> builtin.len BUILTIN",
	}
	for _, w := range want {
		if !contains(got, w) {
			t.Errorf("missing %q in:\n%s", w, strings.Join(got, "\n"))
		}
	}
	for _, table := range []string{"cpg_nodes_quality", "cpg_edges_quality", "cpg_props_quality"} {
		if tab, _ := r.Table(table); tab.Rows != 0 {
			t.Errorf("%s has %d rows", table, tab.Rows)
		}
	}
}

// A file that does not parse costs that file and is listed.
func TestBrokenFileIsListed(t *testing.T) {
	r := build(t, tree(t), 1)
	for _, n := range r.Nodes {
		if p, ok := n.Value.(model.ExtractErrorsPayload); ok {
			if p.Count == 0 || p.Errors[0].Path != "bad.go" || p.Errors[0].Line != 3 {
				t.Errorf("errors %+v", p)
			}
			return
		}
	}
	t.Error("no extract errors payload")
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}
