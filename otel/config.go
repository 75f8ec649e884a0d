package otel

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/buildscope/buildscope/model"
)

// Config is the payload of otel_config_v1. The effective values are read from the
// sampler, queues, readers, connections and resource that were built.
func (t *Telemetry) Config(values []model.Value) model.OTelConfigPayload {
	p := model.OTelConfigPayload{Enabled: len(t.sinks) > 0, Variables: slices.Clone(t.opts.Variables), Resource: []model.Attr{}, Values: []model.Effective{}}
	if p.Variables == nil {
		p.Variables = []string{}
	}
	inUse := t.inUse()
	for _, v := range values {
		key, ok := strings.CutPrefix(v.Key, "otel.")
		if !ok {
			continue
		}
		e := model.Effective{Key: v.Key, Intended: v.Text, Effective: v.Text, Source: v.Source}
		if got, ok := inUse[key]; ok {
			e.Effective, e.Note = got, "read back from the object in use"
		} else {
			e.Note = t.whyNot(key)
		}
		p.Values = append(p.Values, e)
	}
	for _, kv := range t.resource.Attributes() {
		p.Resource = append(p.Resource, model.Attr{Key: string(kv.Key), Value: fmt.Sprint(kv.Value.AsInterface())})
	}
	return p
}

// whyNot says why a setting has no object to be read back from.
func (t *Telemetry) whyNot(key string) string {
	if t.opts.Settings.SDKDisabled {
		return "not in use: otel.sdk_disabled"
	}
	for _, s := range []string{model.SignalTraces, model.SignalMetrics, model.SignalLogs} {
		if strings.HasPrefix(key, s+"_") {
			return "not in use: no otlp exporter of " + s
		}
	}
	switch {
	case slices.Contains([]string{"exporter", "endpoint", "protocol", "headers", "timeout", "compression"}, key):
		return "taken over by the settings of each signal"
	case strings.HasPrefix(key, "bsp_"):
		return "not in use: traces are not exported"
	case strings.HasPrefix(key, "blrp_"):
		return "not in use: logs are not exported"
	case strings.HasPrefix(key, "metric_"):
		return "not in use: metrics are not exported"
	case key == "sampler_arg":
		return "not in use: " + t.sampler.Description() + " has no argument"
	}
	return "used as it stands"
}

// inUse is what the objects say, by key inside the section.
func (t *Telemetry) inUse() map[string]string {
	got := map[string]string{"sampler": t.sampler.Description(), "service_name": t.attribute("service.name")}
	if _, arg, ok := strings.Cut(t.sampler.Description(), "TraceIDRatioBased{"); ok {
		got["sampler_arg"], _, _ = strings.Cut(arg, "}")
	}
	names := map[string][]string{}
	for _, s := range t.sinks {
		signal := s.to.Signal
		names[signal] = append(names[signal], s.state().Exporter)
		s.queueInUse(got)
		if s.state().Exporter == "otlp" {
			s.targetInUse(got)
		}
		got["enable_"+signal] = "true"
	}
	for _, signal := range []string{model.SignalTraces, model.SignalMetrics, model.SignalLogs} {
		got[signal+"_exporter"] = strings.Join(names[signal], ",")
		if len(names[signal]) == 0 {
			got[signal+"_exporter"] = "none"
		}
	}
	return got
}

// queueInUse reads a sink's queue or reader.
func (s sink) queueInUse(got map[string]string) {
	delay, timeout := s.limits.delay.String(), s.limits.timeout.String()
	prefix := "bsp_"
	switch s.to.Signal {
	case model.SignalMetrics:
		got["metric_export_interval"], got["metric_export_timeout"] = delay, timeout
		return
	case model.SignalLogs:
		prefix = "blrp_"
	}
	got[prefix+"schedule_delay"], got[prefix+"export_timeout"] = delay, timeout
	got[prefix+"max_queue_size"], got[prefix+"max_export_batch_size"] = strconv.Itoa(s.limits.queue), strconv.Itoa(s.limits.batch)
}

// targetInUse reads the connection of an OTLP exporter.
func (s sink) targetInUse(got map[string]string) {
	key := s.to.Signal + "_"
	got[key+"timeout"], got[key+"compression"], got[key+"endpoint"], got[key+"protocol"] = s.to.Timeout.String(), s.to.Compression, s.to.Endpoint, "http/protobuf"
	if s.to.conn != nil {
		scheme := "http://"
		if s.to.secure {
			scheme = "https://"
		}
		got[key+"endpoint"], got[key+"protocol"] = scheme+strings.TrimPrefix(s.to.conn.Target(), "passthrough:///"), "grpc"
	}
	var headers []string
	for name := range s.to.Headers {
		headers = append(headers, name+"="+model.Redacted)
	}
	sort.Strings(headers)
	got[key+"headers"] = strings.Join(headers, ",")
}

// attribute reads one attribute of the resource.
func (t *Telemetry) attribute(key string) string {
	v, _ := t.resource.Set().Value(attribute.Key(key))
	return v.AsString()
}
