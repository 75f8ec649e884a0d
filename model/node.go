package model

// NodeKind says what a node does; it is the value of hamilton.node.kind.
type NodeKind string

const (
	KindExtract NodeKind = "extract" // reads the outside world: files of a repository
	KindGo      NodeKind = "go"      // a Go function over tables
	KindSQL     NodeKind = "sql"     // one SELECT
	KindEmit    NodeKind = "emit"    // writes a final output
)

// NodeState is where a node is in its life. The legal moves are in nodeMoves.
type NodeState uint8

const (
	NodePending   NodeState = iota // waits for inputs or a worker
	NodeRunning                    // between BeforeNode and AfterNode
	NodeSucceeded                  // ran and produced its outputs
	NodeCached                     // not run: the result cache had its outputs
	NodeFailed                     // its own code returned an error or panicked
	NodeBlocked                    // never ran: something it needs failed
	NodeCancelled                  // stopped, or never started, because the run was cancelled
)

var nodeStateNames = [...]string{"pending", "running", "succeeded", "cached", "failed", "blocked", "cancelled"}

// String gives the word that is stored and shown.
func (s NodeState) String() string {
	if int(s) < len(nodeStateNames) {
		return nodeStateNames[s]
	}
	return "unknown"
}

// ParseNodeState is the inverse of String.
func ParseNodeState(s string) (NodeState, bool) {
	for i, name := range nodeStateNames {
		if name == s {
			return NodeState(i), true
		}
	}
	return 0, false
}

// MarshalText makes the word the JSON form.
func (s NodeState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word; an unknown word, from a newer version, reads as pending.
func (s *NodeState) UnmarshalText(b []byte) error {
	*s, _ = ParseNodeState(string(b))
	return nil
}

// Ended reports whether no further move is possible.
func (s NodeState) Ended() bool { return s >= NodeSucceeded }

// nodeMoves lists the states that each state may move to.
var nodeMoves = map[NodeState][]NodeState{
	NodePending: {NodeRunning, NodeCached, NodeBlocked, NodeCancelled},
	NodeRunning: {NodeSucceeded, NodeFailed, NodeCancelled},
}

// CanMove reports whether a node may go from s to next.
func (s NodeState) CanMove(next NodeState) bool {
	for _, n := range nodeMoves[s] {
		if n == next {
			return true
		}
	}
	return false
}

// CacheAction says what the result cache did for a node.
type CacheAction string

const (
	CacheHit  CacheAction = "hit"
	CacheMiss CacheAction = "miss"
	CacheOff  CacheAction = "off"
)

// PlanNode is a node as it was planned.
type PlanNode struct {
	Name       string   `json:"name" doc:"unique name of the node"`
	Kind       NodeKind `json:"kind" doc:"extract, go, sql or emit"`
	Doc        string   `json:"doc,omitempty" doc:"what the node does, in one sentence"`
	Deps       []string `json:"deps" doc:"names of the nodes whose outputs it reads, sorted"`
	Outputs    []string `json:"outputs" doc:"names of the tables it produces"`
	Generation int      `json:"generation" doc:"longest distance from a node without inputs, starting at 0"`
	Critical   bool     `json:"on_critical_path" doc:"on the estimated critical path"`
	EstimateNS int64    `json:"estimate_ns" doc:"expected duration in nanoseconds, from earlier runs; 0 when unknown"`
	Source     string   `json:"source" doc:"file:line of the Go function, or the SQL file"`
	SQL        string   `json:"sql,omitempty" doc:"text of an SQL node"`
}

// Plan is the schedule of a run before anything ran.
type Plan struct {
	Nodes        []PlanNode `json:"nodes" doc:"in execution order"`
	Generations  [][]string `json:"generations" doc:"node names by generation"`
	CriticalPath []string   `json:"critical_path" doc:"node names, first to last, by estimate"`
	EstimateNS   int64      `json:"estimate_ns" doc:"expected length of the critical path in nanoseconds; 0 when unknown"`
}

// NodeExecution is what became of a node.
type NodeExecution struct {
	Name      string      `json:"name" doc:"name of the node"`
	Kind      NodeKind    `json:"kind" doc:"kind of the node"`
	State     NodeState   `json:"state" doc:"succeeded, cached, failed, blocked, cancelled, running or pending"`
	Cache     CacheAction `json:"cache" doc:"hit, miss or off"`
	Ready     int64       `json:"ready_unix_ns" doc:"when its inputs were there, unix nanoseconds; 0 when never"`
	Start     int64       `json:"start_unix_ns" doc:"unix nanoseconds; 0 when it never ran"`
	End       int64       `json:"end_unix_ns" doc:"unix nanoseconds; 0 when it never ended"`
	Rows      int64       `json:"rows" doc:"rows of all its output tables"`
	Bytes     int64       `json:"bytes" doc:"bytes of all its output tables"`
	Computed  string      `json:"computed,omitempty" doc:"of an incremental model that ran: whole and why, or incremental and how many rows are new"`
	Error     string      `json:"error,omitempty" doc:"its own error"`
	BlockedBy string      `json:"blocked_by,omitempty" doc:"the failed node that kept it from running"`
	TraceID   string      `json:"trace_id,omitempty" doc:"trace of the run"`
	SpanID    string      `json:"span_id,omitempty" doc:"span of the node"`
}

// DurationNS is the time the node ran, 0 when it has not ended.
func (n NodeExecution) DurationNS() int64 {
	if n.End == 0 || n.Start == 0 {
		return 0
	}
	return n.End - n.Start
}

// QueryProfile is the engine's own account of one statement.
type QueryProfile struct {
	Engine      string     `json:"engine,omitempty"` // kind of the one that ran it; "" for the embedded, which alone measures what is below LatencyNS
	SQL         string     `json:"sql"`
	LatencyNS   int64      `json:"latency_ns"`
	CPUNS       int64      `json:"cpu_ns"`
	Rows        int64      `json:"rows"`
	PeakMemory  int64      `json:"peak_memory_bytes"` // most of the session so far: no more than that was the statement's
	PeakTemp    int64      `json:"peak_temp_bytes"`
	BytesRead   int64      `json:"bytes_read"`
	FilesListed int        `json:"files_listed"` // files of all inputs before pruning
	FilesRead   int        `json:"files_read"`   // files given to the engine
	Root        []Operator `json:"operators"`

	// Origins are the columns of the result, in order, with those they are computed
	// from; nil where that cannot be told, and NoOrigins says why.
	Origins   []Origin `json:"origins,omitempty"`
	NoOrigins string   `json:"no_origins,omitempty"`
}

// Origin says which columns of a node's inputs the values of one of its columns are
// computed from. Conditions and joins, which decide on rows, do not count.
type Origin struct {
	Column string   `json:"column"`
	From   []string `json:"from"` // table.column, sorted; none of constants
}

// Operator is one operator of a physical plan with what it did.
type Operator struct {
	Name          string            `json:"name"`
	TimeNS        int64             `json:"time_ns"`
	Rows          int64             `json:"rows"`           // -1: the engine does not tell
	EstimatedRows int64             `json:"estimated_rows"` // -1: none given
	Extra         map[string]string `json:"extra,omitempty"`
	Children      []Operator        `json:"children,omitempty"`
}
