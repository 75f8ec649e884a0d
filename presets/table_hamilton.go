package presets

var hamiltonTable = []Setting{
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
}
