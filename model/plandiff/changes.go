package plandiff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
)

// moreRows is by what factor a table must give more or fewer rows than before for that
// to be told as what may have changed a plan.
const moreRows = 2

// Change is one thing that a plan has otherwise.
type Change struct {
	Now    string // what it is, with its subject
	Before string // what it was; "" where Now tells that too
}

func (c Change) String() string {
	if c.Before == "" {
		return c.Now
	}
	return c.Now + "; before " + c.Before
}

// MarshalText is String, so that in JSON a change is a text.
func (c Change) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Changes says how a plan is another than the one before, the most important first; none
// when it is the same. What is no choice of the engine, such as times, does not count.
func Changes(before, now *model.QueryProfile) []Change {
	if before == nil || now == nil {
		return nil
	}
	var out []Change
	say := func(now, before string) { out = append(out, Change{now, before}) }
	was, is := treeOf(before.Root), treeOf(now.Root)
	if a, b := was.String(), is.String(); a != b {
		switch {
		case !slices.Equal(was.tables(nil), is.tables(nil)):
			say("it reads "+orNothing(b), orNothing(a))
		case was.sorted() == is.sorted():
			say("the sides of a join have changed places: "+b, a)
		default:
			say("the join order has changed: "+b, a)
		}
	}
	a, b := shapeOf(before), shapeOf(now)
	var counts []string
	for _, name := range keys(a.operators, b.operators) {
		if x, y := a.operators[name], b.operators[name]; x != y {
			counts = append(counts, fmt.Sprintf("%d %s, before %d", y, name, x))
		}
	}
	if counts != nil {
		say("other operators: "+strings.Join(counts, "; "), "")
	}
	for _, table := range keys(a.filters, b.filters) {
		if x, y := a.filters[table], b.filters[table]; a.reads(table) && b.reads(table) && x != y {
			say(table+" is read "+where(y), where(x))
		}
	}
	if out == nil {
		return nil
	}
	for _, table := range keys(a.rows, b.rows) {
		x, y := a.rows[table], b.rows[table]
		if a.reads(table) && b.reads(table) && (x > moreRows*y || y > moreRows*x) {
			say(table+" gave "+human.Counted(y, "row"), human.Counted(x, "row"))
		}
	}
	return out
}

// shape is what of a plan is compared beside its joins.
type shape struct {
	operators map[string]int    // by name, without those that read a table
	filters   map[string]string // by table
	rows      map[string]int64  // by table
}

func (s shape) reads(table string) bool { _, ok := s.rows[table]; return ok }

func shapeOf(q *model.QueryProfile) shape {
	s := shape{map[string]int{}, map[string]string{}, map[string]int64{}}
	walk(q.Root, func(o *model.Operator) {
		switch table := Table(o); {
		case table != "" && len(o.Children) == 0:
			s.rows[table] += o.Rows
			s.filters[table] = strings.Trim(s.filters[table]+" / "+filters(o), " /")
		case o.Name != "PROJECTION": // which come and go with how the engine packs values
			s.operators[o.Name]++
		}
	})
	return s
}

// tables are the leaves in the order of their names.
func (t tree) tables(to []string) []string {
	if t.kids == nil && t.by != "" {
		to = append(to, t.by)
	}
	for _, kid := range t.kids {
		to = kid.tables(to)
	}
	slices.Sort(to)
	return to
}

// sorted is the tree without regard to which side of a join is which.
func (t tree) sorted() string {
	if t.kids == nil {
		return t.by
	}
	parts := make([]string, len(t.kids))
	for i, kid := range t.kids {
		parts[i] = kid.sorted()
	}
	slices.Sort(parts)
	return "(" + strings.Join(parts, " "+t.by+" ") + ")"
}

func keys[V any](a, b map[string]V) []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}

func orNothing(s string) string {
	if s == "" {
		return "no table"
	}
	return s
}

func where(filter string) string {
	if filter == "" {
		return "whole"
	}
	return "where " + filter
}
