package model

// CauseKind says what sort of reason a Cause is.
type CauseKind string

// The kinds of causes.
const (
	CausePath        CauseKind = "critical_path" // a long node that everything after it waited for
	CauseSlower      CauseKind = "slower"        // a node of the critical path, beyond the noise of earlier runs
	CauseSkew        CauseKind = "skew"          // the last file or shard of a node ran on after all others
	CauseParallelism CauseKind = "parallelism"   // a node ran alone and left CPUs idle
	CauseWorkers     CauseKind = "workers"       // nodes waited for a worker
	CauseSpill       CauseKind = "spill"         // a query did not fit into memory
	CauseStatistics  CauseKind = "statistics"    // files were read without a look at their statistics
	CauseEngineCache CauseKind = "engine_cache"  // another limit or lifetime of a cache of the engine would help
	CauseResultCache CauseKind = "result_cache"  // the result cache, or adding to an earlier result, is off
	CauseCapture     CauseKind = "capture"       // statistics of tables
	CauseTelemetry   CauseKind = "telemetry"     // what was left to send at the end
)

// Cause is one reason for the time of a build, in words.
type Cause struct {
	Kind    CauseKind `json:"kind" doc:"critical_path, slower, skew, parallelism, workers, spill, statistics, engine_cache, result_cache, capture or telemetry"`
	Text    string    `json:"text" doc:"what was measured, in words"`
	CostNS  int64     `json:"cost_ns" doc:"wall time that it explains, nanoseconds; 0 when nobody measured it; the costs of several causes overlap"`
	Node    string    `json:"node,omitempty" doc:"node where it is to be seen"`
	Span    string    `json:"span,omitempty" doc:"id of the span below the node where it is to be seen, such as that of a file"`
	Setting string    `json:"setting,omitempty" doc:"setting that would change it"`
}

// WhySlowPayload is why_slow_v1: what the time of a run went into.
type WhySlowPayload struct {
	WallNS      int64    `json:"wall_ns" doc:"from the first node's readiness to the last node's end, nanoseconds: what a cost is a share of"`
	Causes      []Cause  `json:"causes" doc:"the costliest first, those without a cost last"`
	NotMeasured []string `json:"not_measured" doc:"what could not be looked into, and why"`
	// What later runs compare themselves with.
	Workers int       `json:"workers" doc:"nodes that may run at the same time"`
	Nodes   []NodeEnd `json:"nodes" doc:"what became of each node that ended, in execution order"`
}

// NodeEnd is what later runs want to know of a node. Every profile leaves it.
type NodeEnd struct {
	Name   string    `json:"name" doc:"name of the node"`
	State  NodeState `json:"state" doc:"succeeded, cached, failed, blocked or cancelled"`
	TookNS int64     `json:"took_ns" doc:"how long it ran, nanoseconds; 0 when it did not"`
	Rows   int64     `json:"rows" doc:"rows of all its output tables"`
}
