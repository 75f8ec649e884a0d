package tracker

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// maxName is what the server keeps of the name of a node or a graph.
const maxName = 255

// opening describes the graph and the run. What the server would answer with a
// half-made template is refused here.
func (t *Tracker) opening(p model.Plan) (*opening, error) {
	tpl := template{Name: t.opts.DAGName, Type: "HAMILTON", Config: t.opts.Config, Tags: map[string]string{}, Nodes: []templateNode{},
		CodeArtifacts: []codeArtifact{}, CodeLog: codeLog{Files: []codeFile{}}, VersionType: "git", VersionVersion: 1,
		Version: map[string]string{"git_hash": t.opts.Repository["vcs.ref.head.revision"], "git_repo": t.opts.Repository["vcs.repository.url.full"],
			"git_branch": t.opts.Repository["vcs.ref.head.name"]}}
	if len(tpl.Name) > maxName {
		return nil, fmt.Errorf("hamilton.dag_name is longer than %d bytes", maxName)
	}
	seen := map[string]bool{}
	for _, n := range p.Nodes {
		if seen[n.Name] || len(n.Name) > maxName {
			return nil, fmt.Errorf("node %s: its name is not unique, or longer than %d bytes", n.Name, maxName)
		}
		seen[n.Name] = true
		tpl.Nodes = append(tpl.Nodes, t.templateNode(n))
		if n.SQL == "" {
			continue
		}
		// The UI splits names at the last dot into module and function.
		tpl.CodeArtifacts = append(tpl.CodeArtifacts, codeArtifact{Name: "sql." + n.Name, Type: "p_function", Path: codePath(n),
			End: strings.Count(strings.TrimRight(n.SQL, "\n"), "\n") + 1})
		tpl.CodeLog.Files = append(tpl.CodeLog.Files, codeFile{Path: codePath(n), Contents: n.SQL})
	}
	graph, err := hash(tpl.Nodes, tpl.Config)
	if err != nil {
		return nil, err
	}
	code, err := hash(t.opts.Code, tpl.CodeLog)
	if err != nil {
		return nil, err
	}
	tpl.DAGHash, tpl.CodeHash = graph, code
	tags := maps.Clone(t.opts.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	tags["run_id"] = t.opts.RunID
	if v := t.opts.Repository["vcs.ref.head.revision"]; v != "" {
		tags["commit"] = v
	}
	outputs := t.opts.Outputs
	if outputs == nil {
		outputs = []string{}
	}
	return &opening{Target: t.opts.Target, Key: t.opts.RunID, Template: tpl,
		Run: newRun{Start: t.started.UTC(), Tags: tags, Inputs: map[string]any{}, Outputs: outputs, Status: running}}, nil
}

func (t *Tracker) templateNode(n model.PlanNode) templateNode {
	out := templateNode{Name: n.Name, OutputType: "python_type", OutputVersion: 1, Documentation: n.Doc,
		Tags:            map[string]any{"module": string(n.Kind), "source": n.Source},
		Classifications: []string{classification(n.Kind)}, CodePointers: []string{},
		Dependencies: n.Deps, DependencySpecs: []typeName{}, DependencyType: "python_type", DependencySpecsVers: 1}
	if out.Dependencies == nil {
		out.Dependencies = []string{}
	}
	if typ := t.opts.Types[n.Name]; typ != "" {
		out.Output = &typeName{typ}
	}
	for _, d := range n.Deps {
		out.DependencySpecs = append(out.DependencySpecs, typeName{t.opts.Types[d]})
	}
	if n.SQL != "" {
		out.CodePointers = []string{"sql." + n.Name}
	}
	return out
}

// classification is the word of Hamilton's UI for a kind of node.
func classification(k model.NodeKind) string {
	switch k {
	case model.KindExtract:
		return "data_loader"
	case model.KindEmit:
		return "data_saver"
	}
	return "transform"
}

func codePath(n model.PlanNode) string {
	if n.Source != "" {
		return n.Source
	}
	return n.Name + ".sql"
}

func hash(parts ...any) (string, error) {
	data, err := json.Marshal(parts)
	if err != nil {
		return "", fmt.Errorf("hash the graph: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
