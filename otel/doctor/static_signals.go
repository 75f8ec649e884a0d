package doctor

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// signalKey is the setting of one signal.
func signalKey(signal, name string) string { return "otel." + signal + "_" + name }

// checkEndpoints is D01. What is no URL is refused before; see Faults.
func checkEndpoints(d *doctor) (list []Finding) {
	for _, dest := range d.exported() {
		u, err := url.Parse(dest.Endpoint)
		if err != nil {
			continue // the settings refuse it
		}
		if port, err := strconv.Atoi(u.Port()); u.Port() != "" && (err != nil || port < 1 || port > 65535) {
			f := d.about("D01", Fail, signalKey(dest.Signal, "endpoint"))
			f.Signals, f.Seen, f.Means = []string{dest.Signal}, "port "+u.Port(), "ports are numbers from 1 to 65535"
			f.Fix = to(strings.Replace(f.Value, ":"+u.Port(), ":"+standardPort(dest.Protocol), 1))
			list = append(list, f)
		}
	}
	return merge(list)
}

// standardPort is the port on which collectors usually take a protocol.
func standardPort(protocol string) string {
	if protocol == "grpc" {
		return "4317"
	}
	return "4318"
}

// checkExporters is D15: exporters that cannot do what they are set for.
func checkExporters(d *doctor) (list []Finding) {
	o := d.settings()
	for signal, on := range map[string]bool{model.SignalTraces: o.EnableTraces, model.SignalMetrics: o.EnableMetrics, model.SignalLogs: o.EnableLogs} {
		exporter := d.Resolved.Value(signalKey(signal, "exporter"))
		own := given(exporter.Source) && d.Resolved.Written(exporter.Key) == exporter.Key && !strings.HasPrefix(exporter.Source, "implied ")
		if !on && own && exporter.Text != "none" {
			f := d.about("D15", Warn, "otel.enable_"+signal)
			f.Signals, f.Fix = []string{signal}, to("true")
			f.Means = fmt.Sprintf("%s (%s) is %s, and nothing of it is sent", exporter.Key, exporter.Source, exporter.Text)
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		list = d.nothingExported()
	}
	return list
}

// nothingExported finds settings of a collector without any exporter.
func (d *doctor) nothingExported() []Finding {
	for _, dest := range d.settings().Destinations() {
		if len(dest.Exporters) > 0 {
			return nil
		}
	}
	if v := d.Resolved.Value("otel.exporter"); d.settings().SDKDisabled || given(v.Source) {
		return nil // nothing is what was asked for
	}
	var set []string
	for _, v := range d.Resolved.Values {
		name, ok := strings.CutPrefix(v.Key, "otel.")
		for _, what := range []string{"protocol", "headers", "certificate", "client_certificate", "timeout", "compression", "insecure"} {
			if ok && (name == what || strings.HasSuffix(name, "_"+what)) && d.Resolved.Written(v.Key) == v.Key &&
				given(v.Source) && !strings.HasPrefix(v.Source, "profile ") {
				set = append(set, fmt.Sprintf("%s (%s)", v.Key, v.Source))
			}
		}
	}
	if len(set) == 0 {
		return nil
	}
	f := d.about("D15", Warn, "otel.exporter")
	f.Fix, f.Means = to("otlp"), "nothing is exported while there is neither an exporter nor an endpoint, although there is "+strings.Join(slices.Compact(set), ", ")
	return []Finding{f}
}

// checkStaticTLS is the part of D08 that needs no connection.
func (d *doctor) checkStaticTLS() (list []Finding) {
	o := d.settings()
	plain := d.exported()
	for _, dest := range plain {
		if strings.HasPrefix(dest.Endpoint, "https:") {
			return nil
		}
	}
	if len(plain) == 0 {
		return nil
	}
	for key, file := range map[string]string{"otel.certificate": o.Certificate, "otel.client_certificate": o.ClientCertificate} {
		if file == "" {
			continue
		}
		f := d.about("D08", Warn, signalKey(plain[0].Signal, "endpoint"))
		f.Fix = to(strings.Replace(f.Value, "http://", "https://", 1))
		f.Means = fmt.Sprintf("it is plain text, and %s is not used (%s)", key, d.Resolved.Value(key).Source)
		if f.Value == "" {
			f.Fix = nil
		}
		list = append(list, f)
	}
	return list
}

// checkHeaders is D14.
func checkHeaders(d *doctor) (list []Finding) {
	for _, dest := range d.exported() {
		for _, name := range sortedKeys(dest.Headers) {
			means, advice := headerFault(name, dest.Headers[name], dest.Protocol)
			if means == "" {
				continue
			}
			f := d.about("D14", Fail, signalKey(dest.Signal, "headers"))
			f.Signals, f.Means, f.Advice = []string{dest.Signal}, means, advice
			list = append(list, f)
		}
	}
	return merge(list)
}

// reserved headers are set by the exporters themselves; another value would break
// the request.
var reserved = []string{"content-type", "content-length", "content-encoding", "host", "te", "connection", "transfer-encoding", "grpc-encoding", "grpc-timeout"}

// headerFault says what is wrong with a header, without its value.
func headerFault(name, value, protocol string) (means, advice string) {
	lower := strings.ToLower(name)
	switch {
	case strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	}):
		shown, _, _ := strings.Cut(name, ":") // what follows may be the secret
		return fmt.Sprintf("the name of the header that begins with %q holds a character that no name may have, and every request fails", shown),
			"write name=value: authorization=Bearer%20KEY, not authorization: Bearer KEY"
	case slices.Contains(reserved, lower):
		return fmt.Sprintf("the protocol itself sets %s", lower), "remove it"
	case protocol == "grpc" && strings.HasPrefix(lower, "grpc-"):
		return fmt.Sprintf("%s is a name that gRPC keeps for itself", lower), "remove it"
	case value == "":
		return fmt.Sprintf("header %s has no value", lower), "give it one or remove it"
	case strings.TrimSpace(value) != value || strings.ContainsAny(value, "\r\n"):
		return fmt.Sprintf("the value of header %s begins or ends with a space or has a line break", lower), "trim it"
	case lower == "authorization" && strings.Contains(value, "%20"):
		return "the value of authorization still holds %20: it is encoded twice, or encoded where the file takes it as it stands", "write a space in the file, %20 in flags and variables"
	case lower == "authorization" && (strings.HasPrefix(value, `"`) || strings.HasPrefix(value, "'")):
		return "the value of authorization is in quotes, which are sent too", "remove the quotes"
	}
	return "", ""
}
