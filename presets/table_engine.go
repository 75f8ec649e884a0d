package presets

var engineTable = []Setting{
	{
		Section: "engine", Key: "memory_limit", Kind: Capacity, Unit: "bytes", Default: "0",
		Flag: "engine-memory-limit", Profile: true,
		Short: "Memory limit",
		Doc:   "Memory the engine may use before it writes to temporary files; 0 means the engine's own default, lower it on a shared machine.",
	},
	{
		Section: "engine", Key: "temp_directory", Kind: Path,
		Flag:  "engine-temp-directory",
		Short: "Temporary folder",
		Doc:   "Folder for what does not fit into memory; empty means the run's own work area, so set it when that disk is small.",
	},
	{
		Section: "engine", Key: "target_partitions", Kind: Int, Unit: "threads", Default: "0",
		Min: "0", Max: "1024",
		Flag: "engine-target-partitions", Profile: true,
		Short: "Threads",
		Doc:   "Threads of the engine; 0 means one per CPU.",
	},
	{
		Section: "engine", Key: "metadata_cache_limit", Kind: Capacity, Unit: "bytes", Default: "50M",
		Flag: "engine-metadata-cache-limit", Profile: true,
		Short: "Metadata cache",
		Doc:   "Size of the cache of Parquet footers; raise it when the cache evicts during one build, 0 turns it off.",
	},
	{
		Section: "engine", Key: "list_files_cache_limit", Kind: Capacity, Unit: "bytes", Default: "1M",
		Flag: "engine-list-files-cache-limit", Profile: true,
		Short: "Listing cache",
		Doc:   "Size of the cache of directory listings; raise it for folders with very many files, 0 turns it off.",
	},
	{
		Section: "engine", Key: "list_files_cache_ttl", Kind: TTL, Default: "none",
		Flag: "engine-list-files-cache-ttl", Profile: true,
		Short: "Listing lifetime",
		Doc:   "How long a cached listing is believed; none means for the whole session, set it when others add files while a build runs.",
	},
	{
		Section: "engine", Key: "file_statistics_cache_limit", Kind: Capacity, Unit: "bytes", Default: "20M",
		Flag: "engine-file-statistics-cache-limit", Profile: true,
		Short: "Statistics cache",
		Doc:   "Size of the cache of per-file statistics; raise it for many files with many columns, 0 turns it off.",
	},
	{
		Section: "engine", Key: "collect_statistics", Kind: Bool, Default: "true",
		Flag: "engine-collect-statistics", Profile: true,
		Short: "Collect statistics",
		Doc:   "Read row counts and value ranges of files when a table is made, so that files can be skipped; turn it off when making tables is slow.",
	},
	{
		Section: "engine", Key: "keep_statistics", Kind: Bool, Default: "false",
		Flag: "engine-keep-statistics", Profile: true,
		Short: "Keep statistics",
		Doc:   "Keep the statistics of files in the work directory for the next run, which reads only the footers of files that changed; turn it on for folders with very many files.",
	},
	{
		Section: "engine", Key: "meta_fetch_concurrency", Kind: Int, Unit: "files", Default: "32",
		Min: "1", Max: "1024",
		Flag: "engine-meta-fetch-concurrency", Profile: true,
		Short: "Footer readers",
		Doc:   "Files whose footers are read at the same time; raise it for storage with high latency.",
	},
}
