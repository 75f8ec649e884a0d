//go:build !linux

package tcp

import (
	"net"
	"time"
)

// Bound watches over connections whose other end may vanish.
func Bound(conn net.Conn, limit time.Duration) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: limit / 2, Interval: limit / 4, Count: 2})
	}
}
