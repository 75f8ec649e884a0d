package doctor

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

// want is the one problem that a setup has.
type want struct {
	id       string
	severity Severity
	key      string
	fix      string // "" for advice only
	seen     string // part of what was seen
}

// one fails unless the problem is the only one, and what is above it is skipped.
func (w want) one(t *testing.T, list []Finding) {
	t.Helper()
	p := problems(list)
	if len(p) != 1 {
		t.Fatalf("%d problems: %s", len(p), texts(p))
	}
	f := p[0]
	fix := ""
	if f.Fix != nil {
		fix = f.Fix.Value
	}
	if f.ID != w.id || f.Severity != w.severity || f.Key != w.key || fix != w.fix || !strings.Contains(f.Seen, w.seen) {
		t.Errorf("got %s %s %s fix %q:\n%s\nwant %+v", f.ID, f.Severity, f.Key, fix, f.Text(), w)
	}
	if err := presets.ValidateText(f.Key, fix); f.Fix != nil && err != nil {
		t.Errorf("the fix would be refused: %v", err)
	}
	if f.Means == "" || f.Fix == nil && f.Advice == "" || f.Key != "" && f.Source == "" {
		t.Errorf("nothing is said about what to do: %+v", f)
	}
}

func texts(list []Finding) string {
	var b strings.Builder
	for _, f := range list {
		b.WriteString(f.Text() + "\n")
	}
	return b.String()
}

