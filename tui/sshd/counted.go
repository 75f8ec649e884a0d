package sshd

import (
	"net"
	"sync"
	"time"
)

// countedKey is that of the counted connection in its context.
type countedKey struct{}

// counted is a connection that counts until it is closed, and knows what of it is worth
// telling.
type counted struct {
	net.Conn
	log   func(Event)
	leave func() // once

	mu       sync.Mutex // guards what follows
	refused  []Event    // keys that did not let in
	channels int
	idle     *idle // while there is no channel; nil before the login
}

// refuse keeps what is to be told if nobody logs in: a client shows all its keys one after
// the other, and that of a certificate before it.
func (c *counted) refuse(e Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = append(c.refused, e) // MaxAuthTries bounds them
}

// loggedIn gives the number of keys that did not let in before one did. Without a channel
// the connection is given up after a time.
func (c *counted) loggedIn(idleAfter time.Duration) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.refused)
	c.refused, c.idle = nil, newIdle(idleAfter, func() { _ = c.Close() }) // it may be closed already
	return n
}

// open counts a channel until the function that it gives is called.
func (c *counted) open() (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.channels++
	c.idle.pause()
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.channels--; c.channels == 0 {
			c.idle.resume()
		}
	}
}

// tell tells whom the connection did not let in.
func (c *counted) tell() {
	c.mu.Lock()
	events := c.refused
	c.refused = nil
	if c.idle != nil {
		c.idle.stop()
	}
	c.mu.Unlock()
	for _, e := range events {
		c.log(e)
	}
}

func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
