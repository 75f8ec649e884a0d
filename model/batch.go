package model

import "time"

// BatchResult is batch_result_v1: what a headless build prints with --json, and
// what `runs show --json` reads back from a bundle.
type BatchResult struct {
	RunID        string           `json:"run_id" doc:"id of the run (UUIDv7); empty when it could not be started"`
	Status       RunState         `json:"status" doc:"succeeded, failed, cancelled or incomplete"`
	Error        string           `json:"error,omitempty" doc:"first cause, with the node's name"`
	ErrorNode    string           `json:"error_node,omitempty" doc:"node of the first cause"`
	Failures     []NodeFailure    `json:"failures" doc:"nodes that failed themselves, in the order of the plan"`
	Profile      string           `json:"profile" doc:"diagnostics profile"`
	RepoRoot     string           `json:"repo_root" doc:"what was built"`
	Started      time.Time        `json:"started" doc:"start of the run"`
	DurationMS   int64            `json:"duration_ms" doc:"duration of the run in milliseconds; 0 when its end is not known"`
	OutputDir    string           `json:"output_dir" doc:"directory of this run's outputs; empty when nothing was published"`
	RunBundleDir string           `json:"run_bundle_dir" doc:"directory of the run bundle"`
	Outputs      []OutputLocation `json:"outputs" doc:"the published outputs, by name"`
	Nodes        []BatchNode      `json:"nodes" doc:"the nodes of the plan, in execution order"`
	Exports      []ExportCounts   `json:"exports" doc:"what became of the spans, one row per exporter"`
	Warnings     []DataTestResult `json:"warnings,omitempty" doc:"data tests of severity warn that found rows"`
	Hamilton     *BatchHamilton   `json:"hamilton,omitempty" doc:"the run at the Hamilton UI; only with hamilton.enable_tracker"`
}

// BatchHamilton is what a Hamilton UI has of a run.
type BatchHamilton struct {
	Delivered  bool   `json:"delivered" doc:"the server has everything; what it lacks waits for the next run or for buildscope tracker push"`
	NodesSent  int64  `json:"nodes_sent" doc:"ended nodes that the server has"`
	RunURL     string `json:"run_url,omitempty" doc:"page of the run"`
	ErrorURL   string `json:"error_url,omitempty" doc:"page of the node that failed first"`
	CompareURL string `json:"compare_url,omitempty" doc:"page of this run beside the last good one that the server has"`
}

// BatchNode is what became of one node, in short.
type BatchNode struct {
	Name       string    `json:"name" doc:"name of the node"`
	State      NodeState `json:"state" doc:"succeeded, cached, failed, blocked, cancelled, running or pending"`
	DurationNS int64     `json:"duration_ns" doc:"time the node ran, nanoseconds"`
	Rows       int64     `json:"rows" doc:"rows of all its output tables"`
	Bytes      int64     `json:"bytes" doc:"bytes of all its output tables"`
}

// NodeFailure is a failure where it began.
type NodeFailure struct {
	Node    string   `json:"node" doc:"node that failed"`
	Source  string   `json:"source,omitempty" doc:"file:line of the node, or its SQL file"`
	Message string   `json:"message" doc:"its error"`
	Stack   string   `json:"stack,omitempty" doc:"stack of a panic; only read back from a bundle"`
	Blocked []string `json:"blocked" doc:"nodes that it kept from running"`
}
