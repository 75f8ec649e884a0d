package engine

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// The profile of a statement has the origins of its columns, under the names that the
// engine gave them.
func TestOrigins(t *testing.T) {
	s, dir := open(t, withCaches()), t.TempDir()
	orders := table(t, s, filepath.Join(dir, "orders.parquet"), "SELECT 1 AS id, 2 AS customer, 3.5 AS amount, {'f': 1} AS extra")
	customers := table(t, s, filepath.Join(dir, "customers.parquet"), "SELECT 2 AS id, 'x' AS name")
	run := func(text string) *model.QueryProfile {
		t.Helper()
		r, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: text, Path: filepath.Join(dir, "out.parquet"), Profile: true,
			Inputs: []model.QueryInput{input("Orders", orders), input("customers", customers)}})
		if err != nil {
			t.Fatal(err)
		}
		return r.Profile
	}
	p := run("SELECT c.name, sum(o.amount), count(*) AS n, any_value(o.extra) AS e FROM orders o JOIN customers c ON c.id = o.customer WHERE o.id > 0 GROUP BY ALL")
	want := "[{name [customers.name]} {sum(o.amount) [Orders.amount]} {n []} {e [Orders.extra]}]"
	if got := fmt.Sprint(p.Origins); got != want || p.NoOrigins != "" {
		t.Errorf("%s %q", got, p.NoOrigins)
	}
	if p := run("SELECT COLUMNS('i.*') FROM customers"); p.Origins != nil || p.NoOrigins != "COLUMNS(…)" {
		t.Errorf("%v %q", p.Origins, p.NoOrigins)
	}
	// What a query reads is found anew when its file is another one.
	table(t, s, customers, "SELECT 2 AS id, 'y' AS label")
	if got := fmt.Sprint(run("SELECT * FROM customers").Origins); got != "[{id [customers.id]} {label [customers.label]}]" {
		t.Error(got)
	}
}
