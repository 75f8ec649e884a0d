package cli_test

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// load is a build that makes spans and beats: its progress shows another letter each
// time, from which its viewers are known to have seen it.
type load struct {
	spans int
	until func() bool // it beats for so long after its spans

	ended atomic.Bool

	mu    sync.Mutex // guards times
	times []time.Time
}

// firstBeat is the letter of beat 0; there are some 20,000 that nothing else shows.
const firstBeat = '一'

func (l *load) beat(t *pipeline.Task) {
	l.mu.Lock()
	n := len(l.times)
	l.times = append(l.times, time.Now())
	l.mu.Unlock()
	t.Progress(int64(n), 20000, string(firstBeat+rune(n)))
}

// stale is for how long a viewer who has seen beats up to n has not seen the next one.
func (l *load) stale(n int, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n+1 >= len(l.times) {
		return 0
	}
	return now.Sub(l.times[n+1])
}

func (l *load) last() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.times) - 1
}

func (l *load) app() cli.App {
	return cli.App{Name: "load", Version: "test", Pipeline: "load", Nodes: func(model.BuildSettings) ([]*pipeline.Node, error) {
		return []*pipeline.Node{pipeline.Func(pipeline.Spec{Name: "load", NoCache: true}, func(ctx context.Context, t *pipeline.Task) (int, error) {
			defer l.ended.Store(true)
			next := time.Now()
			for i := 0; i < l.spans || !l.until(); i++ {
				if now := time.Now(); !now.Before(next) {
					next = now.Add(100 * time.Millisecond)
					l.beat(t)
				}
				if i < l.spans {
					_, end := t.Span(ctx, "work")
					end(nil)
					continue
				}
				select {
				case <-time.After(time.Until(next)):
				case <-ctx.Done():
					return 0, ctx.Err()
				}
			}
			return l.spans, nil
		})}, nil
	}}
}

// syncBuffer takes what a program in this process says.
type syncBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// loadServer is a server in this process.
type loadServer struct {
	tb   testing.TB
	said syncBuffer
	addr string
	key  gossh.Signer
	stop func() // and waits for its end
}

func serveLoad(tb testing.TB, app cli.App, args ...string) *loadServer {
	tb.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	s := &loadServer{tb: tb}
	if s.key, err = gossh.NewSignerFromKey(private); err != nil {
		tb.Fatal(err)
	}
	dir := tb.TempDir()
	keys := filepath.Join(dir, "authorized_keys")
	if err := os.WriteFile(keys, []byte(strings.TrimSpace(string(gossh.MarshalAuthorizedKey(s.key.PublicKey())))+" ann\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan int, 1)
	go func() {
		over <- cli.Main(ctx, app, cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: &s.said, Dir: dir, Env: map[string]string{"HOME": dir},
			Args: append([]string{"serve", tb.TempDir(), "--listen", "127.0.0.1:0", "--ssh-authorized-keys", keys, "--ssh-operators", "ann",
				"--ssh-max-connections-per-address", "2000", "--ssh-max-connections", "2000"}, args...)})
	}()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if code := <-over; code != cli.ExitOK {
			tb.Errorf("exit %d\n%s", code, &s.said)
		}
	})
	tb.Cleanup(s.stop)
	listening := regexp.MustCompile(`listening on (\S+),`)
	s.until("an address", func() bool { return listening.MatchString(s.said.String()) })
	s.addr = listening.FindStringSubmatch(s.said.String())[1]
	return s
}

func (s *loadServer) until(what string, done func() bool) {
	s.tb.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.tb.Fatalf("waited for %s\n%s", what, &s.said)
		}
	}
}

func (s *loadServer) dial() *gossh.Client {
	s.tb.Helper()
	c, err := gossh.Dial("tcp", s.addr, &gossh.ClientConfig{User: "x", Auth: []gossh.AuthMethod{gossh.PublicKeys(s.key)},
		HostKeyCallback: gossh.InsecureIgnoreHostKey(), Timeout: time.Minute})
	if err != nil {
		s.tb.Fatal(err)
	}
	return c
}

// viewer is a screen of 120 by 40 that somebody reads.
type viewer struct {
	client  *gossh.Client
	session *gossh.Session
	in      io.Writer
	seen    atomic.Int64 // newest beat; -1: none
	bytes   atomic.Int64
}

func (s *loadServer) watch() *viewer {
	s.tb.Helper()
	v := &viewer{client: s.dial()}
	v.seen.Store(-1)
	var err error
	if v.session, err = v.client.NewSession(); err != nil {
		s.tb.Fatal(err)
	}
	out, err := v.session.StdoutPipe()
	if err == nil {
		v.in, err = v.session.StdinPipe()
	}
	if err == nil {
		err = v.session.RequestPty("xterm-256color", 40, 120, nil)
	}
	if err == nil {
		err = v.session.Shell()
	}
	if err != nil {
		s.tb.Fatal(err)
	}
	go func() { // ends with the connection
		r := bufio.NewReaderSize(out, 1<<16)
		for {
			letter, n, err := r.ReadRune()
			if err != nil {
				return
			}
			v.bytes.Add(int64(n))
			if letter >= firstBeat && letter < firstBeat+20000 {
				v.seen.Store(max(v.seen.Load(), int64(letter-firstBeat)))
			}
		}
	}()
	return v
}

func (v *viewer) press(tb testing.TB, keys string) {
	tb.Helper()
	if _, err := io.WriteString(v.in, keys); err != nil {
		tb.Fatal(err)
	}
}

