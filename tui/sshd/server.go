package sshd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"

	"github.com/buildscope/buildscope/model/tcp"
)

// Options say who is let in, what they may take, and what they get.
type Options struct {
	HostKey gossh.Signer
	Keys    *Keys
	Limits  Limits
	// Handle serves one session and gives its exit code. Its context ends with the
	// session: because the client has closed it or sent a signal, because a limit was
	// reached, or because the server stops; its cause says which. A panic in it ends
	// that session only.
	Handle func(context.Context, *Session) int
	// Log takes what happens; several goroutines call it at once.
	Log func(Event)
}

// Limits bound what clients take.
type Limits struct {
	Connections           int // logged in or not
	ConnectionsPerAddress int
	Sessions              int           // of all connections
	AuthTries             int           // keys offered in one connection
	Login                 time.Duration // from the connection to the login
	Idle                  time.Duration // a screen without a key, a connection without a session; 0: never
	Total                 time.Duration // of a connection; 0: never
	Stall                 time.Duration // a client that takes nothing of what is sent
	Keepalive             Keepalive
	Recheck               time.Duration // of the keys of those who are in; 0: never
	InputRate             int           // bytes a second that are typed into a screen
	Paste                 int           // bytes of one paste, or of one answer of the terminal
	Window                Size          // largest of a terminal that is believed: each screen holds its cells in memory
}

// Event is something that the operator of a server wants to know of.
type Event struct {
	What   string
	Person Person // zero before the login
	Addr   net.Addr
	User   string // the name that the client asked for; it decides nothing
	Detail string
}

// What an event can be.
const (
	EventLogin   = "login"   // somebody is in; Detail is the client's program
	EventRefused = "refused" // a key, a connection or a session was not let in; Detail says why
	EventBegin   = "begin"   // a session; Detail is its command, "" for the screen
	EventEnd     = "end"     // of a session; Detail is its exit code, and what ended it
	EventPanic   = "panic"   // in a session; Detail has the stack
)

// Server lets people in.
type Server struct {
	opts Options
	ssh  *ssh.Server
	ctx  context.Context // of all sessions
	stop context.CancelCauseFunc

	mu       sync.Mutex // guards what follows
	total    int        // connections
	byAddr   map[string]int
	sessions int
	members  map[*gossh.ServerConn]*member // connections on which there has been a channel
	stopped  bool
	open     sync.WaitGroup // handlers of sessions; none is added once stopped
}

// ErrStopped is the cause of the end of sessions when the server stops.
var ErrStopped = errors.New("the server stops")

// New makes a server.
func New(o Options) *Server {
	s := &Server{opts: o, byAddr: map[string]int{}, members: map[*gossh.ServerConn]*member{}}
	s.ctx, s.stop = context.WithCancelCause(context.Background())
	s.ssh = &ssh.Server{
		HostSigners: []ssh.Signer{o.HostKey}, Version: "buildscope",
		HandshakeTimeout: o.Limits.Login, MaxTimeout: o.Limits.Total,
		ConnCallback: s.admit, ServerConfigCallback: s.config,
		ConnectionFailedCallback: s.failed,
		// Nothing but sessions, and nothing but what serveChannel knows in them.
		ChannelHandlers:   map[string]ssh.ChannelHandler{"session": s.serveChannel},
		RequestHandlers:   map[string]ssh.RequestHandler{},
		SubsystemHandlers: map[string]ssh.SubsystemHandler{},
	}
	return s
}

// Serve takes connections until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	ctx, stop := context.WithCancel(s.ctx)
	var checks sync.WaitGroup
	checks.Go(func() { s.recheck(ctx) })
	defer checks.Wait()
	defer stop()
	err := s.ssh.Serve(l)
	if errors.Is(err, ssh.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("take connections on %s: %w", l.Addr(), err)
}

// Shutdown takes no more connections, ends the sessions with ErrStopped, and waits
// for them until ctx ends; whatever is left then is cut off.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.stop(ErrStopped)
	ended := make(chan struct{})
	go func() {
		s.open.Wait()
		close(ended)
	}()
	var err error
	select {
	case <-ended:
	case <-ctx.Done():
		err = ctx.Err()
	}
	return errors.Join(err, s.ssh.Close())
}