// Every way in which a collector over HTTP can be wrong is named, with the setting
// that would help.
func TestHTTP(t *testing.T) {
	const protobuf, none = "application/x-protobuf", ""
	unauthorized := "\b\x10\x124missing or empty authorization header: Authorization\x1b[31m"
	unauthorized = "\b\x10\x12" + string(rune(len("missing or empty authorization header: Authorization\x1b[31m"))) + unauthorized[4:]
	for name, c := range map[string]struct {
		handlers map[string]http.HandlerFunc
		path     string // of otel.endpoint
		flags    []string
		want     want
	}{
		"no path":         {nil, "/v1/traces", nil, want{"D10", Fail, "otel.endpoint", "URL", "404"}},
		"own path":        {nil, "", []string{"otel-traces-endpoint", "URL/", "otel-metrics-exporter", "none", "otel-logs-exporter", "none"}, want{"D10", Fail, "otel.traces_endpoint", "URL/v1/traces", "404"}},
		"no collector":    {everywhere(http.NotFound), "", nil, want{"D10", Fail, "otel.endpoint", none, "404"}},
		"only GET":        {everywhere(say(405, "text/plain", "")), "", nil, want{"D10", Fail, "otel.endpoint", none, "405"}},
		"server error":    {everywhere(say(500, "text/plain", "boom")), "", nil, want{"D10", Fail, "otel.endpoint", none, "500 Internal Server Error: boom"}},
		"bad gateway":     {everywhere(say(502, "text/html", "<html>")), "", nil, want{"D10", Fail, "otel.endpoint", none, "502"}},
		"refuses nothing": {everywhere(say(400, "text/plain", "no spans")), "", nil, want{"D10", Warn, "otel.endpoint", none, "no spans"}},
		"no media type":   {everywhere(say(415, "text/plain", "json only")), "", nil, want{"D10", Fail, "otel.endpoint", none, "json only"}},
		"redirect":        {map[string]http.HandlerFunc{"/v1/traces": say(302, "", "", "Location", "/x/v1/traces")}, "", []string{"otel-metrics-exporter", "none", "otel-logs-exporter", "none"}, want{"D11", Fail, "otel.endpoint", "URL/x", "Location: /x/v1/traces"}},
		"to a login":      {everywhere(say(307, "", "", "Location", "https://login.example.com/?next=%2F")), "", nil, want{"D11", Fail, "otel.endpoint", none, "login.example.com"}},
		"to another":      {everywhere(say(308, "", "", "Location", "http://elsewhere.test/v1/traces")), "", nil, want{"D11", Fail, "otel.endpoint", none, "elsewhere.test"}},
		"login page":      {everywhere(say(200, "text/html", "<html>log in</html>")), "", nil, want{"D11", Fail, "otel.endpoint", none, "text/html"}},
		"not protobuf":    {everywhere(say(200, protobuf, "<html>")), "", nil, want{"D11", Fail, "otel.endpoint", none, "answer"}},
		"no logs":         {map[string]http.HandlerFunc{"/v1/logs": http.NotFound}, "", nil, want{"D12", Fail, "otel.logs_exporter", "none", "404"}},
		"only logs":       {map[string]http.HandlerFunc{"/v1/traces": http.NotFound, "/v1/metrics": http.NotFound}, "", []string{"otel-logs-exporter", "none", "otel-metrics-exporter", "none"}, want{"D12", Fail, "otel.traces_exporter", "none", "404"}},
		"no logs, file":   {map[string]http.HandlerFunc{"/v1/logs": http.NotFound}, "", []string{"otel-logs-exporter", "otlp,file"}, want{"D12", Fail, "otel.logs_exporter", "file", "404"}},
		"no key":          {everywhere(say(401, protobuf, unauthorized)), "", nil, want{"D13", Fail, "otel.headers", none, "401 Unauthorized: missing or empty authorization header: Authorization [31m"}},
		"wrong key": {everywhere(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "no such key: "+r.Header.Get("Authorization"), http.StatusUnauthorized)
		}), "", []string{"otel-headers", "authorization=Bearer%20hunter2"}, want{"D13", Fail, "otel.headers", none, "no such key: ••••"}},
		"may not write": {everywhere(say(403, "text/plain", "read only")), "", nil, want{"D13", Fail, "otel.headers", none, "read only"}},
		"proxy login":   {everywhere(say(407, "text/plain", "")), "", nil, want{"D04", Fail, "otel.endpoint", none, "407"}},
		"no gzip": {everywhere(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Content-Encoding") != "" {
				http.Error(w, "unsupported Content-Encoding: gzip", http.StatusBadRequest)
			}
		}), "", []string{"otel-compression", "gzip"}, want{"D16", Fail, "otel.compression", "none", "unsupported Content-Encoding"}},
		"partial success":  {map[string]http.HandlerFunc{"/v1/traces": say(200, "application/json; charset=utf-8", `{"partialSuccess":{"errorMessage":"quota nearly used"}}`)}, "", nil, want{"D17", Warn, "otel.endpoint", none, "quota nearly used"}},
		"too large, empty": {everywhere(say(413, "text/plain", "")), "", nil, want{"D17", Fail, "otel.endpoint", none, "413"}},
		"rate limit":       {everywhere(say(429, "text/plain", "slow down", "Retry-After", "3600")), "", nil, want{"D18", Fail, "otel.endpoint", none, "slow down (retry after 3600)"}},
		"overloaded":       {everywhere(say(503, "text/plain", "")), "", nil, want{"D18", Fail, "otel.endpoint", none, "503"}},
		"slow clock":       {everywhere(say(200, protobuf, "", "Date", time.Now().Add(-10*time.Second).UTC().Format(http.TimeFormat))), "", nil, want{"D19", Warn, "", none, "the collector says"}},
		"wrong clock":      {everywhere(say(200, protobuf, "", "Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))), "", nil, want{"D19", Fail, "", none, "the collector says"}},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, c.handlers).URL
			flags := []string{"otel-protocol", "http/protobuf", "otel-endpoint", url + c.path}
			for _, f := range c.flags {
				flags = append(flags, strings.Replace(f, "URL", url, 1))
			}
			c.want.fix = strings.Replace(c.want.fix, "URL", url, 1)
			list := check(t, Options{Resolved: resolve(t, nil, flags...)})
			c.want.one(t, list)
			if data, err := json.Marshal(list); err != nil || strings.Contains(string(data), "hunter2") || strings.Contains(texts(list), "\x1b") {
				t.Errorf("not safe to show (%v): %s", err, data)
			}
		})
	}
}

