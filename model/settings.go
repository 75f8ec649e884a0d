package model

import "time"

// Settings is one resolved configuration. The tag of a field is the key's name
// inside its section; package presets fills the struct from its table and a test
// there fails when the two differ. Zero values are never defaults: a default is
// a row of that table.
type Settings struct {
	DiagnosticsProfile string              `setting:"diagnostics_profile"`
	Diagnostics        DiagnosticsSettings `setting:"diagnostics"`
	Build              BuildSettings       `setting:"build"`
	OTel               OTelSettings        `setting:"otel"`
	Hamilton           HamiltonSettings    `setting:"hamilton"`
	Engine             EngineSettings      `setting:"engine"`
	TUI                TUISettings         `setting:"tui"`
	SSH                SSHSettings         `setting:"ssh"`
}

// DiagnosticsSettings says which facts a run keeps beyond the node spans.
type DiagnosticsSettings struct {
	PlanDiagnostics   bool     `setting:"enable_plan_diagnostics"`
	NodeDiagnostics   bool     `setting:"enable_hamilton_node_diagnostics"`
	StructuredRunLogs bool     `setting:"enable_structured_run_logs"`
	NodeTracing       bool     `setting:"enable_otel_node_tracing"` // per-file and engine child spans
	RedactKeys        []string `setting:"redact_keys"`              // globs over attribute and header keys, case-insensitive
}

// BuildSettings says what is built and where the results go.
type BuildSettings struct {
	Pipeline       string            `setting:"pipeline"` // ignored by a program with nodes of its own
	RepoRoot       string            `setting:"repo_root"`
	OutputDir      string            `setting:"output_dir"` // "" means <work_dir>/outputs
	WorkDir        string            `setting:"work_dir"`   // "" means <repo_root>/.buildscope
	IncludeGlobs   []string          `setting:"include_globs"`
	ExcludeGlobs   []string          `setting:"exclude_globs"`
	Untracked      bool              `setting:"include_untracked"` // in a git work tree; elsewhere every file is
	FollowSymlinks bool              `setting:"follow_symlinks"`
	MaxFileBytes   int64             `setting:"max_file_bytes"` // 0: no limit
	Languages      []string          `setting:"languages"`
	Workers        int               `setting:"workers"` // 0: one per CPU
	ExecutionMode  string            `setting:"execution_mode"`
	Targets        []string          `setting:"targets"` // empty: every node
	Exclude        []string          `setting:"exclude"`
	Variables      map[string]string `setting:"variables"` // of a SQL project
	Incremental    bool              `setting:"incremental"`
	FullRefresh    bool              `setting:"full_refresh"` // of the incremental models of a SQL project
	OnError        string            `setting:"on_error"`
	Timeout        time.Duration     `setting:"timeout"` // 0: none
}

// Values of BuildSettings.Pipeline, BuildSettings.ExecutionMode and BuildSettings.OnError.
const (
	PipelineAuto = "auto" // by what the folder has
	PipelineCPG  = "cpg"
	PipelineSQL  = "sql"

	ModeDeterministicSerial = "deterministic_serial"
	ModePlanParallel        = "plan_parallel"
	OnErrorStop             = "stop"
	OnErrorContinue         = "continue"
)

// HamiltonSettings carries what identifies the run in Hamilton's vocabulary, and
// where its tracker sends it.
type HamiltonSettings struct {
	EnableTracker bool   `setting:"enable_tracker"`
	APIURL        string `setting:"api_url"`
	UIURL         string `setting:"ui_url"`
	APIKey        string `setting:"api_key"`

	ProjectID string            `setting:"project_id"`
	Username  string            `setting:"username"`
	DAGName   string            `setting:"dag_name"`
	Tags      map[string]string `setting:"tags"`

	CaptureDataStatistics bool     `setting:"capture_data_statistics"`
	CaptureColumns        []string `setting:"capture_columns"`         // globs of names, !glob for those that are only counted; none: all
	CaptureSampleRows     int64    `setting:"capture_sample_rows"`     // 0: all rows are looked at
	MaxListLengthCapture  int      `setting:"max_list_length_capture"` // items looked at in each list; 0: none
	MaxDictLengthCapture  int      `setting:"max_dict_length_capture"` // values listed for each column; 0: none
}

