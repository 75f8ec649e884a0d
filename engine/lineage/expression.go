package lineage

import (
	"slices"
	"strings"

	"github.com/buildscope/buildscope/engine/sqltree"
)

// star expands * and t.* with their EXCLUDE, REPLACE and RENAME.
func (r *reader) star(e sqltree.Tree, with *ctes, sc *scope) ([]column, error) {
	if e.Is("columns") || e.Text("alias") != "" {
		return nil, unknown("COLUMNS(…)")
	}
	table := e.Text("relation_name")
	var cols []column
	found := false
	for _, rel := range sc.relations {
		if table != "" && rel.name != strings.ToLower(table) {
			continue
		}
		found = true
		if rel.open && (len(rel.cols) == 0 || table == "") {
			return nil, unknown("the columns of a table function are not known")
		}
		for _, c := range rel.cols {
			if table == "" {
				if rel.hidden[strings.ToLower(c.name)] {
					continue
				}
				if shared, ok := rel.bare(c.name); ok {
					c = shared
				}
			}
			if excludes(e, rel.name, c.name) {
				continue
			}
			var err error
			if c, err = r.changed(e, c, with, sc); err != nil {
				return nil, err
			}
			cols = append(cols, c)
		}
	}
	if !found {
		return nil, unknown("%s.* is of no table", table)
	}
	return cols, nil
}

// excludes reports whether the EXCLUDE of a star names a column.
func excludes(star sqltree.Tree, table, name string) bool {
	for _, v := range star.List("qualified_exclude_list") {
		q := sqltree.Object(v)
		if of := q.Text("table"); strings.EqualFold(q.Text("column"), name) && (of == "" || strings.EqualFold(of, table)) {
			return true
		}
	}
	return slices.ContainsFunc(star.Texts("exclude_list"), func(x string) bool { return strings.EqualFold(x, name) })
}

// changed is a column after the REPLACE and the RENAME of a star.
func (r *reader) changed(star sqltree.Tree, c column, with *ctes, sc *scope) (column, error) {
	for _, v := range star.List("replace_list") {
		if as := sqltree.Object(v); strings.EqualFold(as.Text("key"), c.name) {
			var err error
			if c.from, err = r.expression(as["value"], with, sc); err != nil {
				return c, err
			}
		}
	}
	for _, v := range star.List("rename_list") {
		if to := sqltree.Object(v); strings.EqualFold(to.Child("key").Text("column"), c.name) {
			c.name = to.Text("value")
		}
	}
	return c, nil
}

// expression gives the sources of all columns in an expression, or in a part of one:
// an object, a list, or anything else, which has none.
func (r *reader) expression(v any, with *ctes, sc *scope) ([]Ref, error) {
	var parts []any
	if list, ok := v.([]any); ok {
		parts = list
	}
	e := sqltree.Object(v)
	switch e.Text("class") {
	case "COLUMN_REF":
		return sc.resolve(e.Texts("column_names"))
	case "CONSTANT":
		return nil, nil
	case "STAR":
		if e.Is("columns") {
			return nil, unknown("COLUMNS(…)")
		}
		return nil, nil // of count(*), which counts rows
	case "SUBQUERY":
		return r.subquery(e, with, sc)
	case "LAMBDA":
		params := map[string]bool{}
		paramsOf(e.Child("lhs"), params)
		return r.expression(e["expr"], with, &scope{params: params, outer: sc})
	}
	for _, field := range e {
		parts = append(parts, field)
	}
	var lists [][]Ref
	for _, part := range parts {
		from, err := r.expression(part, with, sc)
		if err != nil {
			return nil, err
		}
		lists = append(lists, from)
	}
	return merged(lists...), nil
}

// subquery gives the sources of its columns and of what an IN compares. That of EXISTS
// asks for rows alone.
func (r *reader) subquery(e sqltree.Tree, with *ctes, sc *scope) ([]Ref, error) {
	from, err := r.expression(e["child"], with, sc)
	if kind := e.Text("subquery_type"); err != nil || kind == "EXISTS" || kind == "NOT_EXISTS" {
		return from, err
	}
	cols, err := r.query(e.Child("subquery").Child("node"), with, sc)
	for _, c := range cols {
		from = merged(from, c.from)
	}
	return from, err
}

// paramsOf collects the names of a lambda's parameters: one column, or a row of them.
func paramsOf(e sqltree.Tree, to map[string]bool) {
	for _, name := range e.Texts("column_names") {
		to[strings.ToLower(name)] = true
	}
	for _, child := range e.List("children") {
		paramsOf(sqltree.Object(child), to)
	}
}

// bare finds a column by its name alone.
func (r relation) bare(name string) (column, bool) {
	for _, c := range r.shared {
		if strings.EqualFold(c.name, name) {
			return c, true
		}
	}
	if r.hidden[strings.ToLower(name)] {
		return column{}, false
	}
	return r.find(name)
}

// resolve finds what a name means, in the query or in one around it. What follows the
// column is a field of it.
func (s *scope) resolve(names []string) ([]Ref, error) {
	for sc := s; sc != nil; sc = sc.outer {
		if sc.params[strings.ToLower(names[0])] {
			return nil, nil
		}
		// table.column, also schema.table.column.
		for i := 0; i+1 < len(names) && i < 3; i++ {
			for _, rel := range sc.relations {
				if rel.name == "" || rel.name != strings.ToLower(names[i]) {
					continue
				}
				if c, ok := rel.find(names[i+1]); ok {
					return c.from, nil
				}
				if rel.open {
					return rel.from, nil
				}
			}
		}
		if c, at := findIn(sc.relations, names[0]); at >= 0 {
			return c.from, nil
		}
		for _, c := range sc.aliases {
			if strings.EqualFold(c.name, names[0]) {
				return c.from, nil
			}
		}
		for _, rel := range sc.relations {
			if len(names) == 1 && rel.name == strings.ToLower(names[0]) { // a row as one value
				from := rel.from
				for _, c := range rel.cols {
					from = merged(from, c.from)
				}
				return from, nil
			}
		}
		for _, rel := range sc.relations {
			if rel.open {
				return rel.from, nil
			}
		}
	}
	return nil, unknown("%s is no column of the tables", strings.Join(names, "."))
}
