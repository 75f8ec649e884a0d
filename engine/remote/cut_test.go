package remote

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/engine/remote/sailtest"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/nettest"
)

// A statement of some seconds, whose rows come all along.
const (
	longSide, shortSide, prime = 3000, 100, 997
	longSQL                    = "SELECT a.n AS a, b.n AS b, c.n AS c FROM t a, t b, t c WHERE c.n < 100 AND (a.n * b.n * c.n) % 997 = 3"
)

// The network to a server is cut in the middle of statements, by both ways of writing.
func TestSailCut(t *testing.T) {
	for _, way := range []struct {
		name, writes string
		lay          func(testing.TB) nettest.Cable
	}{
		{"stream", WritesStream, nettest.NewCable},
		{"server", WritesServer, nettest.NewCable},
		{"stream by a proxy", WritesStream, nettest.NewProxy},
	} {
		t.Run(way.name, func(t *testing.T) {
			cable := way.lay(t)
			server := sailtest.StartAt(t, cable, "SAIL_MODE=local")
			here := local(t)
			c := &cutting{t: t, Cable: cable, here: here, dir: t.TempDir(), lost: make(chan struct{}, 1000)}
			c.in = writeTable(t, here, filepath.Join(c.dir, "in.parquet"), fmt.Sprintf("SELECT range AS n FROM range(%d)", longSide))
			base := runtime.NumGoroutine()
			c.s = open(t, server.Endpoint, Options{Writes: way.writes, Local: here, ConnectTimeout: limit, Logger: slog.New(c)})

			end := c.cutWhileRunning(t.Context())
			time.Sleep(limit - time.Second) // that it is shorter than limit is all that matters
			cable.Restore()
			c.right("after a short cut", <-end)

			end = c.cutWhileRunning(t.Context())
			if cable.Via == nil {
				t.Log("a proxy takes the place of the network: it answers for the server, and that the connection is lost is not seen")
			} else {
				c.untilLost()
			}
			cable.Restore()
			c.right("after a cut that ended the connection", <-end)

			if cable.Via != nil {
				end = c.cutWhileRunning(t.Context())
				began := time.Now()
				err := <-end
				took := time.Since(began)
				if err == nil || !strings.HasPrefix(err.Error(), "node n: "+server.Endpoint+" was out of reach for longer than engine.connect_timeout ("+limit.String()+"): ") {
					t.Errorf("after a cut for good: %v", err)
				}
				if took > 2*limit+5*time.Second { // until it is noticed, and until it is given up
					t.Errorf("a cut for good was noticed after %s", took)
				}
				t.Logf("given up after %s: %v", took, err)
				c.nothingLeft()
				cable.Restore()
			}
			c.small("after the network was back")

			ctx, cancel := context.WithCancel(t.Context())
			end = c.cutWhileRunning(ctx)
			began := time.Now()
			cancel()
			if err := <-end; !errors.Is(err, context.Canceled) || time.Since(began) > time.Second {
				t.Errorf("a cancel without a network took %s: %v", time.Since(began), err)
			}
			c.nothingLeft()
			began = time.Now()
			if err := c.s.Close(); err != nil || time.Since(began) > goodbyeTimeout+time.Second {
				t.Errorf("a close without a network took %s: %v", time.Since(began), err)
			}
			if cable.Via == nil {
				cable.Restore() // what the proxy holds back
			}
			settles(t, base)
		})
	}
}

const limit = 4 * time.Second

// cutting is a session whose network is cut.
type cutting struct {
	t *testing.T
	nettest.Cable
	s       *Session
	here    *engine.Session
	dir, in string
	lost    chan struct{} // an attempt has ended without a result
}

func (c *cutting) query(sql string) model.Query {
	return model.Query{Node: "n", SQL: sql, Path: filepath.Join(c.dir, "out.parquet"), Inputs: []model.QueryInput{{Name: "t", Files: []string{c.in}}}}
}

