package otel

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/buildscope/buildscope/model"
)

func (t *Telemetry) newExporter(ctx context.Context, name string) (sdktrace.SpanExporter, error) {
	switch name {
	case "stdout":
		return stdouttrace.New(stdouttrace.WithWriter(t.opts.Stdout))
	case "file":
		f, err := os.OpenFile(t.destination(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, err
		}
		t.closers = append(t.closers, f)
		return stdouttrace.New(stdouttrace.WithWriter(f))
	case "otlp":
		return otlp(ctx, t.opts.Settings)
	}
	return nil, fmt.Errorf("otel.exporter names %q, which is no exporter", name)
}

// otlp gives every option explicitly: what is left out, the library would read
// from the environment behind our precedence.
func otlp(ctx context.Context, s model.OTelSettings) (sdktrace.SpanExporter, error) {
	u, err := url.Parse(s.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("otel.endpoint: %w", err)
	}
	secure := u.Scheme == "https" && !s.Insecure
	var cfg *tls.Config
	if secure {
		if cfg, err = tlsConfig(s); err != nil {
			return nil, err
		}
	}
	if s.Protocol == "grpc" {
		creds := insecure.NewCredentials()
		if secure {
			creds = credentials.NewTLS(cfg)
		}
		o := []otlptracegrpc.Option{
			otlptracegrpc.WithEndpointURL(s.Endpoint), otlptracegrpc.WithTLSCredentials(creds), otlptracegrpc.WithHeaders(s.Headers),
			otlptracegrpc.WithTimeout(s.Timeout), otlptracegrpc.WithDialOption(grpc.WithNoProxy()),
		}
		if s.Compression == "gzip" {
			o = append(o, otlptracegrpc.WithCompressor("gzip"))
		}
		return otlptracegrpc.New(ctx, o...)
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + "/v1/traces"
	compression := otlptracehttp.NoCompression
	if s.Compression == "gzip" {
		compression = otlptracehttp.GzipCompression
	}
	return otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(u.String()), otlptracehttp.WithTLSClientConfig(cfg), otlptracehttp.WithHeaders(s.Headers),
		otlptracehttp.WithTimeout(s.Timeout), otlptracehttp.WithCompression(compression),
		otlptracehttp.WithEncoding(otlptracehttp.EncodingProtobuf),
		otlptracehttp.WithProxy(func(*http.Request) (*url.URL, error) { return nil, nil }))
}

func tlsConfig(s model.OTelSettings) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Certificate != "" {
		pem, err := os.ReadFile(s.Certificate)
		if err != nil {
			return nil, fmt.Errorf("otel.certificate: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("otel.certificate: %s holds no PEM certificate", s.Certificate)
		}
	}
	if s.ClientCertificate != "" {
		pair, err := tls.LoadX509KeyPair(s.ClientCertificate, s.ClientKey)
		if err != nil {
			return nil, fmt.Errorf("otel.client_certificate: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}

// countingExporter counts what the exporter behind it sent and failed to send.
type countingExporter struct {
	sdktrace.SpanExporter
	name, endpoint string

	sent, rejected, failed, dropped, spent, calls atomic.Int64

	mu   sync.Mutex // guards last
	last string
}

// partial matches the only form in which a partial success reaches an exporter's
// caller.
var partial = regexp.MustCompile(`OTLP partial success: .* \((\d+) spans rejected\)`)

func (e *countingExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	start := time.Now()
	err := e.SpanExporter.ExportSpans(ctx, spans)
	e.spent.Add(time.Since(start).Nanoseconds())
	e.calls.Add(1)
	n := int64(len(spans))
	if err == nil {
		e.sent.Add(n)
		return nil
	}
	e.mu.Lock()
	e.last = sanitize(err.Error())
	e.mu.Unlock()
	if m := partial.FindStringSubmatch(err.Error()); m != nil {
		rejected, _ := strconv.ParseInt(m[1], 10, 64) // the pattern allows digits only
		rejected = min(rejected, n)
		e.rejected.Add(rejected)
		e.sent.Add(n - rejected)
		return nil
	}
	e.failed.Add(n)
	// The count is the report. Passing the error on would only reach the
	// process-wide error handler.
	return nil
}

func (e *countingExporter) Shutdown(ctx context.Context) error {
	err := e.SpanExporter.Shutdown(ctx)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (e *countingExporter) counts() model.ExportCounts {
	e.mu.Lock()
	defer e.mu.Unlock()
	return model.ExportCounts{Exporter: e.name, Endpoint: e.endpoint, Sent: e.sent.Load(), Rejected: e.rejected.Load(),
		Failed: e.failed.Load(), Dropped: e.dropped.Load(), LastError: e.last, SpentNS: e.spent.Load(), ExportCalls: e.calls.Load()}
}

// sanitize makes a server's words safe for a terminal: one line, no control
// characters, not longer than a screen line or two.
func sanitize(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 300 {
		s = string(r[:299]) + "…"
	}
	return s
}
