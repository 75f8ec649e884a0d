package cpg_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/pipeline"
)

// page is docs/cpg.md by heading: the rows of the table that follows each, one
// list of cells per row, back quotes removed.
func page(t *testing.T) map[string][][]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/cpg.md")
	if err != nil {
		t.Fatal(err)
	}
	out, heading := map[string][][]string{}, ""
	for line := range strings.SplitSeq(string(text), "\n") {
		if name, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			heading = name
		}
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.Trim(cell, " `"))
		}
		out[heading] = append(out[heading], cells)
	}
	return out
}

// The page for users says what a build really writes: every published table with
// its columns in order, and no others.
func TestPageListsTheColumns(t *testing.T) {
	doc := page(t)
	r := build(t, tree(t), 2)
	published := map[string]bool{}
	for _, n := range r.Nodes {
		for _, table := range n.Tables {
			if !n.Node.Publish {
				continue
			}
			published[table.Name] = true
			var got, want []string
			for _, f := range table.Schema.Fields() {
				got = append(got, f.Name+" "+strings.Replace(f.Type.String(), "float64", "double", 1))
			}
			for _, row := range doc[table.Name][min(1, len(doc[table.Name])):] {
				want = append(want, row[0]+" "+row[1])
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s:\nbuilt %q\n page %q", table.Name, got, want)
			}
		}
	}
	for heading, rows := range doc {
		if rows[0][0] == "column" && !published[heading] {
			t.Errorf("the page describes %s, which no build publishes", heading)
		}
	}
}

// kinds reads a cell that lists kinds.
func kinds(cell string) []string { return strings.Split(cell, ", ") }

// checkKinds holds the kinds of a build against the page: of nodes with their
// properties, of edges with their ends, and the resolution methods.
func checkKinds(t *testing.T, r *pipeline.Result) {
	t.Helper()
	doc := page(t)
	known := map[string]bool{}
	for _, row := range doc["Node kinds"] {
		for _, kind := range kinds(row[0]) {
			known[kind] = true
			for _, prop := range kinds(row[2]) {
				known[kind+"."+prop] = true
			}
		}
	}
	for _, row := range doc["Edge kinds"] {
		for _, src := range kinds(row[1]) {
			for _, dst := range kinds(row[2]) {
				known[row[0]+": "+src+" to "+dst] = true
			}
		}
	}
	for _, row := range doc["Resolution"] {
		for _, method := range kinds(row[0]) {
			known[method] = true
		}
	}
	text, err := os.ReadFile("../../docs/cpg.md")
	if err != nil {
		t.Fatal(err)
	}
	own := regexp.MustCompile(`a method of its own: ([A-Z_, ]+)\.`).FindSubmatch(text)
	if own == nil {
		t.Fatal("the page does not list the methods of the syntax")
	}
	for _, method := range kinds(string(own[1])) {
		known[method] = true
	}
	missing := map[string]bool{}
	see := func(what string) {
		if !known[what] {
			missing[what] = true
		}
	}
	kindOf := map[string]string{}
	for _, n := range records(t, r, "cpg_nodes") {
		kindOf[n["node_no"]] = n["node_kind"]
		see(n["node_kind"])
	}
	for _, p := range records(t, r, "cpg_props") {
		see(p["node_kind"] + "." + p["prop_key"])
	}
	for _, e := range records(t, r, "cpg_edges") {
		see(e["edge_kind"] + ": " + kindOf[e["src_no"]] + " to " + kindOf[e["dst_no"]])
		see(e["resolution_method"])
	}
	for what := range missing {
		t.Errorf("docs/cpg.md lacks %s", what)
	}
}
