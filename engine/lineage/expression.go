package lineage

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// star expands * and t.* with their EXCLUDE, REPLACE and RENAME.
func (r *reader) star(e expression, with *ctes, sc *scope) ([]column, error) {
	if e.Columns || e.Alias != "" {
		return nil, unknown("COLUMNS(…)")
	}
	var cols []column
	found := false
	for _, rel := range sc.relations {
		if e.Relation != "" && rel.name != strings.ToLower(e.Relation) {
			continue
		}
		found = true
		if rel.open && (len(rel.cols) == 0 || e.Relation == "") {
			return nil, unknown("the columns of a table function are not known")
		}
		for _, c := range rel.cols {
			if e.Relation == "" {
				if rel.hidden[strings.ToLower(c.name)] {
					continue
				}
				if shared, ok := rel.bare(c.name); ok {
					c = shared
				}
			}
			if e.excludes(rel.name, c.name) {
				continue
			}
			for _, as := range e.Replace {
				if strings.EqualFold(as.Key, c.name) {
					from, err := r.expression(as.Value, with, sc)
					if err != nil {
						return nil, err
					}
					c.from = from
				}
			}
			for _, to := range e.Rename {
				if strings.EqualFold(to.Key.Column, c.name) {
					c.name = to.Value
				}
			}
			cols = append(cols, c)
		}
	}
	if !found {
		return nil, unknown("%s.* is of no table", e.Relation)
	}
	return cols, nil
}

func (e expression) excludes(table, name string) bool {
	for _, q := range e.Qualified {
		if strings.EqualFold(q.Column, name) && (q.Table == "" || strings.EqualFold(q.Table, table)) {
			return true
		}
	}
	return slices.ContainsFunc(e.Exclude, func(x string) bool { return strings.EqualFold(x, name) })
}

// expression gives the sources of all columns in an expression.
func (r *reader) expression(raw json.RawMessage, with *ctes, sc *scope) ([]Ref, error) {
	raw = json.RawMessage(strings.TrimSpace(string(raw)))
	if len(raw) == 0 {
		return nil, nil
	}
	switch raw[0] {
	case '[':
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return nil, fmt.Errorf("read DuckDB's parse tree: %w", err)
		}
		return r.all(items, with, sc)
	case '{':
		return r.object(raw, with, sc)
	}
	return nil, nil
}

func (r *reader) all(items []json.RawMessage, with *ctes, sc *scope) ([]Ref, error) {
	var lists [][]Ref
	for _, item := range items {
		from, err := r.expression(item, with, sc)
		if err != nil {
			return nil, err
		}
		lists = append(lists, from)
	}
	return merged(lists...), nil
}

func (r *reader) object(raw json.RawMessage, with *ctes, sc *scope) ([]Ref, error) {
	var e expression
	// A field of another type than expected is of a node that decides nothing here.
	_ = json.Unmarshal(raw, &e)
	switch e.Class {
	case "COLUMN_REF":
		return sc.resolve(e.Names)
	case "CONSTANT":
		return nil, nil
	case "STAR":
		if e.Columns {
			return nil, unknown("COLUMNS(…)")
		}
		return nil, nil // of count(*), which counts rows
	case "SUBQUERY":
		return r.subquery(e, with, sc)
	case "LAMBDA":
		params := map[string]bool{}
		paramsOf(e.Params, params)
		return r.expression(e.Body, with, &scope{params: params, outer: sc})
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, fmt.Errorf("read DuckDB's parse tree: %w", err)
	}
	items := make([]json.RawMessage, 0, len(fields))
	for _, field := range fields {
		items = append(items, field)
	}
	return r.all(items, with, sc)
}

// subquery gives the sources of its columns and of what an IN compares. That of EXISTS
// asks for rows alone.
func (r *reader) subquery(e expression, with *ctes, sc *scope) ([]Ref, error) {
	from, err := r.expression(e.Child, with, sc)
	if err != nil || e.Kind == "EXISTS" || e.Kind == "NOT_EXISTS" {
		return from, err
	}
	cols, err := r.query(e.Subquery.Node, with, sc)
	for _, c := range cols {
		from = merged(from, c.from)
	}
	return from, err
}

// paramsOf collects the names of a lambda's parameters: one column, or a row of them.
func paramsOf(raw json.RawMessage, to map[string]bool) {
	var e struct {
		Names    []string          `json:"column_names"`
		Children []json.RawMessage `json:"children"`
	}
	_ = json.Unmarshal(raw, &e)
	for _, name := range e.Names {
		to[strings.ToLower(name)] = true
	}
	for _, child := range e.Children {
		paramsOf(child, to)
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
