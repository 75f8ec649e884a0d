// Package objectstest runs a real S3-compatible server for tests.
package objectstest

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// The key of the server.
const (
	AccessKeyID     = "tester"
	SecretAccessKey = "not-a-secret"
)

const gateway = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"

// Server is a store with one bucket.
type Server struct {
	Endpoint string // http://127.0.0.1:port
	Bucket   string
	client   *minio.Client
	requests *http.Transport
}

// Start builds the server, runs it on a free port of 127.0.0.1 until the test ends, and
// makes a bucket. Where its modules cannot be fetched the test is skipped, but not in CI.
func Start(t testing.TB) *Server {
	t.Helper()
	dir := t.TempDir()
	install := exec.Command("go", "install", gateway)
	install.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=-mod=mod")
	if out, err := install.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "true" {
			t.Skipf("building the object store (its modules may not be reachable): %v\n%s", err, out)
		}
		t.Fatalf("building the object store: %v\n%s", err, out)
	}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	var log bytes.Buffer
	// The context of a test ends before its cleanups, which may still use the server.
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "versitygw"), "--port", address, "--quiet", "posix", data)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+AccessKeyID, "ROOT_SECRET_KEY="+SecretAccessKey)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // the signal that ended it
		if t.Failed() {
			t.Logf("the object store said:\n%s", &log)
		}
	})
	requests := &http.Transport{MaxIdleConnsPerHost: 16}
	client, err := minio.New(address, &minio.Options{Creds: credentials.NewStaticV4(AccessKeyID, SecretAccessKey, ""), Region: "us-east-1", Transport: requests})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Endpoint: "http://" + address, Bucket: "shop", client: client, requests: requests}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := client.MakeBucket(t.Context(), s.Bucket, minio.MakeBucketOptions{})
		if err == nil {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited 20 s for the object store: %v", err)
		}
	}
}

// Put stores an object and gives its URL.
func (s *Server) Put(t testing.TB, key string, data []byte) (url string) {
	t.Helper()
	if _, err := s.client.PutObject(t.Context(), s.Bucket, key, bytes.NewReader(data), int64(len(data)), minio.PutObjectOptions{}); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
	return "s3://" + s.Bucket + "/" + key
}

// PutFile stores a file.
func (s *Server) PutFile(t testing.TB, key, path string) (url string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return s.Put(t, key, data)
}

// Remove removes an object.
func (s *Server) Remove(t testing.TB, key string) {
	t.Helper()
	if err := s.client.RemoveObject(t.Context(), s.Bucket, key, minio.RemoveObjectOptions{}); err != nil {
		t.Fatalf("remove %s: %v", key, err)
	}
}

// CloseIdle ends the connections that Put and Remove left, for tests that count what is
// left running.
func (s *Server) CloseIdle() { s.requests.CloseIdleConnections() }

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
