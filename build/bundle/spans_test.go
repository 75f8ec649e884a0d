package bundle_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"syscall"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"go.uber.org/goleak"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func spans(t testing.TB) (*bundle.Spans, string) {
	t.Helper()
	w, err := bundle.Create(t.TempDir(), "run")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := w.Spans()
	if err != nil {
		t.Fatal(err)
	}
	return s, filepath.Join(w.Dir, bundle.SpansFile)
}

// readSpans reads the file back, one map per row.
func readSpans(t testing.TB, path string) []map[string]any {
	t.Helper()
	r, err := file.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := fr.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	var rows []map[string]any
	reader := array.NewTableReader(table, 0)
	defer reader.Release()
	for reader.Next() {
		data, err := json.Marshal(reader.RecordBatch())
		if err != nil {
			t.Fatal(err)
		}
		var part []map[string]any
		if err := json.Unmarshal(data, &part); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, part...)
	}
	return rows
}

func TestSpansComeBackAsTheyWere(t *testing.T) {
	s, path := spans(t)
	start := model.SpanRecord{Trace: model.TraceID{1}, ID: model.SpanID{2}, Parent: model.SpanID{3}, Name: `a "name" <é>` + "\n", Scope: "scope", Start: 5}
	end := start
	end.End, end.Status, end.StatusMessage, end.Sampled = 1<<62, model.StatusError, "no", true
	end.Attrs = []model.Attr{{Key: "s", Value: "v\x00\"\\\xff"}, {Key: "b", Value: true}, {Key: "i", Value: int64(math.MaxInt64)}, {Key: "f", Value: 0.1},
		{Key: "nan", Value: math.NaN()}, {Key: "list", Value: []string{"x", "y"}}, {Key: "ints", Value: []int64{1, 2}}, {Key: "floats", Value: []float64{1.5, math.Inf(1)}},
		{Key: "bools", Value: []bool{true, false}}}
	end.Events = []model.SpanEvent{{Name: "e", Time: 7, Attrs: []model.Attr{{Key: "n", Value: int64(3)}}}, {Name: "f", Time: 8}}
	root := model.SpanRecord{Trace: model.TraceID{1}, ID: model.SpanID{3}, Name: "root", Start: 1, End: 9}
	room := []model.SpanRecord{start, end}
	room[1].Attrs, room[1].Events = slices.Clone(end.Attrs), slices.Clone(end.Events)
	room[1].Events[0].Attrs = slices.Clone(end.Events[0].Attrs)
	s.Add(room)
	room[1].Attrs[0].Value, room[1].Events[0].Attrs[0].Value, room[1].Name = "used again", "used again", "used again"
	s.Add([]model.SpanRecord{root})
	for range 2 {
		if written, lost, err := s.Close(); written != 2 || lost != 0 || err != nil {
			t.Fatal(written, lost, err)
		}
	}
	s.Add([]model.SpanRecord{root}) // too late
	if _, lost, _ := s.Close(); lost != 1 {
		t.Errorf("%d lost, want the late one", lost)
	}
	want := []map[string]any{{
		"trace_id": "01000000000000000000000000000000", "span_id": "0200000000000000", "parent_span_id": "0300000000000000",
		"name": start.Name, "scope": "scope", "start_unix_ns": 5.0, "end_unix_ns": float64(1 << 62), "status": "error", "status_message": "no", "sampled": true,
		"attributes": `{"s":"v\u0000\"\\\ufffd","b":true,"i":9223372036854775807,"f":0.1,"nan":"NaN","list":["x","y"],"ints":[1,2],"floats":[1.5,"+Inf"],"bools":[true,false]}`,
		"events":     `[{"name":"e","time_unix_ns":7,"attributes":{"n":3}},{"name":"f","time_unix_ns":8,"attributes":{}}]`,
	}, {
		"trace_id": "01000000000000000000000000000000", "span_id": "0300000000000000", "parent_span_id": nil, "name": "root", "scope": "",
		"start_unix_ns": 1.0, "end_unix_ns": 9.0, "status": "unset", "status_message": "", "sampled": false, "attributes": "{}", "events": "[]",
	}}
	got := readSpans(t, path)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	for _, row := range got {
		for _, column := range []string{"attributes", "events"} {
			if !json.Valid([]byte(row[column].(string))) {
				t.Errorf("%s is no JSON", row[column])
			}
		}
	}
	if _, err := os.Stat(path + ".tmp"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func numbered(i int) model.SpanRecord {
	r := model.SpanRecord{Trace: model.TraceID{1}, Name: "extract.file", Scope: model.ScopePipeline, Start: int64(i), End: int64(i) + 1,
		Attrs: []model.Attr{{Key: model.AttrFilePath, Value: fmt.Sprintf("pkg/sub/file_%d.go", i)}, {Key: "rows", Value: int64(i)}}}
	binary.BigEndian.PutUint64(r.ID[:], uint64(i)+1)
	return r
}

// However many spans there are, the memory stays what the queue and one row group
// take; and what was added is either in the file or counted as lost.
func TestManySpansTakeBoundedMemory(t *testing.T) {
	const n, limit = 50_000, 64 << 20
	s, path := spans(t)
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := 0; i < n; i += 100 {
		batch := make([]model.SpanRecord, 100)
		for k := range batch {
			batch[k] = numbered(i + k)
		}
		s.Add(batch)
		if i%5000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			if grown := int64(now.HeapAlloc) - int64(before.HeapAlloc); grown > limit {
				t.Fatalf("after %d spans the heap has grown by %d bytes", i, grown)
			}
		}
	}
	written, lost, err := s.Close()
	if err != nil || written+lost != n || written < n/2 {
		t.Fatalf("%d written, %d lost, %v", written, lost, err)
	}
	seen := map[any]bool{}
	for _, row := range readSpans(t, path) {
		seen[row["span_id"]] = true
	}
	if int64(len(seen)) != written {
		t.Errorf("%d different spans in the file, %d written", len(seen), written)
	}
}

// A disk that takes nothing leaves nothing behind. What happens when it is full
// later on, the tests of full disks in package cli see.
func TestSpansOnAFullDisk(t *testing.T) {
	w, err := bundle.Create(t.TempDir(), "run")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(w.Dir, bundle.SpansFile)
	if err := os.Symlink("/dev/full", path+".tmp"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Spans(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("started with %v", err)
	}
	for _, p := range []string{path, path + ".tmp"} {
		if _, err := os.Lstat(p); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s was left: %v", p, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// The whole way of a span to the disk, the index at the end included.
func BenchmarkSpans(b *testing.B) {
	const n = 30_000 // fits the queue, so that none is lost
	recs := make([]model.SpanRecord, n)
	for i := range recs {
		recs[i] = numbered(i)
	}
	b.ReportAllocs()
	var size int64
	for b.Loop() {
		b.StopTimer()
		s, path := spans(b)
		b.StartTimer()
		s.Add(recs)
		if written, _, err := s.Close(); written != n || err != nil {
			b.Fatal(written, err)
		}
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		size = info.Size()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/span")
	b.ReportMetric(float64(size)/n, "B/span")
}

// What was written is read back with its types. Only a whole number without a
// fraction is an integer afterwards, whatever it was before.
func TestReadSpans(t *testing.T) {
	s, path := spans(t)
	three := 3.0
	stats := model.TableStats{Table: "t", Rows: 9, Columns: []model.ColumnStats{{Name: "a", Type: "int64", Count: 9, Min: &three, Mean: &three,
		Histogram: []model.Bin{{Lo: 1, Hi: 2, Count: 4}}, Top: []model.TopValue{{Value: "x", Count: 2}}}}}
	want := []model.SpanRecord{
		{Trace: model.TraceID{1}, ID: model.SpanID{2}, Parent: model.SpanID{3}, Name: "n\u00e4me", Scope: "scope", Start: 5, End: 7, Status: model.StatusError, StatusMessage: "bad", Sampled: true,
			Attrs: []model.Attr{{Key: "s", Value: "x"}, {Key: "b", Value: true}, {Key: "i", Value: int64(1 << 60)}, {Key: "f", Value: 0.5}, {Key: "ss", Value: []string{"a", ""}},
				{Key: "is", Value: []int64{1, 2}}, {Key: "fs", Value: []float64{1, math.Inf(1), 0.5}}, {Key: "bs", Value: []bool{true, false}}},
			Events: stats.Events(6)},
		{Trace: model.TraceID{1}, ID: model.SpanID{4}, Name: "root", End: 9},
	}
	s.Add([]model.SpanRecord{want[0].Clone(), want[1].Clone()})
	if _, _, err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var got []model.SpanRecord
	if err := bundle.ReadSpans(t.Context(), path, func(recs []model.SpanRecord) { got = append(got, recs...) }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Fatalf("%d spans", len(got))
	}
	if tables := model.TableStatsFromEvents(got[0].Events); !reflect.DeepEqual(tables, []model.TableStats{stats}) {
		t.Errorf("statistics %+v\nwant %+v", tables, stats)
	}
	got[0].Events, want[0].Events = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
}

func TestReadSpansOfOtherFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spans.parquet")
	if err := os.WriteFile(path, []byte("PAR1 and nothing"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := bundle.ReadSpans(t.Context(), path, func([]model.SpanRecord) {}); err == nil {
		t.Error("a file that is no Parquet was read")
	}
}
