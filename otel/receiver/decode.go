package receiver

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/buildscope/buildscope/model"
)

// Group is what one resource sent in one request. Slices and what they hold belong
// to the receiver of the group.
type Group struct {
	Resource Resource
	Spans    []model.SpanRecord
	Logs     []model.LogRecord
	Points   []Point
}

// Resource is the process that sent something.
type Resource struct {
	Service  string // service.name
	Instance string // service.instance.id, or what else tells two processes of a service apart
	Attrs    []model.Attr
}

// request is a decoded request.
type request struct {
	groups   []Group
	items    int // spans, log records or data points that were taken over
	rejected int // items that are not valid: no ids
	reason   string
}

// decode reads a request of one signal. Fields that it does not know are passed
// over, as OTLP demands.
func decode(signal string, json bool, body []byte, keys *redactor) (req request, err error) {
	switch signal {
	case model.SignalTraces:
		r := ptraceotlp.NewExportRequest()
		if err = unmarshal(r, json, body); err == nil {
			req.traces(r.Traces(), keys)
		}
	case model.SignalLogs:
		r := plogotlp.NewExportRequest()
		if err = unmarshal(r, json, body); err == nil {
			req.logs(r.Logs(), keys)
		}
	default:
		r := pmetricotlp.NewExportRequest()
		if err = unmarshal(r, json, body); err == nil {
			req.metrics(r.Metrics(), keys)
		}
	}
	return req, err
}

func unmarshal(r interface {
	UnmarshalProto([]byte) error
	UnmarshalJSON([]byte) error
}, json bool, body []byte) (err error) {
	defer func() {
		if p := recover(); p != nil { // a fault of the library must cost a request, not the program
			err = fmt.Errorf("not OTLP: %v", p)
		}
	}()
	if json {
		return r.UnmarshalJSON(body)
	}
	return r.UnmarshalProto(body)
}

// redactor hides values by their keys, and remembers what it decided: the same few
// keys come again and again. It is for one request, so that nothing grows.
type redactor struct {
	*model.Redactor
	seen map[string]bool
}

func newRedactor(keys *model.Redactor) *redactor {
	if keys == nil {
		keys = &model.Redactor{}
	}
	return &redactor{keys, map[string]bool{}}
}

func (r *redactor) hides(key string) bool {
	if r.Empty() {
		return false
	}
	hide, ok := r.seen[key]
	if !ok {
		hide = r.Match(key)
		r.seen[key] = hide
	}
	return hide
}

// attrs copies attributes. What follows in slab is free for the next ones.
func (r *redactor) attrs(m pcommon.Map, slab []model.Attr) (out, rest []model.Attr) {
	n := m.Len()
	if n == 0 {
		return nil, slab
	}
	if len(slab) < n {
		slab = make([]model.Attr, max(n, 256))
	}
	out, i := slab[:n:n], 0
	for k, v := range m.All() {
		out[i] = model.Attr{Key: k, Value: value(v)}
		if r.hides(k) {
			out[i].Value = model.Redacted
		}
		i++
	}
	return out, slab[n:]
}

// value is an attribute's value as the model has it. What the model has no type for
// becomes JSON text.
func value(v pcommon.Value) any {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return v.Str()
	case pcommon.ValueTypeBool:
		return v.Bool()
	case pcommon.ValueTypeInt:
		return v.Int()
	case pcommon.ValueTypeDouble:
		return v.Double()
	case pcommon.ValueTypeSlice:
		if list := slice(v.Slice()); list != nil {
			return list
		}
	}
	return v.AsString()
}

// slice is a list of values of one type, nil when they are of several.
func slice(s pcommon.Slice) any {
	if s.Len() == 0 {
		return []string{}
	}
	switch s.At(0).Type() {
	case pcommon.ValueTypeStr:
		return list(s, pcommon.ValueTypeStr, pcommon.Value.Str)
	case pcommon.ValueTypeBool:
		return list(s, pcommon.ValueTypeBool, pcommon.Value.Bool)
	case pcommon.ValueTypeInt:
		return list(s, pcommon.ValueTypeInt, pcommon.Value.Int)
	case pcommon.ValueTypeDouble:
		return list(s, pcommon.ValueTypeDouble, pcommon.Value.Double)
	}
	return nil
}

func list[T any](s pcommon.Slice, kind pcommon.ValueType, get func(pcommon.Value) T) any {
	out := make([]T, s.Len())
	for i := range out {
		v := s.At(i)
		if v.Type() != kind {
			return nil
		}
		out[i] = get(v)
	}
	return out
}

// resource reads who sent something.
func (r *redactor) resource(m pcommon.Map) Resource {
	var res Resource
	res.Attrs, _ = r.attrs(m, nil)
	for _, a := range res.Attrs {
		s, ok := a.Value.(string)
		switch {
		case a.Key == "service.name" && ok:
			res.Service = s
		case a.Key == "service.instance.id" && ok:
			res.Instance = s
		case a.Key == "process.pid" && res.Instance == "":
			res.Instance = "pid " + fmt.Sprint(a.Value)
		}
	}
	return res
}
