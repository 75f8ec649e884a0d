package lineage

import (
	"fmt"
	"strings"

	"github.com/buildscope/buildscope/engine/sqltree"
)

// from adds the relations of a FROM to a scope, in the order of *.
func (r *reader) from(n sqltree.Tree, with *ctes, sc *scope) error {
	switch kind := n.Text("type"); kind {
	case "", "EMPTY":
		return nil
	case "JOIN":
		return r.join(n, with, sc)
	case "BASE_TABLE":
		table := n.Text("table_name")
		cols, ok := with.find(table)
		if !ok {
			names, known := r.tables[strings.ToLower(table)]
			if !known {
				return unknown("the columns of the table %s are not known", table)
			}
			for _, name := range names {
				cols = append(cols, column{name, []Ref{{table, name}}})
			}
		}
		return sc.add(n, cols)
	case "SUBQUERY":
		cols, err := r.query(n.Child("subquery").Child("node"), with, sc) // which may be lateral
		if err != nil {
			return err
		}
		return sc.add(n, cols)
	case "EXPRESSION_LIST":
		return r.values(n, with, sc)
	case "TABLE_FUNCTION":
		from, err := r.expression(n.Child("function"), with, sc)
		if err != nil {
			return err
		}
		rel := relation{name: strings.ToLower(n.Text("alias")), open: true, from: from}
		for _, name := range n.Texts("column_name_alias") {
			rel.cols = append(rel.cols, column{name, from})
		}
		sc.relations = append(sc.relations, rel)
		return nil
	default:
		return unknown("a FROM of the form %s", kind)
	}
}

// add gives a relation of a FROM its name and those of its columns.
func (s *scope) add(n sqltree.Tree, cols []column) error {
	cols, err := renamed(cols, n.Texts("column_name_alias"))
	s.relations = append(s.relations, relation{name: strings.ToLower(sqltree.NameOf(n)), cols: cols})
	return err
}

// values reads a VALUES list: a column has the sources of all its rows.
func (r *reader) values(n sqltree.Tree, with *ctes, sc *scope) error {
	var cols []column
	for _, row := range n.List("values") {
		row, _ := row.([]any)
		for i, e := range row {
			from, err := r.expression(e, with, sc)
			if err != nil {
				return err
			}
			if i == len(cols) {
				cols = append(cols, column{name: fmt.Sprint("col", i)})
			}
			cols[i].from = merged(cols[i].from, from)
		}
	}
	return sc.add(n, cols)
}

func (r *reader) join(n sqltree.Tree, with *ctes, sc *scope) error {
	start := len(sc.relations)
	if err := r.from(n.Child("left"), with, sc); err != nil {
		return err
	}
	middle := len(sc.relations)
	if err := r.from(n.Child("right"), with, sc); err != nil {
		return err
	}
	left, right := sc.relations[start:middle], sc.relations[middle:]
	how, using := n.Text("join_type"), n.Texts("using_columns")
	if n.Text("ref_type") == "NATURAL" {
		for _, rel := range right {
			for _, c := range rel.cols {
				if _, at := findIn(left, c.name); at >= 0 {
					using = append(using, c.name)
				}
			}
		}
	}
	for _, name := range using {
		if err := share(name, how, left, right); err != nil {
			return err
		}
	}
	if how == "SEMI" || how == "ANTI" {
		sc.relations = sc.relations[:middle] // the right side is not seen outside of the condition
	}
	return nil
}

// share makes a column of USING one: its value is that of the side that always has
// one, or of either.
func share(name, join string, left, right []relation) error {
	l, at := findIn(left, name)
	r, of := findIn(right, name)
	if at < 0 || of < 0 {
		return unknown("USING names %s, which is no column of both sides", name)
	}
	switch join {
	case "RIGHT":
		l.from = r.from
	case "FULL", "OUTER":
		l.from = merged(l.from, r.from)
	}
	// Qualified names go on to mean the column of their own table.
	left[at].shared = append(left[at].shared, l)
	if right[of].hidden == nil {
		right[of].hidden = map[string]bool{}
	}
	right[of].hidden[strings.ToLower(name)] = true
	return nil
}

// findIn finds a column that can be seen by its bare name, and the place of its
// relation; -1 when there is none.
func findIn(relations []relation, name string) (column, int) {
	for i, rel := range relations {
		if c, ok := rel.bare(name); ok {
			return c, i
		}
	}
	return column{}, -1
}
