package model

import "time"

// The signals of OpenTelemetry, in the order in which they are shown.
const (
	SignalTraces  = "traces"
	SignalMetrics = "metrics"
	SignalLogs    = "logs"
)

// OTelSettings says what leaves the process and how.
type OTelSettings struct {
	SDKDisabled       bool              `setting:"sdk_disabled"`
	EnableTraces      bool              `setting:"enable_traces"`
	EnableMetrics     bool              `setting:"enable_metrics"`
	EnableLogs        bool              `setting:"enable_logs"`
	Exporter          []string          `setting:"exporter"` // otlp, stdout, file, none
	Endpoint          string            `setting:"endpoint"`
	Protocol          string            `setting:"protocol"` // grpc, http/protobuf
	Headers           map[string]string `setting:"headers"`
	Insecure          bool              `setting:"insecure"`
	Certificate       string            `setting:"certificate"`
	ClientCertificate string            `setting:"client_certificate"`
	ClientKey         string            `setting:"client_key"`
	Timeout           time.Duration     `setting:"timeout"`
	Compression       string            `setting:"compression"` // none, gzip
	ShutdownTimeout   time.Duration     `setting:"shutdown_timeout"`
	Sampler           string            `setting:"sampler"`
	SamplerArg        float64           `setting:"sampler_arg"`
	LogCorrelation    bool              `setting:"log_correlation"`
	LogLevel          string            `setting:"log_level"`

	// What each signal does in fact, the general values filled in.
	TracesExporter     []string          `setting:"traces_exporter"`
	TracesEndpoint     string            `setting:"traces_endpoint"` // complete URL
	TracesProtocol     string            `setting:"traces_protocol"`
	TracesHeaders      map[string]string `setting:"traces_headers"`
	TracesTimeout      time.Duration     `setting:"traces_timeout"`
	TracesCompression  string            `setting:"traces_compression"`
	MetricsExporter    []string          `setting:"metrics_exporter"`
	MetricsEndpoint    string            `setting:"metrics_endpoint"`
	MetricsProtocol    string            `setting:"metrics_protocol"`
	MetricsHeaders     map[string]string `setting:"metrics_headers"`
	MetricsTimeout     time.Duration     `setting:"metrics_timeout"`
	MetricsCompression string            `setting:"metrics_compression"`
	LogsExporter       []string          `setting:"logs_exporter"`
	LogsEndpoint       string            `setting:"logs_endpoint"`
	LogsProtocol       string            `setting:"logs_protocol"`
	LogsHeaders        map[string]string `setting:"logs_headers"`
	LogsTimeout        time.Duration     `setting:"logs_timeout"`
	LogsCompression    string            `setting:"logs_compression"`

	BSPScheduleDelay     time.Duration     `setting:"bsp_schedule_delay"`
	BSPExportTimeout     time.Duration     `setting:"bsp_export_timeout"`
	BSPMaxQueueSize      int               `setting:"bsp_max_queue_size"`
	BSPMaxExportBatch    int               `setting:"bsp_max_export_batch_size"`
	BLRPScheduleDelay    time.Duration     `setting:"blrp_schedule_delay"`
	BLRPExportTimeout    time.Duration     `setting:"blrp_export_timeout"`
	BLRPMaxQueueSize     int               `setting:"blrp_max_queue_size"`
	BLRPMaxExportBatch   int               `setting:"blrp_max_export_batch_size"`
	MetricExportInterval time.Duration     `setting:"metric_export_interval"`
	MetricExportTimeout  time.Duration     `setting:"metric_export_timeout"`
	AttributeCountLimit  int               `setting:"attribute_count_limit"`        // -1: none
	AttributeLengthLimit int               `setting:"attribute_value_length_limit"` // characters; -1: none
	SpanEventCountLimit  int               `setting:"span_event_count_limit"`       // -1: none
	SpanLinkCountLimit   int               `setting:"span_link_count_limit"`        // -1: none
	ResourceAttributes   map[string]string `setting:"resource_attributes"`
	ServiceName          string            `setting:"service_name"`
}

// Destination is where one signal goes and how.
type Destination struct {
	Signal      string
	Exporters   []string // otlp, stdout, file; empty: nothing is exported
	Endpoint    string   // complete URL
	Protocol    string
	Headers     map[string]string
	Timeout     time.Duration
	Compression string
}

// Destinations lists the signals; one that is switched off has no exporters.
func (s OTelSettings) Destinations() []Destination {
	list := []Destination{
		{SignalTraces, s.TracesExporter, s.TracesEndpoint, s.TracesProtocol, s.TracesHeaders, s.TracesTimeout, s.TracesCompression},
		{SignalMetrics, s.MetricsExporter, s.MetricsEndpoint, s.MetricsProtocol, s.MetricsHeaders, s.MetricsTimeout, s.MetricsCompression},
		{SignalLogs, s.LogsExporter, s.LogsEndpoint, s.LogsProtocol, s.LogsHeaders, s.LogsTimeout, s.LogsCompression},
	}
	for i, on := range []bool{s.EnableTraces, s.EnableMetrics, s.EnableLogs} {
		d := &list[i]
		if s.SDKDisabled || !on || len(d.Exporters) == 1 && d.Exporters[0] == "none" {
			d.Exporters = nil
		}
	}
	return list
}
