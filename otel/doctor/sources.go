package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

// unread are variables of the OpenTelemetry specification that buildscope does
// not read, with the setting that does the same, if there is one. <S> stands for
// each signal.
var unread = map[string]string{
	"OTEL_PROPAGATORS":                                         "",
	"OTEL_LOG_LEVEL":                                           "otel.log_level",
	"OTEL_CONFIG_FILE":                                         "",
	"OTEL_EXPERIMENTAL_CONFIG_FILE":                            "",
	"OTEL_METRICS_EXEMPLAR_FILTER":                             "",
	"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE":        "",
	"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "",
	"OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT":                     "otel.attribute_count_limit",
	"OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT":              "otel.attribute_value_length_limit",
	"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT":                         "otel.attribute_count_limit",
	"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT":                          "otel.attribute_count_limit",
	"OTEL_EXPORTER_OTLP_<S>_INSECURE":                          "otel.insecure",
	"OTEL_EXPORTER_OTLP_<S>_CERTIFICATE":                       "otel.certificate",
	"OTEL_EXPORTER_OTLP_<S>_CLIENT_CERTIFICATE":                "otel.client_certificate",
	"OTEL_EXPORTER_OTLP_<S>_CLIENT_KEY":                        "otel.client_key",
	"OTEL_EXPORTER_OTLP_SPAN_INSECURE":                         "otel.insecure",
	"OTEL_EXPORTER_OTLP_METRIC_INSECURE":                       "otel.insecure",
	"OTEL_EXPORTER_ZIPKIN_ENDPOINT":                            "otel.endpoint",
	"OTEL_EXPORTER_JAEGER_ENDPOINT":                            "otel.endpoint",
	"OTEL_EXPORTER_PROMETHEUS_HOST":                            "",
	"OTEL_EXPORTER_PROMETHEUS_PORT":                            "",
	"OTEL_SEMCONV_STABILITY_OPT_IN":                            "",
}

// foreign begin the variables of other languages' SDKs, which are no mistake.
var foreign = []string{"OTEL_PYTHON_", "OTEL_JAVA_", "OTEL_JAVAAGENT_", "OTEL_NODE_", "OTEL_DOTNET_", "OTEL_RUBY_", "OTEL_PHP_", "OTEL_GO_", "OTEL_INSTRUMENTATION_", "OTEL_RESOURCE_PROVIDERS_"}

// checkSources is D27.
func checkSources(d *doctor) []Finding {
	return slices.Concat(d.disabled(), d.overridden(), unreadVariables(d.Env))
}

// disabled finds that nothing is exported although exporters are set.
func (d *doctor) disabled() []Finding {
	o := d.settings()
	if !o.SDKDisabled {
		return nil
	}
	for _, exporters := range [][]string{o.TracesExporter, o.MetricsExporter, o.LogsExporter} {
		if !slices.Equal(exporters, []string{"none"}) {
			f := d.about("D27", Warn, "otel.sdk_disabled")
			f.Fix, f.Means = to("false"), "it keeps every exporter from being started"
			return []Finding{f}
		}
	}
	return nil
}

// overridden finds variables that win over a line of the file.
func (d *doctor) overridden() (list []Finding) {
	for _, v := range d.Resolved.Values {
		name, ok := strings.CutPrefix(v.Source, "env ")
		i := slices.IndexFunc(v.Lower, func(l model.Layer) bool { return strings.HasPrefix(l.Source, "file ") })
		if !ok || i < 0 || !v.Secret && v.Lower[i].Text == v.Text {
			continue
		}
		f := d.about("D27", Warn, v.Key)
		f.Means = fmt.Sprintf("the variable wins over %s (%s)", v.Lower[i].Text, v.Lower[i].Source)
		f.Advice = fmt.Sprintf("unset %s if the file is meant", name)
		list = append(list, f)
	}
	return list
}

// unreadVariables finds variables that look as if they set something here.
func unreadVariables(env map[string]string) (list []Finding) {
	known := map[string]bool{}
	for _, s := range presets.Table() {
		for _, name := range s.EnvNames() {
			known[name] = true
		}
	}
	instead := map[string]string{}
	for name, setting := range unread {
		for _, signal := range []string{"TRACES", "METRICS", "LOGS"} {
			instead[strings.Replace(name, "<S>", signal, 1)] = setting
		}
	}
	for _, name := range sortedKeys(env) {
		upper := strings.ToUpper(name)
		if known[name] || env[name] == "" || !strings.HasPrefix(upper, "OTEL_") && !strings.HasPrefix(upper, "BUILDSCOPE_") ||
			slices.ContainsFunc(foreign, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			continue
		}
		f := Finding{ID: "D27", Severity: Warn, Means: fmt.Sprintf("the variable %s is not read", name)}
		setting, specified := instead[name]
		switch {
		case setting != "":
			s, _ := presets.Lookup(setting)
			f.Advice = fmt.Sprintf("set %s, by --%s or %s", setting, s.Flag, s.EnvNames()[len(s.EnvNames())-1])
		case specified:
			f.Advice = "unset it, or ignore this if it is meant for other programs"
		case known[upper]:
			f.Means, f.Advice = f.Means+": names of variables are upper case", "write "+upper
		default:
			f.Advice = "unset it"
			if near := model.Nearest(name, append(sortedKeys(known), sortedKeys(instead)...)); near != "" {
				f.Advice = "is " + near + " meant?"
			}
		}
		list = append(list, f)
	}
	return list
}
