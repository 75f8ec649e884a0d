package model

import (
	"encoding/hex"
	"slices"
)

// TraceID and SpanID are the OpenTelemetry identifiers as plain bytes.
type (
	TraceID [16]byte
	SpanID  [8]byte
)

// String gives the lower-case hex form.
func (t TraceID) String() string { return hex.EncodeToString(t[:]) }

// String gives the lower-case hex form.
func (s SpanID) String() string { return hex.EncodeToString(s[:]) }

// IsZero reports whether the id is the invalid all-zero id.
func (s SpanID) IsZero() bool { return s == SpanID{} }

// Attr is one attribute. Value is a bool, int64, float64, string, []bool,
// []int64, []float64 or []string.
type Attr struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

// SpanEvent is something that happened at one moment of a span.
type SpanEvent struct {
	Name  string `json:"name"`
	Time  int64  `json:"time"` // unix nanoseconds
	Attrs []Attr `json:"attrs,omitempty"`
}

// SpanStatus mirrors the OpenTelemetry status codes.
type SpanStatus uint8

const (
	StatusUnset SpanStatus = iota
	StatusOK
	StatusError
)

var spanStatusNames = [...]string{"unset", "ok", "error"}

// String gives the word that is stored.
func (s SpanStatus) String() string {
	if int(s) < len(spanStatusNames) {
		return spanStatusNames[s]
	}
	return "unset"
}

// SpanRecord is one change of one span: its start (End == 0) or its end.
// The record of an end repeats the start's fields, so that it can be used
// alone when the start was dropped.
type SpanRecord struct {
	Trace         TraceID
	ID, Parent    SpanID
	Name          string
	Scope         string
	Start, End    int64 // unix nanoseconds; End is 0 while the span runs
	Status        SpanStatus
	StatusMessage string
	Sampled       bool
	Attrs         []Attr
	Events        []SpanEvent
	// DroppedAttrs and DroppedEvents count what a limit kept from the record.
	DroppedAttrs, DroppedEvents int
}

// Clone is a copy that shares no room with r; values are never changed in place.
func (r SpanRecord) Clone() SpanRecord {
	r.Attrs = slices.Clone(r.Attrs)
	r.Events = slices.Clone(r.Events)
	for i := range r.Events {
		r.Events[i].Attrs = slices.Clone(r.Events[i].Attrs)
	}
	return r
}

// Names of spans, attributes and events that buildscope itself writes. The
// attribute names of a node follow Hamilton's vocabulary.
const (
	SpanBuild       = "graph_product.build" // root span of a run
	SpanFile        = "extract.file"        // one source file of a map node
	SpanEngineQuery = "engine.query"
	SpanEngineScan  = "engine.scan"
	SpanEngineFetch = "engine.fetch" // of objects of a store
	SpanEngineWrite = "engine.write"

	ScopePipeline = "buildscope.pipeline"
	ScopeEngine   = "buildscope.engine"

	AttrRunID          = "buildscope.run_id"
	AttrProfile        = "buildscope.diagnostics_profile"
	AttrNodeName       = "hamilton.node.name"
	AttrNodeKind       = "hamilton.node.kind"
	AttrNodeGeneration = "hamilton.node.generation"
	AttrNodeCritical   = "hamilton.node.on_critical_path"
	AttrNodeDeps       = "hamilton.node.deps" // names of the nodes it reads from; left out when there are none
	AttrNodeCache      = "hamilton.node.cache"
	AttrNodeRows       = "hamilton.node.rows"
	AttrNodeBytes      = "hamilton.node.bytes"
	AttrNodeState      = "hamilton.node.state"
	AttrNodeComputed   = "buildscope.node.computed" // of an incremental model: see NodeExecution.Computed
	AttrEngineSQL      = "db.query.text"
	AttrEngineProfile  = "buildscope.engine.profile" // JSON of a QueryProfile
	AttrFilePath       = "code.file.path"

	AttrEngineFilesListed = "buildscope.engine.files_listed" // before pruning
	AttrEngineFilesRead   = "buildscope.engine.files_read"

	AttrEngineObjectsFetched = "buildscope.engine.objects_fetched" // read from the store
	AttrEngineObjectsKept    = "buildscope.engine.objects_kept"    // found on disk
	AttrEngineBytesFetched   = "buildscope.engine.bytes_fetched"

	// Of an exception event: the texts of the errors that the message wraps,
	// outermost first.
	AttrExceptionCauses = "buildscope.exception.causes"

	EventCaptureTable  = "capture.table"
	EventCaptureColumn = "capture.column"
	EventProgress      = "progress"
	EventException     = "exception"
)

// LogRecord is one structured log line of a run, as the screen shows it.
type LogRecord struct {
	Time    int64  `json:"time"`  // unix nanoseconds
	Level   string `json:"level"` // DEBUG, INFO, WARN, ERROR
	Message string `json:"message"`
	Node    string `json:"node,omitempty"`
	TraceID string `json:"trace_id,omitempty"`
	SpanID  string `json:"span_id,omitempty"`
	Attrs   []Attr `json:"attrs,omitempty"`
}
