package sshd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// login is how somebody has come in.
type login struct {
	person Person
	key    gossh.PublicKey // or certificate
	at     time.Time
}

// member is a connection of somebody who is in.
type member struct {
	login
	conn    *gossh.ServerConn
	alive   *keepalive
	ctx     context.Context // ends when the key is withdrawn
	dismiss context.CancelCauseFunc
	refused bool // at the last look
}

// errWithdrawn begins the cause of the end of sessions whose key lets nobody in any more.
var errWithdrawn = errors.New("you are not let in any more")

// loginOf is who has logged in on a connection, and why another channel on it is refused.
func (s *Server) loginOf(conn *gossh.ServerConn) (login, error) {
	if conn.Permissions != nil {
		if in, ok := conn.Permissions.ExtraData[loginKey{}].(login); ok {
			return in, s.opts.Keys.Withdrawn()(in.key, conn.RemoteAddr(), in.at)
		}
	}
	return login{}, errors.New("not logged in")
}

// member is that of a connection. The first channel makes it: from then on it is seen to it
// that a connection that is cut off is noticed, and a key that is withdrawn. The end of the
// connection, which ctx tells, ends that.
func (s *Server) member(ctx context.Context, conn *gossh.ServerConn, in login) *member {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[conn]
	if m == nil {
		m = &member{login: in, conn: conn, alive: newKeepalive(s.opts.Limits.Keepalive, conn)}
		m.ctx, m.dismiss = context.WithCancelCause(context.Background())
		s.members[conn] = m
		context.AfterFunc(ctx, func() {
			m.alive.stop()
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.members, conn)
		})
	}
	return m
}

// recheck looks again and again whether the keys of those who are in still let them in,
// until ctx ends.
func (s *Server) recheck(ctx context.Context) {
	if s.opts.Limits.Recheck <= 0 {
		return
	}
	tick := time.NewTicker(s.opts.Limits.Recheck)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		s.look()
	}
}

// look sends away whose key lets nobody in any more. One look at a time.
func (s *Server) look() {
	s.mu.Lock()
	members := slices.Collect(maps.Values(s.members))
	s.mu.Unlock()
	withdrawn := s.opts.Keys.Withdrawn()
	for _, m := range members {
		why := withdrawn(m.key, m.conn.RemoteAddr(), m.at)
		// An editor may be writing the file just now: twice is no accident.
		if why != nil && m.refused && m.ctx.Err() == nil {
			m.withdraw(why)
		}
		m.refused = why != nil
	}
}

// withdraw ends the sessions of a connection, which get to say why, and then the connection.
func (m *member) withdraw(why error) {
	m.dismiss(fmt.Errorf("%w: %w", errWithdrawn, why))
	time.AfterFunc(endGrace, func() { _ = m.conn.Close() }) // it may be closed already
}
