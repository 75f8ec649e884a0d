package sshd

import (
	"context"
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// severed is a connection that can be cut off without a word to either end.
type severed struct {
	net.Conn
	cut atomic.Bool
}

func (s *severed) Read(p []byte) (int, error) {
	for {
		n, err := s.Conn.Read(p)
		if err != nil || !s.cut.Load() {
			return n, err
		}
	}
}

func (s *severed) Write(p []byte) (int, error) {
	if s.cut.Load() {
		return len(p), nil
	}
	return s.Conn.Write(p)
}

// severable is a client on a connection that can be cut off. It counts in asked the
// questions that it is asked and answers.
func (b *bench) severable() (client *gossh.Client, line *severed, asked *atomic.Int64) {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	line, asked = &severed{Conn: conn}, new(atomic.Int64)
	c, channels, requests, err := gossh.NewClientConn(line, b.addr, &gossh.ClientConfig{User: "x", Auth: []gossh.AuthMethod{gossh.PublicKeys(b.key)},
		HostKeyCallback: gossh.FixedHostKey(b.server.opts.HostKey.PublicKey())})
	if err != nil {
		b.t.Fatal(err)
	}
	passed := make(chan *gossh.Request)
	go func() { // ends with the connection
		defer close(passed)
		for r := range requests {
			if r.Type == "keepalive@openssh.com" && r.WantReply {
				asked.Add(1)
			}
			passed <- r
		}
	}()
	client = gossh.NewClient(c, channels, passed)
	b.t.Cleanup(func() { _ = client.Close() })
	return client, line, asked
}

// Whose client is cut off without a word is noticed; whose client answers stays, with
// or without a session, for as often as it is asked.
func TestASilentClient(t *testing.T) {
	limits := generous()
	limits.Keepalive = Keepalive{Interval: 50 * time.Millisecond, Count: 100} // five seconds, for a busy machine
	why := make(chan error, 2)
	b := serve(t, limits, "", func(ctx context.Context, s *Session) int {
		<-ctx.Done()
		why <- context.Cause(ctx)
		return 0
	})
	before := runtime.NumGoroutine()
	first, _, asked := b.severable()
	second, line, _ := b.severable()
	for _, c := range []*gossh.Client{first, second} {
		if err := b.session(c).Start("x"); err != nil {
			t.Fatal(err)
		}
	}
	b.until("some questions", func() bool { return asked.Load() >= 5 })
	line.cut.Store(true)
	if err := <-why; err != errSilent {
		t.Errorf("ended by %v", err)
	}
	b.heard(EventEnd, errSilent.Error())
	b.until("the end of one", func() bool { return b.server.Sessions() == 1 && b.server.Connections() == 1 })
	told := asked.Load()
	b.until("more questions", func() bool { return asked.Load() >= told+5 })
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-why; err != errClosed {
		t.Errorf("ended by %v", err)
	}
	_ = second.Close() // the server has closed it, which it has not heard
	b.until("the base line", func() bool { return runtime.NumGoroutine() <= before })
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	if n := len(b.server.members); n != 0 {
		t.Errorf("%d connections are still asked", n)
	}
}

func TestNobodyIsAskedWithoutAnInterval(t *testing.T) {
	b := serve(t, generous(), "", func(context.Context, *Session) int { return 0 })
	c, _, asked := b.severable()
	if err := b.session(c).Run("x"); err != nil {
		t.Fatal(err)
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("asked %d times", n)
	}
}
