package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/buildscope/buildscope/tui/sshd"
)

// health answers on a local address how a server is.
type health struct {
	server *sshd.Server
	hub    *hub
	http   http.Server
	addr   net.Addr
}

// healthState is what /healthz answers.
type healthState struct {
	Status      string `json:"status"` // ok, or stopping
	Connections int    `json:"connections"`
	Sessions    int    `json:"sessions"`
	Running     int    `json:"builds_running"`
	Waiting     int    `json:"builds_waiting"`
}

// serveHealth listens. Failures of connections afterwards are those of clients.
func serveHealth(address string, server *sshd.Server, hub *hub) (*health, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("ssh.health_listen: %w", err)
	}
	h := &health{server: server, hub: hub, addr: l.Addr()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", h.healthz)
	mux.HandleFunc("GET /metrics", h.metrics)
	h.http = http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 1 << 14}
	go func() { _ = h.http.Serve(l) }() // ends by close, which has its error
	return h, nil
}

func (h *health) state() healthState {
	s := healthState{Status: "ok", Connections: h.server.Connections(), Sessions: h.server.Sessions()}
	var closed bool
	s.Running, s.Waiting, closed = h.hub.counts()
	if closed {
		s.Status = "stopping"
	}
	return s
}

// healthz answers 200, and 503 while the server stops.
func (h *health) healthz(w http.ResponseWriter, _ *http.Request) {
	s := h.state()
	w.Header().Set("Content-Type", "application/json")
	if s.Status != "ok" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(s) // the client has gone
}

// metrics answers in the text format of Prometheus.
func (h *health) metrics(w http.ResponseWriter, _ *http.Request) {
	s := h.state()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	for _, g := range []struct {
		name, help string
		value      int
	}{
		{"connections", "Connections of clients, logged in or not.", s.Connections},
		{"sessions", "Screens and commands of clients.", s.Sessions},
		{"builds_running", "Builds that run.", s.Running},
		{"builds_waiting", "Builds that wait for their turn.", s.Waiting},
	} {
		fmt.Fprintf(w, "# HELP buildscope_ssh_%[1]s %[2]s\n# TYPE buildscope_ssh_%[1]s gauge\nbuildscope_ssh_%[1]s %[3]d\n", g.name, g.help, g.value)
	}
	fmt.Fprintf(w, "# HELP go_goroutines Goroutines of the process.\n# TYPE go_goroutines gauge\ngo_goroutines %d\n", runtime.NumGoroutine())
}

func (h *health) close(ctx context.Context) error {
	if err := h.http.Shutdown(ctx); err != nil {
		return errors.Join(err, h.http.Close())
	}
	return nil
}
