package sshd

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	gossh "golang.org/x/crypto/ssh"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a server with what it has told.
type bench struct {
	t      *testing.T
	server *Server
	addr   string
	key    gossh.Signer

	mu     sync.Mutex // guards events
	events []Event
}

// generous limits that no test reaches by itself.
func generous() Limits {
	return Limits{Connections: 100, ConnectionsPerAddress: 100, Sessions: 100, AuthTries: 6, Login: time.Minute, Idle: time.Hour, Total: time.Hour, Stall: time.Minute, InputRate: 1 << 20, Paste: 1 << 20, Window: Size{1000, 500}}
}

func serve(t *testing.T, l Limits, options string, handle func(context.Context, *Session) int) *bench {
	t.Helper()
	key, line := newKey(t)
	keys, err := OpenKeys(KeyOptions{Path: writeKeys(t, strings.TrimSpace(options+" "+line+" ann")), Operators: []string{"ann"}, Warn: noFaults(t)})
	if err != nil {
		t.Fatal(err)
	}
	host, _ := newKey(t)
	b := &bench{t: t, key: key}
	b.server = New(Options{HostKey: host, Keys: keys, Limits: l, Handle: handle, Log: func(e Event) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.events = append(b.events, e)
	}})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.addr = listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- b.server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := b.server.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return b
}

// heard waits for an event whose detail has a text.
func (b *bench) heard(what, text string) {
	b.t.Helper()
	b.until(what+" "+text, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return slices.ContainsFunc(b.events, func(e Event) bool { return e.What == what && strings.Contains(e.Detail, text) })
	})
}

func (b *bench) until(what string, ok func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.t.Fatalf("waited for %s; events %+v", what, b.events)
		}
	}
}

func (b *bench) dial(keys ...gossh.Signer) (*gossh.Client, error) {
	if len(keys) == 0 {
		keys = []gossh.Signer{b.key}
	}
	return gossh.Dial("tcp", b.addr, &gossh.ClientConfig{User: "x", Auth: []gossh.AuthMethod{gossh.PublicKeys(keys...)},
		HostKeyCallback: gossh.FixedHostKey(b.server.opts.HostKey.PublicKey())})
}

