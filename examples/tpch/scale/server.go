//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// server is Sail with workers of its own.
type server struct {
	cmd     *exec.Cmd
	address string
	log     *os.File
	ended   chan struct{} // closed when cmd has ended
}

// cores are the first of the machine, as taskset has them.
func cores(e engine) string { return fmt.Sprintf("0-%d", e.cores-1) }

// serve starts a server and waits until it takes connections. Its log is beside the
// data and tells of each worker.
func (m *measurement) serve(ctx context.Context, e engine) (*server, error) {
	log, err := os.Create(filepath.Join(m.dir, fmt.Sprintf("sail-%d-%d.log", e.cores, e.workers)))
	if err != nil {
		return nil, err
	}
	s := &server{address: fmt.Sprintf("127.0.0.1:%d", m.port), log: log, ended: make(chan struct{})}
	s.cmd = exec.CommandContext(ctx, "taskset", "-c", cores(e), m.sail, "flight", "server", "--ip", "127.0.0.1", "--port", strconv.Itoa(m.port))
	count := strconv.Itoa(e.workers)
	s.cmd.Env = append(os.Environ(), "RUST_LOG=info", "SAIL_MODE=local-cluster", "SAIL_CLUSTER__WORKER_INITIAL_COUNT="+count,
		"SAIL_CLUSTER__WORKER_MAX_COUNT="+count, "SAIL_EXECUTION__DEFAULT_PARALLELISM="+strconv.Itoa(e.cores))
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start Sail: %w", err), log.Close())
	}
	go func() { // ends with the server, for which stop waits
		_ = s.cmd.Wait() // the signal that ended it
		close(s.ended)
	}()
	for tries := 0; ; tries++ {
		if c, err := net.DialTimeout("tcp", s.address, time.Second); err == nil {
			return s, c.Close()
		}
		select {
		case <-s.ended:
			return nil, fmt.Errorf("server of Sail ended while it started: %s says why", log.Name())
		case <-time.After(50 * time.Millisecond):
		}
		if tries == 600 {
			s.stop()
			return nil, fmt.Errorf("waited half a minute for Sail: %s says more", log.Name())
		}
	}
}

func (s *server) stop() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.ended
	_ = s.log.Close() // only written by the server
}

// used are the CPU time and the most memory of the server up to now; zero where it has
// ended, which its build will tell.
func (s *server) used() (cpu time.Duration, memory int64) {
	proc := fmt.Sprintf("/proc/%d/", s.cmd.Process.Pid)
	if stat, err := os.ReadFile(proc + "stat"); err == nil {
		_, after, _ := strings.Cut(string(stat), ") ")
		if f := strings.Fields(after); len(f) > 12 {
			user, _ := strconv.ParseInt(f[11], 10, 64)
			system, _ := strconv.ParseInt(f[12], 10, 64)
			cpu = time.Duration(user+system) * 10 * time.Millisecond // a hundredth of a second each
		}
	}
	status, _ := os.ReadFile(proc + "status") // none: it has ended
	if _, after, found := strings.Cut(string(status), "VmHWM:"); found {
		if f := strings.Fields(after); len(f) > 0 {
			memory, _ = strconv.ParseInt(f[0], 10, 64)
		}
	}
	return cpu, memory << 10
}
