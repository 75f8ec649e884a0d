package otel

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/buildscope/buildscope/model"
)

// lines writes OTLP requests as JSON, one a line: the format of the OpenTelemetry
// Collector's file exporter. Several exporters may share one.
type lines struct {
	mu sync.Mutex
	w  io.Writer
}

// request is an OTLP request of one signal.
type request interface {
	UnmarshalProto([]byte) error
	MarshalJSON() ([]byte, error)
}

func newRequest(signal string) request {
	switch signal {
	case model.SignalMetrics:
		r := pmetricotlp.NewExportRequest()
		return &r
	case model.SignalLogs:
		r := plogotlp.NewExportRequest()
		return &r
	}
	r := ptraceotlp.NewExportRequest()
	return &r
}

func (l *lines) write(r request) error {
	data, err := r.MarshalJSON()
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = l.w.Write(append(data, '\n'))
	return err
}

// recorder is a transport that writes the requests of an HTTP exporter down
// instead of sending them, so that a file has exactly what a collector would get.
type recorder struct {
	lines  *lines
	signal string
}

func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err = errors.Join(err, req.Body.Close()); err != nil {
		return nil, err
	}
	otlp := newRequest(r.signal)
	if err := otlp.UnmarshalProto(body); err != nil {
		return nil, fmt.Errorf("write %s: %w", r.signal, err)
	}
	if err := r.lines.write(otlp); err != nil {
		return nil, fmt.Errorf("write %s: %w", r.signal, err)
	}
	return &http.Response{StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(nil)), Request: req}, nil
}

// record makes the target of a file or stdout exporter.
func record(d model.Destination, l *lines) *target {
	d.Protocol, d.Headers, d.Compression = "http/protobuf", nil, "none"
	d.Endpoint = "http://file.invalid/v1/" + d.Signal // never dialled
	return &target{Destination: d, client: &http.Client{Transport: recorder{l, d.Signal}}}
}