// settled counts the goroutines of this process once they no longer become fewer.
func settled() int {
	runtime.GC()
	n := runtime.NumGoroutine()
	for quiet := 0; quiet < 20; quiet++ {
		time.Sleep(10 * time.Millisecond)
		if now := runtime.NumGoroutine(); now < n {
			n, quiet = now, 0
		}
	}
	return n
}

func openFiles(tb testing.TB) int {
	tb.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0 // not on this system
	}
	return len(list)
}

// Many viewers at one build see it go on while others storm, stall and vanish; when they
// have gone nothing of them is left.
func TestServeManyViewers(t *testing.T) {
	var done atomic.Bool
	l := &load{spans: 20_000, until: done.Load}
	s := serveLoad(t, l.app(), "--ssh-stall-timeout", "2s", "--ssh-max-columns", "1000", "--ssh-max-rows", "500")
	goroutines, files := settled(), openFiles(t)
	operator := s.watch()
	s.until("the screen", func() bool { return operator.bytes.Load() > 1000 })
	operator.press(t, "b")
	s.until("a beat", func() bool { return operator.seen.Load() >= 0 })

	viewers := []*viewer{operator}
	for range 6 {
		viewers = append(viewers, s.watch())
	}
	all := func(what string) {
		t.Helper()
		from := int64(l.last())
		s.until("all viewers after "+what, func() bool {
			return !slices.ContainsFunc(viewers, func(v *viewer) bool { return v.seen.Load() <= from })
		})
	}
	all("coming")
	// One that never reads: its session ends, nobody else's does.
	deaf := s.dial()
	session, err := deaf.NewSession()
	if err == nil {
		_, err = session.StdoutPipe()
	}
	if err == nil {
		err = session.RequestPty("xterm-256color", 500, 1000, nil)
	}
	if err == nil {
		err = session.Shell()
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2000 { // a storm of sizes, each a whole frame that nobody reads
		if err := session.WindowChange(300+i%200, 500+i%500); err != nil {
			break
		}
	}
	all("a storm of sizes")
	// Channels that close on connections that stay, connections that are cut, and logins
	// that lead to nothing.
	for range 20 {
		v := s.watch()
		if err := v.session.Close(); err != nil {
			t.Error(err)
		}
		defer v.client.Close()
		s.watch().client.Close()
		s.dial().Close()
	}
	all("comings and goings")
	if err := deaf.Close(); err != nil {
		t.Error(err)
	}
	done.Store(true)
	s.until("the end of the build", func() bool { return strings.Contains(s.said.String(), "succeeded") })
	for _, v := range viewers {
		if err := v.client.Close(); err != nil {
			t.Error(err)
		}
	}
	// Connections whose channel was closed are still there: two or three goroutines each
	// at both ends. They go last.
	s.until("the end of all sessions", func() bool {
		text := s.said.String()
		return strings.Count(text, " begin ") == strings.Count(text, " end ")
	})
	t.Cleanup(func() {
		s.until("the base line", func() bool { return settled() <= goroutines+2 && openFiles(t) <= files+2 })
	})
}

// BenchmarkServeViewers measures a build of a million spans that nobody, and that 50
// people at 120 by 40 watch: the time of the build, and for how long the newest thing is not
// on a screen at the 99th percentile, memory and goroutines of the server for each of
// them (with those of the clients, which are in the same process).
func BenchmarkServeViewers(b *testing.B) {
	for _, n := range []int{0, 50, 0, 50} {
		b.Run(fmt.Sprintf("viewers=%d", n), func(b *testing.B) {
			var ages []time.Duration
			for range b.N {
				b.StopTimer()
				l := &load{spans: 1_000_000}
				var done atomic.Bool
				l.until = done.Load
				s := serveLoad(b, l.app())
				operator := s.watch()
				s.until("the screen", func() bool { return operator.bytes.Load() > 1000 })
				before, memory := settled(), heap()
				var viewers []*viewer
				for range n {
					viewers = append(viewers, s.watch())
				}
				for _, v := range viewers {
					s.until("a screen", func() bool { return v.bytes.Load() > 500 })
				}
				if n > 0 {
					b.ReportMetric(float64(settled()-before)/float64(n), "goroutines/viewer")
					b.ReportMetric(float64(heap()-memory)/float64(n)/1e6, "MB/viewer")
				}
				b.StartTimer()
				operator.press(b, "b")
				s.until("a beat", func() bool { return l.last() >= 0 })
				done.Store(true)
				for !strings.Contains(s.said.String(), "succeeded") {
					time.Sleep(20 * time.Millisecond)
					for _, v := range viewers {
						if l.ended.Load() {
							break // its last beats are never drawn
						}
						ages = append(ages, l.stale(int(v.seen.Load()), time.Now()))
					}
				}
				b.StopTimer()
				for _, v := range append(viewers, operator) {
					_ = v.client.Close() // the server is stopped next
				}
				s.stop()
				b.StartTimer()
			}
			if slices.Sort(ages); len(ages) > 0 {
				b.ReportMetric(float64(ages[len(ages)*99/100].Milliseconds()), "p99-age-ms")
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// BenchmarkServeLogin is the time from the dial to the first whole screen on this
// machine.
func BenchmarkServeLogin(b *testing.B) {
	l := &load{until: func() bool { return true }}
	s := serveLoad(b, l.app())
	for range b.N {
		v := s.watch()
		for v.bytes.Load() < 1000 {
			time.Sleep(time.Millisecond)
		}
		_ = v.client.Close()
	}
}
