package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
)

// attached is what attach --json prints, as far as the tests read it.
type attached struct {
	Builds []struct {
		RunID     string `json:"run_id"`
		TraceID   string `json:"trace_id"`
		Sender    string
		Service   string
		Status    model.RunState
		Error     string
		ErrorNode string `json:"error_node"`
		Spans     int64
		Rows      int64
		Nodes     []model.NodeExecution
	}
	Metrics []struct {
		Name  string
		Unit  string
		Value float64
	}
	Received struct {
		Spans      int64
		LogRecords int64 `json:"log_records"`
		DataPoints int64 `json:"data_points"`
		Evicted    int64 `json:"evicted_builds"`
	}
	Forward []model.ExportCounts
}

// attach is an attach process that listens on free ports.
type attach struct {
	*process
	grpc, http string // URLs
}

func startAttach(t *testing.T, args ...string) *attach {
	t.Helper()
	a := &attach{process: command(t, "buildscope", append([]string{"attach", "--json", "--listen-grpc", "127.0.0.1:0", "--listen-http", "127.0.0.1:0"}, args...)...)}
	a.start().says("over HTTP at http://")
	urls := regexp.MustCompile(`http://[0-9.:]+`).FindAllString(a.narration(), -1)
	a.grpc, a.http = urls[0], urls[1]
	return a
}

// result waits for the end and reads what was printed.
func (a *attach) result() (r attached) {
	a.t.Helper()
	if code := a.exit(); code != cli.ExitOK {
		a.t.Fatalf("exit %d:\n%s", code, a.narration())
	}
	if err := json.Unmarshal(a.stdout.Bytes(), &r); err != nil {
		a.t.Fatalf("%v in\n%s", err, &a.stdout)
	}
	return r
}

// nodeStory are names, states and rows of nodes, by name.
func nodeStory[T any](list []T, of func(T) (string, model.NodeState, int64)) (out []string) {
	for _, n := range list {
		name, state, rows := of(n)
		out = append(out, fmt.Sprintf("%s %s %d", name, state, rows))
	}
	slices.Sort(out)
	return out
}

