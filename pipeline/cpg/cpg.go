// Package cpg is the code property graph build: it scans a repository, extracts
// evidence from every source file, relates it in SQL and emits the graph as
// tables. The front ends and the SQL have packages of their own; here they become
// nodes of a pipeline.
package cpg

import (
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
	"github.com/buildscope/buildscope/pipeline/cpg/sqltext"
)

// Nodes lists the nodes of the build for the settings.
func Nodes(s model.BuildSettings) ([]*pipeline.Node, error) {
	b := builder{settings: s}
	nodes := []*pipeline.Node{
		pipeline.Func(pipeline.Spec{Name: "scan_repo", Kind: model.KindExtract,
			Doc: "Lists and hashes the source files of the repository."}, b.scan),
		pipeline.Func(pipeline.Spec{Name: "repo_files", Kind: model.KindEmit, Publish: true,
			Doc: "The source files of the repository, with the reason for each that is skipped."}, b.files),
		pipeline.Func(pipeline.Spec{Name: "extract", Kind: model.KindExtract, Version: "3", Outputs: evidence.Names(),
			Settings: map[string]string{"build.languages": strings.Join(s.Languages, ",")},
			Doc:      "Parses every Python and Go file and records what it defines, uses, calls and imports."}, b.extract),
		pipeline.Func(pipeline.Spec{Name: "extract_errors", Kind: model.KindGo,
			Doc: "Collects the files, and places in files, that could not be read."}, b.errors),
	}
	files, err := sqltext.All()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		spec := pipeline.Spec{Name: f.Name, Kind: model.KindSQL, Publish: f.Stage != "relate", Dialects: f.Dialects}
		if f.Stage == "emit" {
			spec.Kind = model.KindEmit
		}
		nodes = append(nodes, pipeline.SQL(spec, f.Text, f.Path))
	}
	return append(nodes, pipeline.Func(pipeline.Spec{Name: "semantic_quality", Kind: model.KindGo,
		Doc: "Sums up whether the graph is sound and how much of the code it covers."}, b.quality)), nil
}

type builder struct{ settings model.BuildSettings }
