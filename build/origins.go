package build

import (
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// origins knows the columns of a run's SQL nodes by "table.column".
type origins map[string][]string

func originsOf(queries []model.NodeQuery) origins {
	of := origins{}
	for _, q := range queries {
		for _, o := range q.Profile.Origins {
			of[strings.ToLower(q.Node+"."+o.Column)] = o.From
		}
	}
	return of
}

// sources follows a column through the nodes to where its values come from: columns of
// tables that no SELECT has made, or of one whose own origins cannot be told. Sorted.
func (of origins) sources(column string) []string {
	var out []string
	seen := map[string]bool{}
	var follow func(string)
	follow = func(column string) {
		key := strings.ToLower(column)
		if seen[key] {
			return
		}
		seen[key] = true
		from, known := of[key]
		if !known {
			out = append(out, column)
		}
		for _, c := range from {
			follow(c)
		}
	}
	follow(column)
	slices.Sort(out)
	return out
}

// mostOrigins bounds the columns that the report lists; the artifact has them all.
const mostOrigins = 200

// originsMarkdown says of the columns of the outputs what they are computed from.
func originsMarkdown(p func(string, ...any), outputs []model.OutputLocation, queries []model.NodeQuery) {
	of := originsOf(queries)
	lines, left := 0, 0
	for _, o := range outputs {
		for _, q := range queries {
			if q.Node != o.Name {
				continue
			}
			for _, c := range q.Profile.Origins {
				if lines == mostOrigins {
					left++
					continue
				}
				if lines++; lines == 1 {
					p("## Where columns come from\n\n| column | from | in the end from |\n|---|---|---|")
				}
				end := ""
				if sources := of.sources(q.Node + "." + c.Column); !slices.Equal(sources, c.From) {
					end = cell(strings.Join(sources, ", "))
				}
				from := "-" // constants, or a count of rows
				if len(c.From) > 0 {
					from = cell(strings.Join(c.From, ", "))
				}
				p("| %s | %s | %s |", cell(q.Node+"."+c.Column), from, end)
			}
		}
	}
	if left > 0 {
		p("\n%d columns more are in plan_execution_v1.", left)
	}
	if lines > 0 {
		p("")
	}
}

// cell keeps a text in its cell of a table in Markdown.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", " ").Replace(s)
}
