package otel

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
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
			otlptracegrpc.WithTimeout(s.Timeout), otlptracegrpc.WithDialOption(grpc.WithNoProxy(), grpc.WithUnaryInterceptor(noteGRPC)),
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
	// No proxy and no redirect: both would carry the headers to somebody else.
	client := &http.Client{
		Transport:     checked{&http.Transport{TLSClientConfig: cfg, ForceAttemptHTTP2: true}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       s.Timeout,
	}
	exp, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(u.String()), otlptracehttp.WithHTTPClient(client), otlptracehttp.WithHeaders(s.Headers),
		otlptracehttp.WithTimeout(s.Timeout), otlptracehttp.WithCompression(compression),
		otlptracehttp.WithEncoding(otlptracehttp.EncodingProtobuf))
	if err != nil {
		return nil, err
	}
	return hangingUp{exp, client}, nil
}

// hangingUp ends the idle connections of an HTTP exporter, which would outlive it.
type hangingUp struct {
	sdktrace.SpanExporter
	client *http.Client
}

func (h hangingUp) Shutdown(ctx context.Context) error {
	defer h.client.CloseIdleConnections()
	return h.SpanExporter.Shutdown(ctx)
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
