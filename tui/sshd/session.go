package sshd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"time"

	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"
)

// Session is one screen or command of somebody.
type Session struct {
	Person   Person
	Addr     net.Addr
	User     string
	Command  string      // as the client wrote it; "" asks for the screen
	Terminal string      // TERM of the client; "" when it has no terminal
	Size     Size        // at the beginning
	Resized  <-chan Size // the newest size, each time it has changed; never closed
	In       io.Reader
	Out, Err io.Writer
}

// Size of a terminal, in cells.
type Size struct{ Width, Height int }

// What ends a session.
var (
	errClosed  = errors.New("the client has closed the session")
	errIdle    = errors.New("nobody has pressed a key for too long")
	errStalled = errors.New("the client takes nothing of what is sent to it")
)

// SignalError is the cause of the end when the client has sent a signal.
type SignalError string // without SIG: TERM

func (e SignalError) Error() string { return "the client sent the signal " + string(e) }

// serveChannel serves one channel of a connection from its opening to its close.
func (s *Server) serveChannel(_ *ssh.Server, conn *gossh.ServerConn, asked gossh.NewChannel, ctx ssh.Context) {
	in, why := s.loginOf(conn)
	if why != nil {
		_ = asked.Reject(gossh.Prohibited, why.Error()) // the connection may be gone
		return
	}
	defer ctx.Value(countedKey{}).(*counted).open()()
	channel, requests, err := asked.Accept()
	if err != nil {
		return // the client has gone meanwhile
	}
	defer channel.Close()
	life, end := context.WithCancelCause(s.ctx)
	defer end(nil)
	m := s.member(ctx, conn, in)
	defer context.AfterFunc(ctx, func() { end(m.alive.cause()) })()
	defer context.AfterFunc(m.ctx, func() { end(context.Cause(m.ctx)) })()
	resized := make(chan Size, 1)
	session := &Session{Person: in.person, Addr: conn.RemoteAddr(), User: conn.User(), Resized: resized}
	// The idle time counts from here: a channel that asks for nothing is idle, too.
	idle := newIdle(s.opts.Limits.Idle, func() { end(errIdle) })
	defer idle.stop()
	closed := make(chan struct{})
	defer close(closed)
	defer context.AfterFunc(life, func() { cutOff(life, channel, closed) })()
	started := false
	for r := range requests {
		switch reply := s.request(r, session, resized, started); {
		case r.Type == "signal":
			var m struct{ Name string }
			if gossh.Unmarshal(r.Payload, &m) == nil {
				end(SignalError(m.Name))
			}
		case !reply:
			answer(r, false)
		case r.Type == "shell" || r.Type == "exec":
			started = true
			answer(r, true)
			session.In = &watched{Reader: channel, idle: idle}
			session.Out = &stalling{w: channel, limit: s.opts.Limits.Stall, end: func() { end(errStalled) }}
			session.Err = &stalling{w: channel.Stderr(), limit: s.opts.Limits.Stall, end: func() { end(errStalled) }}
			if session.Terminal != "" {
				session.In = newInput(life, session.In, s.opts.Limits.InputRate, s.opts.Limits.Paste)
				session.Out = ssh.NewPtyWriter(session.Out)
				session.Err = session.Out // a terminal has one stream
			} else {
				idle.stop() // a command may be silent for as long as it works
			}
			go s.run(life, end, session, channel)
		default:
			answer(r, true)
		}
	}
	end(m.alive.cause()) // requests end when the client closes the channel, also on a connection that stays
}

