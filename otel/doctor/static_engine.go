package doctor

import (
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/buildscope/buildscope/presets"
)

// checkCaches is D28: cache settings that do nothing because of another one.
func checkCaches(d *doctor) (list []Finding) {
	e := d.Resolved.Settings.Engine
	useless := func(key, fix, means string) {
		f := d.about("D28", Warn, key)
		if f.Means = means; fix != "" {
			f.Fix = to(fix)
		}
		list = append(list, f)
	}
	usual := func(key string) string { s, _ := presets.Lookup(key); return s.Default }
	set := func(key string) bool { return given(d.Resolved.Value(key).Source) }
	if e.CollectStatistics {
		if e.FileStatisticsCacheLimit == 0 {
			useless("engine.file_statistics_cache_limit", usual("engine.file_statistics_cache_limit"), "engine.collect_statistics is on, and without this cache the statistics are made anew by every query")
		}
		if e.MetadataCacheLimit == 0 {
			useless("engine.metadata_cache_limit", usual("engine.metadata_cache_limit"), "engine.collect_statistics is on, and without this cache the footers of files are read anew")
		}
	} else {
		for _, key := range []string{"engine.file_statistics_cache_limit", "engine.metadata_cache_limit", "engine.meta_fetch_concurrency", "engine.keep_statistics"} {
			if text := d.Resolved.Value(key).Text; set(key) && text != "0" && text != "false" {
				f := d.about("D28", Warn, "engine.collect_statistics")
				f.Fix, f.Means = to("true"), fmt.Sprintf("%s (%s) has no effect while no footers are read", key, d.Resolved.Value(key).Source)
				list = append(list, f)
			}
		}
	}
	run := d.typical()
	switch {
	case e.ListFilesCacheTTL == 0:
	case e.ListFilesCacheLimit == 0:
		useless("engine.list_files_cache_ttl", "none", "the listing cache is off (engine.list_files_cache_limit is 0), so no entry can expire")
	case run > 0 && e.ListFilesCacheTTL >= run:
		useless("engine.list_files_cache_ttl", sensibleTTL(run), fmt.Sprintf("a cache lives as long as its run, and the median of earlier runs took %s: no entry ever expires", run.Round(time.Millisecond)))
	}
	return list
}

// sensibleTTL is shorter than a run, or no expiry for runs of a few seconds.
func sensibleTTL(run time.Duration) string {
	if seconds := int(run.Seconds() / 4); seconds > 0 {
		return strconv.Itoa(seconds) + "s"
	}
	return "none"
}

// perThread is what DuckDB asks for at least per thread, by its documentation.
// https://duckdb.org/docs/stable/guides/performance/environment
const perThread = 125 << 20

// checkEngine is D29.
func checkEngine(d *doctor) (list []Finding) {
	e := d.Resolved.Settings.Engine
	threads := e.TargetPartitions
	if threads == 0 {
		threads = runtime.NumCPU()
	}
	if need := int64(threads) * perThread; e.MemoryLimit > 0 && e.MemoryLimit < need {
		f := d.about("D29", Warn, "engine.memory_limit")
		f.Means = fmt.Sprintf("DuckDB asks for 125 MB for each of its %d threads; with less, nodes fail for lack of memory", threads)
		f.Fix = to(strconv.FormatInt((need+(1<<20)-1)>>20, 10) + "M")
		list = append(list, f)
	}
	if have := memory(); have > 0 && e.MemoryLimit > have {
		f := d.about("D29", Warn, "engine.memory_limit")
		f.Means = fmt.Sprintf("the machine has %dM: the engine would be killed before it began to spill", have>>20)
		f.Fix = to(strconv.FormatInt(have*8/10>>20, 10) + "M")
		list = append(list, f)
	}
	if threads > 4*runtime.NumCPU() {
		f := d.about("D29", Warn, "engine.target_partitions")
		f.Means, f.Fix = fmt.Sprintf("the machine has %d CPUs, and threads beyond them only take memory", runtime.NumCPU()), to("0")
		list = append(list, f)
	}
	if files := openFiles(); files > 0 && e.CollectStatistics && int64(e.MetaFetchConcurrency)*2 > files {
		f := d.about("D29", Warn, "engine.meta_fetch_concurrency")
		f.Means = fmt.Sprintf("the process may have %d files open, and reading so many footers at a time leaves none for the rest", files)
		f.Fix = to(strconv.FormatInt(max(files/4, 1), 10))
		list = append(list, f)
	}
	if remote(d.Resolved.Settings.Build.WorkDir) && e.CollectStatistics && e.MetaFetchConcurrency < 8 {
		f := d.about("D29", Warn, "engine.meta_fetch_concurrency")
		f.Means, f.Fix = "the work folder is on a network file system, where footers are waited for one round trip each", to("32")
		list = append(list, f)
	}
	return list
}
