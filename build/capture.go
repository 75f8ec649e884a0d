package build

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/pipeline/capture"
)

// newCapture is what the settings say about statistics; nil when they are off.
func newCapture(s model.Settings, code string) *pipeline.Capture {
	if !s.Hamilton.CaptureDataStatistics {
		return nil
	}
	keys, columns := s.Diagnostics.RedactKeys, s.Hamilton.CaptureColumns
	return &pipeline.Capture{
		Options: capture.Options{MaxListLength: s.Hamilton.MaxListLengthCapture, MaxDictLength: s.Hamilton.MaxDictLengthCapture,
			Quantiles: true, Sketches: true, SampleRows: s.Hamilton.CaptureSampleRows, Hide: onlyCounted(keys, columns)},
		Version: code + "\x1f" + strings.Join(keys, "\x1f") + "\x1e" + strings.Join(columns, "\x1f"),
	}
}

// onlyCounted says why a column's values are not looked at.
func onlyCounted(keys, columns []string) func(name string) string {
	var on, off []string
	for _, glob := range columns {
		if unwanted, ok := strings.CutPrefix(glob, "!"); ok {
			off = append(off, unwanted)
		} else {
			on = append(on, glob)
		}
	}
	secret, wanted, unwanted := model.NewRedactor(keys), model.NewRedactor(on), model.NewRedactor(off)
	return func(name string) string {
		switch {
		case secret.Match(name):
			return "values are hidden: the name matches diagnostics.redact_keys"
		case unwanted.Match(name), len(on) > 0 && !wanted.Match(name):
			return "only counted: hamilton.capture_columns leaves the column out"
		}
		return ""
	}
}

// captureTags are the settings of capture as the run used them, under the names of
// Hamilton's constants.
func captureTags(c *pipeline.Capture, s model.HamiltonSettings) map[string]string {
	list, dict := s.MaxListLengthCapture, s.MaxDictLengthCapture
	if c != nil {
		list, dict = c.MaxListLength, c.MaxDictLength
	}
	return map[string]string{
		"capture_data_statistics": strconv.FormatBool(c != nil),
		"capture_sample_rows":     strconv.FormatInt(s.CaptureSampleRows, 10),
		"max_list_length_capture": strconv.Itoa(list),
		"max_dict_length_capture": strconv.Itoa(dict),
	}
}

// captureLog is the span processor that reads the statistics of a run back from
// the events of its spans, so that the bundle has what exporters and the screen get.
type captureLog struct {
	mu     sync.Mutex // guards tables
	tables []model.TableStats
}

var _ sdktrace.SpanProcessor = (*captureLog)(nil)

// OnStart does nothing: the events come before the end.
func (l *captureLog) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd takes the statistics of a node's span.
func (l *captureLog) OnEnd(s sdktrace.ReadOnlySpan) {
	var events []model.SpanEvent
	for _, e := range s.Events() {
		if e.Name == model.EventCaptureTable || e.Name == model.EventCaptureColumn {
			events = append(events, model.SpanEvent{Name: e.Name, Attrs: modelAttrs(e.Attributes)})
		}
	}
	if len(events) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tables = append(l.tables, model.TableStatsFromEvents(events)...)
}

// Shutdown does nothing.
func (l *captureLog) Shutdown(context.Context) error { return nil }

// ForceFlush does nothing.
func (l *captureLog) ForceFlush(context.Context) error { return nil }

// all lists the tables in the order in which their spans ended.
func (l *captureLog) all() []model.TableStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.tables)
}

func modelAttrs(list []attribute.KeyValue) []model.Attr {
	out := make([]model.Attr, len(list))
	for i, kv := range list {
		out[i] = model.Attr{Key: string(kv.Key), Value: kv.Value.AsInterface()}
	}
	return out
}

// spanAttrs is the inverse of modelAttrs.
func spanAttrs(list []model.Attr) []attribute.KeyValue {
	out := make([]attribute.KeyValue, 0, len(list))
	for _, a := range list {
		kv := attribute.KeyValue{Key: attribute.Key(a.Key)}
		switch v := a.Value.(type) {
		case bool:
			kv.Value = attribute.BoolValue(v)
		case int64:
			kv.Value = attribute.Int64Value(v)
		case float64:
			kv.Value = attribute.Float64Value(v)
		case string:
			kv.Value = attribute.StringValue(v)
		case []int64:
			kv.Value = attribute.Int64SliceValue(v)
		case []float64:
			kv.Value = attribute.Float64SliceValue(v)
		case []string:
			kv.Value = attribute.StringSliceValue(v)
		default:
			continue // the statistics have no others
		}
		out = append(out, kv)
	}
	return out
}

// capturePayload is capture_statistics_v1.
func (r *Run) capturePayload(failed int64) model.CaptureStatisticsPayload {
	p := model.CaptureStatisticsPayload{Values: []model.Effective{}, Failed: failed, Tables: r.statistics.all()}
	tags := captureTags(r.capture, r.opts.Resolved.Settings.Hamilton)
	for _, v := range r.opts.Resolved.Values {
		key, ok := strings.CutPrefix(v.Key, "hamilton.")
		if effective, known := tags[key]; ok && known {
			p.Values = append(p.Values, model.Effective{Key: v.Key, Intended: v.Text, Effective: effective, Source: v.Source})
		}
		if v.Key == "hamilton.capture_columns" && r.capture != nil {
			p.Values = append(p.Values, model.Effective{Key: v.Key, Intended: v.Text, Effective: v.Text, Source: v.Source,
				Note: "the other columns are only counted"})
		}
		if v.Key == "diagnostics.redact_keys" {
			p.Values = append(p.Values, model.Effective{Key: v.Key, Intended: v.Text, Effective: v.Text, Source: v.Source,
				Note: "columns whose name matches are only counted"})
		}
	}
	return p
}
