package build_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// requestLog stands in front of a server and notes when it was asked for what, and when
// it had answered.
type requestLog struct {
	mu    sync.Mutex
	calls []call
}

type call struct {
	what         string
	asked, ended time.Time
}

func (l *requestLog) serve(t *testing.T, to string) *httptest.Server {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := call{what: r.Method + " " + r.URL.Path, asked: time.Now()}
		proxy.ServeHTTP(w, r)
		c.ended = time.Now()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.calls = append(l.calls, c)
	}))
	t.Cleanup(s.Close)
	return s
}

// atABoundedRate builds a hundred nodes that take their time, and looks at what the
// server was asked meanwhile.
func atABoundedRate(t *testing.T, s *hamiltonServer) {
	log := &requestLog{}
	front := log.serve(t, s.url)
	_, flags := newProject(t, front.URL, "rate")
	var nodes []*pipeline.Node
	for i := range 100 {
		nodes = append(nodes, pipeline.Func(pipeline.Spec{Name: fmt.Sprintf("n%03d", i), NoCache: true}, func(ctx context.Context, _ *pipeline.Task) (int, error) {
			select {
			case <-time.After(60 * time.Millisecond):
			case <-ctx.Done():
			}
			return i, ctx.Err()
		}))
	}
	log.mu.Lock()
	log.calls = nil // those that made the project
	log.mu.Unlock()
	dir := t.TempDir()
	r, err := start(t, dir, nodes, append(flags, "workers", "2")...)
	snap := finish(t, r, err)
	arrived(t, dir, payload[model.TrackerStatusPayload](t, snap, model.ArtifactTracker))
	log.mu.Lock()
	defer log.mu.Unlock()
	first, last := log.calls[0].asked, log.calls[len(log.calls)-1].ended
	took := last.Sub(first)
	t.Logf("%d requests in %s, %.1f a second; the last was answered %s after the end of the build", len(log.calls), took.Round(time.Millisecond),
		float64(len(log.calls))/took.Seconds(), last.Sub(snap.Ended).Round(time.Millisecond))
	// Those that open and close the run come at once; a burst of them is allowed.
	if most := 6*took.Seconds() + 8; float64(len(log.calls)) > most {
		t.Errorf("%d requests in %s, want at most %.0f: %v", len(log.calls), took, most, log.calls)
	}
}

// BenchmarkHamiltonServer builds with a server that is there, that is not, and that never
// answers, beside no tracker: ms of the nodes, and of the end of the build after them.
func BenchmarkHamiltonServer(b *testing.B) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer silent.Close() // with the connections that it has never taken
	tracked := func(url string) []string {
		return []string{"enable-hamilton-tracker", "true", "hamilton-project-id", "1", "hamilton-username", "u", "hamilton-api-url", url}
	}
	for range 2 { // the machine may be slower for a while
		for _, c := range []struct {
			name  string
			flags []string
		}{{"none", nil}, {"absent", tracked("http://127.0.0.1:1")}, {"silent", tracked("http://" + silent.Addr().String())}} {
			b.Run(c.name, func(b *testing.B) {
				var inNodes, after time.Duration
				for range b.N {
					n, a := timed(b, c.flags)
					inNodes, after = inNodes+n, after+a
				}
				b.ReportMetric(float64(inNodes.Microseconds())/1e3/float64(b.N), "nodes-ms")
				b.ReportMetric(float64(after.Microseconds())/1e3/float64(b.N), "end-ms")
			})
		}
	}
}

// timed builds a hundred small tables, and says what the nodes took and what came after.
func timed(b *testing.B, flags []string) (inNodes, after time.Duration) {
	var nodes []*pipeline.Node
	for i := range 100 {
		nodes = append(nodes, pipeline.SQL(pipeline.Spec{Name: fmt.Sprintf("n%03d", i), NoCache: true}, fmt.Sprintf("SELECT range AS n, hash(range + %d) AS h FROM range(100000)", i), "n.sql"))
	}
	begun := time.Now()
	end := &endTime{}
	r, err := startHooked(b, b.TempDir(), nodes, []pipeline.Hook{end}, flags...)
	if snap := finish(b, r, err); snap.State != model.RunSucceeded {
		b.Fatal(snap.Err)
	}
	return end.at.Sub(begun), time.Since(end.at)
}

// endTime notes when the last node had ended.
type endTime struct {
	pipeline.NoHook
	at time.Time
}

func (e *endTime) AfterGraph(context.Context, *pipeline.Result) { e.at = time.Now() }
