package presets

import "slices"

// ProfileKey is the name of the setting that chooses the diagnostics profile.
const ProfileKey = "diagnostics_profile"

// table is the only definition of every setting. It is never changed.
var table = slices.Concat(diagnosticsTable, buildTable, otelTable, signalTable, batchTable, hamiltonTable, engineTable, tuiTable, sshTable)

// sectionDocs has one sentence per section of the table. It is never changed.
var sectionDocs = map[string]string{
	"":            "The diagnostics profile gives every setting below that no flag, variable or file sets.",
	"diagnostics": "Which facts a run keeps beyond the spans of its nodes.",
	"build":       "What is built, how, and where the results go.",
	"otel":        "What leaves the process over OpenTelemetry, and how. Nothing does unless an exporter or an endpoint is set.",
	"hamilton":    "How a run identifies itself in Hamilton's vocabulary, what is captured of its data, and the Hamilton UI it is sent to.",
	"engine":      "The SQL engine and the caches of its listing tables. Names, defaults and syntax of the caches are DataFusion's.",
	"ssh":         "How `serve` is reached over SSH, who may do what there, and what it refuses. Nothing here changes a build.",
	"tui":         "How the screen looks and how often it is drawn. Nothing here changes a build.",
}

var diagnosticsTable = []Setting{
	{
		Key: ProfileKey, Kind: String, Default: "dev",
		Flag: "diagnostics-profile", Alias: "profile",
		Short: "Profile",
		Doc:   "Diagnostics profile: off, prod, ci, dev, debug or one of your own from [profiles.NAME]; raise it to see more, lower it to pay less.",
		check: nonEmpty,
	},
	{
		Section: "diagnostics", Key: "enable_plan_diagnostics", Kind: Bool, Default: "false",
		Flag: "enable-plan-diagnostics", Profile: true,
		Short: "Plan diagnostics",
		Doc:   "Record the schedule before the run and compare it with what really ran; turn it on to learn what a build waited for.",
	},
	{
		Section: "diagnostics", Key: "enable_hamilton_node_diagnostics", Kind: Bool, Default: "false",
		Flag: "enable-hamilton-node-diagnostics", Profile: true,
		Short: "Node diagnostics",
		Doc:   "Record start, finish, error, rows, bytes and cache action of every node; turn it on to find the node that went wrong.",
	},
	{
		Section: "diagnostics", Key: "enable_structured_run_logs", Kind: Bool, Default: "false",
		Flag: "enable-structured-run-logs", Profile: true,
		Short: "Structured run logs",
		Doc:   "Write the run's log as one JSON object per line into the bundle; turn it on to search a run after the fact.",
	},
	{
		Section: "diagnostics", Key: "enable_otel_node_tracing", Kind: Bool, Default: "false",
		Flag: "enable-otel-node-tracing", Profile: true,
		Short: "Node tracing",
		Doc:   "Add child spans for files and engine queries below each node's span; turn it off when a build has so many files that spans cost time.",
	},
	{
		Section: "diagnostics", Key: "redact_keys", Kind: List,
		Default: "*password*,*secret*,*token*,*api_key*,*apikey*,authorization,cookie,*credential*",
		Flag:    "diagnostics-redact-keys", Profile: true,
		Short: "Redacted keys",
		Doc:   "Globs over attribute and header names, case-insensitive, whose values are hidden wherever they are shown, stored or exported; add the names that are secret in your code.",
		check: validGlobs,
	},
}
