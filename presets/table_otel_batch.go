package presets

// batchTable says how spans, log records and metrics wait for export, and what of
// a span an exporter may see.
var batchTable = []Setting{
	{
		Section: "otel", Key: "bsp_schedule_delay", Kind: Duration, Default: "5s",
		Min: "1ms", Max: "1h",
		Env: []string{"OTEL_BSP_SCHEDULE_DELAY"}, Flag: "otel-bsp-schedule-delay", Profile: true,
		Short: "Batch delay",
		Doc:   "Longest time a span waits for its batch to fill; lower it to see spans in the collector sooner.",
	},
	{
		Section: "otel", Key: "bsp_export_timeout", Kind: Duration, Default: "30s",
		Min: "1ms", Max: "1h",
		Env: []string{"OTEL_BSP_EXPORT_TIMEOUT"}, Flag: "otel-bsp-export-timeout", Profile: true,
		Short: "Batch timeout",
		Doc:   "Longest time for the export of one batch before its spans count as failed.",
	},
	{
		Section: "otel", Key: "bsp_max_queue_size", Kind: Int, Unit: "spans", Default: "2048",
		Min: "1", Max: "10000000",
		Env: []string{"OTEL_BSP_MAX_QUEUE_SIZE"}, Flag: "otel-bsp-max-queue-size", Profile: true,
		Short: "Queue size",
		Doc:   "Spans that may wait for export; more are dropped and counted, so raise it when the run header shows drops.",
	},
	{
		Section: "otel", Key: "bsp_max_export_batch_size", Kind: Int, Unit: "spans", Default: "512",
		Min: "1", Max: "10000000",
		Env: []string{"OTEL_BSP_MAX_EXPORT_BATCH_SIZE"}, Flag: "otel-bsp-max-export-batch-size", Profile: true,
		Short: "Batch size",
		Doc:   "Spans in one request at most; at most otel.bsp_max_queue_size. Lower it when a collector refuses large requests.",
	},
	{
		Section: "otel", Key: "blrp_schedule_delay", Kind: Duration, Default: "1s",
		Min: "1ms", Max: "1h",
		Env: []string{"OTEL_BLRP_SCHEDULE_DELAY"}, Flag: "otel-blrp-schedule-delay", Profile: true,
		Short: "Log batch delay",
		Doc:   "Longest time a log record waits for its batch to fill; lower it to see logs in the collector sooner.",
	},
	{
		Section: "otel", Key: "blrp_export_timeout", Kind: Duration, Default: "30s",
		Min: "1ms", Max: "1h",
		Env: []string{"OTEL_BLRP_EXPORT_TIMEOUT"}, Flag: "otel-blrp-export-timeout", Profile: true,
		Short: "Log batch timeout",
		Doc:   "Longest time for the export of one batch before its log records count as failed.",
	},
	{
		Section: "otel", Key: "blrp_max_queue_size", Kind: Int, Unit: "records", Default: "2048",
		Min: "1", Max: "10000000",
		Env: []string{"OTEL_BLRP_MAX_QUEUE_SIZE"}, Flag: "otel-blrp-max-queue-size", Profile: true,
		Short: "Log queue size",
		Doc:   "Log records that may wait for export; more are dropped and counted, so raise it when the run header shows drops.",
	},
	{
		Section: "otel", Key: "blrp_max_export_batch_size", Kind: Int, Unit: "records", Default: "512",
		Min: "1", Max: "10000000",
		Env: []string{"OTEL_BLRP_MAX_EXPORT_BATCH_SIZE"}, Flag: "otel-blrp-max-export-batch-size", Profile: true,
		Short: "Log batch size",
		Doc:   "Log records in one request at most; at most otel.blrp_max_queue_size.",
	},
	{
		Section: "otel", Key: "metric_export_interval", Kind: Duration, Default: "60s",
		Min: "1ms", Max: "24h",
		Env: []string{"OTEL_METRIC_EXPORT_INTERVAL"}, Flag: "otel-metric-export-interval", Profile: true,
		Short: "Metric interval",
		Doc:   "Time between two exports of metrics; the last export is at the end of the run, so lower it to see metrics while a build runs.",
	},
	{
		Section: "otel", Key: "metric_export_timeout", Kind: Duration, Default: "30s",
		Min: "1ms", Max: "1h",
		Env: []string{"OTEL_METRIC_EXPORT_TIMEOUT"}, Flag: "otel-metric-export-timeout", Profile: true,
		Short: "Metric timeout",
		Doc:   "Longest time for one export of metrics before its data points count as failed.",
	},
	{
		Section: "otel", Key: "attribute_count_limit", Kind: Int, Unit: "attributes", Default: "-1",
		Min: "-1", Max: "1000000",
		Env: []string{"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"}, Flag: "otel-attribute-count-limit", Profile: true,
		Short: "Attributes of a span",
		Doc:   "Attributes that exporters see of each span, event and link; the rest is counted as dropped. -1 means all. The screen and the bundle keep all.",
	},
	{
		Section: "otel", Key: "attribute_value_length_limit", Kind: Int, Unit: "characters", Default: "-1",
		Min: "-1", Max: "1000000000",
		Env: []string{"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"}, Flag: "otel-attribute-value-length-limit", Profile: true,
		Short: "Length of values",
		Doc:   "Characters that exporters see of each text; the rest is cut off. -1 means all; set it when a collector refuses large requests.",
	},
	{
		Section: "otel", Key: "span_event_count_limit", Kind: Int, Unit: "events", Default: "-1",
		Min: "-1", Max: "1000000",
		Env: []string{"OTEL_SPAN_EVENT_COUNT_LIMIT"}, Flag: "otel-span-event-count-limit", Profile: true,
		Short: "Events of a span",
		Doc:   "Events that exporters see of each span, the newest; the rest is counted as dropped. A captured table has one event per column. -1 means all.",
	},
	{
		Section: "otel", Key: "span_link_count_limit", Kind: Int, Unit: "links", Default: "-1",
		Min: "-1", Max: "1000000",
		Env: []string{"OTEL_SPAN_LINK_COUNT_LIMIT"}, Flag: "otel-span-link-count-limit", Profile: true,
		Short: "Links of a span",
		Doc:   "Links that exporters see of each span; the rest is counted as dropped. -1 means all.",
	},
}
