// Package sshd lets people in over SSH: it holds the host key, knows who may log
// in and who may operate, bounds what connections and clients take, and hands each
// session to a function that shows a screen or runs a command in it. What that is,
// it does not know.
//
// Everything that a client sends is hostile until it has logged in, and limited
// afterwards. There is no password, no forwarding, no subsystem, and no environment
// from the client.
package sshd
