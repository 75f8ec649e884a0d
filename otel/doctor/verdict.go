package doctor

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/buildscope/buildscope/model"
)

// judge reads answers to export requests.
type judge struct {
	*target
	client  *client
	replies []reply // of all signals of the target
}

// verdict is what an answer speaks against; nil is a success.
func (j *judge) verdict(ctx context.Context, u model.Destination, r reply) *Finding {
	var f Finding
	switch {
	case r.answered():
		return nil
	case j.client.conn != nil:
		f = j.grpcVerdict(ctx, u, r)
	case r.err != nil && r.status == 0:
		f = j.noAnswer(ctx, u, r)
	case r.err != nil:
		f = j.endpoint(u, "D11", Fail)
		f.Means, f.Advice = "what answers is no collector but a web page or a proxy, and nothing is stored", "name the collector itself"
	default:
		f = j.httpVerdict(ctx, u, r)
	}
	if f.Seen == "" {
		f.Seen = r.words()
	}
	return &f
}

func (j *judge) endpoint(u model.Destination, id string, s Severity) Finding {
	return j.about(id, s, signalKey(u.Signal, "endpoint"))
}

// noAnswer finds out why a connection was good for nothing.
func (j *judge) noAnswer(ctx context.Context, u model.Destination, r reply) Finding {
	text := r.words()
	if timedOut(r.err) || r.code == codes.DeadlineExceeded {
		f := j.endpoint(u, "D10", Fail)
		f.Means = fmt.Sprintf("the port takes connections, but an export has no answer within %s", stepLimit)
		f.Advice = "look at the collector: it is overloaded or hangs, or something else listens there"
		return f
	}
	if j.asked { // which of alert and reset is seen first is chance
		return j.wantsCertificate(text)
	}
	if j.scheme == "http" {
		switch j.listen(ctx) {
		case speaksTLS:
			return j.wantsTLS(u)
		case speaksHTTP2:
			if u.Protocol != "grpc" {
				return j.swapped(ctx, u)
			}
		case speaksHTTP1:
			if u.Protocol == "grpc" {
				return j.swapped(ctx, u)
			}
		}
	}
	f := j.endpoint(u, "D10", Fail)
	f.Means, f.Advice = "the port takes connections, but breaks an export off", "check that it is the port of a collector for "+u.Protocol
	return f
}

// wantsTLS is D08 for an http endpoint at a TLS port.
func (j *judge) wantsTLS(u model.Destination) Finding {
	f := j.endpoint(u, "D08", Fail)
	f.Fix, f.Means = to(strings.Replace(f.Value, "http://", "https://", 1)), "the port speaks TLS"
	return f
}

// swapped is D09. The port is changed when the usual one for the protocol speaks
// it; else the protocol, which this port is known to speak.
func (j *judge) swapped(ctx context.Context, u model.Destination) Finding {
	other, means := "http/protobuf", "answers HTTP/1, and gRPC needs HTTP/2"
	if u.Protocol != "grpc" {
		other, means = "grpc", "answers HTTP/2 frames, as gRPC does"
	}
	_, port, _ := net.SplitHostPort(j.address)
	address := net.JoinHostPort(j.host, standardPort(u.Protocol))
	want := speaksHTTP1
	if u.Protocol == "grpc" {
		want = speaksHTTP2
	}
	ctx, cancel := context.WithTimeout(ctx, stepLimit/4)
	defer cancel()
	if port == standardPort(other) && j.scheme == "http" && listenPlain(ctx, address) == want {
		f := j.endpoint(u, "D09", Fail)
		f.Fix = to(strings.Replace(f.Value, ":"+port, ":"+standardPort(u.Protocol), 1))
		if f.Value == "" || !strings.Contains(f.Value, ":"+port) {
			f.Fix = nil
		}
		f.Means = fmt.Sprintf("port %s %s, %s is %s, and port %s speaks it", port, means, j.Resolved.Written(signalKey(u.Signal, "protocol")), u.Protocol, standardPort(u.Protocol))
		return f
	}
	f := j.about("D09", Fail, signalKey(u.Signal, "protocol"))
	f.Fix, f.Means = to(other), fmt.Sprintf("port %s %s", port, means)
	if other == "grpc" && j.Resolved.Written(signalKey(u.Signal, "endpoint")) != "otel.endpoint" && pathOf(u.Endpoint) != "" {
		f.Advice = fmt.Sprintf("remove the path of %s too", signalKey(u.Signal, "endpoint"))
	}
	return f
}

