package cli_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// cable joins a client to a server, and can be cut without a word to either.
type cable struct {
	listen  string   // for the server
	via     []string // before the command of a client
	connect func(s *served) (host, port string)
	cut     func()
	restore func()
}

// newCable lays a pair of network devices into a namespace of their own, the cable between
// which can be pulled. Where the kernel does not let us do that, a proxy that stops to
// forward takes its place; it cannot lose what is on its way.
func newCable(t *testing.T) cable {
	t.Helper()
	ip, err := exec.LookPath("ip")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Log("there is no ip of iproute2 on this machine: a proxy takes the place of a network namespace")
		return newProxy(t)
	}
	n := os.Getpid() % 16000
	space, near, far := fmt.Sprintf("bscut%d", n), fmt.Sprintf("bscn%d", n), fmt.Sprintf("bscf%d", n)
	here, there := fmt.Sprintf("10.213.%d.%d", n/64, n%64*4+1), fmt.Sprintf("10.213.%d.%d", n/64, n%64*4+2)
	run := func(args string) error {
		if out, err := exec.Command(ip, strings.Fields(args)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", args, err, out)
		}
		return nil
	}
	if err := run("netns add " + space); err != nil {
		t.Logf("the kernel forbids network namespaces (%v): a proxy takes their place", err)
		return newProxy(t)
	}
	t.Cleanup(func() { _ = run("netns del " + space) }) // with both devices
	for _, args := range []string{
		"link add " + near + " type veth peer name " + far + " netns " + space,
		"addr add " + here + "/30 dev " + near, "link set " + near + " up",
		"-n " + space + " addr add " + there + "/30 dev " + far, "-n " + space + " link set " + far + " up",
	} {
		if err := run(args); err != nil {
			t.Logf("the kernel forbids network devices (%v): a proxy takes their place", err)
			return newProxy(t)
		}
	}
	set := func(state string) func() {
		return func() {
			t.Helper()
			if err := run("-n " + space + " link set " + far + " " + state); err != nil {
				t.Fatal(err)
			}
		}
	}
	return cable{listen: here + ":0", via: []string{ip, "netns", "exec", space},
		connect: func(s *served) (string, string) { return s.host, s.port }, cut: set("down"), restore: set("up")}
}

// proxy forwards connections while it is open.
type proxy struct {
	mu    sync.Mutex // guards what follows
	open  *sync.Cond
	isCut bool
	conns []net.Conn
}

func newProxy(t *testing.T) cable {
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
	return cable{listen: "127.0.0.1:0", cut: set(true), restore: set(false), connect: func(s *served) (string, string) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var work sync.WaitGroup
		work.Go(func() { p.serve(l, net.JoinHostPort(s.host, s.port), &work) })
		t.Cleanup(func() {
			set(false)()
			_ = l.Close()
			p.mu.Lock()
			for _, c := range p.conns {
				_ = c.Close()
			}
			p.mu.Unlock()
			work.Wait()
		})
		host, port, _ := net.SplitHostPort(l.Addr().String()) // a listener's address has both
		return host, port
	}}
}

// serve takes connections until the listener is closed.
func (p *proxy) serve(l net.Listener, to string, work *sync.WaitGroup) {
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
		work.Go(func() { p.forward(client, server) })
		work.Go(func() { p.forward(server, client) })
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
