// Package plandiff says what is different between two plans that the engine made of
// one statement.
package plandiff

import (
	"regexp"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// Joins is the order in which a plan joins its tables, in the form of SQL: the rows of
// the left side stream past those of the right one, which are held in memory. It is ""
// of a plan that joins nothing.
func Joins(q *model.QueryProfile) string {
	if q == nil {
		return ""
	}
	if t := treeOf(q.Root); t.kids != nil {
		return t.String()
	}
	return ""
}

// tree is a plan without all that has one input: its leaves are tables, its nodes what
// puts several together.
type tree struct {
	by   string // JOIN or UNION; of a leaf the table
	kids []tree
}

func treeOf(ops []model.Operator) tree {
	var kids []tree
	for i := range ops {
		if t := below(&ops[i]); t.by != "" {
			kids = append(kids, t)
		}
	}
	return together("JOIN", kids)
}

func below(o *model.Operator) tree {
	if len(o.Children) == 0 {
		return tree{by: Table(o)}
	}
	var kids []tree
	for i := range o.Children {
		if t := below(&o.Children[i]); t.by != "" {
			kids = append(kids, t)
		}
	}
	by := "JOIN"
	if strings.Contains(o.Name, "UNION") {
		by = "UNION"
	}
	return together(by, kids)
}

func together(by string, kids []tree) tree {
	switch len(kids) {
	case 0:
		return tree{}
	case 1:
		return kids[0]
	}
	return tree{by, kids}
}

func (t tree) String() string {
	if t.kids == nil {
		return t.by
	}
	var b strings.Builder
	for i, kid := range t.kids {
		if i > 0 {
			b.WriteString(" " + t.by + " ")
		}
		if kid.kids != nil && (i > 0 || kid.by != t.by) {
			b.WriteString("(" + kid.String() + ")")
		} else {
			b.WriteString(kid.String())
		}
	}
	return b.String()
}

// Table is the table that an operator reads; "" of one that reads none, or what another
// part of the same plan has made.
func Table(o *model.Operator) string {
	for _, key := range []string{"Table", "CTE Name"} {
		if name := o.Extra[key]; name != "" {
			return name[strings.LastIndex(name, ".")+1:]
		}
	}
	if file, _, _ := strings.Cut(o.Extra["Filename(s)"], ", "); file != "" {
		return strings.TrimSuffix(file[strings.LastIndex(file, "/")+1:], ".parquet")
	}
	return ""
}

// literal is a constant in a condition: a text or a number, and what it is cast to.
// Those that the engine derives from the data change with each file.
var literal = regexp.MustCompile(`'(?:[^']|'')*'(?:::\w+)?|\b\d+(?:\.\d+)?\b`)

// filters are the conditions under which an operator reads its table, without their
// constants. Those that a join adds while it runs are of no plan.
func filters(o *model.Operator) string {
	return literal.ReplaceAllString(strings.Join(strings.Fields(o.Extra["Filters"]), " "), "?")
}

// walk calls f for each operator.
func walk(ops []model.Operator, f func(*model.Operator)) {
	for i := range ops {
		f(&ops[i])
		walk(ops[i].Children, f)
	}
}
