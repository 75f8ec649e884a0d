package otel

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// Config is the payload of otel_config_v1. The effective values are those of the
// sampler, the exporters and the resource that were built.
func (t *Telemetry) Config(values []model.Value) model.OTelConfigPayload {
	p := model.OTelConfigPayload{Enabled: len(t.batchers) > 0, Variables: slices.Clone(t.opts.Variables), Resource: []model.Attr{}, Values: []model.Effective{}}
	if p.Variables == nil {
		p.Variables = []string{}
	}
	var names, ends []string
	for _, b := range t.batchers {
		c := b.state()
		names, ends = append(names, c.Exporter), append(ends, c.Endpoint)
	}
	effective := map[string]string{
		"otel.sampler":  t.sampler.Description(),
		"otel.exporter": strings.Join(names, ","),
		"otel.endpoint": strings.Join(ends, ","),
	}
	if len(t.batchers) > 0 {
		b := t.batchers[0] // all are built from the same settings
		effective["otel.bsp_schedule_delay"] = b.delay.String()
		effective["otel.bsp_export_timeout"] = b.timeout.String()
		effective["otel.bsp_max_queue_size"] = strconv.Itoa(b.queue)
		effective["otel.bsp_max_export_batch_size"] = strconv.Itoa(b.batch)
	}
	for _, v := range values {
		if !strings.HasPrefix(v.Key, "otel.") {
			continue
		}
		e := model.Effective{Key: v.Key, Intended: v.Text, Effective: v.Text, Source: v.Source, Note: "passed as an explicit option"}
		if got, ok := effective[v.Key]; ok {
			e.Effective, e.Note = got, "read back from the object in use"
		}
		if len(t.batchers) == 0 && v.Key != "otel.sampler" && v.Key != "otel.exporter" {
			e.Note = "not in use: no exporter"
		}
		p.Values = append(p.Values, e)
	}
	for _, kv := range t.resource.Attributes() {
		p.Resource = append(p.Resource, model.Attr{Key: string(kv.Key), Value: fmt.Sprint(kv.Value.AsInterface())})
	}
	return p
}
