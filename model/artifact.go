package model

import (
	"encoding/json"
	"time"
)

// Artifact is one fact file of a run bundle. Payload is one of the structs of
// this package that carry the artifact's name in their doc comment.
type Artifact struct {
	Name      string    `json:"name"`    // with its version: "plan_schedule_v1"
	Version   int       `json:"version"` // of the payload's shape
	RunID     string    `json:"run_id"`
	CreatedAt time.Time `json:"created_at"`
	Payload   any       `json:"payload"`
}

// RawArtifact is an artifact as it was read from disk.
type RawArtifact struct {
	Name      string          `json:"name"`
	Version   int             `json:"version"`
	RunID     string          `json:"run_id"`
	CreatedAt time.Time       `json:"created_at"`
	Payload   json.RawMessage `json:"payload"`
}

// Names of the artifacts.
const (
	ArtifactProfile      = "diagnostics_profile_v1"
	ArtifactOTelConfig   = "otel_config_v1"
	ArtifactCacheConfig  = "datafusion_cache_config_v1"
	ArtifactCacheState   = "datafusion_cache_state_v1"
	ArtifactPlan         = "plan_schedule_v1"
	ArtifactExecution    = "plan_execution_v1"
	ArtifactCapture      = "capture_statistics_v1"
	ArtifactTracker      = "hamilton_tracker_status_v1"
	ArtifactRunLog       = "hamilton_run_log_v1"
	ArtifactExtractErrs  = "extract_errors_v1"
	ArtifactQuality      = "semantic_quality_v1"
	ArtifactLocations    = "build_output_locations_v1"
	ArtifactManifest     = "run_manifest_v1"
	ArtifactExportStatus = "otel_export_status_v1"
	ArtifactWhySlow      = "why_slow_v1"
	ArtifactDataTests    = "data_tests_v1"
)

// ProfilePayload is diagnostics_profile_v1: the profile of the run and every
// setting it was resolved to.
type ProfilePayload struct {
	Profile string   `json:"profile" doc:"name of the diagnostics profile"`
	Extends []string `json:"extends" doc:"profiles it builds on, nearest first"`
	Values  []Value  `json:"values" doc:"every setting with its effective value and source"`
}

// Effective is one setting as it was asked for and as the thing that uses it
// reports it.
type Effective struct {
	Key       string `json:"key" doc:"section.key of the setting"`
	Intended  string `json:"intended" doc:"value after resolution"`
	Effective string `json:"effective" doc:"value read back from the object that uses it"`
	Source    string `json:"source" doc:"layer that gave the intended value"`
	Note      string `json:"note,omitempty" doc:"why the two differ, or how the value was read back"`
}

// OTelConfigPayload is otel_config_v1.
type OTelConfigPayload struct {
	Enabled   bool        `json:"enabled" doc:"false when otel.sdk_disabled is set or no exporter is configured"`
	Values    []Effective `json:"values" doc:"every otel setting, intended against effective"`
	Resource  []Attr      `json:"resource" doc:"resource attributes read back from the provider's resource"`
	Variables []string    `json:"variables" doc:"names of the OTEL_ environment variables that were set at start"`
}

// CacheConfigPayload is datafusion_cache_config_v1.
type CacheConfigPayload struct {
	Engine        string      `json:"engine" doc:"engine and version"`
	Values        []Effective `json:"values" doc:"cache limits, TTLs, statistics and concurrency, intended against effective"`
	EngineOptions []Effective `json:"engine_options" doc:"memory limit, temporary directory and threads as the engine reports them"`

	Remote *RemoteEngine `json:"remote,omitempty" doc:"server that runs the SQL, where engine.kind is flightsql; what is above is then of the embedded engine, which lists and prunes the files"`
}

// RemoteEngine is a server that runs the SQL of a build.
type RemoteEngine struct {
	Endpoint string      `json:"endpoint" doc:"its address"`
	Version  string      `json:"version" doc:"as it tells it"`
	Writes   string      `json:"writes" doc:"server: it writes results into the work folder; stream: it sends them"`
	Why      string      `json:"why,omitempty" doc:"why it does not write"`
	Values   []Effective `json:"values" doc:"its own caches: what the settings intend, and what it reports"`
}

// PlanSchedulePayload is plan_schedule_v1.
type PlanSchedulePayload struct {
	Plan
	ExecutionMode string `json:"execution_mode" doc:"deterministic_serial or plan_parallel"`
	Workers       int    `json:"workers" doc:"nodes that may run at the same time"`
}

