// Package oteltest runs a real OpenTelemetry Collector for tests.
package oteltest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// StartCollector builds the collector of otel/testdata/collector, runs it with a
// configuration until the test ends, and returns when it listens on all ports of
// 127.0.0.1. Where its modules cannot be fetched the test is skipped, but not in CI.
func StartCollector(t testing.TB, config string, ports ...int) {
	t.Helper()
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatalf("find the module: %v", err)
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-C", filepath.Join(strings.TrimSpace(string(root)), "otel", "testdata", "collector"), "-o", filepath.Join(dir, "collector"), ".")
	if out, err := build.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "true" {
			t.Skipf("building the collector (its modules may not be reachable): %v\n%s", err, out)
		}
		t.Fatalf("building the collector: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "collector"), "--config", filepath.Join(dir, "config.yaml"))
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Wait() // the signal that ended it
		if t.Failed() {
			t.Logf("the collector said:\n%s", &log)
		}
	})
	for _, port := range ports {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			conn, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
			if err == nil {
				conn.Close()
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("waited 20 s for the collector to listen on port %d", port)
			}
		}
	}
}

// FreePort finds a port of 127.0.0.1 that was free a moment ago.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
