// Package sailtest runs a real Sail server, an engine that is reached by Flight SQL,
// for tests.
package sailtest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model/nettest"
)

// Server is a Sail server that can be ended as by a crash and started again where it
// was. It keeps nothing.
type Server struct {
	Endpoint string // grpc://host:port

	t       testing.TB
	command []string
	env     []string
	address string // where it listens
	log     string // path
	cmd     *exec.Cmd
	ended   chan struct{} // closed when cmd has ended; nil: it does not run
}

// Start runs a server with workers of its own, as a cluster has them, on a free port of
// 127.0.0.1 until the test ends. BUILDSCOPE_TEST_SAIL names the executable; in CI it is
// installed where that is not set, and elsewhere the test is skipped. Variables of its
// environment, as NAME=value, go before those.
func Start(t testing.TB, env ...string) *Server {
	t.Helper()
	return StartAt(t, nettest.Cable{There: "127.0.0.1", Reach: func(address string) string { return address }}, env...)
}

// StartAt is Start at the other end of a cable.
func StartAt(t testing.TB, cable nettest.Cable, env ...string) *Server {
	t.Helper()
	s := &Server{t: t, log: filepath.Join(t.TempDir(), "sail.log"), env: append(append(os.Environ(), "SAIL_MODE=local-cluster"), env...)}
	s.command = []string{os.Getenv("BUILDSCOPE_TEST_SAIL")}
	if s.command[0] == "" {
		if os.Getenv("CI") != "true" {
			t.Skip("installing Sail takes a minute: set CI=true, or BUILDSCOPE_TEST_SAIL to its executable")
		}
		packages, err := install()
		if err != nil {
			t.Fatalf("install Sail: %v", err)
		}
		s.command = []string{"python3", "-m", "pysail"}
		s.env = append(s.env, "PYTHONPATH="+packages)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = net.JoinHostPort(cable.There, strconv.Itoa(l.Addr().(*net.TCPAddr).Port)) // a namespace has all ports free
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s.command = append(slices.Clip(cable.Via), s.command...)
	s.Endpoint = "grpc://" + cable.Reach(s.address)
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			text, _ := os.ReadFile(s.log) // without one there is nothing to show
			t.Logf("Sail said:\n%s", text)
		}
	})
	s.start()
	return s
}

// Stop ends the server at once, as a crash does.
func (s *Server) Stop() {
	if s.ended == nil {
		return
	}
	kill(s.cmd)
	<-s.ended
	s.ended = nil
}

// Restart starts the server again at the same port.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	s.start()
}

// start starts the server and waits until it takes connections.
func (s *Server) start() {
	s.t.Helper()
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close() // the server has its own
	// Not bound to the context of the test, which ends before its cleanups.
	host, port, _ := net.SplitHostPort(s.address) // it was joined of both
	s.cmd = exec.Command(s.command[0], append(s.command[1:], "flight", "server", "--ip", host, "--port", port)...)
	s.cmd.Env, s.cmd.Stdout, s.cmd.Stderr = s.env, log, log
	ownGroup(s.cmd)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("start Sail: %v", err)
	}
	cmd, ended := s.cmd, make(chan struct{})
	s.ended = ended
	go func() { // ends with the server, for which Stop waits
		_ = cmd.Wait() // the signal that ended it
		close(ended)
	}()
	for deadline := time.Now().Add(time.Minute); ; {
		c, err := net.DialTimeout("tcp", s.Endpoint[len("grpc://"):], time.Second)
		if err == nil {
			_ = c.Close() // nothing was said on it
			return
		}
		select {
		case <-ended:
			s.t.Fatalf("Sail ended while it started: %v", cmd.ProcessState)
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("waited a minute for Sail: %v", err)
		}
	}
}
