package tcp

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// Bound makes the kernel give a connection up whose other end has taken nothing that
// was sent for so long, as after a cut in the network. Without it that takes a
// quarter of an hour. It is of help, not of need: what cannot be set is left.
func Bound(conn net.Conn, limit time.Duration) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(limit.Milliseconds()))
	})
	_ = tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: limit / 2, Interval: limit / 4, Count: 2})
}
