package receiver

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// record is a span of a foreign trace.
func record(trace, n, parent int) model.SpanRecord {
	r := model.SpanRecord{Trace: traceOf(trace), ID: id(n), Name: fmt.Sprintf("op %d", n), Start: int64(n), End: int64(n + 10), Sampled: true}
	if parent != 0 {
		r.Parent = id(parent)
	}
	return r
}

// Foreign traces make room before builds do, finished ones before others, the
// longest silent first; and what is gone stays gone and is counted.
func TestOldBuildsMakeRoom(t *testing.T) {
	s := NewSession(SessionOptions{MaxBuilds: 3})
	defer s.Close()
	give(s, ownTrace(traceOf(1)), 100)
	for trace := 2; trace <= 6; trace++ {
		give(s, []model.SpanRecord{record(trace, 2, 1), record(trace, 1, 0)}, 2)
	}
	var left []string
	for _, b := range s.Builds() {
		left = append(left, b.Trace.String()[28:])
	}
	if want := []string{"0001", "0005", "0006"}; !slices.Equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
	give(s, []model.SpanRecord{record(3, 7, 2)}, 1) // late
	if total := s.Totals(); total.Evicted != 3 || total.EvictedSpans != 7 || len(s.Builds()) != 3 {
		t.Errorf("%+v, %d builds", total, len(s.Builds()))
	}
}

// All builds together keep no more spans than was said. The last one keeps the
// first spans and counts the others.
func TestSpansAreBounded(t *testing.T) {
	s := NewSession(SessionOptions{MaxSpans: 1000})
	defer s.Close()
	for trace := 1; trace <= 5; trace++ {
		var list []model.SpanRecord
		for i := range 400 {
			list = append(list, record(trace, i+2, 1))
		}
		give(s, list, 100)
	}
	if n := len(s.Builds()); n != 2 {
		t.Errorf("%d builds of 400 spans", n)
	}
	var list []model.SpanRecord
	for i := range 3000 {
		list = append(list, record(9, i+2, 1))
	}
	give(s, list, 500)
	builds := s.Builds()
	if len(builds) != 1 {
		t.Fatalf("%d builds", len(builds))
	}
	if all, dropped := builds[0].Spans(); all != 3000 || dropped != 2000 {
		t.Errorf("%d spans, %d dropped", all, dropped)
	}
}

func TestTextIsBounded(t *testing.T) {
	s := NewSession(SessionOptions{MaxText: 1 << 20})
	defer s.Close()
	for trace := 1; trace <= 20; trace++ {
		rec := record(trace, 2, 1)
		rec.Attrs = []model.Attr{{Key: "sql", Value: strings.Repeat("x", 200_000)}}
		s.Take([]Group{{Spans: []model.SpanRecord{rec}}}, 200_000)
	}
	if n := len(s.Builds()); n > 5 {
		t.Errorf("%d builds of 200 kB in 1 MiB", n)
	}
}

// The build on the screen is not taken away.
func TestShownBuildStays(t *testing.T) {
	s := NewSession(SessionOptions{MaxBuilds: 2})
	defer s.Close()
	give(s, []model.SpanRecord{record(1, 2, 1)}, 1)
	shown := s.Newest()
	s.Show(shown)
	for trace := 2; trace < 10; trace++ {
		give(s, []model.SpanRecord{record(trace, 2, 1)}, 1)
	}
	if list := s.Builds(); len(list) != 2 || list[0] != shown {
		t.Errorf("left are %v", list)
	}
}

