package otel

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/buildscope/buildscope/model"
)

// mask is what exporters may see of spans: no secrets, and no more than the user's
// limits. The span itself keeps everything, for the screen and the bundle.
type mask struct {
	keys                     *model.Redactor
	attrs, text, events, lks int // limits; -1: none
}

func newMask(s model.OTelSettings, keys *model.Redactor) mask {
	return mask{keys: keys, attrs: s.AttributeCountLimit, text: s.AttributeLengthLimit, events: s.SpanEventCountLimit, lks: s.SpanLinkCountLimit}
}

// exported is a span as an exporter sees it.
type exported struct {
	sdktrace.ReadOnlySpan
	attrs                     []attribute.KeyValue
	events                    []sdktrace.Event
	links                     []sdktrace.Link
	status                    sdktrace.Status
	noAttrs, noEvents, noLnks int // dropped
}

func (e exported) Attributes() []attribute.KeyValue { return e.attrs }
func (e exported) Events() []sdktrace.Event         { return e.events }
func (e exported) Links() []sdktrace.Link           { return e.links }
func (e exported) Status() sdktrace.Status          { return e.status }
func (e exported) DroppedAttributes() int           { return e.noAttrs }
func (e exported) DroppedEvents() int               { return e.noEvents }
func (e exported) DroppedLinks() int                { return e.noLnks }

// apply copies what it changes: the slices belong to the span, which every
// processor shares.
func (m mask) apply(s sdktrace.ReadOnlySpan) exported {
	e := exported{ReadOnlySpan: s, status: s.Status(), noAttrs: s.DroppedAttributes(), noEvents: s.DroppedEvents(), noLnks: s.DroppedLinks()}
	e.status.Description = m.keys.Text(e.status.Description)
	e.attrs = m.attributes(s.Attributes(), &e.noAttrs)
	e.events = slices.Clone(s.Events())
	if n := len(e.events) - m.events; m.events >= 0 && n > 0 {
		e.events, e.noEvents = e.events[n:], e.noEvents+n // the SDK too keeps the newest
	}
	for i := range e.events {
		e.events[i].Attributes = m.attributes(e.events[i].Attributes, &e.events[i].DroppedAttributeCount)
	}
	e.links = slices.Clone(s.Links())
	if n := len(e.links) - m.lks; m.lks >= 0 && n > 0 {
		e.links, e.noLnks = e.links[n:], e.noLnks+n
	}
	for i := range e.links {
		e.links[i].Attributes = m.attributes(e.links[i].Attributes, &e.links[i].DroppedAttributeCount)
	}
	return e
}

func (m mask) attributes(attrs []attribute.KeyValue, dropped *int) []attribute.KeyValue {
	out, copied := attrs, false
	if n := len(out) - m.attrs; m.attrs >= 0 && n > 0 {
		out = out[:m.attrs]
		*dropped += n
	}
	for i, kv := range out {
		v, changed := m.value(kv)
		if !changed {
			continue
		}
		if !copied {
			out, copied = slices.Clone(out), true
		}
		out[i].Value = v
	}
	return out
}

// value is what may be seen of an attribute's value, and whether that differs.
func (m mask) value(kv attribute.KeyValue) (_ attribute.Value, changed bool) {
	if m.keys.Match(string(kv.Key)) {
		return attribute.StringValue(model.Redacted), true
	}
	switch kv.Value.Type() {
	case attribute.STRING:
		was := kv.Value.AsString()
		is := m.cut(m.keys.Text(was))
		return attribute.StringValue(is), is != was
	case attribute.STRINGSLICE:
		list := kv.Value.AsStringSlice() // a copy
		for i, was := range list {
			list[i] = m.cut(m.keys.Text(was))
			changed = changed || list[i] != was
		}
		return attribute.StringSliceValue(list), changed
	}
	return kv.Value, false
}

// cut keeps the first characters of a text.
func (m mask) cut(s string) string {
	if m.text < 0 || len(s) <= m.text {
		return s
	}
	n := 0
	for i := range s {
		if n == m.text {
			return s[:i]
		}
		n++
	}
	return s
}
