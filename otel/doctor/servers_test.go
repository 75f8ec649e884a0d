package doctor

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	logs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/buildscope/buildscope/presets"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// resolve resolves settings of a run below a folder of the test.
func resolve(t *testing.T, env map[string]string, flags ...string) *presets.Resolved {
	t.Helper()
	dir := t.TempDir()
	in := presets.Input{Dir: dir, Env: env}
	for i := 0; i < len(flags); i += 2 {
		in.Flags = append(in.Flags, presets.FlagValue{Name: flags[i], Text: flags[i+1]})
	}
	r, err := presets.Resolve(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// check makes all checks.
func check(t *testing.T, o Options) []Finding {
	t.Helper()
	list := Check(t.Context(), o)
	for _, c := range Checks() {
		if !slices.ContainsFunc(list, func(f Finding) bool { return f.ID == c.ID }) {
			t.Errorf("%s has no finding", c.ID)
		}
	}
	return list
}

// problems are the findings that somebody has to do something about.
func problems(list []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(list), func(f Finding) bool { return !f.Problem() })
}

// of gives the severities of one check.
func of(list []Finding, id string) (all []Severity) {
	for _, f := range list {
		if f.ID == id {
			all = append(all, f.Severity)
		}
	}
	return all
}

// serve answers every export as a collector does, but for what handlers say for
// a path.
func serve(t *testing.T, handlers map[string]http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(collector(handlers))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// everywhere is a handler for every path.
func everywhere(h http.HandlerFunc) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{"": h}
}

// say is a handler with a fixed answer.
func say(code int, kind, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

func collector(handlers map[string]http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the client sees the answer either way
		if h := handlers[r.URL.Path]; h != nil {
			h(w, r)
		} else if h := handlers[""]; h != nil {
			h(w, r)
		} else if !slices.Contains([]string{"/v1/traces", "/v1/metrics", "/v1/logs"}, r.URL.Path) {
			http.NotFound(w, r)
		} else {
			w.Header().Set("Content-Type", "application/x-protobuf")
		}
	})
}

// serveGRPC serves all signals, unless fail has an error for a method's name.
func serveGRPC(t *testing.T, fail func(context.Context, string) error, options ...grpc.ServerOption) string {
	t.Helper()
	s := grpc.NewServer(append(options, grpc.UnaryInterceptor(func(ctx context.Context, req any, info *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
		if fail != nil {
			if err := fail(ctx, info.FullMethod); err != nil {
				return nil, err
			}
		}
		return h(ctx, req)
	}))...)
	traces.RegisterTraceServiceServer(s, takesTraces{})
	metrics.RegisterMetricsServiceServer(s, takesMetrics{})
	logs.RegisterLogsServiceServer(s, takesLogs{})
	return serveOn(t, s, listen(t))
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func serveOn(t *testing.T, s *grpc.Server, l net.Listener) string {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l) // ends with Stop
	}()
	t.Cleanup(func() {
		s.Stop()
		<-done
	})
	return l.Addr().String()
}

type takesTraces struct {
	traces.UnimplementedTraceServiceServer
}

func (takesTraces) Export(context.Context, *traces.ExportTraceServiceRequest) (*traces.ExportTraceServiceResponse, error) {
	return &traces.ExportTraceServiceResponse{}, nil
}

type takesMetrics struct {
	metrics.UnimplementedMetricsServiceServer
}

func (takesMetrics) Export(context.Context, *metrics.ExportMetricsServiceRequest) (*metrics.ExportMetricsServiceResponse, error) {
	return &metrics.ExportMetricsServiceResponse{}, nil
}

type takesLogs struct {
	logs.UnimplementedLogsServiceServer
}

func (takesLogs) Export(context.Context, *logs.ExportLogsServiceRequest) (*logs.ExportLogsServiceResponse, error) {
	return &logs.ExportLogsServiceResponse{}, nil
}

// accept calls handle with every connection of a listener, and closes them when
// the test ends.
func accept(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	l := listen(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			handle(c)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l.Addr().String()
}

// identity is a certificate with the files it is kept in.
type identity struct {
	tls.Certificate
	authority string // PEM file of who signed it
	cert, key string // PEM files
}

// certify makes an authority and a certificate of it for 127.0.0.1 and localhost,
// changed by change.
func certify(t *testing.T, change func(*x509.Certificate)) identity {
	t.Helper()
	now := time.Now()
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: now.Add(-10 * 365 * 24 * time.Hour),
		NotAfter: now.Add(10 * 365 * 24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "collector"}, NotBefore: now.Add(-5 * 365 * 24 * time.Hour),
		NotAfter: now.Add(365 * 24 * time.Hour), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.ParseIP("127.0.0.1")},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if change != nil {
		change(leaf)
	}
	caKey, leafKey := newKey(t), newKey(t)
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, &leafKey.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(leafKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	id := identity{authority: filepath.Join(dir, "ca.pem"), cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	for file, block := range map[string]*pem.Block{id.authority: {Type: "CERTIFICATE", Bytes: caDER}, id.cert: {Type: "CERTIFICATE", Bytes: leafDER}, id.key: {Type: "EC PRIVATE KEY", Bytes: keyDER}} {
		var b bytes.Buffer
		if err := pem.Encode(&b, block); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if id.Certificate, err = tls.LoadX509KeyPair(id.cert, id.key); err != nil {
		t.Fatal(err)
	}
	return id
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// serveTLS is serve with TLS.
func serveTLS(t *testing.T, id identity, change func(*tls.Config)) string {
	t.Helper()
	s := httptest.NewUnstartedServer(collector(nil))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{id.Certificate}, NextProtos: []string{"h2", "http/1.1"}}
	if change != nil {
		change(s.TLS)
	}
	s.EnableHTTP2 = slices.Contains(s.TLS.NextProtos, "h2")
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func secureGRPC(id identity) grpc.ServerOption {
	return grpc.Creds(credentials.NewServerTLSFromCert(&id.Certificate))
}

func secureWith(cfg *tls.Config) grpc.ServerOption { return grpc.Creds(credentials.NewTLS(cfg)) }
