package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/receiver"
	"github.com/buildscope/buildscope/tui/ui"
)

// attachNarrator tells on stderr what is received. The session only appends to a
// channel, so a slow stderr never holds up receiving; lines that do not fit are
// counted.
type attachNarrator struct {
	out   io.Writer
	lines chan string
	lost  atomic.Int64
}

func newAttachNarrator(out io.Writer) *attachNarrator {
	return &attachNarrator{out: out, lines: make(chan string, 4096)}
}

func (n *attachNarrator) say(format string, args ...any) {
	select {
	case n.lines <- ui.Clean(fmt.Sprintf(format, args...)): // names come from elsewhere
	default:
		n.lost.Add(1)
	}
}

func (n *attachNarrator) build(b *receiver.Build) {
	n.say("build %s of %s", b.Snapshot().RunID, sender(b))
}

func (n *attachNarrator) node(_ *receiver.Build, e model.NodeExecution) {
	line := fmt.Sprintf("%-9s %-30s %9s", e.State, e.Name, ui.Duration(time.Duration(e.DurationNS())))
	if e.Rows > 0 {
		line += fmt.Sprintf(" %10d rows", e.Rows)
	}
	if e.Error != "" {
		line += "  " + e.Error
	}
	n.say("%s", line)
}

func (n *attachNarrator) end(b *receiver.Build) {
	s := b.Snapshot()
	all, _ := b.Spans()
	n.say("build %s of %s %s after %s: %s", s.RunID, sender(b), s.State, ui.Duration(s.Ended.Sub(s.Started)), ui.Counted(all, "span"))
}

// sender names who made a build.
func sender(b *receiver.Build) string {
	name := b.Resource().Service
	if name == "" {
		name = "an unnamed service"
	}
	if kind := b.Sender(); kind != "" && kind != name {
		name += " (" + kind + ")"
	}
	return name
}

// listening says where senders can reach the program, and who else can.
func (n *attachNarrator) listening(s *receiver.Server, f *receiver.Forwarder) {
	for _, l := range [][2]string{{"gRPC", s.GRPC()}, {"HTTP", s.HTTP()}} {
		if l[1] == "" {
			continue
		}
		fmt.Fprintf(n.out, "listening for OTLP over %s at http://%s\n", l[0], l[1])
		if remote(l[1]) {
			fmt.Fprintf(n.out, "warning: %s can be reached from other machines, and anybody there can send\n", l[1])
		}
	}
	if f != nil {
		fmt.Fprintf(n.out, "passing everything on to %s\n", f)
	}
}

// follow narrates until ctx or the channel says that it is over.
func (n *attachNarrator) follow(ctx context.Context, ended <-chan struct{}) {
	for {
		select {
		case line := <-n.lines:
			fmt.Fprintln(n.out, line)
		case <-ended:
			return
		case <-ctx.Done():
			return
		}
	}
}

// drain writes what is still waiting. Nothing is added any more.
func (n *attachNarrator) drain() {
	for len(n.lines) > 0 {
		fmt.Fprintln(n.out, <-n.lines)
	}
	if lost := n.lost.Load(); lost > 0 {
		fmt.Fprintf(n.out, "%d more lines were not written: this output was slower than what came\n", lost)
	}
}

// attachResult is what attach --json prints; docs/attach.md describes it.
type attachResult struct {
	Builds   []attachedBuild      `json:"builds"`
	Metrics  []attachedMetric     `json:"metrics"`
	Received attachedTotals       `json:"received"`
	Forward  []model.ExportCounts `json:"forward,omitempty"`
	Spooled  int                  `json:"spooled_requests"`
}

type attachedBuild struct {
	RunID      string                `json:"run_id"`
	TraceID    string                `json:"trace_id"`
	Sender     string                `json:"sender"`
	Service    string                `json:"service"`
	Status     model.RunState        `json:"status"`
	Error      string                `json:"error,omitempty"`
	ErrorNode  string                `json:"error_node,omitempty"`
	Started    time.Time             `json:"started"`
	DurationMS int64                 `json:"duration_ms"`
	Spans      int64                 `json:"spans"`
	Dropped    int64                 `json:"dropped_spans"`
	Rows       int64                 `json:"rows"`
	Nodes      []model.NodeExecution `json:"nodes"`
}

type attachedMetric struct {
	Service string         `json:"service"`
	Name    string         `json:"name"`
	Unit    string         `json:"unit"`
	Kind    string         `json:"kind"`
	Attrs   map[string]any `json:"attributes"`
	Value   float64        `json:"value"`
	Count   int64          `json:"count"`
}

