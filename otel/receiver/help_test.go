package receiver

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Newest is what the screen shows when nothing was chosen yet.
func (s *Session) Newest() *Build {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest()
}

// id makes span ids that say in a failure which span they are of.
func id(n int) model.SpanID { return model.SpanID{7: byte(n), 6: byte(n >> 8), 5: byte(n >> 16), 0: 1} }

func traceOf(n int) model.TraceID { return model.TraceID{15: byte(n), 14: byte(n >> 8), 0: 1} }

// ownTrace is a build of ours as it is exported: root, nodes, and below the first
// node the spans of files.
func ownTrace(trace model.TraceID) []model.SpanRecord {
	span := func(n, parent int, name, scope string, start, end int64, attrs ...model.Attr) model.SpanRecord {
		r := model.SpanRecord{Trace: trace, ID: id(n), Name: name, Scope: scope, Start: start, End: end, Sampled: true,
			Attrs: append([]model.Attr{{Key: model.AttrRunID, Value: "run-1"}}, attrs...)}
		if parent != 0 {
			r.Parent = id(parent)
		}
		return r
	}
	node := func(n int, name, state string, rows, start, end int64) model.SpanRecord {
		return span(n, 1, name, model.ScopePipeline, start, end, model.Attr{Key: model.AttrNodeName, Value: name}, model.Attr{Key: model.AttrNodeKind, Value: "extract"},
			model.Attr{Key: model.AttrNodeState, Value: state}, model.Attr{Key: model.AttrNodeRows, Value: rows})
	}
	bad := node(4, "relate", "failed", 0, 600, 900)
	bad.Status, bad.StatusMessage = model.StatusError, "no such column"
	root := span(1, 0, model.SpanBuild, model.ScopePipeline, 100, 1000, model.Attr{Key: model.AttrProfile, Value: "debug"})
	root.Status, root.StatusMessage = model.StatusError, "the build did not succeed"
	stats := model.TableStats{Table: "scan", Rows: 7, Columns: []model.ColumnStats{{Name: "path", Type: "utf8", Count: 7}}}
	scan := node(2, "scan", "succeeded", 7, 110, 300)
	scan.Events = stats.Events(299)
	return []model.SpanRecord{
		root, scan, node(3, "parse", "cached", 5, 310, 500), bad,
		span(5, 2, model.SpanFile, model.ScopePipeline, 120, 130, model.Attr{Key: model.AttrFilePath, Value: "a/b.go"}),
		span(6, 2, model.SpanFile, model.ScopePipeline, 131, 140, model.Attr{Key: model.AttrFilePath, Value: "a/c.go"}),
		span(7, 6, "parse.one", "x", 132, 139),
		span(8, 3, "engine.query", model.ScopeEngine, 320, 330, model.Attr{Key: model.AttrNodeName, Value: "parse"}),
	}
}

// story is all that a viewer can see of a build, but for the numbers of rows.
func story(t *testing.T, b *Build) string {
	t.Helper()
	db := b.View()
	open := map[runview.RowID]bool{}
	var w runview.Window
	for n := -1; n != len(open); {
		n = len(open)
		w = db.Window(runview.Query{Height: 100_000, Open: open, Now: 5000})
		for _, r := range w.Rows {
			open[r.ID] = true
		}
	}
	var out strings.Builder
	snap, h := b.Snapshot(), db.Header()
	all, dropped := b.Spans()
	fmt.Fprintf(&out, "%s %s %s %q at %q, %s to %s, %d spans %d dropped, nodes %d %v, failed %d, rows %d\n", b.Sender(), snap.RunID, snap.State, snap.Err, snap.ErrNode,
		clock(snap.Started), clock(snap.Ended), all, dropped, h.Nodes, h.States, h.Failed, h.Rows)
	for _, r := range w.Rows {
		d, _ := db.Detail(r.ID)
		fmt.Fprintf(&out, "%s%s %s %s [%d %d] rows %d below %d/%d/%d error %q subject %q attrs %v events %v tables %d under %v\n", strings.Repeat("  ", r.Depth), r.Name, r.Kind, r.State,
			r.Start, r.End, r.Rows, r.Children, r.Running, r.Failed, r.Error, r.Subject, d.Attrs, d.Events, len(d.Tables), d.Parents)
	}
	return out.String()
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return fmt.Sprint(t.UnixNano())
}

// give hands spans to a session in requests of at most n.
func give(s *Session, recs []model.SpanRecord, n int) {
	for len(recs) > 0 {
		k := min(n, len(recs))
		batch := make([]model.SpanRecord, k)
		for i, r := range recs[:k] {
			batch[i] = r.Clone()
		}
		s.Take([]Group{{Resource: Resource{Service: "test", Attrs: []model.Attr{{Key: "service.name", Value: "test"}}}, Spans: batch}}, 100*k)
		recs = recs[k:]
	}
}
