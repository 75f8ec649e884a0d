package model

// Metric describes one instrument, as it is documented and exported.
type Metric struct {
	Name  string
	Kind  string // histogram, counter or gauge
	Unit  string // UCUM
	Attrs []string
	Doc   string
}

// Names of the metrics of a run.
const (
	MetricNodeDuration       = "buildscope.node.duration"
	MetricRows               = "buildscope.rows"
	MetricBytes              = "buildscope.bytes"
	MetricCacheHits          = "buildscope.engine.cache.hits"
	MetricCacheMisses        = "buildscope.engine.cache.misses"
	MetricCacheInserts       = "buildscope.engine.cache.inserts"
	MetricCacheEvictions     = "buildscope.engine.cache.evictions"
	MetricCacheRejections    = "buildscope.engine.cache.rejections"
	MetricCacheExpirations   = "buildscope.engine.cache.expirations"
	MetricCacheInvalidations = "buildscope.engine.cache.invalidations"
	MetricCacheBytes         = "buildscope.engine.cache.bytes"
	MetricCachePeak          = "buildscope.engine.cache.peak"
	MetricCacheWorkingSet    = "buildscope.engine.cache.working_set"
	MetricCacheLimit         = "buildscope.engine.cache.limit"
	MetricExported           = "buildscope.exporter.items"
)

// Metrics lists every instrument of a run.
func Metrics() []Metric {
	node, cached := []string{AttrNodeName, AttrNodeKind, AttrNodeState, AttrNodeCache}, []string{"cache.name"}
	return []Metric{
		{MetricNodeDuration, "histogram", "s", node, "Time from the start of a node to its end."},
		{MetricRows, "counter", "{row}", node, "Rows that nodes produced."},
		{MetricBytes, "counter", "By", node, "Bytes of the files that nodes produced."},
		{MetricCacheHits, "counter", "{lookup}", cached, "Lookups in a cache of the listing table that found a valid entry."},
		{MetricCacheMisses, "counter", "{lookup}", cached, "Lookups that did not."},
		{MetricCacheInserts, "counter", "{entry}", cached, "Entries kept, replacements included."},
		{MetricCacheEvictions, "counter", "{entry}", cached, "Entries dropped to keep the limit."},
		{MetricCacheRejections, "counter", "{entry}", cached, "Entries not kept: larger than the limit, or empty."},
		{MetricCacheExpirations, "counter", "{entry}", cached, "Entries found older than their lifetime."},
		{MetricCacheInvalidations, "counter", "{entry}", cached, "Entries dropped because what they describe had changed."},
		{MetricCacheBytes, "gauge", "By", cached, "Bytes held by a cache."},
		{MetricCachePeak, "gauge", "By", cached, "Most bytes that a cache has held."},
		{MetricCacheWorkingSet, "gauge", "By", cached, "Bytes of all that was looked up, kept or not: with a larger limit nothing would have to go."},
		{MetricCacheLimit, "gauge", "By", cached, "Limit in force; 0: the cache is off."},
		{MetricExported, "counter", "{item}", []string{"exporter", "signal", "outcome"}, "Spans, data points and log records by what became of them: sent, rejected, failed, dropped, lost, sampled_out."},
	}
}
