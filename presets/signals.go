package presets

import (
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// What follows are the rules by which telemetry settings depend on each other.

// exporter reports whether the setting names exporters.
func (s Setting) exporter() bool { return s.Section == "otel" && strings.HasSuffix(s.Key, "exporter") }

// endpoint reports whether the setting is the endpoint of one signal.
func (s Setting) endpoint() bool { return s.Base == "otel.endpoint" }

// implied gives otlp where no layer names an exporter but one gives an endpoint:
// the general one, or that of the signal.
func (r *Resolved) implied(s Setting) []layerText {
	endpoint, _ := Lookup(strings.TrimSuffix(s.Name(), "exporter") + "endpoint")
	for _, v := range r.given(endpoint) {
		if v.text != "" {
			source := v.source
			if !v.based {
				source = endpoint.Name() + " (" + v.source + ")"
			}
			return []layerText{{text: "otlp", source: "implied by " + source}}
		}
	}
	return nil
}

// serviceName is the service.name among the resource attributes, which holds where
// nobody names the service otherwise, as the specification has it.
func (r *Resolved) serviceName() []layerText {
	attributes, _ := Lookup("otel.resource_attributes")
	given := r.given(attributes)
	if len(given) == 0 {
		return nil
	}
	v := given[0] // the attributes of lower layers do not hold
	m, err := parseMap(v.text)
	if name := m["service.name"]; err == nil && name != "" {
		return []layerText{{text: name, source: "service.name in " + attributes.Name() + ", " + v.source}}
	}
	return nil
}

// defaultEndpoints are those of the OTLP specification.
var defaultEndpoints = map[string]string{"grpc": "http://localhost:4317", "http/protobuf": "http://localhost:4318"}

// complete makes the whole URL of a signal: the general endpoint, or the default
// of the protocol, with the path that HTTP needs. A signal's own endpoint is used
// as it stands. It relies on exporter and protocol standing before endpoint in
// the table.
func (r *Resolved) complete(s Setting, v layerText) layerText {
	signal := strings.TrimSuffix(s.Key, "_endpoint")
	protocol := r.Value("otel." + signal + "_protocol").Text
	if v.text == "" {
		if !slices.Contains(strings.Split(r.Value("otel."+signal+"_exporter").Text, ","), "otlp") {
			return v // nobody asks for it
		}
		v = layerText{text: defaultEndpoints[protocol], source: "default of " + protocol, based: true}
	}
	if v.based && protocol == "http/protobuf" && v.text != "" {
		v.text = strings.TrimSuffix(v.text, "/") + "/v1/" + signal
	}
	return v
}

// checkDestinations finds what the endpoint of a signal contradicts.
func (r *Resolved) checkDestinations() (errs []error) {
	reported := map[string]bool{}
	for _, d := range r.Settings.OTel.Destinations() {
		errs = append(errs, r.checkDestination(d, reported)...)
	}
	return errs
}

func (r *Resolved) checkDestination(d model.Destination, reported map[string]bool) (errs []error) {
	fail := func(key, reason, meant string) {
		if err := r.fault(key, reason, meant); !reported[err.Error()] {
			reported[err.Error()] = true
			errs = append(errs, err)
		}
	}
	key := func(name string) string { return "otel." + d.Signal + "_" + name }
	path, secure, ok := splitEndpoint(d.Endpoint)
	if !ok {
		return nil
	}
	if d.Protocol == "grpc" && path != "" {
		written := r.Written(key("endpoint"))
		meant := strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(r.Value(written).Text, "/"), path), "/")
		fail(written, "must have no path with "+r.about(r.Written(key("protocol"))), meant)
	}
	if secure && r.Settings.OTel.Insecure {
		fail("otel.insecure", "contradicts "+r.about(r.Written(key("endpoint"))), "false")
	}
	return errs
}

// Written is the setting whose value a signal's setting has: its own, or its base,
// which has the text as somebody wrote it and is the same for all signals.
func (r *Resolved) Written(key string) string {
	s, _ := Lookup(key)
	source := r.Value(key).Source
	if s.Base != "" && (source == "default" || strings.HasPrefix(source, s.Base+", ")) {
		return s.Base
	}
	return key
}
