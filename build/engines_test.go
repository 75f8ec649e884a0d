package build_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/buildscope/buildscope/model/nettest"
)

// Each setting of a remote engine reaches its server: token and headers with every call,
// and a certificate both ways.
func TestRemoteEngineSettings(t *testing.T) {
	dir := t.TempDir()
	cert := nettest.Certificate(t, dir)
	pool := x509.NewCertPool()
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(leaf)
	var mu sync.Mutex
	var told []string
	address := listen(t, func(_ any, s grpc.ServerStream) error {
		md, _ := metadata.FromIncomingContext(s.Context())
		p, _ := peer.FromContext(s.Context())
		shown := "no certificate"
		if info, ok := p.AuthInfo.(credentials.TLSInfo); ok && len(info.State.PeerCertificates) > 0 {
			shown = info.State.PeerCertificates[0].Subject.CommonName
		}
		mu.Lock()
		told = append(told, strings.Join(md.Get("authorization"), "")+"|"+strings.Join(md.Get("x-database"), "")+"|"+shown)
		mu.Unlock()
		return status.Error(codes.Unimplemented, "nothing is known here")
	}, grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{cert}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert})))
	_, err = start(t, t.TempDir(), nil, "engine-kind", "flightsql", "engine-endpoint", "grpc+tls://"+address, "engine-token", "s3cret", "engine-headers", "X-Database=sales",
		"engine-ca-certificate", filepath.Join(dir, "cert.pem"), "engine-client-certificate", filepath.Join(dir, "cert.pem"), "engine-client-key", filepath.Join(dir, "key.pem"))
	if err == nil || !strings.Contains(err.Error(), "nothing is known here") {
		t.Errorf("error %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) == 0 {
		t.Fatal("the server was not asked")
	}
	for _, got := range told {
		if got != "Bearer s3cret|sales|tester" {
			t.Errorf("the server was told %s", got)
		}
	}
}

// The two limits of time are those of the settings.
func TestRemoteEngineTimeouts(t *testing.T) {
	silent := listen(t, func(_ any, s grpc.ServerStream) error {
		<-s.Context().Done()
		return status.FromContextError(s.Context().Err()).Err()
	})
	began := time.Now()
	if _, err := start(t, t.TempDir(), nil, "engine-kind", "flightsql", "engine-endpoint", "grpc://"+silent, "engine-query-timeout", "300ms"); err == nil {
		t.Error("a server that says nothing was taken for an engine")
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = start(t, t.TempDir(), nil, "engine-kind", "flightsql", "engine-endpoint", "grpc://"+nobody, "engine-connect-timeout", "1s")
	if err == nil || !strings.Contains(err.Error(), "no engine answers at grpc://"+nobody+" within 1s") {
		t.Errorf("error %v", err)
	}
}

// listen serves every call by a function, until the test ends, and gives its address.
func listen(t *testing.T, answer grpc.StreamHandler, options ...grpc.ServerOption) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(append(options, grpc.UnknownServiceHandler(answer))...)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Serve(l) // ends by Stop
	}()
	t.Cleanup(func() { s.Stop(); <-ended })
	return l.Addr().String()
}
