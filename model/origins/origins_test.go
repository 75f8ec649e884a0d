package origins

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// shop is raw -> orders -> revenue -> top, with a Go node beside that tells nothing:
// orders -> scored -> best.
func shop() *Nodes {
	from := func(column string, from ...string) model.Origin { return model.Origin{Column: column, From: from} }
	return Of([]Node{
		{Name: "raw", Columns: []string{"id", "cents", "at"}},
		{Name: "orders", Deps: []string{"raw"}, Origins: []model.Origin{from("id", "raw.id"), from("amount", "raw.cents"), from("day", "Raw.at")}},
		{Name: "revenue", Deps: []string{"orders"}, Origins: []model.Origin{from("day", "orders.day"), from("Total", "orders.AMOUNT", "rates.rate"), from("n")}},
		{Name: "top", Deps: []string{"revenue"}, Origins: []model.Origin{from("most", "revenue.total")}},
		{Name: "scored", Deps: []string{"orders"}, Unknown: "it is no SELECT"},
		{Name: "best", Deps: []string{"scored", "raw"}, Origins: []model.Origin{from("score", "scored.score"), from("id", "raw.id")}},
	})
}

// text writes a trace down, a line for each node.
func (t Trace) text() string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(t.Marks)) {
		m := t.Marks[name]
		line := fmt.Sprint([]string{"=", "<", ">"}[m.Side], name, m.Columns)
		if m.ByTable {
			line += "?"
		}
		out = append(out, line)
	}
	return strings.Join(out, " ")
}

func TestTrace(t *testing.T) {
	ns := shop()
	for _, c := range []struct{ of, want, edges string }{
		{"revenue.total", "<orders[amount] <raw[cents] =revenue[Total] >top[most]", "orders>revenue raw>orders revenue>top"},
		{"revenue.n", "=revenue[n]", ""},
		{"raw.cents", ">best[score]? >orders[amount] =raw[cents] >revenue[Total] >scored[]? >top[most]", "orders>revenue orders>scored raw>orders revenue>top scored>best"},
		// Past what is not known all columns may have come in.
		{"best.score", "=best[score] <orders[]? <raw[id cents at]? <scored[score]", "orders>scored raw>orders scored>best"},
		{"scored.score", ">best[score] <orders[]? <raw[id cents at]? =scored[score]", "orders>scored raw>orders scored>best"},
		{"nowhere.x", "", ""},
	} {
		table, column, _ := strings.Cut(c.of, ".")
		trace := ns.Trace(Column{table, column})
		var edges []string
		for e := range trace.Edges {
			edges = append(edges, e[0]+">"+e[1])
		}
		slices.Sort(edges)
		if got := strings.Join(edges, " "); got != c.edges {
			t.Errorf("%s: edges %s, not %s", c.of, got, c.edges)
		}
		if got := trace.text(); got != c.want {
			t.Errorf("%s:\n%s, not\n%s", c.of, got, c.want)
		}
	}
}

func TestSources(t *testing.T) {
	ns := shop()
	for of, want := range map[string]string{
		"top.most": "[rates.rate raw.cents]", "revenue.day": "[Raw.at]", "revenue.n": "[]", "raw.id": "[raw.id]", "best.score": "[scored.score]",
	} {
		table, column, _ := strings.Cut(of, ".")
		if got := fmt.Sprint(ns.Sources(Column{table, column})); !strings.EqualFold(got, want) {
			t.Errorf("%s: %s, not %s", of, got, want)
		}
	}
	// A column that is read by way of itself, as rows of an earlier run may be, ends.
	self := Of([]Node{{Name: "a", Deps: []string{"a"}, Origins: []model.Origin{{Column: "x", From: []string{"a.x", "b.y"}}}}})
	if got := fmt.Sprint(self.Sources(Column{"a", "x"})); got != "[b.y]" {
		t.Error(got)
	}
	if got := self.Trace(Column{"a", "x"}).text(); got != "=a[x]" {
		t.Error(got)
	}
}

func TestNames(t *testing.T) {
	ns := Of([]Node{{Name: "a"}, {Name: "a.b"}, {Name: "r", Deps: []string{"a.b"}, Origins: []model.Origin{{Column: "z", From: []string{"A.B.c.d", "a.b.c.d", "a.x", "two.y"}}}},
		{Name: "single", Tables: []string{"only"}},
		{Name: "many", Tables: []string{"one", "two"}}})
	for text, want := range map[string]Column{"a.x": {"a", "x"}, "A.b.c.d": {"a.b", "c.d"}, "TWO.y": {"many", "two.y"}, "only.y": {"single", "y"}, "s3.t.x": {"s3.t", "x"}, "x": {"", "x"}, "": {}} {
		if got := ns.Parse(text); got != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
	if got := fmt.Sprint(ns.ColumnsOf("A.b"), ns.ColumnsOf("r"), ns.ColumnsOf("none"), ns.ColumnsOf("many")); got != "[c.d] [z] [] []" {
		t.Error(got)
	}
}

func TestInto(t *testing.T) {
	ns := shop()
	for of, want := range map[Column]string{{"orders", "Amount"}: "[revenue.Total]", {"raw", "id"}: "[orders.id best.id]", {"orders", "id"}: "[]", {"none", "id"}: "[]"} {
		if got := fmt.Sprint(ns.Into(of)); got != want {
			t.Errorf("%v: %s, not %s", of, got, want)
		}
	}
}

// Where all origins are known, what a column comes from is what it is in.
func TestBeforeIsTheInverseOfAfter(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		var list []Node
		for i := range 2 + rnd.IntN(12) {
			n := Node{Name: fmt.Sprint("n", i), Origins: []model.Origin{}}
			for j := range 1 + rnd.IntN(3) {
				o := model.Origin{Column: fmt.Sprint("c", j)}
				for range rnd.IntN(3) {
					if i > 0 {
						dep := list[rnd.IntN(i)]
						o.From = append(o.From, dep.Name+".c"+fmt.Sprint(rnd.IntN(len(dep.Origins))))
						n.Deps = append(n.Deps, dep.Name)
					}
				}
				n.Origins = append(n.Origins, o)
			}
			slices.Sort(n.Deps)
			n.Deps = slices.Compact(n.Deps)
			list = append(list, n)
		}
		ns := Of(list)
		before, after := map[string]bool{}, map[string]bool{}
		for _, n := range list {
			for _, o := range n.Origins {
				c := Column{n.Name, o.Column}
				for name, m := range ns.Trace(c).Marks {
					for _, column := range m.Columns {
						switch m.Side {
						case Before:
							before[Column{name, column}.String()+" "+c.String()] = true
						case After:
							after[c.String()+" "+Column{name, column}.String()] = true
						}
						if m.ByTable {
							t.Errorf("seed %d: %s of %s is only known by table", seed, column, name)
						}
					}
				}
			}
		}
		if !maps.Equal(before, after) {
			t.Errorf("seed %d: %v\n%v", seed, before, after)
		}
	}
}