// EngineSettings tunes the SQL engine and the listing table's caches. Sizes are
// bytes; names, defaults and syntax of the cache keys are DataFusion's.
type EngineSettings struct {
	Kind string `setting:"kind"` // duckdb or flightsql

	MemoryLimit              int64         `setting:"memory_limit"` // 0: the engine's own default
	TempDirectory            string        `setting:"temp_directory"`
	TargetPartitions         int           `setting:"target_partitions"` // engine threads; 0: one per CPU
	MetadataCacheLimit       int64         `setting:"metadata_cache_limit"`
	ListFilesCacheLimit      int64         `setting:"list_files_cache_limit"`
	ListFilesCacheTTL        time.Duration `setting:"list_files_cache_ttl"` // 0: entries never expire
	FileStatisticsCacheLimit int64         `setting:"file_statistics_cache_limit"`
	CollectStatistics        bool          `setting:"collect_statistics"`
	KeepStatistics           bool          `setting:"keep_statistics"`
	MetaFetchConcurrency     int           `setting:"meta_fetch_concurrency"`

	S3Endpoint             string `setting:"s3_endpoint"` // "": AWS
	S3Region               string `setting:"s3_region"`   // "": the store is asked
	S3AccessKeyID          string `setting:"s3_access_key_id"`
	S3SecretAccessKey      string `setting:"s3_secret_access_key"`
	S3SessionToken         string `setting:"s3_session_token"`
	ObjectCacheLimit       int64  `setting:"object_cache_limit"`
	ObjectFetchConcurrency int    `setting:"object_fetch_concurrency"`

	// Of an engine of kind flightsql.
	Endpoint       string            `setting:"endpoint"` // grpc://host:port or grpc+tls://host:port
	Token          string            `setting:"token"`
	Headers        map[string]string `setting:"headers"`
	CACertificate  string            `setting:"ca_certificate"` // "": those the system trusts
	ClientCert     string            `setting:"client_certificate"`
	ClientKey      string            `setting:"client_key"`
	ConnectTimeout time.Duration     `setting:"connect_timeout"`
	QueryTimeout   time.Duration     `setting:"query_timeout"` // 0: none
	RemoteWrites   string            `setting:"remote_writes"` // auto, server or stream
}

// Kinds of engines.
const (
	EngineDuckDB    = "duckdb"
	EngineFlightSQL = "flightsql"
)

// TUISettings say how the screen looks. The zero value is the default look.
type TUISettings struct {
	Theme       string `setting:"theme"` // auto, dark, light or ascii; "" is auto
	Mouse       bool   `setting:"mouse"`
	RefreshRate int    `setting:"refresh_rate"` // frames per second of a running build; 0 is 10
}

// SSHSettings say how a server is reached over SSH, and who may do what there.
type SSHSettings struct {
	Listen                       string        `setting:"listen"`          // host:port
	HostKey                      string        `setting:"host_key"`        // "": in the user's configuration
	AuthorizedKeys               string        `setting:"authorized_keys"` // "": in the user's configuration
	TrustedCAKeys                string        `setting:"trusted_ca_keys"` // "": none but those of AuthorizedKeys
	RevokedKeys                  string        `setting:"revoked_keys"`    // "": none
	Operators                    []string      `setting:"operators"`       // fingerprints or comments of keys, principals of certificates
	AllowedRoots                 []string      `setting:"allowed_roots"`   // none: the served folder
	MaxConnections               int           `setting:"max_connections"`
	MaxConnectionsPerAddress     int           `setting:"max_connections_per_address"`
	MaxSessions                  int           `setting:"max_sessions"`
	LoginTimeout                 time.Duration `setting:"login_timeout"`
	MaxAuthTries                 int           `setting:"max_auth_tries"`
	IdleTimeout                  time.Duration `setting:"idle_timeout"`     // 0: never
	MaxSessionTime               time.Duration `setting:"max_session_time"` // 0: never
	StallTimeout                 time.Duration `setting:"stall_timeout"`
	KeepaliveInterval            time.Duration `setting:"keepalive_interval"` // 0: never
	KeepaliveCount               int           `setting:"keepalive_count"`
	RecheckInterval              time.Duration `setting:"recheck_interval"` // 0: never
	InputRate                    int64         `setting:"input_rate"`       // bytes per second
	MaxPaste                     int64         `setting:"max_paste"`        // bytes
	MaxColumns                   int           `setting:"max_columns"`
	MaxRows                      int           `setting:"max_rows"`
	MaxBuilds                    int           `setting:"max_builds"`
	CancelWhenLastOperatorLeaves bool          `setting:"cancel_when_last_operator_leaves"`
	OnShutdown                   string        `setting:"on_shutdown"`     // ShutdownCancel or ShutdownFinish
	AuditLog                     string        `setting:"audit_log"`       // "": in the user's folder of state
	AuditLogLimit                int64         `setting:"audit_log_limit"` // bytes of one file
	HealthListen                 string        `setting:"health_listen"`   // "": none
	QueryMemory                  int64         `setting:"query_memory"`    // bytes
	QueryTimeout                 time.Duration `setting:"query_timeout"`
	QueryRows                    int64         `setting:"query_rows"`
}

// Values of SSHSettings.OnShutdown.
const (
	ShutdownCancel = "cancel"
	ShutdownFinish = "finish"
)
