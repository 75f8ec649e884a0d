package cli_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
)

// outcome is what the tests read of a build's printed result.
type outcome struct {
	RunID        string                 `json:"run_id"`
	RunBundleDir string                 `json:"run_bundle_dir"`
	Outputs      []model.OutputLocation `json:"outputs"`
	Exports      []model.ExportCounts   `json:"exports"`
}

// buildJSON builds root with --json and returns the result and the exit code.
func buildJSON(t *testing.T, root string, args ...string) (outcome, int) {
	t.Helper()
	var out, narration bytes.Buffer
	code := cli.Main(t.Context(), cli.App{Version: "test"}, cli.Streams{Out: &out, Err: &narration, Dir: root, Args: append([]string{"build", root, "--json"}, args...)})
	var r outcome
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("%v\n%s%s", err, &out, &narration)
	}
	return r, code
}

// rawServer accepts connections and hands each to f; it ends with the test.
func rawServer(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go f(c)
		}
	}()
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return l.Addr().String()
}

// Whatever the collector does, the outputs are the same, every item is accounted
// for, and the end of the run is not held up beyond otel.shutdown_timeout.
func TestHostileCollectorsChangeNothingButCounters(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "a.go"), []byte("package a\n\nfunc F() { G() }\n\nfunc G() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	plain, code := buildJSON(t, root)
	if code != cli.ExitOK {
		t.Fatalf("exit %d", code)
	}
	answer := func(status int, header, value, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // the client sees the answer either way
			w.Header().Set(header, value)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(s.Close)
		return s.Listener.Addr().String()
	}
	cases := []struct{ name, address, protocol string }{
		{"never answers", rawServer(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c); c.Close() }), "http/protobuf"},
		{"never answers grpc", rawServer(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c); c.Close() }), "grpc"},
		{"resets", rawServer(t, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0); c.Close() }), "http/protobuf"},
		{"resets grpc", rawServer(t, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0); c.Close() }), "grpc"},
		{"half a response", rawServer(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 99\r\n\r\nhalf")
			c.Close()
		}), "http/protobuf"},
		{"429 for an hour", answer(429, "Retry-After", "3600", "slow down"), "http/protobuf"},
		{"503", answer(503, "Content-Type", "text/plain", "busy"), "http/protobuf"},
		{"redirect to HTML", answer(302, "Location", "/login", "<html>"), "http/protobuf"},
		{"login page", answer(200, "Content-Type", "text/html", "<html>"), "http/protobuf"},
		{"http server for grpc", answer(200, "Content-Type", "text/html", "<html>"), "grpc"},
		{"partial success", answer(200, "Content-Type", "application/json", `{"partialSuccess":{"rejectedSpans":"1","rejectedDataPoints":"1","rejectedLogRecords":"1","errorMessage":"quota"}}`), "http/protobuf"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			got, code := buildJSON(t, root, "--otel-endpoint", "http://"+c.address, "--otel-protocol", c.protocol, "--strict-telemetry",
				"--otel-shutdown-timeout", "500ms", "--otel-log-level", "debug")
			if code != cli.ExitTelemetry {
				t.Errorf("exit %d, want %d", code, cli.ExitTelemetry)
			}
			// Far above the timeout, so that a loaded machine does not fail the test;
			// a wait for the library's own retries would take a minute.
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("the build took %s", took)
			}
			if len(got.Outputs) != len(plain.Outputs) {
				t.Fatalf("%d outputs, %d without export", len(got.Outputs), len(plain.Outputs))
			}
			for i, o := range got.Outputs {
				if o.Checksum != plain.Outputs[i].Checksum || o.Rows != plain.Outputs[i].Rows {
					t.Errorf("output %+v, %+v without export", o, plain.Outputs[i])
				}
			}
			if len(got.Exports) != 3 {
				t.Fatalf("exports %+v", got.Exports)
			}
			var missing int64
			for _, e := range got.Exports {
				if e.Created != e.SampledOut+e.Sent+e.Missing() || e.Queued != 0 {
					t.Errorf("the counts do not add up: %+v", e)
				}
				missing += e.Missing()
			}
			if e := got.Exports[0]; e.Created == 0 || missing == 0 {
				t.Errorf("exports %+v", got.Exports)
			}
			var status model.ExportStatusPayload
			readPayload(t, got.RunBundleDir, model.ArtifactExportStatus, &status)
			for i, e := range status.Exporters {
				if want := got.Exports[i]; e.Created != want.Created || e.Missing() != want.Missing() || e.LastError != want.LastError {
					t.Errorf("otel_export_status_v1 has %+v, the result %+v", e, want)
				}
			}
		})
	}
}