// A build in one process, and what another process saw of it: live over both
// protocols, with a collector's place between them, and afterwards in the two files
// of the bundle. All tell the same story.
func TestAttachTellsTheSameStory(t *testing.T) {
	for _, protocol := range []string{"grpc", "http/protobuf"} {
		t.Run(protocol, func(t *testing.T) {
			root := t.TempDir()
			if err := os.WriteFile(filepath.Join(root, "a.go"), []byte("package a\n\nfunc F() { G() }\n\nfunc G() {}\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			far := startAttach(t, "--builds", "1")
			near := startAttach(t, "--builds", "1", "--forward", far.grpc, "--forward-protocol", "grpc", "--forward-spool", t.TempDir())
			endpoint := map[string]string{"grpc": near.grpc, "http/protobuf": near.http}[protocol]
			build := command(t, "buildscope", "build", root, "--json", "--profile", "debug", "--otel-endpoint", endpoint, "--otel-protocol", protocol, "--otel-exporter", "otlp,file")
			if code := build.run(); code != cli.ExitOK {
				t.Fatalf("exit %d:\n%s", code, build.narration())
			}
			var want model.BatchResult
			if err := json.Unmarshal(build.stdout.Bytes(), &want); err != nil {
				t.Fatal(err)
			}
			created := map[string]int64{}
			for _, e := range want.Exports {
				created[e.Signal] = e.Created
				if e.Missing() != 0 {
					t.Errorf("the build lost some: %+v", e)
				}
			}
			nodes := nodeStory(want.Nodes, func(n model.BatchNode) (string, model.NodeState, int64) { return n.Name, n.State, n.Rows })
			check := func(what string, got attached, live bool) {
				t.Helper()
				if len(got.Builds) != 1 {
					t.Fatalf("%s: %d builds", what, len(got.Builds))
				}
				b := got.Builds[0]
				seen := nodeStory(b.Nodes, func(n model.NodeExecution) (string, model.NodeState, int64) { return n.Name, n.State, n.Rows })
				if b.RunID != want.RunID || b.Status != model.RunSucceeded || b.Spans != created[model.SignalTraces] || !slices.Equal(seen, nodes) {
					t.Errorf("%s: run %s %s with %d spans and\n%v\nwant run %s with %d and\n%v", what, b.RunID, b.Status, b.Spans, seen, want.RunID, created[model.SignalTraces], nodes)
				}
				if r := got.Received; live && (r.Spans != created[model.SignalTraces] || r.LogRecords != created[model.SignalLogs] || r.DataPoints != created[model.SignalMetrics]) {
					t.Errorf("%s received %+v of %v", what, r, created)
				}
			}
			// The far one leaves when its build is over, which may be before the last
			// metrics and logs are passed on.
			first := near.result()
			check("attach", first, false)
			for _, f := range first.Forward {
				if f.Signal == model.SignalTraces && f.Sent != created[model.SignalTraces] {
					t.Errorf("passed on %+v", f)
				}
			}
			check("the next attach", far.result(), false)
			for _, file := range []string{"otel.jsonl", "spans.parquet"} {
				p := command(t, "buildscope", "attach", "--json", "--file", filepath.Join(want.RunBundleDir, file))
				a := attach{process: p.start()}
				check(file, a.result(), file == "otel.jsonl")
			}
		})
	}
}

// A signal ends attach, which then says what came.
func TestAttachEndsOnASignal(t *testing.T) {
	p := command(t, "buildscope", "attach", "--batch", "--listen-grpc", "127.0.0.1:0", "--listen-http", "127.0.0.1:0").start().says("over HTTP")
	if code := p.signal(syscall.SIGINT).exit(); code != cli.ExitOK {
		t.Errorf("exit %d", code)
	}
	if !strings.Contains(p.narration(), "received 0 requests") || p.stdout.Len() != 0 {
		t.Errorf("%s\n%s", p.narration(), &p.stdout)
	}
}

func TestAttachTellsWhoCanReachIt(t *testing.T) {
	p := command(t, "buildscope", "attach", "--batch", "--listen-grpc", "", "--listen-http", "0.0.0.0:0").start().says("can be reached from other machines")
	p.signal(syscall.SIGTERM).exit()
	if strings.Contains(p.narration(), "gRPC") {
		t.Errorf("gRPC is served:\n%s", p.narration())
	}
	taken := startAttach(t)
	q := command(t, "buildscope", "attach", "--batch", "--listen-grpc", strings.TrimPrefix(taken.grpc, "http://"))
	if code := q.run(); code != cli.ExitFailed || !strings.Contains(q.narration(), "--listen-grpc") {
		t.Errorf("exit %d: %s", code, q.narration())
	}
	taken.signal(syscall.SIGINT).exit()
}

func TestAttachToBadFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const span = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"9ce1ec73fb332f3de44e7e9d5e33fe37","spanId":"fc861f867eec1544","name":"\u001b[2Jjob","startTimeUnixNano":"10","endTimeUnixNano":"20"}]}]}]}`
	for _, c := range []struct {
		path, says string
		code       int
	}{
		{filepath.Join(dir, "none"), "no such file", cli.ExitFailed},
		{write("empty", ""), "is empty", cli.ExitFailed},
		{write("text", "hello\nworld\n"), "line 1", cli.ExitFailed},
		{write("parquet", "PAR1 not really"), "read spans", cli.ExitFailed},
		{write("torn", span+"\n"+span[:40]), "1 of 2 lines; line 2", cli.ExitOK},
		{write("good", "\n"+span+"\n\n"), "1 span", cli.ExitOK},
	} {
		p := command(t, "buildscope", "attach", "--batch", "--file", c.path)
		code := p.run()
		if code != c.code || !strings.Contains(p.narration(), c.says) {
			t.Errorf("%s: exit %d: %s", filepath.Base(c.path), code, p.narration())
		}
		if strings.Contains(p.narration()+p.stdout.String(), "\x1b") {
			t.Errorf("%s: a control character reached the terminal", filepath.Base(c.path))
		}
	}
}

// tool runs a program that tests need from outside, and skips the test where it
// cannot be had; in CI that is a failure.
func tool(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "true" {
			t.Skipf("%s %s (it may not be reachable): %v\n%s", name, strings.Join(args, " "), err, out)
		}
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// OpenTelemetry's own generator, all signals over both protocols.
func TestTelemetrygenAgainstAttach(t *testing.T) {
	bin := t.TempDir()
	tool(t, []string{"GOBIN=" + bin, "GOFLAGS=-mod=mod"}, "go", "install", "github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@v0.161.0")
	for _, protocol := range []string{"grpc", "http"} {
		t.Run(protocol, func(t *testing.T) {
			a := startAttach(t)
			endpoint, more := a.grpc, []string{}
			if protocol == "http" {
				endpoint, more = a.http, []string{"--otlp-http"}
			}
			for signal, count := range map[string]string{"traces": "--traces=20", "metrics": "--metrics=10", "logs": "--logs=15"} {
				args := append([]string{signal, count, "--otlp-insecure", "--otlp-endpoint", strings.TrimPrefix(endpoint, "http://"), "--rate=1000"}, more...)
				if out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "telemetrygen"), args...).CombinedOutput(); err != nil {
					t.Fatalf("telemetrygen %s: %v\n%s", signal, err, out)
				}
			}
			a.signal(syscall.SIGINT)
			r := a.result()
			if r.Received.Spans != 40 || r.Received.DataPoints != 10 || r.Received.LogRecords != 15 || len(r.Builds) != 20 || len(r.Metrics) == 0 {
				t.Errorf("received %+v, %d builds, %d metrics", r.Received, len(r.Builds), len(r.Metrics))
			}
			for _, b := range r.Builds {
				if b.Service != "telemetrygen" || b.Spans != 2 || b.Status != model.RunSucceeded || len(b.Nodes) != 1 || !strings.HasPrefix(b.Nodes[0].Name, "okey-dokey") {
					t.Errorf("%+v", b)
				}
			}
		})
	}
}

// hamiltonScript is a script of Hamilton with its OpenTelemetry plugin: a run with
// a dynamic branch, and one that fails.
const hamiltonScript = `
import sys
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
if sys.argv[1] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    exporter = OTLPSpanExporter(endpoint=sys.argv[2], insecure=True)
else:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    exporter = OTLPSpanExporter(endpoint=sys.argv[2] + "/v1/traces")
provider = TracerProvider(resource=Resource.create({"service.name": "features"}))
provider.add_span_processor(BatchSpanProcessor(exporter))
trace.set_tracer_provider(provider)
from hamilton import ad_hoc_utils, driver
from hamilton.execution import executors
from hamilton.htypes import Collect, Parallelizable
from hamilton.plugins.h_opentelemetry import OpenTelemetryTracer