// request takes what a client says before and while its session runs, and reports
// whether that is granted. Everything that is not named here is refused: environment,
// agent, X11, subsystems, and what will be invented.
func (s *Server) request(r *gossh.Request, session *Session, resized chan Size, started bool) bool {
	switch r.Type {
	case "pty-req":
		var m struct {
			Term                         string
			Columns, Rows, Width, Height uint32
			Modes                        string
		}
		if started || session.Terminal != "" || session.Person.NoPty || gossh.Unmarshal(r.Payload, &m) != nil {
			return false
		}
		session.Terminal, session.Size = terminalName(m.Term), s.sizeOf(m.Columns, m.Rows)
		return true
	case "window-change":
		var m struct{ Columns, Rows, Width, Height uint32 }
		if session.Terminal == "" || gossh.Unmarshal(r.Payload, &m) != nil {
			return false
		}
		select {
		case <-resized: // an older size that nobody has seen
		default:
		}
		resized <- s.sizeOf(m.Columns, m.Rows)
		return true
	case "shell":
		return !started
	case "exec":
		var m struct{ Command string }
		if started || gossh.Unmarshal(r.Payload, &m) != nil {
			return false
		}
		session.Command = m.Command
		return true
	}
	return false
}

func answer(r *gossh.Request, ok bool) {
	if r.WantReply {
		_ = r.Reply(ok, nil) // fails only when the connection is gone, which requests tell
	}
}

// endGrace is what a handler has to leave the client's terminal in good order.
const endGrace = 3 * time.Second

// cutOff closes a channel whose session is over, so that whoever reads from or writes
// to it wakes up. A client that is still there sees the last words first.
func cutOff(life context.Context, channel gossh.Channel, closed <-chan struct{}) {
	if cause := context.Cause(life); cause != errClosed && cause != errStalled && cause != errSilent {
		select {
		case <-time.After(endGrace):
		case <-closed:
		}
	}
	_ = channel.Close() // an error says that it is closed
}

// run calls the handler and tells the client its exit code.
func (s *Server) run(life context.Context, end context.CancelCauseFunc, session *Session, channel gossh.Channel) {
	code, why := 1, s.enter()
	if why == "" {
		defer s.leave() // when the client has been told: the end of the server waits for that
		s.log(session, EventBegin, session.Command)
		code = s.handle(life, session)
		detail := fmt.Sprintf("exit %d", code)
		if cause := context.Cause(life); cause != nil {
			detail += ": " + cause.Error()
		}
		s.log(session, EventEnd, detail)
	} else {
		s.log(session, EventRefused, why)
		fmt.Fprintf(session.Err, "buildscope: %s; try again later\n", why)
	}
	_, _ = channel.SendRequest("exit-status", false, gossh.Marshal(struct{ Status uint32 }{uint32(code)})) // the client may be gone
	end(errClosed)
	_ = channel.Close() // it may be closed already
}

func (s *Server) log(session *Session, what, detail string) {
	s.opts.Log(Event{What: what, Person: session.Person, Addr: session.Addr, User: session.User, Detail: detail})
}

// handle contains the panics of a handler.
func (s *Server) handle(life context.Context, session *Session) (code int) {
	defer func() {
		if v := recover(); v != nil {
			s.log(session, EventPanic, fmt.Sprintf("%v\n%s", v, debug.Stack()))
			code = 1
		}
	}()
	return s.opts.Handle(life, session)
}

// enter counts a session in, or says why it may not be.
func (s *Server) enter() (why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stopped:
		return ErrStopped.Error()
	case s.sessions >= s.opts.Limits.Sessions:
		return fmt.Sprintf("there are %d sessions already, as many as are allowed", s.sessions)
	}
	s.sessions++
	s.open.Add(1)
	return ""
}

func (s *Server) leave() {
	s.mu.Lock()
	s.sessions--
	s.mu.Unlock()
	s.open.Done()
}

// sizeOf is what of a size is believed.
func (s *Server) sizeOf(columns, rows uint32) Size {
	if columns == 0 || rows == 0 { // a client that does not know
		columns, rows = 80, 24
	}
	most := s.opts.Limits.Window
	return Size{min(int(columns), most.Width), min(int(rows), most.Height)}
}

// terminalName is what of a TERM is believed; "dumb" for what cannot be a name.
func terminalName(term string) string {
	for _, r := range term {
		if r <= ' ' || r > '~' || r == '=' || len(term) > 64 {
			return "dumb"
		}
	}
	if term == "" {
		return "dumb"
	}
	return term
}
