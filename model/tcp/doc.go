// Package tcp bounds how long the kernel waits for the other end of a connection.
package tcp