// Fingerprint is that of the host key.
func (s *Server) Fingerprint() string { return gossh.FingerprintSHA256(s.opts.HostKey.PublicKey()) }

// Connections is how many there are now.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// Sessions is how many there are now.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

// admit counts a connection, or refuses it.
func (s *Server) admit(ctx ssh.Context, conn net.Conn) net.Conn {
	host := conn.RemoteAddr().String()
	if addr, ok := addrOf(conn.RemoteAddr()); ok {
		host = addr.String()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	full := ""
	switch l := s.opts.Limits; {
	case s.total >= l.Connections:
		full = fmt.Sprintf("there are %d connections already", s.total)
	case s.byAddr[host] >= l.ConnectionsPerAddress:
		full = fmt.Sprintf("there are %d connections from %s already", s.byAddr[host], host)
	}
	if full != "" {
		go s.opts.Log(Event{What: EventRefused, Addr: conn.RemoteAddr(), Detail: full}) // not under the lock
		return nil
	}
	s.total++
	s.byAddr[host]++
	tcp.Bound(conn, s.opts.Limits.Stall)
	c := &counted{Conn: conn, log: s.opts.Log}
	c.leave = sync.OnceFunc(func() {
		c.tell()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.total--
		if s.byAddr[host]--; s.byAddr[host] == 0 {
			delete(s.byAddr, host)
		}
	})
	ctx.SetValue(countedKey{}, c) // nobody else has the context yet
	return c
}

// loginKey carries a login through its connection. It is that of the key that has signed:
// a client may offer others before.
type loginKey struct{}

func (s *Server) config(ctx ssh.Context) *gossh.ServerConfig {
	c := ctx.Value(countedKey{}).(*counted) // admit has put it there
	return &gossh.ServerConfig{
		MaxAuthTries: s.opts.Limits.AuthTries,
		PublicKeyCallback: func(conn gossh.ConnMetadata, key gossh.PublicKey) (*gossh.Permissions, error) {
			p, err := s.opts.Keys.Admit(key, conn.RemoteAddr(), time.Now())
			if err != nil {
				c.refuse(Event{What: EventRefused, Addr: conn.RemoteAddr(), User: conn.User(), Person: stranger(key), Detail: err.Error()})
				return nil, err
			}
			return &gossh.Permissions{ExtraData: map[any]any{loginKey{}: login{p, key, time.Now()}}}, nil
		},
		VerifiedPublicKeyCallback: func(conn gossh.ConnMetadata, _ gossh.PublicKey, perms *gossh.Permissions, _ string) (*gossh.Permissions, error) {
			l, _ := perms.ExtraData[loginKey{}].(login)
			detail := string(conn.ClientVersion())
			if n := c.loggedIn(s.opts.Limits.Idle); n > 0 {
				detail += fmt.Sprintf(", after %d refused", n)
			}
			s.opts.Log(Event{What: EventLogin, Addr: conn.RemoteAddr(), User: conn.User(), Person: l.person, Detail: detail})
			return perms, nil
		},
	}
}

// stranger is what is known of somebody by a key that does not let in. What a certificate
// says of itself its owner may have written.
func stranger(key gossh.PublicKey) Person {
	if cert, is := key.(*gossh.Certificate); is {
		return Person{Fingerprint: gossh.FingerprintSHA256(cert.Key), Certificate: &Certificate{KeyID: cert.KeyId, Serial: cert.Serial,
			Authority: gossh.FingerprintSHA256(cert.SignatureKey), Principals: cert.ValidPrincipals}}
	}
	return Person{Fingerprint: gossh.FingerprintSHA256(key)}
}

// failed notes a connection that never logged in. Clients that only look whether
// somebody listens are not worth a line.
func (s *Server) failed(conn net.Conn, err error) {
	var auth *gossh.ServerAuthError
	if errors.As(err, &auth) && len(auth.Errors) == 0 {
		return
	}
	s.opts.Log(Event{What: EventRefused, Addr: conn.RemoteAddr(), Detail: "no login: " + err.Error()})
}
