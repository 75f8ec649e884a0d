package sailtest

import (
	"net"
	"testing"
	"time"
)

func TestRestart(t *testing.T) {
	s := Start(t)
	address := s.Endpoint[len("grpc://"):]
	answers := func() bool {
		c, err := net.DialTimeout("tcp", address, 5*time.Second)
		if err != nil {
			return false
		}
		return c.Close() == nil
	}
	if !answers() {
		t.Error("a server that was started takes no connection")
	}
	s.Stop()
	s.Stop()
	if answers() {
		t.Error("a server that was stopped takes a connection")
	}
	s.Restart()
	s.Restart()
	if !answers() {
		t.Error("a server that was started again takes no connection")
	}
}
