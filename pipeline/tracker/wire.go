package tracker

import (
	"encoding/json"
	"time"
)

// The bodies of Hamilton's server, as its API describes them. Fields that the
// server requires, or whose absence leaves a page of its UI blank, are never left out.

type project struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Role string `json:"role"`
}

type template struct {
	Name           string            `json:"name"`
	Type           string            `json:"template_type"`
	Config         map[string]string `json:"config"`
	DAGHash        string            `json:"dag_hash"`
	CodeHash       string            `json:"code_hash"`
	Tags           map[string]string `json:"tags"`
	Nodes          []templateNode    `json:"nodes"`
	CodeArtifacts  []codeArtifact    `json:"code_artifacts"`
	CodeLog        codeLog           `json:"code_log"`
	VersionType    string            `json:"code_version_info_type"`
	Version        map[string]string `json:"code_version_info"`
	VersionVersion int               `json:"code_version_info_schema"`
}

type templateNode struct {
	Name                string         `json:"name"`
	Output              *typeName      `json:"output"`
	OutputType          string         `json:"output_type"`
	OutputVersion       int            `json:"output_schema_version"`
	Documentation       string         `json:"documentation"`
	Tags                map[string]any `json:"tags"` // null leaves the project's catalog blank
	Classifications     []string       `json:"classifications"`
	CodePointers        []string       `json:"code_artifact_pointers"`
	Dependencies        []string       `json:"dependencies"`
	DependencySpecs     []typeName     `json:"dependency_specs"`
	DependencyType      string         `json:"dependency_specs_type"`
	DependencySpecsVers int            `json:"dependency_specs_schema_version"`
}

type typeName struct {
	TypeName string `json:"type_name"`
}

type codeArtifact struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Path  string `json:"path"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	URL   string `json:"url"`
}

type codeLog struct {
	Files []codeFile `json:"files"`
}

type codeFile struct {
	Path     string `json:"path"`
	Contents string `json:"contents"`
}

// Run states of the server, and states of its nodes.
const (
	running = "RUNNING"
	success = "SUCCESS"
	failure = "FAILURE"
)

type newRun struct {
	Start   time.Time         `json:"run_start_time"`
	Tags    map[string]string `json:"tags"`
	Inputs  map[string]any    `json:"inputs"`
	Outputs []string          `json:"outputs"`
	Status  string            `json:"run_status"`
}

type runState struct {
	ID       int64             `json:"id"`
	Template int64             `json:"dag_template_id"`
	Status   string            `json:"run_status"`
	Tags     map[string]string `json:"tags"`
	Nodes    []nodeState       `json:"node_runs"`
}

type nodeState struct {
	Name       string      `json:"node_name"`
	Status     string      `json:"status"`
	Attributes []Attribute `json:"attributes"`
}

type bulk struct {
	Attributes []json.RawMessage `json:"attributes"` // each an Attribute
	Updates    []taskUpdate      `json:"task_updates"`
}

type taskUpdate struct {
	Template string     `json:"node_template_name"`
	Name     string     `json:"node_name"`
	Deps     []string   `json:"realized_dependencies"`
	Status   string     `json:"status"`
	Start    *time.Time `json:"start_time"`
	End      *time.Time `json:"end_time"`
}

// Attribute is one fact about a node, of a type that the UI can draw.
type Attribute struct {
	Node    string `json:"node_name"`
	Name    string `json:"name"`
	Type    string `json:"type"`
	Version int    `json:"schema_version"`
	Value   any    `json:"value"`
	Role    string `json:"attribute_role"`
}

type closing struct {
	Status string            `json:"run_status"`
	End    time.Time         `json:"run_end_time"`
	Tags   map[string]string `json:"upsert_tags"`
}
