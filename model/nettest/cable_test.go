package nettest

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// What is sent through a proxy that is cut arrives when it is whole again, not before.
// That a network is cut is seen where something runs at its other end.
func TestProxy(t *testing.T) {
	c := NewProxy(t)
	l, err := net.Listen("tcp", c.There+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp", c.Reach(l.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	read := func(within time.Duration) error {
		if err := far.SetReadDeadline(time.Now().Add(within)); err != nil {
			t.Fatal(err)
		}
		_, err := far.Read(make([]byte, 1))
		return err
	}
	c.Cut()
	if _, err := near.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := read(100 * time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read through a cut: %v", err)
	}
	c.Restore()
	if err := read(10 * time.Second); err != nil {
		t.Errorf("read when it was whole again: %v", err)
	}
}