type attachedTotals struct {
	Requests  int64 `json:"requests"`
	Spans     int64 `json:"spans"`
	Logs      int64 `json:"log_records"`
	Points    int64 `json:"data_points"`
	Rejected  int64 `json:"rejected"`
	Invalid   int64 `json:"invalid_requests"`
	Throttled int64 `json:"throttled_requests"`
	Unseen    int64 `json:"not_shown"`
	Evicted   int64 `json:"evicted_builds"`
	Lost      int64 `json:"evicted_spans"`
}

func attachedResult(session *receiver.Session, server *receiver.Server, forward *receiver.Forwarder, left int) attachResult {
	t := session.Totals()
	out := attachResult{Builds: []attachedBuild{}, Metrics: []attachedMetric{}, Spooled: left,
		Received: attachedTotals{Requests: t.Requests, Spans: t.Spans, Logs: t.Logs, Points: t.Points, Evicted: t.Evicted, Lost: t.EvictedSpans}}
	if server != nil {
		c := &server.Counts
		out.Received.Rejected, out.Received.Invalid = c.Rejected.Load(), c.Invalid.Load()
		out.Received.Throttled, out.Received.Unseen = c.Throttled.Load(), c.Unseen.Load()
	}
	if forward != nil {
		out.Forward = forward.Counts()
	}
	for _, b := range session.Builds() {
		s := b.Snapshot()
		all, dropped := b.Spans()
		out.Builds = append(out.Builds, attachedBuild{RunID: s.RunID, TraceID: b.Trace.String(), Sender: b.Sender(), Service: b.Resource().Service, Status: s.State,
			Error: s.Err, ErrorNode: s.ErrNode, Started: s.Started, DurationMS: s.Ended.Sub(s.Started).Milliseconds(), Spans: all, Dropped: dropped,
			Rows: b.View().Header().Rows, Nodes: append([]model.NodeExecution{}, b.Nodes()...)})
	}
	for _, m := range session.Metrics() {
		a := attachedMetric{Service: m.Service, Name: m.Name, Unit: m.Unit, Kind: m.Kind, Attrs: map[string]any{}, Value: m.Value, Count: m.Count}
		for _, kv := range m.Attrs {
			a.Attrs[kv.Key] = kv.Value
		}
		out.Metrics = append(out.Metrics, a)
	}
	return out
}

// attrList writes attributes in one line, by name.
func attrList(attrs map[string]any) string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(attrs)) {
		list = append(list, fmt.Sprintf("%s=%v", k, attrs[k]))
	}
	return "{" + strings.Join(list, ", ") + "}"
}

// metricLines bounds the metrics that the summary for people lists.
const metricLines = 12

// attachSummary says what came: on stdout a line for each build, or one JSON
// object, and on stderr the metrics and what was lost.
func (g *globals) attachSummary(o attachOptions, session *receiver.Session, server *receiver.Server, forward *receiver.Forwarder, left int) error {
	r := attachedResult(session, server, forward, left)
	for i, m := range r.Metrics {
		if i == metricLines {
			fmt.Fprintf(g.io.Err, "and %d more series, see --json\n", len(r.Metrics)-i)
			break
		}
		count := ""
		if m.Kind == "histogram" || m.Kind == "summary" {
			count = fmt.Sprintf(" in %d", m.Count)
		}
		fmt.Fprintln(g.io.Err, ui.Clean(fmt.Sprintf("metric %s %s = %g %s%s", m.Name, attrList(m.Attrs), m.Value, m.Unit, count)))
	}
	t := r.Received
	fmt.Fprintf(g.io.Err, "received %d requests with %d spans, %d log records and %d data points; refused %d items, %d unreadable requests, %d times told to wait\n",
		t.Requests, t.Spans, t.Logs, t.Points, t.Rejected, t.Invalid, t.Throttled)
	if t.Evicted > 0 || t.Unseen > 0 {
		fmt.Fprintf(g.io.Err, "not shown: %d builds with %d spans that made room for newer ones, %d items that came too fast\n", t.Evicted, t.Lost, t.Unseen)
	}
	for _, f := range r.Forward {
		fmt.Fprintf(g.io.Err, "%s of %s to %s: passed on %d of %d, refused %d, failed %d %s\n", f.Exporter, f.Signal, f.Endpoint, f.Sent, f.Created, f.Rejected, f.Failed, f.LastError)
	}
	if left > 0 {
		fmt.Fprintf(g.io.Err, "%s could not be passed on yet; what is left waits in %s for the next attach --forward to the same endpoint\n", ui.Counted(left, "request"), forward.Dir())
	}
	if o.json {
		enc := json.NewEncoder(g.io.Out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	for _, b := range r.Builds {
		if _, err := fmt.Fprintf(g.io.Out, "%s\t%s\t%s\t%s\t%s\n", ui.Clean(b.RunID), b.Status, ui.Counted(len(b.Nodes), "node"), ui.Counted(b.Spans, "span"), ui.Clean(b.Service)); err != nil {
			return fmt.Errorf("print the summary: %w", err)
		}
	}
	return nil
}