// The same over gRPC.
func TestGRPC(t *testing.T) {
	always := func(c codes.Code, message string) func(context.Context, string) error {
		return func(context.Context, string) error { return status.Error(c, message) }
	}
	later, err := status.New(codes.ResourceExhausted, "quota").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		fail  func(context.Context, string) error
		flags []string
		want  want
	}{
		"no logs": {func(_ context.Context, method string) error {
			if strings.Contains(method, "Logs") {
				return status.Error(codes.Unimplemented, "unknown service opentelemetry.proto.collector.logs.v1.LogsService")
			}
			return nil
		}, nil, want{"D12", Fail, "otel.logs_exporter", "none", "unknown service"}},
		"only traces": {func(_ context.Context, method string) error {
			if strings.Contains(method, "Logs") {
				return status.Error(codes.Unimplemented, "unknown service opentelemetry.proto.collector.logs.v1.LogsService")
			}
			return nil
		}, []string{"otel-traces-exporter", "none", "otel-metrics-exporter", "none"}, want{"D12", Fail, "otel.logs_exporter", "none", "unknown service"}},
		"no OTLP":       {always(codes.Unimplemented, "unknown service opentelemetry"), nil, want{"D10", Fail, "otel.endpoint", "", "unknown service"}},
		"no key":        {always(codes.Unauthenticated, "missing or empty authorization header: Authorization"), nil, want{"D13", Fail, "otel.headers", "", "missing or empty"}},
		"may not write": {always(codes.PermissionDenied, "read only"), nil, want{"D13", Fail, "otel.headers", "", "read only"}},
		"rate limit":    {func(context.Context, string) error { return later.Err() }, nil, want{"D18", Fail, "otel.endpoint", "", "quota (retry after 1h0m0s)"}},
		"overloaded":    {always(codes.Unavailable, "memory limiter: connection pool exhausted"), nil, want{"D18", Fail, "otel.endpoint", "", "memory limiter"}},
		"refuses":       {always(codes.InvalidArgument, "no spans"), nil, want{"D10", Warn, "otel.endpoint", "", "no spans"}},
		"fails":         {always(codes.Internal, "boom"), nil, want{"D10", Fail, "otel.endpoint", "", "boom"}},
	} {
		t.Run(name, func(t *testing.T) {
			flags := append([]string{"otel-endpoint", "http://" + serveGRPC(t, c.fail)}, c.flags...)
			c.want.one(t, check(t, Options{Resolved: resolve(t, nil, flags...)}))
		})
	}
}

// A collector that is as it should be has no problem, whatever way it is spoken to.
func TestHealthy(t *testing.T) {
	id := certify(t, nil)
	for name, flags := range map[string][]string{
		"http":  {"otel-endpoint", serve(t, nil).URL, "otel-protocol", "http/protobuf", "otel-compression", "gzip"},
		"https": {"otel-endpoint", "https://" + serveTLS(t, id, nil), "otel-protocol", "http/protobuf", "otel-certificate", id.authority},
		"grpc":  {"otel-endpoint", "http://" + serveGRPC(t, nil), "otel-compression", "gzip"},
		"grpcs": {"otel-endpoint", "https://" + serveGRPC(t, nil, secureGRPC(id)), "otel-certificate", id.authority, "otel-headers", "authorization=Bearer%20x"},
	} {
		t.Run(name, func(t *testing.T) {
			list := check(t, Options{Resolved: resolve(t, nil, flags...), RequestBytes: 1 << 20})
			if p := problems(list); len(p) > 0 {
				t.Fatal(texts(p))
			}
			for _, checked := range []string{"D02", "D03", "D09", "D10", "D11", "D12", "D13", "D17", "D18"} {
				if !slices.Contains(of(list, checked), OK) {
					t.Errorf("%s: %v", checked, of(list, checked))
				}
			}
			if strings.HasSuffix(name, "s") != slices.Contains(of(list, "D05"), OK) {
				t.Errorf("D05: %v", of(list, "D05"))
			}
		})
	}
}

