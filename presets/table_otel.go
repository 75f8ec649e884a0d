package presets

// otlpEnv gives the two standard names of an OTLP setting; the one for traces
// wins over the general one and replaces it.
func otlpEnv(suffix string) []string {
	return []string{"OTEL_EXPORTER_OTLP_TRACES_" + suffix, "OTEL_EXPORTER_OTLP_" + suffix}
}

var otelTable = []Setting{
	{
		Section: "otel", Key: "sdk_disabled", Kind: Bool, Default: "false",
		Env: []string{"OTEL_SDK_DISABLED"}, Flag: "otel-sdk-disabled", Profile: true,
		Short: "Disable export",
		Doc:   "Export nothing, whatever the other settings say; the screen and the bundle still get every span.",
	},
	{
		Section: "otel", Key: "exporter", Kind: List, Default: "none",
		Allowed: []string{"otlp", "stdout", "file", "none"},
		Env:     []string{"OTEL_TRACES_EXPORTER"}, Flag: "otel-exporter", Profile: true,
		Short: "Exporters",
		Doc:   "Where spans go besides the screen: otlp to a collector, stdout, file into the bundle, or none; an endpoint without an exporter means otlp.",
		check: validExporters,
	},
	{
		Section: "otel", Key: "endpoint", Kind: String,
		Env: otlpEnv("ENDPOINT"), Flag: "otel-endpoint", Profile: true,
		Short: "Endpoint",
		Doc:   "The collector's URL, http:// for plain text or https:// for TLS; empty means http://localhost:4317 for grpc and http://localhost:4318 for http/protobuf.",
		check: validEndpoint,
	},
	{
		Section: "otel", Key: "protocol", Kind: Enum, Default: "grpc",
		Allowed: []string{"grpc", "http/protobuf"},
		Env:     otlpEnv("PROTOCOL"), Flag: "otel-protocol", Profile: true,
		Short: "Protocol",
		Doc:   "How to speak to the collector; use http/protobuf where a proxy or load balancer does not pass gRPC.",
	},
	{
		Section: "otel", Key: "headers", Kind: Map, Secret: true,
		Env: otlpEnv("HEADERS"), Flag: "otel-headers",
		Short: "Headers",
		Doc:   "Headers sent with every export, as key=value pairs with percent-encoded values; hosted collectors want their key here.",
		check: validHeaders,
	},
	{
		Section: "otel", Key: "insecure", Kind: Bool, Default: "false",
		Env: otlpEnv("INSECURE"), Flag: "otel-insecure",
		Short: "Insecure",
		Doc:   "States that no TLS is wanted; the endpoint's scheme decides, so it must not be set together with https://.",
	},
	{
		Section: "otel", Key: "certificate", Kind: Path,
		Env: otlpEnv("CERTIFICATE"), Flag: "otel-certificate",
		Short: "CA certificate",
		Doc:   "PEM file of the authority that signed the collector's certificate; empty means the system's authorities.",
	},
	{
		Section: "otel", Key: "client_certificate", Kind: Path,
		Env: otlpEnv("CLIENT_CERTIFICATE"), Flag: "otel-client-certificate",
		Short: "Client certificate",
		Doc:   "PEM file of the certificate shown to a collector that asks for one; needs otel.client_key too.",
	},
	{
		Section: "otel", Key: "client_key", Kind: Path,
		Env: otlpEnv("CLIENT_KEY"), Flag: "otel-client-key",
		Short: "Client key",
		Doc:   "PEM file of the private key of otel.client_certificate.",
	},
	{
		Section: "otel", Key: "timeout", Kind: Duration, Default: "10s",
		Min: "1ms", Max: "1h",
		Env: otlpEnv("TIMEOUT"), Flag: "otel-timeout", Profile: true,
		Short: "Request timeout",
		Doc:   "Longest time for one request to the collector, retries included; raise it for a slow network.",
	},
	{
		Section: "otel", Key: "compression", Kind: Enum, Default: "none",
		Allowed: []string{"none", "gzip"},
		Env:     otlpEnv("COMPRESSION"), Flag: "otel-compression", Profile: true,
		Short: "Compression",
		Doc:   "Compress requests to the collector; use gzip when it is far away.",
	},
	{
		Section: "otel", Key: "shutdown_timeout", Kind: Duration, Default: "2s",
		Min: "1ms", Max: "10m",
		Flag: "otel-shutdown-timeout", Profile: true,
		Short: "Shutdown timeout",
		Doc:   "Longest wait at the end of a run for spans that are not sent yet; what is then left is counted as dropped.",
	},
	{
		Section: "otel", Key: "sampler", Kind: Enum, Default: "parentbased_always_on",
		Allowed: []string{
			"always_on", "always_off", "traceidratio",
			"parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio",
		},
		Env: []string{"OTEL_TRACES_SAMPLER"}, Flag: "otel-sampler", Profile: true,
		Short: "Sampler",
		Doc:   "Which runs are exported; the screen and the bundle get every span whatever is chosen.",
	},
	{
		Section: "otel", Key: "sampler_arg", Kind: Float, Default: "1",
		Min: "0", Max: "1",
		Env: []string{"OTEL_TRACES_SAMPLER_ARG"}, Flag: "otel-sampler-arg", Profile: true,
		Short: "Sampled share",
		Doc:   "Share of runs that the traceidratio samplers export; lower it when a collector gets too much.",
	},
	{
		Section: "otel", Key: "log_correlation", Kind: Bool, Default: "true",
		Flag: "otel-log-correlation", Profile: true,
		Short: "Log correlation",
		Doc:   "Put trace_id and span_id on every log line, so that a line leads to its span.",
	},
	{
		Section: "otel", Key: "log_level", Kind: Enum, Default: "info",
		Allowed: []string{"debug", "info", "warn", "error"},
		Flag:    "otel-log-level", Profile: true,
		Short: "Log level",
		Doc:   "Lowest level of log lines that are kept; debug tells the most.",
	},
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
		Section: "otel", Key: "resource_attributes", Kind: Map,
		Env: []string{"OTEL_RESOURCE_ATTRIBUTES"}, Flag: "otel-resource-attributes", Profile: true,
		Short: "Resource attributes",
		Doc:   "Attributes of everything that is exported, as key=value pairs with percent-encoded values; use them to tell environments and teams apart.",
	},
	{
		Section: "otel", Key: "service_name", Kind: String, Default: "buildscope",
		Env: []string{"OTEL_SERVICE_NAME"}, Flag: "otel-service-name", Profile: true,
		Short: "Service name",
		Doc:   "Name of the service in the collector; wins over service.name in otel.resource_attributes.",
		check: nonEmpty,
	},
}
