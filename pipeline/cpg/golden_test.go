package cpg_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/buildscope/buildscope/pipeline"
)

var update = flag.Bool("update", false, "write the edges found into testdata/*.txtar")

// shown are the edge kinds of the golden files: what resolution decided. The
// others follow from the syntax alone.
var shown = map[string]bool{
	"CALLS": true, "GO_CALLS_QNAME": true, "PY_CALLS_QNAME": true, "IMPORTS_MODULE": true, "INHERITS": true,
	"OVERRIDES": true, "RESOLVES_TO": true, "BINDING_RESOLVES_TO": true,
}

// Each testdata/*.txtar is a small source tree; its last file, edges.txt, lists
// the edges that resolution makes of it and the calls it leaves unresolved.
func TestGoldenEdges(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, archive := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(archive), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(archive)
			if err != nil {
				t.Fatal(err)
			}
			root, want := t.TempDir(), ""
			var sources []txtar.File
			for _, f := range ar.Files {
				if f.Name == "edges.txt" {
					want = string(f.Data)
					continue
				}
				sources = append(sources, f)
				path := filepath.Join(root, filepath.FromSlash(f.Name))
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			r := build(t, root, 2)
			for _, table := range []string{"cpg_nodes_quality", "cpg_edges_quality", "cpg_props_quality"} {
				if found := records(t, r, table); len(found) != 0 {
					t.Errorf("%s: %v", table, found)
				}
			}
			got := readable(t, r, sources)
			if *update {
				ar.Files = append(sources, txtar.File{Name: "edges.txt", Data: []byte(got)})
				if err := os.WriteFile(archive, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("edges differ; go test ./pipeline/cpg -run Golden -update writes these:\n%s", got)
			}
		})
	}
}

// readable lists the edges of the shown kinds and the unresolved calls, sorted.
func readable(t *testing.T, r *pipeline.Result, sources []txtar.File) string {
	text := map[string]string{}
	for _, f := range sources {
		text[f.Name] = string(f.Data)
	}
	// place is file:line `source text`.
	place := func(row map[string]string) string {
		start, err1 := strconv.Atoi(row["bstart"])
		end, err2 := strconv.Atoi(row["bend"])
		if err1 != nil || err2 != nil {
			return row["path"]
		}
		src := text[row["path"]]
		snippet, _, _ := strings.Cut(src[start:end], "\n")
		return fmt.Sprintf("%s:%d `%s`", row["path"], 1+strings.Count(src[:start], "\n"), snippet)
	}
	names := map[string]string{}
	for _, p := range records(t, r, "cpg_props") {
		switch k := p["prop_key"]; {
		case k == "qualname", k == "qname", k == "module" && p["node_kind"] == "GO_PACKAGE", k == "name" && names[p["entity_id"]] == "":
			names[p["entity_id"]] = p["value_string"]
		}
	}
	label := map[string]string{}
	for _, n := range records(t, r, "cpg_nodes") {
		switch n["node_kind"] {
		case "CST_DEF":
			label[n["node_id"]] = n["path"] + " " + names[n["node_id"]]
		case "PY_BINDING", "GO_BINDING":
			line, _, _ := strings.Cut(place(n), " ")
			label[n["node_id"]] = line + " name " + names[n["node_id"]]
		case "GO_PACKAGE", "GO_QUALIFIED_NAME", "PY_QUALIFIED_NAME":
			label[n["node_id"]] = n["node_kind"] + " " + names[n["node_id"]]
		default:
			label[n["node_id"]] = place(n)
		}
	}
	var lines []string
	for _, e := range records(t, r, "cpg_edges") {
		if shown[e["edge_kind"]] {
			lines = append(lines, fmt.Sprintf("%s: %s -> %s (%s %s)", e["edge_kind"], label[e["src_node_id"]], label[e["dst_node_id"]],
				e["resolution_method"], e["confidence"]))
		}
	}
	for _, c := range records(t, r, "unresolved_calls") {
		lines = append(lines, fmt.Sprintf("unresolved: %s (%s)", place(c), c["reason"]))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n") + "\n"
}

// records reads a table, one map of column to text per row.
func records(t *testing.T, r *pipeline.Result, table string) []map[string]string {
	t.Helper()
	tab, ok := r.Table(table)
	if !ok {
		t.Fatalf("no table %s", table)
	}
	var out []map[string]string
	if err := tab.Read(t.Context(), func(rec arrow.RecordBatch) error {
		for i := range int(rec.NumRows()) {
			row := map[string]string{}
			for c, f := range rec.Schema().Fields() {
				row[f.Name] = rec.Column(c).ValueStr(i)
			}
			out = append(out, row)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}
