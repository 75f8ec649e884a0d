package nettest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// proxy forwards connections while it is open.
type proxy struct {
	work  sync.WaitGroup
	mu    sync.Mutex // guards what follows
	open  *sync.Cond
	isCut bool
	conns []net.Conn
}

// NewProxy is a cable without a network of its own: what goes through it is held back
// while it is cut.
func NewProxy(t testing.TB) Cable {
	p := &proxy{}
	p.open = sync.NewCond(&p.mu)
	set := func(cut bool) func() {
		return func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.isCut = cut
			p.open.Broadcast()
		}
	}
	return Cable{Here: "127.0.0.1", There: "127.0.0.1", Cut: set(true), Restore: set(false), Reach: func(address string) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		p.work.Go(func() { p.serve(l, address) })
		t.Cleanup(func() {
			set(false)()
			_ = l.Close()
			p.mu.Lock()
			for _, c := range p.conns {
				_ = c.Close()
			}
			p.mu.Unlock()
			p.work.Wait()
		})
		return l.Addr().String()
	}}
}

// serve takes connections until the listener is closed.
func (p *proxy) serve(l net.Listener, to string) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", to)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		p.work.Go(func() { p.forward(client, server) })
		p.work.Go(func() { p.forward(server, client) })
	}
}

// forward copies, and holds back what comes, the end too, while the proxy is cut.
func (p *proxy) forward(to, from net.Conn) {
	_, _ = io.Copy(gated{p, to}, from) // an error ends the connection like its end
	p.wait()
	_, _ = to.Close(), from.Close()
}

func (p *proxy) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.isCut {
		p.open.Wait()
	}
}

type gated struct {
	p  *proxy
	to net.Conn
}

func (g gated) Write(data []byte) (int, error) {
	g.p.wait()
	return g.to.Write(data)
}
