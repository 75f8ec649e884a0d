package doctor

import (
	"context"
	"path"
	"slices"
)

// Info describes one check.
type Info struct {
	ID      string
	Title   string   // a few words
	Doc     string   // what is looked at, and what a finding means
	Network bool     // it talks to a collector
	Keys    []string // settings that its findings are about; globs of path.Match

	local    func(*doctor) []Finding                  // made at once; nil for the network
	measured func(*doctor) []Finding                  // made after the network, with what was measured there
	tried    func(context.Context, *doctor) []Finding // after all others; may use the network
}

// ChecksOf lists the ids of the checks that a setting bears on.
func ChecksOf(key string) []string {
	var ids []string
	for _, c := range Checks() {
		if slices.ContainsFunc(c.Keys, func(pattern string) bool {
			ok, _ := path.Match(pattern, key) // a test checks the patterns
			return ok
		}) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// connection are the settings that decide who is talked to, and how.
var connection = []string{
	"otel.endpoint", "otel.protocol", "otel.exporter", "otel.certificate", "otel.client_certificate", "otel.client_key", "otel.insecure",
	"otel.traces_e*", "otel.traces_p*", "otel.metrics_e*", "otel.metrics_p*", "otel.logs_e*", "otel.logs_p*",
}

// with adds what else a check depends on.
func with(more ...string) []string { return append(slices.Clone(connection), more...) }

var headers = []string{"otel.headers", "otel.traces_headers", "otel.metrics_headers", "otel.logs_headers"}

// Checks lists all checks by id. Some also stand for values that the settings
// refuse; see Faults.
func Checks() []Info {
	return []Info{
		{ID: "D01", Title: "endpoint syntax", Keys: with(), local: checkEndpoints,
			Doc: "Scheme, host and port of every endpoint. Without a scheme the text is refused; a port that cannot be reached by number is named."},
		{ID: "D02", Title: "name resolution", Network: true, Keys: with(),
			Doc: "The host of each endpoint resolves."},
		{ID: "D03", Title: "connection", Network: true, Keys: with(),
			Doc: "Something listens there. Over HTTP a refused connection loses data at once, over gRPC after the timeout."},
		{ID: "D04", Title: "proxy", Network: true, Keys: with(),
			Doc: "buildscope connects directly. HTTPS_PROXY and HTTP_PROXY are named when a direct connection fails that would have gone through them, and so is a proxy that asks for a login."},
		{ID: "D05", Title: "TLS trust", Network: true, Keys: with(),
			Doc: "The handshake succeeds and the certificate leads to an authority of `otel.certificate` or of the system; the files of certificates and keys can be read."},
		{ID: "D06", Title: "certificate name and dates", Network: true, Keys: with(),
			Doc: "The certificate is for the host of the endpoint and valid today; a warning comes 14 days before it expires."},
		{ID: "D07", Title: "HTTP/2 for gRPC", Network: true, Keys: with(),
			Doc: "A TLS server agrees to HTTP/2 (ALPN h2), which gRPC needs; proxies often do not."},
		{ID: "D08", Title: "scheme and TLS agree", Network: true, Keys: with(),
			Doc: "https against a plain port, http against a TLS port, certificates that an http endpoint does not use, insecure together with https."},
		{ID: "D09", Title: "port and protocol agree", Network: true, Keys: with(),
			Doc: "A gRPC port (usually 4317) is spoken to by grpc, an HTTP port (usually 4318) by http/protobuf."},
		{ID: "D10", Title: "path and answer", Network: true, Keys: with(),
			Doc: "An empty export gets an answer from the URL in use: not 404 or 405, not an error of the server, not silence."},
		{ID: "D11", Title: "redirect and login page", Network: true, Keys: with(headers...),
			Doc: "The answer is OTLP. Redirects and HTML would be taken for success by most exporters while nothing is stored; buildscope counts them as failed."},
		{ID: "D12", Title: "signals served", Network: true, Keys: with(),
			Doc: "The collector has a pipeline for each signal that is exported to it."},
		{ID: "D13", Title: "authentication", Network: true, Keys: with(headers...),
			Doc: "The collector accepts the headers, and the client certificate where it asks for one."},
		{ID: "D14", Title: "header syntax", Keys: headers, local: checkHeaders,
			Doc: "Names of headers are tokens, values are printable, and nothing is encoded twice or reserved by the protocol."},
		{ID: "D15", Title: "protocol and exporter names", Keys: []string{"otel.exporter", "otel.protocol", "otel.*_protocol", "otel.*_exporter"}, local: checkExporters,
			Doc: "Protocols and exporters are known; exporters of signals that are switched off are named, and telemetry settings without any exporter."},
		{ID: "D16", Title: "compression", Network: true, Keys: with("otel.compression", "otel.traces_compression", "otel.metrics_compression", "otel.logs_compression"),
			Doc: "With gzip, a compressed export is understood."},
		{ID: "D17", Title: "size and partial success", Network: true, Keys: with("otel.bsp_max_export_batch_size", "otel.blrp_max_export_batch_size"),
			Doc: "The receiver has no complaint in its answer, earlier runs were not refused for their size, and a request of `--request-size` bytes, if that is given, is taken."},
		{ID: "D18", Title: "rate limit", Network: true, Keys: with("otel.bsp_schedule_delay", "otel.sampler", "otel.sampler_arg"),
			Doc: "Neither now nor in the last run did the receiver answer 429, 503 or RESOURCE_EXHAUSTED."},
		{ID: "D19", Title: "clock", Network: true, Keys: with(),
			Doc: "The collector's Date header and this machine's clock differ by less than 2 seconds; over 60 is a failure, because spans then lie outside what is searched. gRPC collectors often do not tell their time."},
		{ID: "D20", Title: "sampler", Keys: []string{"otel.sampler", "otel.sampler_arg"}, local: checkSampler,
			Doc: "The sampler lets something through, and its argument is used."},
		{ID: "D21", Title: "queue", Keys: []string{"otel.bsp_max_*", "otel.blrp_max_*"}, measured: checkQueue,
			Doc: "Batches fit into queues, earlier runs dropped nothing, and what a run makes can leave as fast as the collector was measured to answer."},
		{ID: "D22", Title: "delay and interval", Keys: []string{"otel.bsp_schedule_delay", "otel.blrp_schedule_delay", "otel.metric_export_interval"}, local: checkDelays,
			Doc: "Delays and intervals that somebody set are shorter than a run: else everything leaves at the end of it."},
		{ID: "D23", Title: "timeouts", Keys: []string{"otel.timeout", "otel.*_timeout", "otel.traces_timeout", "otel.metrics_timeout", "otel.logs_timeout", "otel.shutdown_timeout", "otel.bsp_export_timeout", "otel.blrp_export_timeout", "otel.metric_export_timeout"}, measured: checkTimeouts,
			Doc: "Timeouts are longer than a request was measured to take, shutdown leaves time for what is queued, and nobody wrote seconds where milliseconds are counted."},
		{ID: "D24", Title: "resource", Keys: []string{"otel.resource_attributes", "otel.service_name"}, local: checkResource,
			Doc: "Attributes of the resource are separated and named as meant, and service.name is not given twice."},
		{ID: "D25", Title: "disks", Keys: []string{"build.work_dir", "build.output_dir", "build.repo_root", "engine.temp_directory", "otel.exporter", "otel.traces_exporter", "otel.metrics_exporter", "otel.logs_exporter"}, local: checkDisks,
			Doc: "The repository can be read; the folders of bundles (with the file exporter's file), outputs and temporary files can be written and have room."},
		{ID: "D26", Title: "limits of spans", Keys: []string{"otel.attribute_*", "otel.span_*"}, local: checkLimits,
			Doc: "No limit hides everything from exporters."},
		{ID: "D27", Title: "sources of settings", Keys: []string{"*"}, local: checkSources,
			Doc: "Variables that win over the file, OTEL_SDK_DISABLED, variables that are misspelt or that buildscope does not read."},
		{ID: "D28", Title: "caches", Keys: []string{"engine.*cache*", "engine.collect_statistics", "engine.meta_fetch_concurrency"}, local: checkCaches,
			Doc: "No cache setting is without effect because of another one."},
		{ID: "D29", Title: "engine", Keys: []string{"engine.memory_limit", "engine.target_partitions", "engine.temp_directory", "engine.meta_fetch_concurrency"}, local: checkEngine,
			Doc: "The memory limit is enough for the threads and not more than the machine has; spilling does not go to memory; files may be opened as often as asked."},
		{ID: "D30", Title: "Hamilton UI", Keys: []string{"hamilton.enable_tracker", "hamilton.project_id", "hamilton.username", "hamilton.api_*"}, tried: checkTracker,
			Doc: "With the tracker on, the server answers, takes the user and the key, and has the project."},
	}
}