// Ports that speak something else are recognised by what they speak.
func TestWrongPorts(t *testing.T) {
	id := certify(t, nil)
	hangUp := accept(t, func(c net.Conn) { c.Close() })
	// What is closed with something unread is reset, which the client may be told of
	// instead of the end.
	readAndHangUp := accept(t, func(c net.Conn) {
		defer c.Close()
		if req, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = io.Copy(io.Discard, req.Body) // all that comes
		}
	})
	for name, c := range map[string]struct {
		endpoint, protocol string
		want               want
	}{
		"http to gRPC":       {"http://" + serveGRPC(t, nil), "http/protobuf", want{"D09", Fail, "otel.protocol", "grpc", `malformed HTTP response`}},
		"gRPC to http":       {serve(t, nil).URL, "grpc", want{"D09", Fail, "otel.protocol", "http/protobuf", "error reading"}},
		"https to gRPC":      {"https://" + serveGRPC(t, nil, secureGRPC(id)), "http/protobuf", want{"D09", Fail, "otel.protocol", "grpc", ""}},
		"gRPC to https":      {"https://" + serveTLS(t, id, nil), "grpc", want{"D09", Fail, "otel.protocol", "http/protobuf", "unexpected HTTP status"}},
		"gRPC to https/1":    {"https://" + serveTLS(t, id, func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }), "grpc", want{"D07", Fail, "otel.protocol", "http/protobuf", "no application protocol"}},
		"gRPC, no ALPN":      {"https://" + plainTLS(t, id), "grpc", want{"D07", Fail, "otel.protocol", "http/protobuf", "agreed to no protocol"}},
		"http to https":      {"http://" + serveTLS(t, id, nil), "http/protobuf", want{"D08", Fail, "otel.endpoint", "https://", "HTTPS server"}},
		"http to gRPC, TLS":  {"http://" + serveGRPC(t, nil, secureGRPC(id)), "http/protobuf", want{"D08", Fail, "otel.endpoint", "https://", ""}},
		"gRPC, plain to TLS": {"http://" + serveGRPC(t, nil, secureGRPC(id)), "grpc", want{"D08", Fail, "otel.endpoint", "https://", ""}},
		"https to http":      {"https://" + serve(t, nil).Listener.Addr().String(), "http/protobuf", want{"D08", Fail, "otel.endpoint", "http://", "first record does not look like a TLS handshake"}},
		"gRPC, TLS to plain": {"https://" + serveGRPC(t, nil), "grpc", want{"D08", Fail, "otel.endpoint", "http://", ""}},
		"hangs up":           {"http://" + readAndHangUp, "http/protobuf", want{"D10", Fail, "otel.endpoint", "", "EOF"}},
		"hangs up on TLS":    {"https://" + hangUp, "grpc", want{"D05", Fail, "otel.endpoint", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			flags := []string{"otel-endpoint", c.endpoint, "otel-protocol", c.protocol}
			if strings.HasPrefix(c.endpoint, "https:") {
				flags = append(flags, "otel-certificate", id.authority)
			}
			if strings.HasSuffix(c.want.fix, "://") {
				_, address, _ := strings.Cut(c.endpoint, "://")
				c.want.fix += address
			}
			c.want.one(t, check(t, Options{Resolved: resolve(t, nil, flags...)}))
		})
	}
}

// plainTLS answers handshakes without ALPN.
func plainTLS(t *testing.T, id identity) string {
	return accept(t, func(c net.Conn) {
		s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{id.Certificate}})
		_ = s.Handshake() // the client's side is what is tested
		_, _ = io.Copy(io.Discard, s)
		s.Close()
	})
}

