package recording_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/build/recording"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// story is all that a view tells, in a form to be compared.
func story(db *runview.DB) string {
	var out strings.Builder
	h := db.Header()
	h.Version, h.Ended = 0, h.Ended.UTC()
	fmt.Fprintf(&out, "%d %d %+v\n", h.Started.UnixNano(), h.Ended.UnixNano(), h.States)
	h.Started, h.Ended = time.Time{}, time.Time{}
	fmt.Fprintf(&out, "%+v\n", h)
	open := map[runview.RowID]bool{}
	for id := range h.Spans + int64(h.Nodes) + 1 {
		open[runview.RowID(id)] = true
	}
	for _, row := range db.Window(runview.Query{Open: open, Height: math.MaxInt, Now: 1}).Rows {
		d, _ := db.Detail(row.ID)
		d.Row.Version = 0
		fmt.Fprintf(&out, "%+v plan %+v profile %+v\n", d, d.Plan, d.Query.Profile)
		for _, a := range d.Attrs {
			fmt.Fprintf(&out, "  %T\n", a.Value)
		}
	}
	logs := db.Logs(runview.LogQuery{Height: math.MaxInt32})
	for _, l := range logs.Lines {
		fmt.Fprintf(&out, "%+v\n", l)
	}
	return out.String()
}

// tell makes up a run: planned nodes, spans in any order, logs.
func tell(r *rand.Rand, tee *recording.Tee, steps int) {
	tee.SetPlan(model.Plan{Nodes: []model.PlanNode{{Name: "a", Kind: model.KindSQL, SQL: "SELECT 1", Deps: []string{}}, {Name: "b", Deps: []string{"a"}}}})
	values := []any{"text \x01 \"q\"", true, int64(math.MaxInt64), 0.1, math.NaN(), math.Inf(-1), 3.0, []string{"x", ""}, []bool{true}, []int64{-1}, []float64{math.Inf(1), 2}}
	attrs := func() (list []model.Attr) {
		for i := range r.IntN(4) {
			list = append(list, model.Attr{Key: fmt.Sprint("k", i), Value: values[r.IntN(len(values))]})
		}
		return list
	}
	id := func() (s model.SpanID) { s[7] = byte(1 + r.IntN(60)); return s }
	for range steps {
		now := time.Now().UnixNano()
		switch r.IntN(8) {
		case 0:
			tee.AddLog(model.LogRecord{Time: now, Level: "INFO", Message: "m", Node: "a", Attrs: attrs()})
		case 1:
			tee.SetProgress("a", runview.Progress{Done: int64(r.IntN(9)), Total: 9, Unit: "files"})
		case 2:
			tee.SetNode(model.NodeExecution{Name: "a", State: model.NodeState(r.IntN(7)), Start: now, Rows: 4, Error: "e"},
				&model.QueryProfile{SQL: "SELECT 1", Root: []model.Operator{{Name: "scan", EstimatedRows: -1, Extra: map[string]string{"k": "v"}}}})
		case 3:
			tee.AddDropped(2)
		default:
			var recs []model.SpanRecord
			for range 1 + r.IntN(100) {
				rec := model.SpanRecord{Trace: model.TraceID{byte(1 + r.IntN(2))}, ID: id(), Parent: id(), Name: []string{"a", "b", "file", model.SpanBuild}[r.IntN(4)],
					Scope: model.ScopePipeline, Start: now, Sampled: r.IntN(2) == 0, Attrs: attrs()}
				if r.IntN(2) == 0 {
					rec.End, rec.Status, rec.StatusMessage = now+5, model.SpanStatus(r.IntN(3)), "because"
					rec.Events = []model.SpanEvent{{Name: "ev", Time: now, Attrs: attrs()}}
				}
				recs = append(recs, rec)
			}
			tee.Apply(recs)
		}
	}
}

// record makes up a run and records it.
func record(t *testing.T, seed uint64, steps int) (live *runview.DB, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "run.jsonl")
	started := time.Now()
	live = runview.New(runview.Options{})
	live.SetRun(started)
	tee := &recording.Tee{View: live}
	w, err := recording.Create(path, "test", func() model.RunSnapshot {
		return model.RunSnapshot{RunID: "r", Started: started, State: model.RunSucceeded, Profile: "dev"}
	})
	if err != nil {
		t.Fatal(err)
	}
	tee.Record(w)
	tell(rand.New(rand.NewPCG(seed, 1)), tee, steps)
	live.Close()
	if lost, err := w.Close(); lost != 0 || err != nil {
		t.Fatalf("lost %d: %v", lost, err)
	}
	return live, path
}