// httpVerdict is about an answer that is no success.
func (j *judge) httpVerdict(ctx context.Context, u model.Destination, r reply) Finding {
	switch {
	case r.heard:
		return j.swapped(ctx, u)
	case r.status/100 == 3:
		return j.redirected(u, r)
	}
	switch r.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return j.unauthorized(u, r.status == http.StatusForbidden)
	case http.StatusProxyAuthRequired:
		f := j.endpoint(u, "D04", Fail)
		f.Means, f.Advice = "a proxy in front of the collector asks for a login", "name the collector itself"
		return f
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return j.notThere(ctx, u)
	case http.StatusRequestEntityTooLarge:
		f := j.endpoint(u, "D17", Fail)
		f.Means, f.Advice = "the receiver calls even an empty request too large", "raise its limit"
		return f
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return j.tooMuch(u, r)
	case http.StatusBadRequest:
		if j.scheme == "http" && j.listen(ctx) == speaksTLS {
			return j.wantsTLS(u)
		}
	}
	f := j.endpoint(u, "D10", Fail)
	switch {
	case r.status == http.StatusBadRequest || r.status == http.StatusUnprocessableEntity:
		f.Severity, f.Means, f.Advice = Warn, "the receiver refuses an empty export", "it may still take full ones: look at its message"
	case r.status/100 == 5:
		f.Means, f.Advice = "the server fails", "look at its log; a gateway answers so when nothing stands behind it"
	default:
		f.Means, f.Advice = "the server refuses an export", "look at its message"
	}
	return f
}

// redirected is D11 with a Location.
func (j *judge) redirected(u model.Destination, r reply) Finding {
	f := j.endpoint(u, "D11", Fail)
	f.Seen = r.message + " Location: " + r.location
	f.Means, f.Advice = "it redirects, which is not followed, and nothing is stored", "name the final URL"
	base, err := url.Parse(u.Endpoint)
	if err != nil {
		return f
	}
	target, err := base.Parse(r.location)
	if err != nil || r.location == "" || target.RawQuery != "" || target.Hostname() != base.Hostname() || base.Scheme == "https" && target.Scheme != "https" {
		return f // a query leads to a login page; and who gets the headers is not for a server to say
	}
	final := target.String()
	if f.Key == "otel.endpoint" {
		suffix := "/v1/" + u.Signal
		if !strings.HasSuffix(strings.TrimSuffix(target.Path, "/"), suffix) {
			return f
		}
		final = strings.TrimSuffix(strings.TrimSuffix(final, "/"), suffix)
	}
	f.Fix, f.Advice = to(final), ""
	return f
}

// unauthorized is D13.
func (j *judge) unauthorized(u model.Destination, forbidden bool) Finding {
	f := j.about("D13", Fail, signalKey(u.Signal, "headers"))
	f.Means, f.Advice = "the receiver wants to know who is there", "add the header that its owner names, such as authorization=Bearer%20KEY"
	if len(u.Headers) > 0 {
		names := strings.ToLower(strings.Join(sortedKeys(u.Headers), ", "))
		f.Means, f.Advice = "the receiver does not accept what these headers say ("+names+")", "check key and scheme (Bearer, Basic) against what its owner gave out"
	}
	if forbidden {
		f.Means = "the receiver knows who is there, but does not allow exports"
		f.Advice = "use a key that may write"
	}
	return f
}

// tooMuch is D18.
func (j *judge) tooMuch(u model.Destination, r reply) Finding {
	f := j.endpoint(u, "D18", Fail)
	f.Seen = r.words()
	f.Means, f.Advice = "the receiver takes nothing at the moment: it is overloaded, or a quota is used up", "try again later; if it stays so, export less: a lower otel.sampler_arg, a higher otel.bsp_schedule_delay"
	if r.retry != "" {
		f.Seen += " (retry after " + r.retry + ")"
	}
	return f
}

// notThere is D12 when the receiver serves other signals, and D10 when the path
// is wrong.
func (j *judge) notThere(ctx context.Context, u model.Destination) Finding {
	standard := "/v1/" + u.Signal
	if pathOf(u.Endpoint) != standard && !j.others(ctx, u) {
		return j.wrongPath(ctx, u, standard)
	}
	if j.others(ctx, u) {
		return j.notServed(u)
	}
	f := j.endpoint(u, "D10", Fail)
	f.Means, f.Advice = "the server has nothing at the path of OTLP", "check host and port: it may be no collector, or one with another path"
	return f
}