// A build is over some time after its root ended, and what comes then is shown all
// the same. Without a root it is not, until the session is.
func TestEndOfABuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // guards ended
		var ended []string
		s := NewSession(SessionOptions{OnEnd: func(b *Build) {
			mu.Lock()
			defer mu.Unlock()
			ended = append(ended, b.Snapshot().State.String())
		}})
		states := func() []string {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(ended)
		}
		list := ownTrace(traceOf(1))
		give(s, list[:4], 100)
		give(s, []model.SpanRecord{record(2, 5, 4)}, 1)
		b := s.Builds()[0]
		time.Sleep(settleAfter / 2)
		give(s, list[4:6], 100)
		time.Sleep(settleAfter * 3 / 4)
		synctest.Wait()
		if len(states()) != 0 {
			t.Error("over while spans came")
		}
		time.Sleep(settleAfter)
		synctest.Wait()
		if !slices.Equal(states(), []string{"failed"}) {
			t.Errorf("ended are %v", states())
		}
		select {
		case <-b.Done():
		default:
			t.Error("not done")
		}
		give(s, list[6:], 100)
		if all, _ := b.Spans(); all != 8 {
			t.Errorf("%d spans", all)
		}
		if n := s.Builds()[1].View().Header().Nodes; n != 0 {
			t.Errorf("%d nodes while their parent is expected", n)
		}
		time.Sleep(2 * orphansAfter)
		synctest.Wait()
		if n := s.Builds()[1].View().Header().Nodes; n != 1 {
			t.Errorf("%d nodes, although nobody expects their parent any more", n)
		}
		s.Close()
		s.Close()
		if !slices.Equal(states(), []string{"failed", "incomplete"}) {
			t.Errorf("ended are %v", states())
		}
	})
}

// Clocks that are wrong, and spans that have no times at all.
func TestClocks(t *testing.T) {
	s := NewSession(SessionOptions{})
	ahead := time.Now().Add(time.Hour).UnixNano()
	give(s, []model.SpanRecord{
		{Trace: traceOf(1), ID: id(2), Parent: id(1), Name: "backwards", Start: ahead + 5, End: ahead},
		{Trace: traceOf(1), ID: id(3), Parent: id(1), Name: "timeless"},
		{Trace: traceOf(1), ID: id(4), Parent: id(1), Name: "endless", Start: ahead + 9},
		{Trace: traceOf(1), ID: id(5), Parent: id(1), Name: "beginless", End: ahead},
	}, 1)
	b := s.Builds()[0]
	if started := b.Snapshot().Started; started.After(time.Now()) {
		t.Errorf("started at %s, in the future", started)
	}
	b.View()
	s.Close()
	got := story(t, b)
	for _, want := range []string{"backwards node succeeded [" + fmt.Sprint(ahead+5) + " " + fmt.Sprint(ahead+5) + "]", "endless node cancelled", "beginless node succeeded"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// Ids that point in circles, at themselves, or at spans of other traces.
func TestTangledIDs(t *testing.T) {
	s := NewSession(SessionOptions{})
	list := []model.SpanRecord{record(1, 2, 3), record(1, 3, 4), record(1, 4, 2), record(1, 5, 5), record(2, 2, 5), record(1, 6, 2)}
	for range 3 {
		give(s, list, 2)
	}
	s.Close()
	if all, _ := s.Builds()[0].Spans(); all != 5 {
		t.Errorf("%d spans:\n%s", all, story(t, s.Builds()[0]))
	}
}

// Lines that name no trace go to the build of their process, whenever that comes.
func TestLogsWithoutATrace(t *testing.T) {
	s := NewSession(SessionOptions{})
	res := Resource{Service: "buildscope", Instance: "run-1"}
	s.Take([]Group{{Resource: res, Logs: []model.LogRecord{{Level: "INFO", Message: "early"}}}}, 10)
	s.Take([]Group{{Resource: res, Spans: ownTrace(traceOf(1))}}, 10)
	s.Take([]Group{{Resource: Resource{Service: "other"}, Spans: []model.SpanRecord{record(2, 2, 1)}}}, 10)
	s.Take([]Group{{Resource: res, Logs: []model.LogRecord{{Level: "INFO", Message: "late"}}}}, 10)
	s.Take([]Group{{Logs: []model.LogRecord{{Level: "INFO", Message: "by span", TraceID: traceOf(1).String(), SpanID: id(7).String()}}}}, 10)
	s.Close()
	db := s.Builds()[0].View()
	if got := db.Logs(runview.LogQuery{Height: 10}); len(got.Lines) != 3 || got.Lines[0].Message != "early" || got.Lines[1].Message != "late" {
		t.Errorf("%+v", got.Lines)
	}
	scan, _ := db.Find("scan")
	if got := db.Logs(runview.LogQuery{Node: scan, Height: 10}); len(got.Lines) != 1 || got.Lines[0].Message != "by span" {
		t.Errorf("lines of scan: %+v", got.Lines)
	}
}