func play(t *testing.T, data []byte, o recording.Options) *recording.Player {
	t.Helper()
	r, err := recording.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	p := recording.Play(r.Head, r, o)
	t.Cleanup(func() { p.Cancel(""); <-p.Done() })
	return p
}

func finished(t *testing.T, p *recording.Player) {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the player does not end")
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Whatever a run tells, its replay tells the same.
func TestReplayIsTheRun(t *testing.T) {
	for seed := range uint64(30) {
		live, path := record(t, seed, 60)
		p := play(t, read(t, path), recording.Options{})
		finished(t, p)
		if p.Err() != nil {
			t.Fatal(p.Err())
		}
		want, got := strings.Split(story(live), "\n"), strings.Split(story(p.View()), "\n")
		for i := range want {
			// Where no root span ended, the end is the moment of closing.
			if i > 0 && (i >= len(got) || withoutPointers(want[i]) != withoutPointers(got[i])) {
				t.Fatalf("seed %d, line %d: the run tells\n%s\nits replay\n%s", seed, i, want[i], got[min(i, len(got)-1)])
			}
		}
		if s := p.Snapshot(); s.Profile != "dev" || s.State != model.RunSucceeded {
			t.Errorf("%+v", s)
		}
	}
}

func withoutPointers(s string) string {
	for {
		at := strings.Index(s, ":0x")
		if at < 0 {
			return s
		}
		end := at + 3
		for end < len(s) && strings.ContainsRune("0123456789abcdef", rune(s[end])) {
			end++
		}
		s = s[:at] + ":P" + s[end:]
	}
}

// A recording that was cut off at any byte opens up to there.
func TestCutRecording(t *testing.T) {
	_, path := record(t, 3, 12)
	data := read(t, path)
	first := bytes.IndexByte(data, '\n') + 1
	for _, n := range []int{first, first + 1, len(data) / 3, len(data) / 2, len(data) - 2, len(data) - 1} {
		p := play(t, data[:n], recording.Options{})
		finished(t, p)
		if !errors.Is(p.Err(), recording.ErrTruncated) {
			t.Errorf("%d of %d bytes: %v", n, len(data), p.Err())
		}
		if s := p.Snapshot(); s.State != model.RunIncomplete || !strings.Contains(s.Err, "ends before") {
			t.Errorf("%d of %d bytes: %+v", n, len(data), s)
		}
	}
}

// What is no recording is refused, with the line.
func TestBadRecording(t *testing.T) {
	_, path := record(t, 4, 5)
	lines := strings.SplitAfter(string(read(t, path)), "\n")
	for name, c := range map[string]struct{ text, says string }{
		"empty":   {"", "empty"},
		"text":    {"hello\n", "line 1: this is no recording"},
		"json":    {`{"a":1}` + "\n", "line 1: this is no recording"},
		"version": {strings.Replace(lines[0], `"version":1`, `"version":9`, 1), "line 1: the recording is of version 9; this program reads version 1"},
		"line":    {lines[0] + lines[1] + "{}\n" + lines[2], "line 3: an event that tells nothing"},
		"id":      {lines[0] + `{"t":1,"spans":[{"i":"12","n":"a","s":1}]}` + "\n", "line 2: span 1"},
		"attr":    {lines[0] + `{"t":1,"log":{"time":1,"attrs":[{"k":"x","t":"i","v":"y"}]}}` + "\n", `line 2: attribute "x"`},
	} {
		r, err := recording.NewReader(strings.NewReader(c.text))
		if err == nil {
			p := recording.Play(r.Head, r, recording.Options{})
			finished(t, p)
			err = p.Err()
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Events come when they came, times the speed; a pause holds them, and what lies
// before From comes at once.
func TestSpeed(t *testing.T) {
	head := recording.Head{Started: time.Unix(1000, 0)}
	at := func(ms int64) *recording.Event { return &recording.Event{At: ms * 1e6, Dropped: 1} }
	source := func() recording.Source {
		return &list{at(0), at(1000), at(2000), &recording.Event{At: 2000 * 1e6, End: true}}
	}
	dropped := func(p *recording.Player) int64 { return p.View().Header().Dropped }
	begun := time.Now()
	p := recording.Play(head, source(), recording.Options{Speed: 20, From: time.Second})
	finished(t, p)
	if took := time.Since(begun); took < 50*time.Millisecond || took > 5*time.Second || dropped(p) != 3 {
		t.Errorf("1 s at speed 20 took %v, %d events", took, dropped(p))
	}
	if now := p.Now(); !now.Equal(time.Unix(1002, 0)) {
		t.Errorf("it is %v", now)
	}

	p = recording.Play(head, source(), recording.Options{From: time.Second, Paused: true})
	defer p.Cancel("")
	for end := time.Now().Add(5 * time.Second); dropped(p) < 2 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	if dropped(p) != 2 || p.Position() != time.Second {
		t.Errorf("paused: %d events, at %v", dropped(p), p.Position())
	}
	p.SetSpeed(0, false)
	finished(t, p)
	if dropped(p) != 3 {
		t.Errorf("%d events", dropped(p))
	}

	p = recording.Play(head, source(), recording.Options{Speed: 0.001})
	p.Cancel("")
	finished(t, p)
	if s := p.Snapshot(); s.State != model.RunIncomplete || p.Err() != nil {
		t.Errorf("%+v %v", s, p.Err())
	}
}

type list []*recording.Event

func (l *list) Next() (*recording.Event, error) {
	e := (*l)[0]
	*l = (*l)[1:]
	return e, nil
}

// A disk that fails costs the recording, and is counted; an existing file is left
// alone.
func TestWriterFails(t *testing.T) {
	state := func() model.RunSnapshot { return model.RunSnapshot{Started: time.Now()} }
	_, path := record(t, 1, 1)
	if _, err := recording.Create(path, "", state); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Error(err)
	}
	if _, err := recording.Create(filepath.Join(path, "x"), "", state); err == nil {
		t.Error("a file below a file")
	}
}

// More than there is room for is counted, in the file too, and nobody waits.
func TestWriterLoses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	hold := make(chan struct{})
	calls := 0
	w, err := recording.Create(path, "", func() model.RunSnapshot {
		if calls++; calls == 2 {
			<-hold // the disk, as it were
		}
		return model.RunSnapshot{State: model.RunRunning, Started: time.Unix(0, 0)}
	})
	if err != nil {
		t.Fatal(err)
	}
	tee := &recording.Tee{View: runview.New(runview.Options{})}
	tee.Record(w)
	tee.SetPlan(model.Plan{Nodes: []model.PlanNode{{Name: "a"}}})
	time.Sleep(200 * time.Millisecond)
	const spans = 100_000
	recs := make([]model.SpanRecord, spans)
	for i := range recs {
		recs[i] = model.SpanRecord{Trace: model.TraceID{1}, ID: model.SpanID{byte(i >> 16), byte(i >> 8), byte(i), 1}, Name: "s", Start: 1, End: 2}
	}
	tee.Apply(recs)
	tee.SetNode(model.NodeExecution{Name: "a", State: model.NodeSucceeded}, nil)
	close(hold)
	lost, err := w.Close()
	if err != nil || lost == 0 {
		t.Fatalf("lost %d: %v", lost, err)
	}
	p := play(t, read(t, path), recording.Options{})
	finished(t, p)
	h := p.View().Header()
	if h.Dropped != lost || h.Spans != spans-lost || h.States[model.NodeSucceeded] != 1 {
		t.Errorf("lost %d; the replay says %+v", lost, h)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(`{"format":"buildscope-recording","version":1}` + "\n" + `{"t":1,"spans":[{"i":"0102030405060708","n":"a","s":1}],"trace":"01020304050607080102030405060708"}` + "\n" + `{"t":2,"end":true}` + "\n"))
	f.Add([]byte(`{"format":"buildscope-recording","version":1}` + "\n" + `{"t":-1,"plan":{"nodes":[{"name":"a"},{"name":"a"}]}}` + "\n" + `{"t":0,"node":{"name":"a","state":"failed"},"query":{}}` + "\n" + `{"t":9,"run":{}}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := recording.NewReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		p := recording.Play(r.Head, r, recording.Options{})
		finished(t, p)
		story(p.View())
		var line *recording.LineError
		if err := p.Err(); err != nil && !errors.Is(err, recording.ErrTruncated) && !errors.As(err, &line) {
			t.Errorf("an error without a line: %v", err)
		}
	})
}
