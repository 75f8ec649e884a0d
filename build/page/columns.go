package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model/origins"
)

// nodeColumns are the columns of a node with what they come from and go into.
type nodeColumns struct {
	Name    string
	ID      string // of this entry
	Node    string // id of the node's row
	Columns []columnOrigin
	More    int    // columns that are left out
	Unknown string // why the origins of all of its columns are not known
	Reads   []link // nodes, where that is all that is known
	Source  bool   // it reads no node
}

// columnOrigin is one column of a node.
type columnOrigin struct {
	ID, Name string
	From     []link   // that it is computed from
	End      []string // columns that these come from in the end, where that is another thing
	Into     []link   // columns that are computed from it
}

// link is a text that leads to a place of the page, where it has that.
type link struct{ Text, ID string }

// mostLinks are listed for one column in each direction.
const mostLinks = 30

func fewLinks(list []link) []link {
	if more := len(list) - mostLinks; more > 0 {
		return append(list[:mostLinks], link{Text: fmt.Sprintf("%d more", more)})
	}
	return list
}

// showColumns follows the columns of the nodes that are shown, until there are as many
// as are allowed. more says what is left out.
func showColumns(f Facts, nodes []shownNode, b bounds) (list []nodeColumns, more string) {
	ns := origins.OfRun(f.Plan.Nodes, f.Execution.Queries)
	ids := map[origins.Column]string{}
	rows := map[string]string{}
	left, lost := b.columns, 0
	for _, n := range nodes {
		node, known := ns.Node(n.Name)
		names := ns.ColumnsOf(n.Name)
		if !known || len(names) == 0 && node.Unknown == "" {
			continue
		}
		rows[node.Name] = n.ID
		c := nodeColumns{Name: node.Name, ID: "l" + n.ID, Node: n.ID, Source: len(node.Deps) == 0}
		for i, name := range names[:min(len(names), left)] {
			o := columnOrigin{ID: fmt.Sprintf("c%s-%d", n.ID, i), Name: name}
			ids[origins.Column{Node: node.Name, Name: name}] = o.ID
			c.Columns = append(c.Columns, o)
		}
		c.More = len(names) - len(c.Columns)
		left, lost = left-len(c.Columns), lost+c.More
		if node.Origins == nil {
			c.Unknown = node.Unknown
			for _, dep := range node.Deps {
				c.Reads = append(c.Reads, link{Text: dep})
			}
		}
		if len(c.Columns)+len(c.Reads) > 0 {
			list = append(list, c)
		}
	}
	to := func(c origins.Column) link {
		id := ids[c]
		if id == "" {
			id = rows[c.Node]
		}
		return link{c.String(), id}
	}
	for i := range list {
		n := &list[i]
		for j := range n.Reads {
			n.Reads[j].ID = rows[n.Reads[j].Text]
		}
		for j := range n.Columns {
			c := &n.Columns[j]
			at := origins.Column{Node: n.Name, Name: c.Name}
			from, known := ns.From(at)
			var direct []string
			for _, o := range from {
				c.From, direct = append(c.From, to(o)), append(direct, o.String())
			}
			if end := ns.Sources(at); known && strings.Join(end, "\n") != strings.Join(direct, "\n") {
				c.End = end
			}
			for _, o := range ns.Into(at) {
				c.Into = append(c.Into, to(o))
			}
			c.From, c.Into = fewLinks(c.From), fewLinks(c.Into)
			if more := len(c.End) - mostLinks; more > 0 {
				c.End = append(c.End[:mostLinks], fmt.Sprintf("%d more", more))
			}
		}
	}
	list = slices.DeleteFunc(list, func(n nodeColumns) bool { // sources that nobody reads by column
		return n.Source && !slices.ContainsFunc(n.Columns, func(c columnOrigin) bool { return len(c.From)+len(c.Into) > 0 })
	})
	if lost > 0 {
		more = fmt.Sprintf("%d columns are left out; plan_execution_v1 has all.", lost)
	}
	return list, more
}