// cutWhileRunning cuts the network while the long statement runs, which ends with what
// comes from the channel.
func (c *cutting) cutWhileRunning(ctx context.Context) <-chan error {
	c.t.Helper()
	end := make(chan error, 1)
	go func() {
		_, err := c.s.Materialize(ctx, c.query(longSQL))
		end <- err
	}()
	begun := time.Now()
	for !c.running(time.Since(begun)) {
		select {
		case err := <-end:
			c.t.Fatalf("the statement ended before the cut: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Since(begun) > time.Minute {
			c.t.Fatal("waited a minute for the first rows")
		}
	}
	for len(c.lost) > 0 {
		<-c.lost
	}
	c.Cut()
	return end
}

// running tells whether the long statement is at work: rows have come, or where the server
// writes, which shows nothing before its end, some of its time has passed.
func (c *cutting) running(since time.Duration) bool {
	if c.s.writes == WritesServer {
		return since > time.Second
	}
	info, err := os.Stat(filepath.Join(c.dir, "out.parquet.tmp"))
	return err == nil && info.Size() > 1000
}

// untilLost waits until the session finds its connection gone.
func (c *cutting) untilLost() {
	c.t.Helper()
	select {
	case <-c.lost:
	case <-time.After(4 * limit):
		c.t.Fatalf("the connection was not lost within %s", 4*limit)
	}
}

// right holds what the long statement left against what it should leave.
func (c *cutting) right(when string, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("%s: %v", when, err)
	}
	var byRest [prime]int64 // pairs of a and b
	for a := range int64(longSide) {
		for b := range int64(longSide) {
			byRest[a*b%prime]++
		}
	}
	want := int64(0)
	for rest, n := range byRest {
		for s := range shortSide {
			if rest*s%prime == 3 {
				want += n
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(c.dir, "out*.parquet"))
	if err != nil {
		c.t.Fatal(err)
	}
	_, rows, err := c.here.Query(c.t.Context(), "SELECT count(*) AS n, count(DISTINCT a * 1000000 + b * 1000 + c) AS d FROM '"+filepath.Join(c.dir, "out*.parquet")+"' WHERE c < 100 AND (a * b * c) % 997 = 3", 1)
	if err != nil || len(rows) != 1 || fmt.Sprint(rows[0][0]) != fmt.Sprint(want) {
		c.t.Errorf("%s: %v rows, want %d: %v", when, rows, want, err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			c.t.Error(err)
		}
	}
	c.nothingLeft()
}

// small runs a statement that needs no time.
func (c *cutting) small(when string) {
	c.t.Helper()
	got, err := c.s.Materialize(c.t.Context(), c.query("SELECT max(n) AS n FROM t"))
	if err != nil {
		c.t.Fatalf("%s: %v", when, err)
	}
	if rows := rowsOf(c.t, c.here, got.Files...); len(rows) != 1 || rows[0] != fmt.Sprintf("(%d)", longSide-1) {
		c.t.Errorf("%s: %v", when, rows)
	}
	for _, f := range got.Files {
		if err := os.Remove(f); err != nil {
			c.t.Error(err)
		}
	}
}

func (c *cutting) nothingLeft() {
	c.t.Helper()
	if left, err := filepath.Glob(filepath.Join(c.dir, "*")); err != nil || !slices.Equal(left, []string{c.in}) {
		c.t.Errorf("left behind: %v, %v", left, err)
	}
}

// Handle takes from the driver's log that an attempt has ended.
func (c *cutting) Handle(_ context.Context, r slog.Record) error {
	if strings.HasSuffix(r.Message, "with error") {
		select {
		case c.lost <- struct{}{}:
		default:
		}
	}
	return nil
}

func (c *cutting) Enabled(context.Context, slog.Level) bool { return true }
func (c *cutting) WithAttrs([]slog.Attr) slog.Handler       { return c }
func (c *cutting) WithGroup(string) slog.Handler            { return c }

// settles waits for goroutines that are about to end.
func settles(t *testing.T, base int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > base; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), base, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