// wrongPath is D10, with the usual path if that is there.
func (j *judge) wrongPath(ctx context.Context, u model.Destination, standard string) Finding {
	f := j.endpoint(u, "D10", Fail)
	f.Means, f.Advice = "there is nothing at this URL", "check the path"
	root := strings.TrimSuffix(strings.TrimSuffix(u.Endpoint, "/"), pathOf(u.Endpoint))
	right := u
	right.Endpoint = root + standard
	general := f.Key == "otel.endpoint"
	if general {
		f.Means = "each signal adds its path, such as /v1/traces, and there is nothing at the URL that results"
	}
	if j.client.export(ctx, right, false, 0).served() {
		f.Fix, f.Advice = to(right.Endpoint), ""
		if general {
			f.Fix = to(root)
		}
	}
	return f
}

// others reports whether the receiver takes any other signal beside this one.
func (j *judge) others(ctx context.Context, u model.Destination) bool {
	known := map[string]bool{u.Signal: true}
	for i, other := range j.uses {
		known[other.Signal] = true
		if other.Signal != u.Signal && j.replies[i].served() {
			return true
		}
	}
	path := "/v1/" + u.Signal
	if j.client.conn == nil && pathOf(u.Endpoint) != path {
		return false // others would be sought at a wrong path too
	}
	for _, signal := range []string{model.SignalTraces, model.SignalMetrics, model.SignalLogs} {
		if known[signal] {
			continue
		}
		other := u
		other.Signal = signal
		other.Endpoint = strings.TrimSuffix(strings.TrimSuffix(u.Endpoint, "/"), path) + "/v1/" + signal
		if j.client.export(ctx, other, false, 0).served() {
			return true
		}
	}
	return false
}

// notServed is D12.
func (j *judge) notServed(u model.Destination) Finding {
	// The exporter of all signals must not be switched off for one.
	v := j.Resolved.Value(signalKey(u.Signal, "exporter"))
	f := Finding{ID: "D12", Severity: Fail, Key: v.Key, Value: v.Text, Source: v.Source}
	rest := slices.DeleteFunc(slices.Clone(u.Exporters), func(e string) bool { return e == "otlp" })
	if len(rest) == 0 {
		rest = []string{"none"}
	}
	f.Fix, f.Means = to(strings.Join(rest, ",")), "the collector does not take "+u.Signal
	f.Advice = "or give it a pipeline for " + u.Signal
	return f
}

// grpcVerdict is about a failed call.
func (j *judge) grpcVerdict(ctx context.Context, u model.Destination, r reply) Finding {
	switch r.code {
	case codes.Unauthenticated, codes.PermissionDenied:
		return j.unauthorized(u, r.code == codes.PermissionDenied)
	case codes.ResourceExhausted:
		return j.tooMuch(u, r)
	case codes.DeadlineExceeded:
		return j.noAnswer(ctx, u, r)
	}
	// A server that speaks HTTP/2 but no gRPC is known by the words of the library.
	if strings.Contains(r.message, "unexpected HTTP status code") || strings.Contains(r.message, "unexpected content-type") {
		switch {
		case strings.Contains(r.message, "text/html"), strings.Contains(r.message, "received from server: 30"):
			f := j.endpoint(u, "D11", Fail)
			f.Means, f.Advice = "what answers is no collector but a web page or a proxy, and nothing is stored", "name the collector itself"
			return f
		case strings.Contains(r.message, "503"), strings.Contains(r.message, "429"):
			return j.tooMuch(u, r)
		}
		return j.swapped(ctx, u)
	}
	switch r.code {
	case codes.Unimplemented:
		if j.others(ctx, u) {
			return j.notServed(u)
		}
		f := j.endpoint(u, "D10", Fail)
		f.Means, f.Advice = "the server speaks gRPC, but has no service of OTLP", "check host and port: it may be no collector"
		return f
	case codes.Unavailable:
		if r.heard {
			return j.tooMuch(u, r)
		}
		return j.noAnswer(ctx, u, r)
	}
	f := j.endpoint(u, "D10", Fail)
	f.Means, f.Advice = "the receiver refuses an empty export", "look at its message"
	if r.code == codes.InvalidArgument {
		f.Severity, f.Advice = Warn, "it may still take full ones: look at its message"
	}
	return f
}