func (b *bench) client() *gossh.Client {
	b.t.Helper()
	c, err := b.dial()
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (b *bench) session(c *gossh.Client) *gossh.Session {
	b.t.Helper()
	s, err := c.NewSession()
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestACommandHasStreamsAndAnExitCode(t *testing.T) {
	b := serve(t, generous(), "", func(_ context.Context, s *Session) int {
		in, err := io.ReadAll(s.In)
		fmt.Fprintf(s.Out, "%s|%s|%v|%s", s.Command, in, err, s.Terminal)
		fmt.Fprintf(s.Err, "%s %v", s.Person.Name, s.Person.Operator)
		return 7
	})
	s := b.session(b.client())
	var out, errs bytes.Buffer
	s.Stdin, s.Stdout, s.Stderr = strings.NewReader("typed"), &out, &errs
	err := s.Run("runs list")
	exit, ok := err.(*gossh.ExitError)
	if !ok || exit.ExitStatus() != 7 || out.String() != "runs list|typed|<nil>|" || errs.String() != "ann true" {
		t.Errorf("%v; %q, %q", err, &out, &errs)
	}
	b.heard(EventEnd, "exit 7")
}

func TestATerminalHasASizeThatChanges(t *testing.T) {
	b := serve(t, generous(), "", func(ctx context.Context, s *Session) int {
		fmt.Fprintf(s.Out, "%s %v\n", s.Terminal, s.Size)
		select {
		case size := <-s.Resized:
			fmt.Fprintf(s.Out, "%v\n", size)
		case <-ctx.Done():
		}
		return 0
	})
	s := b.session(b.client())
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RequestPty("xterm-256color", 24, 80, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Shell(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	if line, err := r.ReadString('\n'); err != nil || line != "xterm-256color {80 24}\r\n" {
		t.Errorf("%q, %v", line, err)
	}
	if err := s.WindowChange(100000, 120); err != nil {
		t.Fatal(err)
	}
	if line, err := r.ReadString('\n'); err != nil || line != "{120 500}\r\n" {
		t.Errorf("%q, %v", line, err)
	}
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
}

// Whatever is asked for beside a screen and a command is refused.
func TestEverythingElseIsRefused(t *testing.T) {
	done := make(chan struct{})
	b := serve(t, generous(), "", func(ctx context.Context, s *Session) int { <-done; return 0 })
	defer close(done)
	c := b.client()
	for _, kind := range []string{"direct-tcpip", "x11", "auth-agent@openssh.com", "tun@openssh.com", "direct-streamlocal@openssh.com"} {
		if _, _, err := c.OpenChannel(kind, nil); err == nil {
			t.Errorf("opened %s", kind)
		}
	}
	for _, kind := range []string{"tcpip-forward", "streamlocal-forward@openssh.com", "no-more-sessions@openssh.com"} {
		if ok, _, err := c.SendRequest(kind, true, gossh.Marshal(struct {
			Host string
			Port uint32
		}{"127.0.0.1", 0})); ok || err != nil {
			t.Errorf("granted %s: %v", kind, err)
		}
	}
	s := b.session(c)
	if err := s.Setenv("LD_PRELOAD", "x"); err == nil {
		t.Error("took an environment")
	}
	if err := s.RequestSubsystem("sftp"); err == nil {
		t.Error("has a subsystem")
	}
	for _, kind := range []string{"auth-agent-req@openssh.com", "x11-req", "break", "xon-xoff", "nonsense"} {
		if ok, err := s.SendRequest(kind, true, nil); ok || err != nil {
			t.Errorf("granted %s: %v", kind, err)
		}
	}
	if err := s.Start("x"); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"exec", "shell", "pty-req"} {
		if ok, err := s.SendRequest(kind, true, gossh.Marshal(struct{ C string }{"y"})); ok || err != nil {
			t.Errorf("granted a second %s: %v", kind, err)
		}
	}
}

// The key that signs decides who somebody is, not one that was only offered.
func TestOnlyTheKeyThatSignsCounts(t *testing.T) {
	stranger, _ := newKey(t)
	viewer, viewerLine := newKey(t)
	b := serve(t, generous(), "", func(_ context.Context, s *Session) int { return map[bool]int{true: 1, false: 2}[s.Person.Operator] })
	keys, err := OpenKeys(KeyOptions{Path: writeKeys(t, viewerLine+" bob", strings.TrimSpace(string(gossh.MarshalAuthorizedKey(b.key.PublicKey())))+" ann"), Operators: []string{"ann"}, Warn: noFaults(t)})
	if err != nil {
		t.Fatal(err)
	}
	b.server.opts.Keys = keys
	if _, err := b.dial(stranger); err == nil {
		t.Error("a stranger is in")
	}
	b.heard(EventRefused, "not among the authorized keys")
	// The operator's key is offered, but its owner is not there to sign with it.
	c, err := b.dial(unsigning{b.key}, viewer)
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
		exit, ok := b.session(c).Run("x").(*gossh.ExitError)
		if !ok || exit.ExitStatus() != 2 {
			t.Errorf("a viewer became an operator: %v", exit)
		}
	}
	for _, auth := range []gossh.AuthMethod{gossh.Password(""), gossh.Password("ann"), gossh.KeyboardInteractive(func(string, string, []string, []bool) ([]string, error) { return nil, nil })} {
		if _, err := gossh.Dial("tcp", b.addr, &gossh.ClientConfig{User: "ann", Auth: []gossh.AuthMethod{auth}, HostKeyCallback: gossh.InsecureIgnoreHostKey()}); err == nil {
			t.Error("in without a key")
		}
	}
}

// A client shows its keys one after the other: those before the right one are no attack.
// Of who does not get in all are told.
func TestKeysBeforeTheRightOne(t *testing.T) {
	b := serve(t, generous(), "", func(context.Context, *Session) int { return 0 })
	one, _ := newKey(t)
	two, _ := newKey(t)
	c, err := b.dial(one, two, b.key)
	if err != nil {
		t.Fatal(err)
	}
	b.heard(EventLogin, ", after 2 refused")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	b.until("the end", func() bool { return b.server.Connections() == 0 })
	refused := func() (fingerprints []string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, e := range b.events {
			if e.What == EventRefused && e.Person.Fingerprint != "" {
				fingerprints = append(fingerprints, e.Person.Fingerprint)
			}
		}
		return fingerprints
	}
	if got := refused(); len(got) != 0 {
		t.Errorf("told of %v", got)
	}
	if _, err := b.dial(one, two); err == nil {
		t.Fatal("in by a key that is not listed")
	}
	want := []string{gossh.FingerprintSHA256(one.PublicKey()), gossh.FingerprintSHA256(two.PublicKey())}
	b.until("both keys", func() bool { return slices.Equal(refused(), want) })
}

// A connection on which nobody wants anything is given up; one with a command that works
// silently is not.
func TestAConnectionWithoutASession(t *testing.T) {
	limits := generous()
	limits.Idle = time.Second
	release := make(chan struct{})
	b := serve(t, limits, "", func(ctx context.Context, s *Session) int {
		select {
		case <-release:
			return 0
		case <-ctx.Done():
			return 1
		}
	})
	var busy *gossh.Session
	b.until("a command that has begun", func() bool { // within the idle time, also on a busy machine
		c, err := b.dial()
		if err != nil {
			return false
		}
		b.t.Cleanup(func() { _ = c.Close() })
		busy, err = c.NewSession()
		return err == nil && busy.Start("x") == nil
	})
	for range 2 { // one after the other takes longer than the idle time
		c, err := b.dial()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err == nil {
			t.Error("it ended in good order")
		}
	}
	close(release)
	if err := busy.Wait(); err != nil {
		t.Errorf("the command: %v", err)
	}
}

// unsigning has the public half of a key only.
type unsigning struct{ gossh.Signer }

func (u unsigning) Sign(r io.Reader, data []byte) (*gossh.Signature, error) {
	return &gossh.Signature{Format: u.PublicKey().Type(), Blob: make([]byte, 64)}, nil
}

func TestAKeyWithoutATerminalGetsNone(t *testing.T) {
	b := serve(t, generous(), "restrict", func(_ context.Context, s *Session) int { return len(s.Terminal) })
	s := b.session(b.client())
	if err := s.RequestPty("xterm", 24, 80, nil); err == nil {
		t.Error("got a terminal")
	}
	if err := s.Run("x"); err != nil {
		t.Error(err)
	}
}

// What ends a session reaches its handler with the reason: the end of the channel on
// a connection that stays, of the connection, a signal, and the idle time.
func TestEndsOfASession(t *testing.T) {
	limits := generous()
	limits.Idle = 2 * time.Second // enough for the session to begin, also on a busy machine
	why := make(chan error, 1)
	handle := func(ctx context.Context, s *Session) int {
		<-ctx.Done()
		why <- context.Cause(ctx)
		return 0
	}
	for name, c := range map[string]struct {
		limits Limits
		pty    bool
		end    func(*gossh.Client, *gossh.Session) error
		want   string
	}{
		"channel":    {generous(), true, func(_ *gossh.Client, s *gossh.Session) error { return s.Close() }, "closed the session"},
		"connection": {generous(), true, func(c *gossh.Client, _ *gossh.Session) error { return c.Close() }, "closed the session"},
		"signal":     {generous(), false, func(_ *gossh.Client, s *gossh.Session) error { return s.Signal(gossh.SIGTERM) }, "signal TERM"},
		"idle":       {limits, true, func(*gossh.Client, *gossh.Session) error { return nil }, "nobody has pressed a key"},
	} {
		t.Run(name, func(t *testing.T) {
			b := serve(t, c.limits, "", handle)
			client := b.client()
			s := b.session(client)
			if c.pty {
				if err := s.RequestPty("xterm", 24, 80, nil); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Start("x"); err != nil {
				t.Fatal(err)
			}
			if err := c.end(client, s); err != nil {
				t.Fatal(err)
			}
			if err := <-why; err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("ended by %v", err)
			}
			b.until("the end", func() bool { return b.server.Sessions() == 0 })
		})
	}
}

func TestACommandMayBeSilent(t *testing.T) {
	limits := generous()
	limits.Idle = time.Second
	b := serve(t, limits, "", func(ctx context.Context, s *Session) int {
		select {
		case <-ctx.Done():
			return 1
		case <-time.After(1200 * time.Millisecond):
			return 0
		}
	})
	// The idle time of a channel runs until its command starts, so the pair must be quick:
	// it is tried until it was.
	b.until("a command that ran", func() bool {
		s, err := b.client().NewSession()
		return err == nil && s.Run("x") == nil
	})
}

// A client that takes nothing holds up its own session, and that not for ever.
func TestAClientThatReadsNothing(t *testing.T) {
	limits := generous()
	limits.Stall = 200 * time.Millisecond
	b := serve(t, limits, "", func(ctx context.Context, s *Session) int {
		line := bytes.Repeat([]byte("x"), 1<<16)
		for {
			if _, err := s.Out.Write(line); err != nil {
				return 3
			}
		}
	})
	s := b.session(b.client())
	if _, err := s.StdoutPipe(); err != nil { // whose window nobody makes room in
		t.Fatal(err)
	}
	if err := s.Start("flood"); err != nil {
		t.Fatal(err)
	}
	b.heard(EventEnd, "takes nothing")
}

func TestAPanicEndsOneSession(t *testing.T) {
	b := serve(t, generous(), "", func(_ context.Context, s *Session) int {
		if s.Command == "panic" {
			panic("out of cheese")
		}
		return 0
	})
	c := b.client()
	if exit, ok := b.session(c).Run("panic").(*gossh.ExitError); !ok || exit.ExitStatus() != 1 {
		t.Errorf("%v", exit)
	}
	b.heard(EventPanic, "out of cheese")
	if err := b.session(c).Run("next"); err != nil {
		t.Errorf("the connection is gone with it: %v", err)
	}
}

func TestLimits(t *testing.T) {
	release := make(chan struct{})
	wait := func(ctx context.Context, s *Session) int {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return 0
	}
	defer close(release)
	t.Run("connections", func(t *testing.T) {
		l := generous()
		l.Connections = 1
		b := serve(t, l, "", wait)
		first := b.client()
		if _, err := b.dial(); err == nil {
			t.Error("a second connection is in")
		}
		b.heard(EventRefused, "there are 1 connections already")
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		b.until("room", func() bool {
			c, err := b.dial()
			return err == nil && c.Close() == nil
		})
	})
	t.Run("connections of an address", func(t *testing.T) {
		l := generous()
		l.ConnectionsPerAddress = 1
		b := serve(t, l, "", wait)
		b.client()
		if _, err := b.dial(); err == nil {
			t.Error("a second connection is in")
		}
		b.heard(EventRefused, "from 127.0.0.1 already")
	})
	t.Run("sessions", func(t *testing.T) {
		l := generous()
		l.Sessions = 1
		b := serve(t, l, "", wait)
		c := b.client()
		if err := b.session(c).Start("first"); err != nil {
			t.Fatal(err)
		}
		b.heard(EventBegin, "first")
		s := b.session(c)
		var said bytes.Buffer
		s.Stderr = &said
		if err := s.Run("second"); err == nil || !strings.Contains(said.String(), "there are 1 sessions already") {
			t.Errorf("%v: %s", err, &said)
		}
	})
	t.Run("keys", func(t *testing.T) {
		l := generous()
		l.AuthTries = 2
		b := serve(t, l, "", wait)
		one, _ := newKey(t)
		two, _ := newKey(t)
		if _, err := b.dial(one, two, b.key); err == nil {
			t.Error("the third key was tried")
		}
	})
	t.Run("login", func(t *testing.T) {
		l := generous()
		l.Login = 100 * time.Millisecond
		b := serve(t, l, "", wait)
		conn, err := net.Dial("tcp", b.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, conn); err != nil { // half a handshake: the server's greeting, then the end
			t.Errorf("the connection stays: %v", err)
		}
	})
	t.Run("paste", func(t *testing.T) {
		l := generous()
		l.Paste = 10
		b := serve(t, l, "", func(_ context.Context, s *Session) int {
			typed, err := bufio.NewReader(s.In).ReadString('!')
			fmt.Fprintf(s.Out, "%q %v", typed, err)
			return 0
		})
		s := b.session(b.client())
		if err := s.RequestPty("xterm", 24, 80, nil); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		s.Stdin, s.Stdout = strings.NewReader("\x1b[200~"+strings.Repeat("x", 100)+"\x1b[201~!"), &out
		if err := s.Shell(); err != nil {
			t.Fatal(err)
		}
		if err := s.Wait(); err != nil || out.String() != `"\x1b[200~xxxxxxxxxx\x1b[201~!" <nil>` {
			t.Errorf("%v: %s", err, &out)
		}
	})
	t.Run("total", func(t *testing.T) {
		l := generous()
		l.Total = 300 * time.Millisecond
		b := serve(t, l, "", wait)
		c, err := b.dial()
		if err != nil {
			return // a slow machine: the time was over before
		}
		if err := c.Wait(); err == nil {
			t.Error("the connection ended in good order")
		}
	})
}

// Whatever is thrown at the server before a login, it goes on, and keeps nothing.
func TestRandomBytes(t *testing.T) {
	b := serve(t, generous(), "", func(context.Context, *Session) int { return 0 })
	before := runtime.NumGoroutine()
	for _, text := range []string{"", "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n" + strings.Repeat("\xff", 100), strings.Repeat("A", 100_000), "SSH-1.0-old\r\n", "SSH-2.0-x\r\n\x00\x00\x00\x00\x00\x00"} {
		conn, err := net.Dial("tcp", b.addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, text) // the server may have closed it by then
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	b.until("the base line", func() bool { return runtime.NumGoroutine() <= before })
	if err := b.session(b.client()).Run("x"); err != nil {
		t.Error(err)
	}
}

func TestShutdownTellsWhy(t *testing.T) {
	b := serve(t, generous(), "", func(ctx context.Context, s *Session) int {
		<-ctx.Done()
		fmt.Fprint(s.Out, context.Cause(ctx))
		return 5
	})
	s := b.session(b.client())
	var out bytes.Buffer
	s.Stdout = &out
	if err := s.Start("x"); err != nil {
		t.Fatal(err)
	}
	b.heard(EventBegin, "x")
	if err := b.server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Wait(); err == nil || out.String() != ErrStopped.Error() {
		t.Errorf("%v: %q", err, &out)
	}
}
