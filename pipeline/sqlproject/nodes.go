package sqlproject

import (
	"cmp"
	"fmt"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// Nodes lists the nodes of the project in the folder that is built: one for each
// source, seed, model and test.
func Nodes(s model.BuildSettings) ([]*pipeline.Node, error) {
	p, err := Open(s.RepoRoot, s.Variables)
	if err != nil {
		return nil, err
	}
	var nodes []*pipeline.Node
	taken := map[string]bool{}
	for _, src := range append(p.Sources, p.Seeds...) {
		taken[src.Name] = true
		nodes = append(nodes, src.node())
	}
	for _, m := range append(p.Models, p.Tests...) {
		taken[m.Name] = true
	}
	for _, src := range p.Sources {
		for _, t := range src.Tests {
			nodes = append(nodes, t.node(src.Name, src.where, taken))
		}
	}
	for _, m := range p.Models {
		nodes = append(nodes, m.node())
		for _, t := range m.Header.Tests {
			nodes = append(nodes, t.node(m.Name, fmt.Sprintf("%s:%d", m.Path, t.line), taken))
		}
	}
	for _, m := range p.Tests {
		n := testNode(m.Name, m.SQL, m.Path, m.Doc, model.DataTest{Check: cmp.Or(m.Doc, m.Path), Severity: cmp.Or(m.Severity, model.SeverityError)})
		n.Dialects = m.Dialects
		nodes = append(nodes, n)
	}
	return nodes, nil
}

func (m Model) node() *pipeline.Node {
	spec := pipeline.Spec{Name: m.Name, Kind: model.KindSQL, Doc: m.Doc, Tags: m.Tags,
		Publish: m.Materialized != View, NoCache: isVolatile(m.SQL), Dialects: m.Dialects}
	if spec.Doc == "" {
		spec.Doc = "Model " + m.Path + "." // else the directives would be taken for it
	}
	for _, c := range m.Columns { // shown where the node is described: on the screen, in the report and the Hamilton UI
		spec.Doc += " " + c.Name + ": " + c.Doc
	}
	if m.Materialized == Incremental {
		spec.Incremental = m.incremental()
	}
	return pipeline.SQL(spec, m.Whole(), m.Path)
}
