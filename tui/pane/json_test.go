package pane

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/buildscope/buildscope/tui/theme"
)

// Parsing keeps every value in its place: what the root says it is made of is
// the JSON that the standard library finds there.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{}`, `[1, [2, {"a": null}], "x"]`, ` {"a.b" : [ ] , "c":{"d":1e9}} `, `"\u001b[2J"`, `{"a":`, `[]]`, strings.Repeat("[", 2000)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want any
		err := json.Unmarshal(text, &want)
		doc, ours := ParseJSON(text)
		if ours == nil && err != nil && !strings.Contains(err.Error(), "cannot unmarshal number") {
			t.Fatalf("accepts what is not JSON (%v): %q", err, text)
		}
		if ours != nil {
			if err == nil && !strings.Contains(ours.Error(), "deep") {
				t.Fatalf("refuses JSON: %v", ours)
			}
			return
		}
		for i, n := range doc.nodes {
			if n.next <= int32(i) || int(n.next) > len(doc.nodes) {
				t.Fatalf("node %d ends at %d of %d", i, n.next, len(doc.nodes))
			}
		}
		var got any
		if e := json.Unmarshal([]byte(doc.source(0)), &got); err == nil && (e != nil || !reflect.DeepEqual(got, want)) {
			t.Fatalf("the root's source is %q: %v", doc.source(0), e)
		}
		p := NewJSONTree()
		p.SetSize(40, 10)
		p.SetDoc("x", doc)
		for range 6 {
			for _, line := range p.Lines(Look{Theme: theme.New(theme.Options{NoColor: true})}) {
				if w := ansi.StringWidth(line); w != 40 {
					t.Fatalf("a line is %d cells wide: %q", w, line)
				}
			}
			p.Side(1)
			p.Move(1)
		}
	})
}

func TestJSONPaths(t *testing.T) {
	doc, err := ParseJSON([]byte(`{"a": [{"b": 1}, {"c.d": "x"}], "e": null}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{".", ".a", ".a[0]", ".a[0].b", ".a[1]", `.a[1]["c.d"]`, ".e"}
	sources := []string{"", `[{"b": 1}, {"c.d": "x"}]`, `{"b": 1}`, "1", `{"c.d": "x"}`, `"x"`, "null"}
	for i := range doc.nodes {
		if got := doc.path(int32(i)); got != want[i] {
			t.Errorf("path of node %d = %q, want %q", i, got, want[i])
		}
		if i > 0 && doc.source(int32(i)) != sources[i] {
			t.Errorf("source of node %d = %q, want %q", i, doc.source(int32(i)), sources[i])
		}
	}
	if hit := doc.find(0, "C.D", 1); doc.path(hit) != `.a[1]["c.d"]` {
		t.Errorf("found %s", doc.path(hit))
	}
	if hit := doc.find(0, "zebra", 1); hit != -1 {
		t.Errorf("found %d", hit)
	}
}
