package plandiff

import (
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

func op(name string, kids ...model.Operator) model.Operator {
	return model.Operator{Name: name, Children: kids}
}

func scan(table, filter string, rows int64) model.Operator {
	return model.Operator{Name: "READ_PARQUET", Rows: rows, Extra: map[string]string{"Table": table, "Filters": filter}}
}

func plan(root ...model.Operator) *model.QueryProfile { return &model.QueryProfile{Root: root} }

func TestJoins(t *testing.T) {
	a, b, c := scan("a", "", 1), scan("b", "", 1), scan("c", "", 1)
	file := model.Operator{Name: "READ_PARQUET", Extra: map[string]string{"Filename(s)": "/data/d.parquet, /data/e.parquet"}}
	for want, q := range map[string]*model.QueryProfile{
		"":                     plan(op("COPY", op("FILTER", a))),
		"a JOIN b":             plan(op("COPY", op("PROJECTION", op("HASH_JOIN", a, op("FILTER", b))))),
		"a JOIN b JOIN c":      plan(op("HASH_JOIN", op("HASH_JOIN", a, b), c)),
		"a JOIN (b JOIN c)":    plan(op("HASH_JOIN", a, op("HASH_JOIN", b, c))),
		"(a UNION b) JOIN c":   plan(op("HASH_JOIN", op("UNION", a, b), c)),
		"a JOIN (b UNION c)":   plan(op("CROSS_PRODUCT", a, op("UNION", b, c))),
		"a JOIN d":             plan(op("HASH_JOIN", a, file)),
		"a JOIN b JOIN a":      plan(op("DELIM_JOIN", op("HASH_JOIN", a, b), op("HASH_JOIN", op("DUMMY_SCAN"), a), op("HASH_GROUP_BY"))),
		"c JOIN (a JOIN last)": plan(op("HASH_JOIN", c, op("HASH_JOIN", a, model.Operator{Name: "CTE_SCAN", Extra: map[string]string{"CTE Name": "last"}}))),
	} {
		if got := Joins(q); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if Joins(nil) != "" || Changes(nil, plan(a)) != nil || Changes(plan(a), nil) != nil {
		t.Error("no plan has joins or changes")
	}
}

func TestChanges(t *testing.T) {
	a, b, c := scan("a", "", 100), scan("b", "x>5", 10), scan("c", "", 1)
	base := plan(op("HASH_JOIN", op("HASH_JOIN", a, b), c))
	for name, test := range map[string]struct {
		now  *model.QueryProfile
		want string
	}{
		"same":     {base, ""},
		"constant": {plan(op("HASH_JOIN", op("HASH_JOIN", a, scan("b", "x>7", 11)), c)), ""},
		"packing":  {plan(op("PROJECTION", op("HASH_JOIN", op("HASH_JOIN", a, op("PROJECTION", b)), c))), ""},
		"rows":     {plan(op("HASH_JOIN", op("HASH_JOIN", scan("a", "", 999), b), c)), ""},
		"order": {plan(op("HASH_JOIN", op("HASH_JOIN", scan("a", "", 300), c), b)),
			"the join order has changed: a JOIN c JOIN b; before a JOIN b JOIN c\na gave 300 rows; before 100 rows"},
		"sides": {plan(op("HASH_JOIN", c, op("HASH_JOIN", a, b))),
			"the sides of a join have changed places: c JOIN (a JOIN b); before a JOIN b JOIN c"},
		"kind": {plan(op("NESTED_LOOP_JOIN", op("HASH_JOIN", a, b), c)),
			"other operators: 1 HASH_JOIN, before 2; 1 NESTED_LOOP_JOIN, before 0"},
		"filter": {plan(op("HASH_JOIN", op("HASH_JOIN", a, scan("b", "", 10)), scan("c", "day>='2024-01-01'::DATE AND k=3", 1))),
			"b is read whole; before where x>?\nc is read where day>=? AND k=?; before whole"},
		"tables": {plan(op("HASH_JOIN", a, b)), "it reads a JOIN b; before a JOIN b JOIN c\nother operators: 1 HASH_JOIN, before 2"},
	} {
		var said []string
		for _, c := range Changes(base, test.now) {
			said = append(said, c.String())
		}
		if got := strings.Join(said, "\n"); got != test.want {
			t.Errorf("%s:\n%s\nnot\n%s", name, got, test.want)
		}
	}
}