// PlanExecutionPayload is plan_execution_v1.
type PlanExecutionPayload struct {
	Nodes          []NodeExecution `json:"nodes" doc:"in execution order"`
	WallNS         int64           `json:"wall_ns" doc:"from the first node's readiness to the last node's end, nanoseconds"`
	BusyNS         int64           `json:"busy_ns" doc:"sum of the nodes' durations, nanoseconds"`
	CriticalPath   []string        `json:"critical_path" doc:"real critical path: the chain of nodes that each waited for the one before"`
	CriticalNS     int64           `json:"critical_ns" doc:"time spent on the real critical path, nanoseconds"`
	ExpectedNS     int64           `json:"expected_ns" doc:"length of the estimated critical path, nanoseconds; 0 when unknown"`
	Parallelism    float64         `json:"parallelism" doc:"busy_ns / wall_ns"`
	Waited         []WaitedFor     `json:"waited_for" doc:"nodes that others waited for while they had every other input, longest first"`
	Queries        []NodeQuery     `json:"queries" doc:"engine profiles of the SQL nodes"`
	Unexpected     []string        `json:"unexpected" doc:"planned nodes that did not run as planned, in words"`
	QueueNS        int64           `json:"queue_ns" doc:"sum over nodes of the time they were ready and waited for a worker, nanoseconds"`
	SlackNS        int64           `json:"slack_ns" doc:"worker time that stayed idle, nanoseconds"`
	WorkersAllowed int             `json:"workers" doc:"nodes that may run at the same time"`
}

// WaitedFor says how long the rest of the graph waited for one node.
type WaitedFor struct {
	Node    string   `json:"node"`
	WaitNS  int64    `json:"wait_ns"` // from the last other input's end to this node's end, summed over waiters
	Waiters []string `json:"waiters"`
}

// NodeQuery is the engine profile of one node.
type NodeQuery struct {
	Node    string       `json:"node"`
	Profile QueryProfile `json:"profile"`
}

// CaptureStatisticsPayload is capture_statistics_v1.
type CaptureStatisticsPayload struct {
	Values []Effective  `json:"values" doc:"the capture settings, intended against effective"`
	Failed int64        `json:"failed" doc:"columns whose capture failed; each has the reason"`
	Tables []TableStats `json:"tables" doc:"in order of completion"`
}

// RunLogPayload is hamilton_run_log_v1: the node diagnostics of a run.
type RunLogPayload struct {
	DAGName   string            `json:"dag_name" doc:"hamilton.dag_name"`
	ProjectID string            `json:"project_id" doc:"hamilton.project_id"`
	Username  string            `json:"username" doc:"hamilton.username"`
	Tags      map[string]string `json:"tags" doc:"hamilton.tags and those of the run: profile, run_id, trace_id, capture_data_statistics, max_list_length_capture, max_dict_length_capture"`
	TraceID   string            `json:"trace_id" doc:"trace of the run"`
	Nodes     []NodeExecution   `json:"nodes" doc:"in order of start; empty unless node diagnostics are on"`
}

// ExtractError is one file, or part of a file, that could not be used.
type ExtractError struct {
	Path    string `json:"path" doc:"path relative to the repository, with / separators"`
	Node    string `json:"node" doc:"node that met it"`
	Stage   string `json:"stage" doc:"read, decode, parse or skip"`
	Message string `json:"message" doc:"what was wrong"`
	Line    int    `json:"line" doc:"1-based line; 0 when not known"`
}

// ExtractErrorsPayload is extract_errors_v1.
type ExtractErrorsPayload struct {
	Count     int64          `json:"count" doc:"number of errors"`
	Errors    []ExtractError `json:"errors" doc:"the first of them, by path"`
	Truncated bool           `json:"truncated" doc:"there are more than are listed"`
}

// QualityMetric is one figure of semantic_quality_v1.
type QualityMetric struct {
	Name  string  `json:"name" doc:"what is measured"`
	Value float64 `json:"value" doc:"the figure"`
	Unit  string  `json:"unit" doc:"rows, files or ratio"`
	OK    bool    `json:"ok" doc:"false when the figure points at a defect"`
	Doc   string  `json:"doc" doc:"what the figure means"`
}

// QualityPayload is semantic_quality_v1.
type QualityPayload struct {
	Metrics []QualityMetric `json:"metrics" doc:"in a fixed order"`
}

// OutputLocation is one file that a build published.
type OutputLocation struct {
	Name       string `json:"name" doc:"name of the output table"`
	Path       string `json:"path" doc:"absolute path of the Parquet file"`
	Rows       int64  `json:"rows" doc:"number of rows"`
	Bytes      int64  `json:"bytes" doc:"size of the file"`
	SchemaHash string `json:"schema_hash" doc:"XXH3-128 over column names and types, hex"`
	Checksum   string `json:"content_checksum" doc:"order-independent hash of 128 bits over the rows, hex"`
	Cached     bool   `json:"cached" doc:"taken from the result cache"`
}

// LocationsPayload is build_output_locations_v1.
type LocationsPayload struct {
	RunID        string           `json:"run_id" doc:"id of the run"`
	Status       RunState         `json:"status" doc:"succeeded, failed or cancelled"`
	OutputDir    string           `json:"output_dir" doc:"directory of this run's outputs; empty when nothing was published"`
	LatestDir    string           `json:"latest_dir" doc:"what latest points to after this run; empty when there is none"`
	RunBundleDir string           `json:"run_bundle_dir" doc:"directory of the run bundle"`
	Outputs      []OutputLocation `json:"outputs" doc:"the published outputs, by name"`
}

