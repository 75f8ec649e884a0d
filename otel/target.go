package otel

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // for compression = gzip

	"github.com/buildscope/buildscope/model"
)

// target is where one exporter of one signal sends. Everything it needs is in it,
// and every option of the library is given: what is left out, the library would
// read from the environment behind our precedence.
type target struct {
	model.Destination
	conn   *grpc.ClientConn // grpc
	client *http.Client     // http/protobuf, and files: a transport that writes requests down
	secure bool
}

// dial makes the target of an OTLP exporter. No connection is made yet.
func dial(d model.Destination, s model.OTelSettings) (*target, error) {
	t := &target{Destination: d}
	u, err := url.Parse(d.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("otel.%s_endpoint: %w", d.Signal, err)
	}
	var cfg *tls.Config
	if t.secure = u.Scheme == "https"; t.secure {
		if cfg, err = TLSConfig(s); err != nil {
			return nil, err
		}
	}
	if d.Protocol != "grpc" {
		// No proxy and no redirect: both would carry the headers to somebody else.
		t.client = &http.Client{
			Transport:     checked{&http.Transport{TLSClientConfig: cfg, ForceAttemptHTTP2: true}, d.Signal},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Timeout:       d.Timeout,
		}
		return t, nil
	}
	creds := insecure.NewCredentials()
	if t.secure {
		creds = credentials.NewTLS(cfg)
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(creds), grpc.WithNoProxy(), grpc.WithUnaryInterceptor(noteGRPC)}
	if d.Compression == "gzip" {
		options = append(options, grpc.WithDefaultCallOptions(grpc.UseCompressor("gzip")))
	}
	// The name is resolved by the dialer, whose error says more than the resolver's.
	if t.conn, err = grpc.NewClient("passthrough:///"+HostPort(u), options...); err != nil {
		return nil, fmt.Errorf("otel.%s_endpoint: %w", d.Signal, err)
	}
	return t, nil
}

// HostPort is the address of a URL, with the port of its scheme if it names none.
func HostPort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Host
	case u.Scheme == "https":
		return net.JoinHostPort(u.Hostname(), "443")
	}
	return net.JoinHostPort(u.Hostname(), "80")
}

// close ends the connections of the target, which would outlive its exporter.
func (t *target) close() error {
	if t.client != nil {
		t.client.CloseIdleConnections()
		return nil
	}
	return t.conn.Close()
}

func (t *target) spans(ctx context.Context) (sdktrace.SpanExporter, error) {
	if t.conn != nil {
		return otlptracegrpc.New(ctx, otlptracegrpc.WithGRPCConn(t.conn), otlptracegrpc.WithHeaders(t.Headers), otlptracegrpc.WithTimeout(t.Timeout))
	}
	compression := otlptracehttp.NoCompression
	if t.Compression == "gzip" {
		compression = otlptracehttp.GzipCompression
	}
	return otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(t.Endpoint), otlptracehttp.WithHTTPClient(t.client), otlptracehttp.WithHeaders(t.Headers),
		otlptracehttp.WithTimeout(t.Timeout), otlptracehttp.WithCompression(compression), otlptracehttp.WithEncoding(otlptracehttp.EncodingProtobuf))
}

func (t *target) metrics(ctx context.Context) (sdkmetric.Exporter, error) {
	if t.conn != nil {
		return otlpmetricgrpc.New(ctx, otlpmetricgrpc.WithGRPCConn(t.conn), otlpmetricgrpc.WithHeaders(t.Headers), otlpmetricgrpc.WithTimeout(t.Timeout),
			otlpmetricgrpc.WithTemporalitySelector(sdkmetric.DefaultTemporalitySelector), otlpmetricgrpc.WithAggregationSelector(sdkmetric.DefaultAggregationSelector))
	}
	compression := otlpmetrichttp.NoCompression
	if t.Compression == "gzip" {
		compression = otlpmetrichttp.GzipCompression
	}
	return otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(t.Endpoint), otlpmetrichttp.WithHTTPClient(t.client), otlpmetrichttp.WithHeaders(t.Headers),
		otlpmetrichttp.WithTimeout(t.Timeout), otlpmetrichttp.WithCompression(compression),
		otlpmetrichttp.WithTemporalitySelector(sdkmetric.DefaultTemporalitySelector), otlpmetrichttp.WithAggregationSelector(sdkmetric.DefaultAggregationSelector))
}

func (t *target) logs(ctx context.Context) (sdklog.Exporter, error) {
	if t.conn != nil {
		return otlploggrpc.New(ctx, otlploggrpc.WithGRPCConn(t.conn), otlploggrpc.WithHeaders(t.Headers), otlploggrpc.WithTimeout(t.Timeout))
	}
	compression := otlploghttp.NoCompression
	if t.Compression == "gzip" {
		compression = otlploghttp.GzipCompression
	}
	return otlploghttp.New(ctx, otlploghttp.WithEndpointURL(t.Endpoint), otlploghttp.WithHTTPClient(t.client), otlploghttp.WithHeaders(t.Headers),
		otlploghttp.WithTimeout(t.Timeout), otlploghttp.WithCompression(compression))
}

// TLSConfig is how exporters check the collector and show who they are.
func TLSConfig(s model.OTelSettings) (*tls.Config, error) {
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
