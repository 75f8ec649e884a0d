// Package lineage says of each column of a SELECT which columns of its tables the
// values are computed from. It reads the tree that DuckDB's parser makes and runs
// nothing. Conditions and joins decide which rows there are, not what is in them, and
// are no lineage.
package lineage

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Ref is a column of a table that the text reads.
type Ref struct{ Table, Column string }

// ErrUnknown says that the text has a form whose columns cannot be told from its tree
// and the columns of its tables.
var ErrUnknown = errors.New("the lineage of the columns cannot be told")

// Of gives the sources of each column of a SELECT, in order: sorted, and empty for one
// of constants. root is the statement's node in the tree; tables has the columns of all
// tables that it reads, by lower-case name, as they are written and in their order.
func Of(root json.RawMessage, tables map[string][]string) ([][]Ref, error) {
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
func (r *reader) query(raw json.RawMessage, with *ctes, outer *scope) ([]column, error) {
	var n queryNode
	if err := json.Unmarshal(raw, &n); err != nil {
		return nil, fmt.Errorf("read DuckDB's parse tree: %w", err)
	}
	for _, cte := range n.CTEs.Map {
		cols, err := r.query(cte.Value.Query.Node, with, outer)
		if err != nil {
			return nil, err
		}
		if cols, err = renamed(cols, cte.Value.Aliases); err != nil {
			return nil, err
		}
		with = &ctes{strings.ToLower(cte.Key), cols, with}
	}
	switch n.Type {
	case "SELECT_NODE":
		return r.selected(n, with, outer)
	case "SET_OPERATION_NODE":
		return r.together(n, with, outer)
	case "RECURSIVE_CTE_NODE":
		return r.recursive(n, with, outer)
	}
	return nil, unknown("a query of the form %s", n.Type)
}

func (r *reader) selected(n queryNode, with *ctes, outer *scope) ([]column, error) {
	sc := &scope{outer: outer}
	if err := r.from(n.From, with, sc); err != nil {
		return nil, err
	}
	var cols []column
	for _, raw := range n.Select {
		var e expression
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, fmt.Errorf("read DuckDB's parse tree: %w", err)
		}
		if e.Class == "STAR" {
			star, err := r.star(e, with, sc)
			if err != nil {
				return nil, err
			}
			cols = append(cols, star...)
			continue
		}
		from, err := r.expression(raw, with, sc)
		if err != nil {
			return nil, err
		}
		c := column{name: e.name(), from: from}
		cols = append(cols, c)
		if e.Alias != "" {
			sc.aliases = append(sc.aliases, c)
		}
	}
	return cols, nil
}

// together merges the columns of a UNION by place or name; the others have the left
// side's values.
func (r *reader) together(n queryNode, with *ctes, outer *scope) ([]column, error) {
	sides := n.Children
	if len(sides) == 0 {
		sides = []json.RawMessage{n.Left, n.Right}
	}
	var all []column
	for i, side := range sides {
		cols, err := r.query(side, with, outer)
		if err != nil {
			return nil, err
		}
		switch {
		case i == 0:
			all = cols
		case n.Operation == "EXCEPT" || n.Operation == "INTERSECT":
		case n.Operation == "UNION_BY_NAME":
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
			for j := range cols {
				all[j].from = merged(all[j].from, cols[j].from)
			}
		}
	}
	return all, nil
}

// recursive reads the right side with what is known of the table so far, until nothing
// is added: a column may get its sources by way of the others.
func (r *reader) recursive(n queryNode, with *ctes, outer *scope) ([]column, error) {
	cols, err := r.query(n.Left, with, outer)
	if err != nil {
		return nil, err
	}
	if cols, err = renamed(cols, n.Aliases); err != nil {
		return nil, err
	}
	for added := true; added; {
		added = false
		step, err := r.query(n.Right, &ctes{strings.ToLower(n.Name), cols, with}, outer)
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
