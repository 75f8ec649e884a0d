package sshd

import (
	"errors"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

var errSilent = errors.New("the client does not answer any more")

// Keepalive says how a connection is found out whose other end has gone without a word:
// the client is asked whether it is there as often as sshd with ClientAliveInterval does.
// The kernel's own probes do not tell where a gateway in between answers for it.
type Keepalive struct {
	Interval time.Duration // between an answer and the next question; 0: it is not asked
	Count    int           // a client that has not answered for so many intervals is gone
}

// keepalive asks a client again and again. Between questions there is a timer only, no
// goroutine: there are many connections, and little to do for each.
type keepalive struct {
	Keepalive
	conn *gossh.ServerConn

	mu     sync.Mutex // guards what follows
	timer  *time.Timer
	silent bool
	ended  bool
}

func newKeepalive(k Keepalive, conn *gossh.ServerConn) *keepalive {
	a := &keepalive{Keepalive: k, conn: conn}
	a.next()
	return a
}

// next asks after an interval.
func (a *keepalive) next() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.ended && a.Interval > 0 {
		a.timer = time.AfterFunc(a.Interval, a.ask)
	}
}

// ask asks and waits for the answer. Both the asking and the answer may be stuck, and end
// with the connection.
func (a *keepalive) ask() {
	late := time.AfterFunc(time.Duration(a.Count)*a.Interval, a.cut)
	// Clients answer what they do not know with a no, which will do.
	_, _, err := a.conn.SendRequest("keepalive@openssh.com", true, nil)
	if late.Stop() && err == nil {
		a.next()
	}
}

// cut gives the connection up.
func (a *keepalive) cut() {
	a.mu.Lock()
	a.silent = true
	a.mu.Unlock()
	_ = a.conn.Close() // it may be closed already
}

// stop asks no more.
func (a *keepalive) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	if a.timer != nil {
		a.timer.Stop()
	}
}

// cause is why the connection has ended.
func (a *keepalive) cause() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.silent {
		return errSilent
	}
	return errClosed
}