// With the usual ports, the port is what is set right.
func TestSwappedPorts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:4318")
	if err != nil {
		t.Skip("port 4318 is taken: ", err)
	}
	web := httptest.NewUnstartedServer(collector(nil))
	web.Listener.Close()
	web.Listener = l
	web.Start()
	defer web.Close()
	l, err = net.Listen("tcp", "127.0.0.1:4317")
	if err != nil {
		t.Skip("port 4317 is taken: ", err)
	}
	serveOn(t, newGRPC(), l)
	want{"D09", Fail, "otel.endpoint", "http://127.0.0.1:4318", ""}.one(t, check(t, Options{
		Resolved: resolve(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317"}, "otel-protocol", "http/protobuf")}))
	list := check(t, Options{Resolved: resolve(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})})
	want{"D09", Fail, "otel.endpoint", "http://127.0.0.1:4317", ""}.one(t, list)
	fix := problems(list)[0].Fix
	if fix.Env != "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317" || fix.Flag != "--otel-endpoint=http://127.0.0.1:4317" || fix.File != "" || fix.Note == "" {
		t.Errorf("%+v", fix)
	}
}

func newGRPC() *grpc.Server { return grpc.NewServer() }

// Certificates that are not to be trusted, not for this host, or of another time.
func TestCertificates(t *testing.T) {
	good := certify(t, nil)
	other := certify(t, nil)
	broken := filepath.Join(t.TempDir(), "broken.pem")
	if err := os.WriteFile(broken, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	mutual := func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }
	mutual12 := func(c *tls.Config) { c.ClientAuth, c.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12 }
	for name, c := range map[string]struct {
		change func(*x509.Certificate)
		server func(*tls.Config)
		trust  string // PEM file; "" for the server's authority
		flags  []string
		want   want
	}{
		"unknown authority":  {nil, nil, other.authority, nil, want{"D05", Fail, "otel.certificate", "", "certificate signed by unknown authority"}},
		"no such file":       {nil, nil, "/nowhere/ca.pem", nil, want{"D05", Fail, "otel.certificate", "", "no such file"}},
		"no PEM":             {nil, nil, broken, nil, want{"D05", Fail, "otel.certificate", "", "holds no PEM certificate"}},
		"no client key":      {nil, nil, "", []string{"otel-client-certificate", good.cert, "otel-client-key", broken}, want{"D05", Fail, "otel.client_certificate", "", "find any PEM data"}},
		"other name":         {func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.test"} }, nil, "", nil, want{"D06", Fail, "otel.endpoint", "", "127.0.0.1"}},
		"expired":            {func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }, nil, "", nil, want{"D06", Fail, "otel.endpoint", "", "has expired or is not yet valid"}},
		"not yet valid":      {func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }, nil, "", nil, want{"D06", Fail, "otel.endpoint", "", "valid from"}},
		"expires soon":       {func(c *x509.Certificate) { c.NotAfter = time.Now().Add(100 * time.Hour) }, nil, "", nil, want{"D06", Warn, "otel.endpoint", "", "valid until"}},
		"client certificate": {nil, mutual, "", nil, want{"D13", Fail, "otel.client_certificate", "", ""}},
		"the same, TLS 1.2":  {nil, mutual12, "", nil, want{"D13", Fail, "otel.client_certificate", "", "handshake failure"}},
	} {
		for _, protocol := range []string{"http/protobuf", "grpc"} {
			t.Run(name+" "+protocol, func(t *testing.T) {
				id := certify(t, c.change)
				if c.trust != "" {
					id.authority = c.trust
				}
				var address string
				if protocol == "grpc" {
					cfg := &tls.Config{Certificates: []tls.Certificate{id.Certificate}, NextProtos: []string{"h2"}}
					if c.server != nil {
						c.server(cfg)
					}
					address = serveGRPC(t, nil, secureWith(cfg))
				} else {
					address = serveTLS(t, id, c.server)
				}
				flags := append([]string{"otel-endpoint", "https://" + address, "otel-protocol", protocol, "otel-certificate", id.authority}, c.flags...)
				c.want.one(t, check(t, Options{Resolved: resolve(t, nil, flags...)}))
			})
		}
	}
}

// Two faults of one certificate are both told: mending one would lead to the other.
func TestCertificateWithTwoFaults(t *testing.T) {
	id := certify(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) })
	list := check(t, Options{Resolved: resolve(t, nil, "otel-endpoint", "https://"+serveTLS(t, id, nil), "otel-protocol", "http/protobuf")})
	if p := problems(list); len(p) != 2 || p[0].ID != "D05" || p[1].ID != "D06" {
		t.Error(texts(p))
	}
	if f := list[len(list)-1]; f.Severity != Skipped {
		t.Errorf("%+v", f)
	}
}

