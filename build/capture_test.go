package build_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// people is a table that a function writes: 600 rows, a name in ten is missing.
func people() *pipeline.Node {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64},
		{Name: "name", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "height", Type: arrow.PrimitiveTypes.Float64},
		{Name: "Api_Token", Type: arrow.BinaryTypes.String},
	}, nil)
	return pipeline.Func(pipeline.Spec{Name: "people", Publish: true}, func(_ context.Context, t *pipeline.Task) (pipeline.Table, error) {
		w, err := t.NewTable("people", schema)
		if err != nil {
			return pipeline.Table{}, err
		}
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		defer b.Release()
		for i := range 600 {
			b.Field(0).(*array.Int64Builder).Append(int64(i))
			if i%10 == 0 {
				b.Field(1).AppendNull()
			} else {
				b.Field(1).(*array.StringBuilder).Append(fmt.Sprint("name ", i%7))
			}
			b.Field(2).(*array.Float64Builder).Append(1.5 + math.Sin(float64(i))/4)
			b.Field(3).(*array.StringBuilder).Append(fmt.Sprint("secret ", i))
			if i%100 == 99 {
				rec := b.NewRecordBatch()
				err := w.Write(rec)
				rec.Release()
				if err != nil {
					return pipeline.Table{}, err
				}
			}
		}
		return w.Close()
	})
}

func tall() *pipeline.Node {
	return pipeline.SQL(pipeline.Spec{Name: "tall", Publish: true},
		"SELECT id, name, height, Api_Token, [id, id + 1, id + 2] AS ids FROM people WHERE height > 1.5", "tall.sql")
}

// statistics reads capture_statistics_v1, its tables by name.
func statistics(t *testing.T, snap model.RunSnapshot) (model.CaptureStatisticsPayload, map[string]model.TableStats) {
	t.Helper()
	if snap.State != model.RunSucceeded {
		t.Fatalf("the run ended as %s: %s", snap.State, snap.Err)
	}
	p := payload[model.CaptureStatisticsPayload](t, snap, model.ArtifactCapture)
	tables := map[string]model.TableStats{}
	for _, s := range p.Tables {
		tables[s.Table] = s
	}
	return p, tables
}