def n() -> int:
    return 3

def item(n: int) -> Parallelizable[int]:
    yield from range(n)

def double(item: int) -> int:
    return item * 2

def total(double: Collect[int]) -> int:
    return sum(double)

def broken(total: int) -> int:
    raise ValueError("no such feature")

module = ad_hoc_utils.create_temporary_module(n, item, double, total, broken, module_name="features")
local = executors.SynchronousLocalTaskExecutor
dr = (driver.Builder().with_modules(module).enable_dynamic_execution(allow_experimental_mode=True)
      .with_local_executor(local()).with_remote_executor(local()).with_adapters(OpenTelemetryTracer(tracer_name="any")).build())
assert dr.execute(["total"])["total"] == 6
try:
    dr.execute(["broken"])
except Exception:
    pass
provider.shutdown()
`

// A Hamilton run with its plugin from PyPI appears node by node.
func TestHamiltonAgainstAttach(t *testing.T) {
	venv := filepath.Join(t.TempDir(), "venv")
	python := filepath.Join(venv, "bin", "python")
	tool(t, nil, "python3", "-m", "venv", venv)
	tool(t, nil, python, "-m", "pip", "install", "--quiet", "sf-hamilton", "opentelemetry-sdk", "opentelemetry-exporter-otlp")
	script := filepath.Join(venv, "features.py")
	if err := os.WriteFile(script, []byte(hamiltonScript), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, protocol := range []string{"grpc", "http"} {
		t.Run(protocol, func(t *testing.T) {
			a := startAttach(t, "--builds", "2")
			endpoint := map[string]string{"grpc": a.grpc, "http": a.http}[protocol]
			cmd := exec.CommandContext(t.Context(), python, script, protocol, endpoint)
			cmd.Env = append(os.Environ(), "HAMILTON_TELEMETRY_ENABLED=false", "HOME="+t.TempDir())
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			r := a.result()
			if len(r.Builds) != 2 {
				t.Fatalf("%d builds:\n%s", len(r.Builds), a.narration())
			}
			for i, want := range [][]string{
				{"double succeeded 0", "double succeeded 0", "double succeeded 0", "item succeeded 0", "n succeeded 0", "total succeeded 0"},
				{"broken failed 0", "double succeeded 0", "double succeeded 0", "double succeeded 0", "item succeeded 0", "n succeeded 0", "total succeeded 0"},
			} {
				b := r.Builds[i]
				got := nodeStory(b.Nodes, func(n model.NodeExecution) (string, model.NodeState, int64) { return n.Name, n.State, n.Rows })
				if b.Sender != "hamilton" || b.Service != "features" || !slices.Equal(got, want) || len(b.RunID) != 36 {
					t.Errorf("%+v\nwant %v", b, want)
				}
			}
			if r.Builds[0].Status != model.RunSucceeded || r.Builds[1].Status != model.RunFailed || r.Builds[1].ErrorNode != "broken" || !strings.Contains(r.Builds[1].Error, "no such feature") {
				t.Errorf("%+v", r.Builds)
			}
		})
	}
}
