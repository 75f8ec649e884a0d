package build

import (
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/origins"
)

// mostOrigins bounds the columns that the report lists; the artifact has them all.
const mostOrigins = 200

// originsMarkdown says of the columns of the outputs what they are computed from.
func originsMarkdown(p func(string, ...any), outputs []model.OutputLocation, queries []model.NodeQuery) {
	of := origins.OfRun(nil, queries)
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
				if sources := of.Sources(origins.Column{Node: q.Node, Name: c.Column}); !slices.Equal(sources, c.From) {
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