// payload reads one artifact of a run.
func payload[T any](t testing.TB, snap model.RunSnapshot, name string) (v T) {
	t.Helper()
	b, err := bundle.Open(snap.BundleDir)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Payload(name, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// judge is DuckDB as an exact and independent judge.
func judge(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestStatisticsAreThoseOfTheOutputs(t *testing.T) {
	dir := t.TempDir()
	r, err := start(t, dir, []*pipeline.Node{people(), tall()}, "diagnostics-profile", "debug")
	snap := finish(t, r, err)
	p, tables := statistics(t, snap)
	if len(tables) != 2 || len(p.Tables) != 2 || p.Failed != 0 {
		t.Fatalf("captured %+v", p)
	}
	db := judge(t)
	for _, o := range snap.Outputs {
		for _, c := range tables[o.Name].Columns {
			var count, nulls int64
			from := fmt.Sprintf(" FROM (SELECT %q AS c FROM '%s')", c.Name, filepath.Join(filepath.Dir(o.Path), o.Name+"*.parquet"))
			if err := db.QueryRow("SELECT count(*), count(*) - count(c)"+from).Scan(&count, &nulls); err != nil {
				t.Fatal(err)
			}
			if c.Count != count || c.Nulls != nulls {
				t.Errorf("%s.%s has %d values and %d nulls, captured %d and %d", o.Name, c.Name, count, nulls, c.Count, c.Nulls)
			}
			if c.Distinct == nil || c.Family == "nested" {
				continue
			}
			var distinct int64
			if err := db.QueryRow("SELECT count(DISTINCT c)" + from).Scan(&distinct); err != nil {
				t.Fatal(err)
			}
			if *c.Distinct != distinct || !c.DistinctExact {
				t.Errorf("%s.%s has %d different values, captured %d", o.Name, c.Name, distinct, *c.Distinct)
			}
			if c.Family != "numeric" {
				continue
			}
			var lo, hi, mean, std, median float64
			if err := db.QueryRow("SELECT min(c), max(c), avg(c), stddev_samp(c), quantile_cont(c::DOUBLE, 0.5)"+from).Scan(&lo, &hi, &mean, &std, &median); err != nil {
				t.Fatal(err)
			}
			if *c.Min != lo || *c.Max != hi || math.Abs(*c.Mean-mean) > 1e-9 || math.Abs(*c.Std-std) > 1e-9 || math.Abs(c.Quantiles[2].V-median) > 1e-9 {
				t.Errorf("%s.%s is %v..%v, mean %v ± %v, median %v; captured %+v", o.Name, c.Name, lo, hi, mean, std, median, c)
			}
		}
	}
	// Columns whose name says that they are secret are counted and no more.
	for name, s := range tables {
		c := s.Columns[3]
		if c.Name != "Api_Token" || c.Count != s.Rows || c.Distinct != nil || c.MinText != "" || c.Top != nil || !strings.Contains(c.Reason, "redact_keys") {
			t.Errorf("%s.%s: %+v", name, c.Name, c)
		}
	}
	data, err := os.ReadFile(filepath.Join(snap.BundleDir, "artifacts", model.ArtifactCapture+".json"))
	if err != nil || strings.Contains(string(data), "secret 1") {
		t.Errorf("a secret is in the artifact (%v)", err)
	}
	report, err := os.ReadFile(filepath.Join(snap.BundleDir, "report.md"))
	if err != nil || !strings.Contains(string(report), "2 tables with 9 columns and") {
		t.Errorf("the report does not tell of the statistics (%v):\n%s", err, report)
	}
	compareCaptureTable(t, db, snap, p)
}

// compareCaptureTable checks that capture.parquet has what the artifact has.
func compareCaptureTable(t *testing.T, db *sql.DB, snap model.RunSnapshot, p model.CaptureStatisticsPayload) {
	t.Helper()
	rows, err := db.Query(fmt.Sprintf(`SELECT run_id, node, "table", table_rows, name, count, nulls, coalesce("distinct", -1), coalesce(mean, -1),
		coalesce(len(quantiles), 0), coalesce(list_sum(list_transform(histogram, x -> x.count)), 0)::BIGINT, coalesce("top"[1].value, ''), reason IS NULL
		FROM '%s'`, filepath.Join(snap.BundleDir, "capture.parquet")))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got, want []string
	for rows.Next() {
		var run, node, table, name, top string
		var tableRows, count, nulls, distinct, quantiles, inBins int64
		var mean float64
		var noReason bool
		if err := rows.Scan(&run, &node, &table, &tableRows, &name, &count, &nulls, &distinct, &mean, &quantiles, &inBins, &top, &noReason); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(run, node, table, tableRows, name, count, nulls, distinct, mean, quantiles, inBins, top, noReason))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Tables {
		for _, c := range s.Columns {
			distinct, mean, inBins, top := int64(-1), -1.0, int64(0), ""
			if c.Distinct != nil {
				distinct = *c.Distinct
			}
			if c.Mean != nil {
				mean = *c.Mean
			}
			for _, b := range c.Histogram {
				inBins += b.Count
			}
			if len(c.Top) > 0 {
				top = c.Top[0].Value
			}
			want = append(want, fmt.Sprint(snap.RunID, s.Node, s.Table, s.Rows, c.Name, c.Count, c.Nulls, distinct, mean, int64(len(c.Quantiles)), inBins, top, c.Reason == ""))
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("capture.parquet has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The settings decide what is captured, and the run says what they were.
func TestCaptureFollowsItsSettings(t *testing.T) {
	const off, on = "false", "true"
	for _, c := range []struct {
		flags      []string
		on         string
		list, dict string
	}{
		{[]string{"diagnostics-profile", "off"}, off, "0", "0"},
		{[]string{"diagnostics-profile", "prod"}, off, "20", "50"},
		{[]string{"diagnostics-profile", "ci"}, off, "5", "10"},
		{[]string{"diagnostics-profile", "dev"}, on, "200", "200"},
		{[]string{"diagnostics-profile", "debug"}, on, "1000", "1000"},
		{[]string{"diagnostics-profile", "prod", "hamilton-capture-data-statistics", "true"}, on, "20", "50"},
		{[]string{"diagnostics-profile", "debug", "hamilton-max-list-length-capture", "2", "hamilton-max-dict-length-capture", "3"}, on, "2", "3"},
	} {
		t.Run(strings.Join(c.flags, " "), func(t *testing.T) {
			r, err := start(t, t.TempDir(), []*pipeline.Node{people(), tall()}, append(c.flags, "diagnostics-redact-keys", "")...)
			snap := finish(t, r, err)
			log := payload[model.RunLogPayload](t, snap, model.ArtifactRunLog)
			want := map[string]string{"capture_data_statistics": c.on, "capture_sample_rows": "0", "max_list_length_capture": c.list, "max_dict_length_capture": c.dict}
			for k, v := range want {
				if log.Tags[k] != v {
					t.Errorf("the tag %s is %q, want %q", k, log.Tags[k], v)
				}
			}
			if c.on == off {
				if _, err := os.Stat(filepath.Join(snap.BundleDir, "capture.parquet")); !os.IsNotExist(err) {
					t.Errorf("there is a capture.parquet (%v)", err)
				}
				if _, err := os.Stat(filepath.Join(snap.BundleDir, "artifacts", model.ArtifactCapture+".json")); !os.IsNotExist(err) {
					t.Errorf("there is a %s (%v)", model.ArtifactCapture, err)
				}
				return
			}
			p, tables := statistics(t, snap)
			for _, v := range p.Values {
				if key, ok := strings.CutPrefix(v.Key, "hamilton."); ok && (v.Effective != want[key] || v.Intended != want[key]) {
					t.Errorf("setting %+v, want %s", v, want[key])
				}
			}
			name, ids := tables["tall"].Columns[1], tables["tall"].Columns[4]
			if c.dict == "3" {
				if len(name.Top) != 3 || !strings.Contains(name.Truncated, "3 of 7 top values") || !strings.Contains(ids.Truncated, "are longer than 2") {
					t.Errorf("limits did not cut: %+v\n%+v", name, ids)
				}
			} else if len(name.Top) != 7 || name.Truncated != "" {
				t.Errorf("%+v", name)
			}
		})
	}
}

// An unchanged rebuild has the same statistics and spends nothing on them.
func TestAnUnchangedRebuildReusesItsStatistics(t *testing.T) {
	dir := t.TempDir()
	var before map[string]model.TableStats
	for i := range 2 {
		r, err := start(t, dir, []*pipeline.Node{people(), tall()}, "diagnostics-profile", "debug")
		_, tables := statistics(t, finish(t, r, err))
		for name, s := range tables {
			if s.Reused != (i == 1) || (s.SpentNS == 0) != (i == 1) {
				t.Errorf("run %d: %s was reused %v and took %d ns", i, name, s.Reused, s.SpentNS)
			}
			s.Reused, s.SpentNS = false, 0
			tables[name] = s
		}
		if i == 1 && !reflect.DeepEqual(tables, before) {
			t.Errorf("statistics changed:\n%+v\n%+v", before, tables)
		}
		before = tables
	}
}

// A node's span carries the statistics of its tables and ends when the node did, not
// when they were there.
func TestStatisticsTravelOnTheSpans(t *testing.T) {
	r, err := start(t, t.TempDir(), []*pipeline.Node{people(), tall()}, "diagnostics-profile", "debug", "otel-exporter", "file")
	snap := finish(t, r, err)
	_, tables := statistics(t, snap)
	log := payload[model.RunLogPayload](t, snap, model.ArtifactRunLog)
	spans := exported(t, snap)
	for _, n := range log.Nodes {
		s, ok := spans[n.SpanID]
		if !ok {
			t.Fatalf("the span of %s was not exported", n.Name)
		}
		if end := s.EndTimestamp().AsTime().UnixNano(); end != n.End {
			t.Errorf("node %s ended at %d, its span at %d", n.Name, n.End, end)
		}
		var names []string
		for _, e := range s.Events().All() {
			if name, ok := e.Attributes().Get("capture.column"); ok && e.Name() == model.EventCaptureColumn {
				names = append(names, name.Str())
			}
		}
		var want []string
		for _, c := range tables[n.Name].Columns {
			want = append(want, c.Name)
		}
		if len(names) == 0 || !reflect.DeepEqual(names, want) {
			t.Errorf("the span of %s has columns %v, the artifact %v", n.Name, names, want)
		}
	}
}

// exported reads the spans of the file exporter by span id.
func exported(t *testing.T, snap model.RunSnapshot) map[string]ptrace.Span {
	t.Helper()
	data, err := os.ReadFile(snap.Exports[0].Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	spans := map[string]ptrace.Span{}
	for line := range bytes.Lines(data) {
		if !bytes.Contains(line, []byte("resourceSpans")) {
			continue // another signal
		}
		request := ptraceotlp.NewExportRequest()
		if err := request.UnmarshalJSON(line); err != nil {
			t.Fatal(err)
		}
		for _, r := range request.Traces().ResourceSpans().All() {
			for _, scope := range r.ScopeSpans().All() {
				for _, s := range scope.Spans().All() {
					spans[s.SpanID().String()] = s
				}
			}
		}
	}
	return spans
}

// A cancelled run still writes what was captured until then.
func TestACancelledRunKeepsItsStatistics(t *testing.T) {
	node, started := blocking()
	r, err := start(t, t.TempDir(), []*pipeline.Node{people(), node}, "diagnostics-profile", "debug", "workers", "2")
	if err != nil {
		t.Fatal(err)
	}
	<-started
	for {
		version := r.View().Version()
		id, _ := r.View().Find("people")
		if d, _ := r.View().Detail(id); d.Row.State == model.NodeSucceeded {
			break
		}
		r.View().Wait(t.Context(), version)
	}
	r.Cancel("enough")
	snap := finish(t, r, nil)
	p := payload[model.CaptureStatisticsPayload](t, snap, model.ArtifactCapture)
	if snap.State != model.RunCancelled || len(p.Tables) != 1 || p.Tables[0].Columns[0].Distinct == nil {
		t.Errorf("the run ended as %s, captured %+v", snap.State, p)
	}
}
