package lineage

import (
	"encoding/json"
	"fmt"
	"strings"
)

// from adds the relations of a FROM to a scope, in the order of *.
func (r *reader) from(raw json.RawMessage, with *ctes, sc *scope) error {
	if len(raw) == 0 {
		return nil
	}
	var n tableNode
	if err := json.Unmarshal(raw, &n); err != nil {
		return fmt.Errorf("read DuckDB's parse tree: %w", err)
	}
	switch n.Type {
	case "EMPTY":
		return nil
	case "JOIN":
		return r.join(n, with, sc)
	case "BASE_TABLE":
		cols, ok := with.find(n.Table)
		if !ok {
			names, known := r.tables[strings.ToLower(n.Table)]
			if !known {
				return unknown("the columns of the table %s are not known", n.Table)
			}
			for _, name := range names {
				cols = append(cols, column{name, []Ref{{n.Table, name}}})
			}
		}
		return sc.add(n, n.Table, relation{cols: cols})
	case "SUBQUERY":
		cols, err := r.query(n.Subquery.Node, with, sc) // which may be lateral
		if err != nil {
			return err
		}
		return sc.add(n, "", relation{cols: cols})
	case "EXPRESSION_LIST":
		return r.values(raw, n, with, sc)
	case "TABLE_FUNCTION":
		from, err := r.expression(n.Function, with, sc)
		if err != nil {
			return err
		}
		rel := relation{open: true, from: from}
		for _, name := range n.Names {
			rel.cols = append(rel.cols, column{name, from})
		}
		n.Names = nil
		return sc.add(n, "", rel)
	}
	return unknown("a FROM of the form %s", n.Type)
}

// add gives a relation its name and those of its columns.
func (s *scope) add(n tableNode, name string, rel relation) (err error) {
	if rel.name = strings.ToLower(name); n.Alias != "" {
		rel.name = strings.ToLower(n.Alias)
	}
	rel.cols, err = renamed(rel.cols, n.Names)
	s.relations = append(s.relations, rel)
	return err
}

// values reads a VALUES list: a column has the sources of all its rows.
func (r *reader) values(raw json.RawMessage, n tableNode, with *ctes, sc *scope) error {
	var list struct {
		Values [][]json.RawMessage `json:"values"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("read DuckDB's parse tree: %w", err)
	}
	var rel relation
	for _, row := range list.Values {
		for i, e := range row {
			from, err := r.expression(e, with, sc)
			if err != nil {
				return err
			}
			if i == len(rel.cols) {
				rel.cols = append(rel.cols, column{name: fmt.Sprint("col", i)})
			}
			rel.cols[i].from = merged(rel.cols[i].from, from)
		}
	}
	return sc.add(n, "", rel)
}

func (r *reader) join(n tableNode, with *ctes, sc *scope) error {
	start := len(sc.relations)
	if err := r.from(n.Left, with, sc); err != nil {
		return err
	}
	middle := len(sc.relations)
	if err := r.from(n.Right, with, sc); err != nil {
		return err
	}
	left, right := sc.relations[start:middle], sc.relations[middle:]
	using := n.Using
	if n.RefType == "NATURAL" {
		for _, rel := range right {
			for _, c := range rel.cols {
				if _, at := findIn(left, c.name); at >= 0 {
					using = append(using, c.name)
				}
			}
		}
	}
	for _, name := range using {
		if err := share(name, n.JoinType, left, right); err != nil {
			return err
		}
	}
	if n.JoinType == "SEMI" || n.JoinType == "ANTI" {
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
