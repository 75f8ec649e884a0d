package spanlog

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/buildscope/buildscope/model"
)

// converter turns entries into records. It uses its room again for every chunk,
// because a busy build ends some hundred thousand spans a second.
type converter struct {
	recs   []model.SpanRecord
	attrs  []model.Attr
	keys   *model.Redactor
	hidden map[attribute.Key]bool // keys that were matched: spans have few, many times the same
}

// mostKeys bounds what a converter remembers.
const mostKeys = 4096

func newConverter(keys *model.Redactor) *converter {
	if keys == nil {
		keys = &model.Redactor{}
	}
	return &converter{keys: keys, hidden: map[attribute.Key]bool{}}
}

// hide reports whether the value of a key must not be shown.
func (c *converter) hide(key attribute.Key) bool {
	hide, known := c.hidden[key]
	if !known {
		hide = c.keys.Match(string(key))
		if len(c.hidden) < mostKeys {
			c.hidden[key] = hide
		}
	}
	return hide
}

func (c *converter) convert(list []entry) []model.SpanRecord {
	c.recs, c.attrs = c.recs[:0], c.attrs[:0]
	for _, e := range list {
		if !e.ended && !e.span.EndTime().IsZero() {
			continue
		}
		c.recs = append(c.recs, c.record(e))
	}
	return c.recs
}

func (c *converter) record(e entry) model.SpanRecord {
	s := e.span
	sc := s.SpanContext()
	r := model.SpanRecord{Trace: model.TraceID(sc.TraceID()), ID: model.SpanID(sc.SpanID()), Parent: model.SpanID(s.Parent().SpanID()),
		Name: s.Name(), Scope: s.InstrumentationScope().Name, Start: s.StartTime().UnixNano(), Sampled: sc.IsSampled(), Attrs: c.list(s.Attributes())}
	if !e.ended {
		return r
	}
	r.End = s.EndTime().UnixNano()
	r.DroppedAttrs, r.DroppedEvents = s.DroppedAttributes(), s.DroppedEvents()
	status := s.Status()
	r.StatusMessage = c.keys.Text(status.Description)
	switch status.Code {
	case codes.Ok:
		r.Status = model.StatusOK
	case codes.Error:
		r.Status = model.StatusError
	}
	for _, ev := range s.Events() {
		r.Events = append(r.Events, model.SpanEvent{Name: ev.Name, Time: ev.Time.UnixNano(), Attrs: c.list(ev.Attributes)})
	}
	return r
}

// list converts attributes into the common room. When that grows, what has been
// converted before stays where it is.
func (c *converter) list(list []attribute.KeyValue) []model.Attr {
	at := len(c.attrs)
	for _, kv := range list {
		v := kv.Value.AsInterface()
		switch text := v.(type) {
		case string:
			v = c.keys.Text(text)
		case []string:
			for i := range text { // a copy
				text[i] = c.keys.Text(text[i])
			}
		}
		if c.hide(kv.Key) {
			v = model.Redacted
		}
		c.attrs = append(c.attrs, model.Attr{Key: string(kv.Key), Value: v})
	}
	return c.attrs[at:len(c.attrs):len(c.attrs)]
}