// ManifestPayload is run_manifest_v1.
type ManifestPayload struct {
	RunID        string           `json:"run_id" doc:"id of the run (UUIDv7)"`
	Status       RunState         `json:"status" doc:"how the run ended"`
	Error        string           `json:"error,omitempty" doc:"first cause"`
	ErrorNode    string           `json:"error_node,omitempty" doc:"node of the first cause"`
	Started      time.Time        `json:"started" doc:"start of the run"`
	Ended        time.Time        `json:"ended" doc:"end of the run"`
	Version      string           `json:"buildscope_version" doc:"version of the program"`
	Pipeline     string           `json:"pipeline" doc:"name of the pipeline"`
	Profile      string           `json:"profile" doc:"diagnostics profile"`
	RepoRoot     string           `json:"repo_root" doc:"what was built"`
	TraceID      string           `json:"trace_id" doc:"trace of the run"`
	Commit       string           `json:"commit,omitempty" doc:"commit that was checked out; empty outside a git repository"`
	Dirty        bool             `json:"dirty,omitempty" doc:"tracked files differed from that commit, or were staged"`
	InputsHash   string           `json:"inputs_hash" doc:"XXH3-128 over the versions of the source nodes' outputs, hex"`
	Fingerprints []Fingerprint    `json:"fingerprints" doc:"code and input versions of every node"`
	Outputs      []OutputLocation `json:"outputs" doc:"the published outputs, by name"`
	Artifacts    []string         `json:"artifacts" doc:"names of the artifacts in the bundle"`
	Files        []string         `json:"files" doc:"names of the other files in the bundle, without manifest.json"`
	Nodes        int              `json:"nodes_finished" doc:"nodes that came to an end, whichever it was"`
	SpansTotal   int64            `json:"spans_total" doc:"spans that ended"`
	SpansDropped int64            `json:"spans_dropped" doc:"span records the screen's log had to drop"`
	SpansWritten int64            `json:"spans_written" doc:"spans in spans.parquet; 0 when the file could not be written"`
}

// Fingerprint is what the result cache knows a node by.
type Fingerprint struct {
	Node string `json:"node"`
	Code string `json:"code"` // version of the node's code
	Key  string `json:"key"`  // code, input versions and the settings it reads
}

// ExportStatusPayload is otel_export_status_v1.
type ExportStatusPayload struct {
	Exporters []ExportCounts `json:"exporters" doc:"one row per exporter"`
}

// ArtifactPayload is a payload that knows which artifact it is. A node whose
// result is one has it written to the bundle.
type ArtifactPayload interface{ ArtifactName() string }

// ArtifactName implements ArtifactPayload.
func (ExtractErrorsPayload) ArtifactName() string { return ArtifactExtractErrs }

// ArtifactName implements ArtifactPayload.
func (QualityPayload) ArtifactName() string { return ArtifactQuality }

// TrackerStatusPayload is hamilton_tracker_status_v1: what became of the run at
// the Hamilton UI.
type TrackerStatusPayload struct {
	Enabled        bool   `json:"enabled" doc:"hamilton.enable_tracker"`
	APIURL         string `json:"api_url" doc:"server that runs are sent to"`
	ProjectID      string `json:"project_id" doc:"project of the run"`
	Username       string `json:"username" doc:"user of the run"`
	Statistics     bool   `json:"statistics" doc:"statistics, values and query plans are sent; schemas, code, times, errors and tags always are"`
	TemplateID     int64  `json:"template_id" doc:"the graph at the server; 0 when it has none"`
	RunID          int64  `json:"hamilton_run_id" doc:"the run at the server; 0 when it has none"`
	RunURL         string `json:"run_url,omitempty" doc:"page of the run in the UI"`
	ErrorURL       string `json:"error_url,omitempty" doc:"page of the node that failed first"`
	CompareURL     string `json:"compare_url,omitempty" doc:"page of this run beside the last good one of the project that the server has"`
	Delivered      bool   `json:"delivered" doc:"the server has everything"`
	Requests       int64  `json:"requests" doc:"requests made for this run"`
	FailedRequests int64  `json:"failed_requests" doc:"requests without a good answer"`
	NodesSent      int64  `json:"nodes_sent" doc:"ended nodes that the server has"`
	AttributesSent int64  `json:"attributes_sent" doc:"attributes that were sent"`
	NodesSpooled   int64  `json:"nodes_spooled" doc:"nodes that wait in the spool"`
	NodesRejected  int64  `json:"nodes_rejected" doc:"nodes that the server does not take"`
	QueueOverflows int64  `json:"queue_overflows" doc:"events that found the queue full and were taken from the result at the end"`
	EarlierSent    int64  `json:"earlier_nodes_sent" doc:"nodes of earlier runs that this run sent"`
	EarlierWaiting int64  `json:"earlier_runs_waiting" doc:"earlier runs that still wait"`
	Spool          string `json:"spool,omitempty" doc:"file that holds what is not sent; buildscope tracker push sends it"`
	SpoolError     string `json:"spool_error,omitempty" doc:"why the spool does not have everything that is not sent, as on a full disk"`
	LastError      string `json:"last_error,omitempty" doc:"last failure"`
}
