// Package lineage says of each column of a SELECT which columns of its tables the
// values are computed from. It reads the tree that DuckDB's parser makes and runs
// nothing. Conditions and joins decide which rows there are, not what is in them, and
// are no lineage.
package lineage

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/engine/sqltree"
)

// Ref is a column of a table that the text reads.
type Ref struct{ Table, Column string }

// ErrUnknown says that the text has a form whose columns cannot be told from its tree
// and the columns of its tables.
var ErrUnknown = errors.New("the lineage of the columns cannot be told")

// Of gives the sources of each column of a SELECT, in order: sorted, and empty for one
// of constants. root is the statement's node in the tree; tables has the columns of all
// tables that it reads, by lower-case name, as they are written and in their order.
func Of(root sqltree.Tree, tables map[string][]string) ([][]Ref, error) {
	r := reader{tables: tables}
	cols, err := r.query(root, nil, nil)
	if err != nil {
		return nil, err
	}
	out := make([][]Ref, len(cols))
	for i, c := range cols {
		out[i] = c.from
	}
	return out, nil
}

func unknown(what string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnknown, fmt.Sprintf(what, args...))
}

// column is a column of a relation.
type column struct {
	name string // as SQL knows it; "" when only the engine knows
	from []Ref
}

// relation is what stands in a FROM.
type relation struct {
	name   string // lower-case; "" when it has none
	cols   []column
	open   bool            // it has columns beyond cols, which are all computed from:
	from   []Ref           // the arguments of a function
	shared []column        // of USING, as their bare names mean them
	hidden map[string]bool // lower-case: columns that stand in a * once, as those of another relation
}

func (r relation) find(name string) (column, bool) {
	for _, c := range r.cols {
		if strings.EqualFold(c.name, name) {
			return c, true
		}
	}
	return column{}, false
}

// scope is what names mean in a query: its relations, and those around it.
type scope struct {
	relations []relation
	aliases   []column        // of the select list so far
	params    map[string]bool // of lambdas
	outer     *scope
}

// ctes are the common table expressions in scope, innermost first.
type ctes struct {
	name  string
	cols  []column
	outer *ctes
}

func (c *ctes) find(name string) ([]column, bool) {
	for ; c != nil; c = c.outer {
		if c.name == strings.ToLower(name) {
			return c.cols, true
		}
	}
	return nil, false
}

type reader struct{ tables map[string][]string }

// merged is the union of sources, sorted.
func merged(lists ...[]Ref) []Ref {
	all := slices.Concat(lists...)
	slices.SortFunc(all, func(a, b Ref) int {
		return strings.Compare(a.Table+"\x00"+a.Column, b.Table+"\x00"+b.Column)
	})
	return slices.Compact(all)
}

// query gives the columns of a query node.
func (r *reader) query(n sqltree.Tree, with *ctes, outer *scope) ([]column, error) {
	for _, v := range n.Child("cte_map").List("map") {
		cte := sqltree.Object(v)
		value := cte.Child("value")
		cols, err := r.query(value.Child("query").Child("node"), with, outer)
		if err != nil {
			return nil, err
		}
		if cols, err = renamed(cols, value.Texts("aliases")); err != nil {
			return nil, err
		}
		with = &ctes{strings.ToLower(cte.Text("key")), cols, with}
	}
	switch kind := n.Text("type"); kind {
	case "SELECT_NODE":
		return r.selected(n, with, outer)
	case "SET_OPERATION_NODE":
		return r.together(n, with, outer)
	case "RECURSIVE_CTE_NODE":
		return r.recursive(n, with, outer)
	default:
		return nil, unknown("a query of the form %s", kind)
	}
}

func (r *reader) selected(n sqltree.Tree, with *ctes, outer *scope) ([]column, error) {
	sc := &scope{outer: outer}
	if err := r.from(n.Child("from_table"), with, sc); err != nil {
		return nil, err
	}
	var cols []column
	for _, v := range n.List("select_list") {
		e := sqltree.Object(v)
		if e.Text("class") == "STAR" {
			star, err := r.star(e, with, sc)
			if err != nil {
				return nil, err
			}
			cols = append(cols, star...)
			continue
		}
		from, err := r.expression(e, with, sc)
		if err != nil {
			return nil, err
		}
		c := column{nameOf(e), from}
		cols = append(cols, c)
		if e.Text("alias") != "" {
			sc.aliases = append(sc.aliases, c)
		}
	}
	return cols, nil
}

// nameOf is what the column of an expression is called; "" when only the engine knows.
func nameOf(e sqltree.Tree) string {
	names := e.Texts("column_names")
	if alias := e.Text("alias"); alias != "" || e.Text("class") != "COLUMN_REF" || len(names) == 0 {
		return alias
	}
	return names[len(names)-1]
}

// together merges the columns of a UNION by place or name; the others have the left
// side's values.
func (r *reader) together(n sqltree.Tree, with *ctes, outer *scope) ([]column, error) {
	all, err := r.query(n.Child("left"), with, outer)
	if err != nil {
		return nil, err
	}
	cols, err := r.query(n.Child("right"), with, outer)
	if err != nil {
		return nil, err
	}
	switch operation := n.Text("setop_type"); {
	case operation == "EXCEPT" || operation == "INTERSECT":
	case operation == "UNION_BY_NAME":
		for _, c := range cols {
			if c.name == "" {
				return nil, unknown("a column without a name in a union by name")
			}
			at := slices.IndexFunc(all, func(have column) bool { return strings.EqualFold(have.name, c.name) })
			if at < 0 {
				all = append(all, c)
			} else {
				all[at].from = merged(all[at].from, c.from)
			}
		}
	case len(cols) != len(all):
		return nil, unknown("a union of %d and %d columns", len(all), len(cols))
	default:
		for i := range cols {
			all[i].from = merged(all[i].from, cols[i].from)
		}
	}
	return all, nil
}

// recursive reads the right side with what is known of the table so far, until nothing
// is added: a column may get its sources by way of the others.
func (r *reader) recursive(n sqltree.Tree, with *ctes, outer *scope) ([]column, error) {
	cols, err := r.query(n.Child("left"), with, outer)
	if err != nil {
		return nil, err
	}
	if cols, err = renamed(cols, n.Texts("aliases")); err != nil {
		return nil, err
	}
	for added := true; added; {
		added = false
		step, err := r.query(n.Child("right"), &ctes{strings.ToLower(n.Text("cte_name")), cols, with}, outer)
		if err != nil {
			return nil, err
		}
		if len(step) != len(cols) {
			return nil, unknown("a recursion from %d to %d columns", len(cols), len(step))
		}
		next := slices.Clone(cols)
		for i := range step {
			next[i].from = merged(cols[i].from, step[i].from)
			added = added || len(next[i].from) > len(cols[i].from)
		}
		cols = next
	}
	return cols, nil
}

// renamed gives columns the names of an alias such as t(a, b).
func renamed(cols []column, names []string) ([]column, error) {
	if len(names) > len(cols) {
		return nil, unknown("%d names for %d columns", len(names), len(cols))
	}
	cols = slices.Clone(cols)
	for i, name := range names {
		cols[i].name = name
	}
	return cols, nil
}