// What cannot be reached is told within the promised time, and what lies above is
// skipped with the reason.
func TestUnreachable(t *testing.T) {
	gone := listen(t)
	gone.Close()
	silent := accept(t, func(net.Conn) {})
	for name, c := range map[string]struct {
		flags []string
		env   map[string]string
		want  []string // problems
	}{
		"refused":      {[]string{"otel-endpoint", "http://" + gone.Addr().String()}, nil, []string{"D03"}},
		"no name":      {[]string{"otel-endpoint", "http://nowhere.invalid:4317"}, nil, []string{"D02"}},
		"behind proxy": {[]string{"otel-endpoint", "https://nowhere.invalid:4317"}, map[string]string{"https_proxy": "http://user:hunter2@proxy:3128"}, []string{"D02", "D04"}},
		"no proxy":     {[]string{"otel-endpoint", "https://nowhere.invalid:4317"}, map[string]string{"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": ".invalid"}, []string{"D02"}},
		"black hole":   {[]string{"otel-endpoint", "http://" + silent}, nil, []string{"D10"}},
		"silent TLS":   {[]string{"otel-endpoint", "https://" + silent}, nil, []string{"D05"}},
		"many targets": {[]string{"otel-endpoint", "http://" + silent, "otel-logs-endpoint", "https://" + silent, "otel-metrics-endpoint", "http://" + silent + "/v1/metrics", "otel-metrics-protocol", "http/protobuf"}, nil, []string{"D05", "D10", "D10"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // waiting is all they do
			r := resolve(t, nil, c.flags...)
			start := time.Now()
			list := check(t, Options{Resolved: r, Env: c.env})
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("took %s", took)
			}
			var ids []string
			for _, f := range problems(list) {
				ids = append(ids, f.ID)
			}
			slices.Sort(ids)
			if !slices.Equal(ids, c.want) {
				t.Errorf("%v: %s", ids, texts(problems(list)))
			}
			for _, f := range list {
				if f.ID == "D12" && (f.Severity != Skipped || f.Means == "") {
					t.Errorf("%+v", f)
				}
			}
			if strings.Contains(fmt.Sprint(list), "hunter2") {
				t.Errorf("a secret is told: %v", list)
			}
		})
	}
}

// Without a port it is 80, and that is said.
func TestNoPort(t *testing.T) {
	if c, err := net.Dial("tcp", "127.0.0.1:80"); err == nil {
		c.Close()
		t.Skip("something listens on port 80")
	}
	want{"D03", Fail, "otel.endpoint", "http://127.0.0.1:4317", "refused"}.one(t, check(t, Options{Resolved: resolve(t, nil, "otel-endpoint", "http://127.0.0.1")}))
}

// A request of the size asked for is refused where it is too large, without a span
// in it.
func TestRequestSize(t *testing.T) {
	r := resolve(t, nil, "otel-endpoint", "http://"+serveGRPC(t, nil), "otel-metrics-exporter", "none", "otel-logs-exporter", "none")
	want{"D17", Warn, "otel.bsp_max_export_batch_size", "128", "received message larger than max"}.one(t, check(t, Options{Resolved: r, RequestBytes: 5 << 20}))
	if p := problems(check(t, Options{Resolved: r})); len(p) > 0 {
		t.Error(texts(p))
	}
}

// Whoever waits no longer gets no failures that are none.
func TestBrokenOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	silent := accept(t, func(c net.Conn) { cancel(); c.Close() })
	for _, f := range Check(ctx, Options{Resolved: resolve(t, nil, "otel-endpoint", "http://"+silent)}) {
		if f.Problem() {
			t.Errorf("%+v", f)
		}
	}
}

// Only what was asked for is told, and without a reason nobody is talked to.
func TestSomeChecks(t *testing.T) {
	asked := 0
	s := serve(t, everywhere(func(w http.ResponseWriter, _ *http.Request) { asked++; w.WriteHeader(http.StatusUnauthorized) }))
	r := resolve(t, nil, "otel-endpoint", s.URL, "otel-protocol", "http/protobuf", "otel-sampler", "always_off", "otel-metrics-exporter", "none", "otel-logs-exporter", "none")
	list := Check(t.Context(), Options{Resolved: r, IDs: []string{"D20", "D01"}})
	if len(list) != 2 || list[0].ID != "D20" || list[1].Severity != OK || asked != 0 {
		t.Errorf("%d requests, %s", asked, texts(list))
	}
	if list = Check(t.Context(), Options{Resolved: r, IDs: []string{"D13"}}); len(list) != 1 || list[0].Severity != Fail || asked == 0 {
		t.Errorf("%d requests, %s", asked, texts(list))
	}
}

// Nobody is talked into sending a key in plain text.
func TestSecretsInClear(t *testing.T) {
	key := []model.Destination{{}, {Headers: map[string]string{"authorization": "x"}}}
	for _, c := range []struct {
		host string
		uses []model.Destination
		want bool
	}{
		{"localhost", key, false}, {"127.0.0.2", key, false}, {"::1", key, false}, {"10.0.0.1", key, true}, {"collector.example", key, true},
		{"collector.example", key[:1], false},
	} {
		if got := (&target{host: c.host, uses: c.uses}).secretsInClear(); got != c.want {
			t.Errorf("%s with %d: %v", c.host, len(c.uses), got)
		}
	}
}
