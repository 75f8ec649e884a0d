package presets

var hamiltonTable = []Setting{
	{
		Section: "hamilton", Key: "enable_tracker", Kind: Bool, Default: "false",
		Flag: "enable-hamilton-tracker", Profile: true,
		Short: "Tracker",
		Doc:   "Send each run to a Hamilton UI: graph, code, times, errors and, where statistics are captured, the statistics. Needs project_id and username; a server that is away costs the build nothing.",
	},
	{
		Section: "hamilton", Key: "api_url", Kind: String, Default: "http://localhost:8241",
		Env: []string{"HAMILTON_API_URL"}, Flag: "hamilton-api-url",
		Short: "Hamilton server",
		Doc:   "Address of the server that runs are sent to, without /api.",
		check: validServerURL,
	},
	{
		Section: "hamilton", Key: "ui_url", Kind: String, Default: "http://localhost:8241",
		Env: []string{"HAMILTON_UI_URL"}, Flag: "hamilton-ui-url",
		Short: "Hamilton UI",
		Doc:   "Address under which a browser opens the Hamilton UI, for the links in the report; it differs from api_url where the two are deployed apart.",
		check: validServerURL,
	},
	{
		Section: "hamilton", Key: "api_key", Kind: String, Secret: true,
		Env: []string{"HAMILTON_API_KEY"}, Flag: "hamilton-api-key",
		Short: "Hamilton key",
		Doc:   "Key that the server asks for; a server on one's own machine asks for none.",
		check: printableText,
	},
	{
		Section: "hamilton", Key: "project_id", Kind: String,
		Env: []string{"HAMILTON_PROJECT_ID"}, Flag: "hamilton-project-id",
		Short: "Project",
		Doc:   "Number of the project in the Hamilton UI that runs belong to; empty means none.",
		check: wholeNumberText,
	},
	{
		Section: "hamilton", Key: "username", Kind: String,
		Env: []string{"HAMILTON_USERNAME"}, Flag: "hamilton-username",
		Short: "User name",
		Doc:   "User under whom the Hamilton UI lists the run, usually an e-mail address.",
		check: printableText,
	},
	{
		Section: "hamilton", Key: "dag_name", Kind: String, Default: "cpg",
		Env: []string{"HAMILTON_DAG_NAME"}, Flag: "hamilton-dag-name",
		Short: "Graph name",
		Doc:   "Name under which runs of this graph are listed together; change it to keep experiments apart.",
		check: nonEmpty,
	},
	{
		Section: "hamilton", Key: "tags", Kind: Map,
		Flag: "hamilton-tags", Profile: true,
		Short: "Tags",
		Doc:   "Tags recorded with the run, as key=value pairs with percent-encoded values; runs can be found by them.",
	},
	{
		Section: "hamilton", Key: "capture_data_statistics", Kind: Bool, Default: "false",
		Env: []string{"HAMILTON_CAPTURE_DATA_STATISTICS"}, Flag: "hamilton-capture-data-statistics", Profile: true,
		Short: "Capture statistics",
		Doc:   "Count nulls, distinct values, extremes, quantiles and frequent values in every column of every table; columns that diagnostics.redact_keys matches are only counted. Turn it off where the data is personal.",
	},
	{
		Section: "hamilton", Key: "max_list_length_capture", Kind: Int, Unit: "items", Default: "50",
		Min: "0", Max: "100000",
		Env: []string{"HAMILTON_MAX_LIST_LENGTH_CAPTURE"}, Flag: "hamilton-max-list-length-capture", Profile: true,
		Short: "List items captured",
		Doc:   "Items of each list that statistics look at; longer lists are cut, and the column says so. 0 looks at lengths only.",
	},
	{
		Section: "hamilton", Key: "max_dict_length_capture", Kind: Int, Unit: "entries", Default: "100",
		Min: "0", Max: "100000",
		Env: []string{"HAMILTON_MAX_DICT_LENGTH_CAPTURE"}, Flag: "hamilton-max-dict-length-capture", Profile: true,
		Short: "Map entries captured",
		Doc:   "Entries kept of what maps values to counts: the frequent values of a column, keys of maps, fields of structs; more are cut, and the column says so. 0 keeps no value.",
	},
}
