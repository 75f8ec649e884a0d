package remote

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/nettest"
)

// one answers every statement with one row.
func one(_ context.Context, _ string, send func(...int64) error) error { return send(1) }

func TestHeaders(t *testing.T) {
	f := &fake{rows: one}
	endpoint, _ := serve(t, f, "127.0.0.1:0")
	s := open(t, endpoint, Options{Token: "s3cret", Headers: map[string]string{"X-Database": "sales"}})
	if _, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT 1 AS n", Path: filepath.Join(t.TempDir(), "n.parquet")}); err != nil {
		t.Fatal(err)
	}
	for i, md := range f.heads {
		if got := strings.Join(md.Get("authorization"), ","); got != "Bearer s3cret" {
			t.Errorf("statement %d came with authorization %q", i, got)
		}
		if got := strings.Join(md.Get("x-database"), ","); got != "sales" {
			t.Errorf("statement %d came with x-database %q", i, got)
		}
	}
	if len(f.heads) < 2 {
		t.Errorf("%d statements came", len(f.heads))
	}
}

func TestRefused(t *testing.T) {
	ask := func(ctx context.Context, _ any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		if strings.Join(md.Get("authorization"), "") != "Bearer right" {
			return nil, status.Error(codes.Unauthenticated, "who are you")
		}
		return next(ctx, nil)
	}
	endpoint, _ := serve(t, &fake{rows: one}, "127.0.0.1:0", grpc.UnaryInterceptor(ask))
	_, err := tryOpen(t, endpoint, Options{Token: "wrong"})
	if err == nil || !strings.Contains(err.Error(), "refuses engine.token") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("error %v", err)
	}
}

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = tryOpen(t, "grpc://"+address, Options{ConnectTimeout: time.Second})
	if err == nil || !strings.Contains(err.Error(), "no engine answers at grpc://"+address+" within 1s") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error %v", err)
	}
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	cert, ca := nettest.Certificate(t, dir), filepath.Join(dir, "cert.pem")
	endpoint, _ := serve(t, &fake{rows: one}, "127.0.0.1:0", grpc.Creds(credentials.NewServerTLSFromCert(&cert)))
	address := strings.TrimPrefix(endpoint, "grpc://")
	open(t, "grpc+tls://"+address, Options{CACert: ca})
	if _, err := tryOpen(t, "grpc+tls://"+address, Options{ConnectTimeout: time.Second}); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without the CA: %v", err)
	}
	if _, err := tryOpen(t, "grpc+tls://"+address, Options{CACert: filepath.Join(t.TempDir(), "none")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("with a CA that is not there: %v", err)
	}
}

// A server that is started again in the middle of a build costs nothing but time.
func TestServerStartedAgain(t *testing.T) {
	f := &fake{rows: one}
	endpoint, stop := serve(t, f, "127.0.0.1:0")
	s := open(t, endpoint, Options{})
	stop()
	again := make(chan struct{})
	go func() {
		defer close(again)
		time.Sleep(300 * time.Millisecond) // the first attempts find nobody
		serve(t, f, strings.TrimPrefix(endpoint, "grpc://"))
	}()
	_, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT 1 AS n", Path: filepath.Join(t.TempDir(), "n.parquet")})
	<-again
	if err != nil {
		t.Error(err)
	}
}

// A stream that breaks off is begun anew, and its rows are there once.
func TestBrokenStream(t *testing.T) {
	broken := false
	f := &fake{rows: func(_ context.Context, sql string, send func(...int64) error) error {
		if !strings.Contains(sql, "broken") {
			return send(1)
		}
		if err := send(1, 2, 3); err != nil {
			return err
		}
		if !broken {
			broken = true
			return status.Error(codes.Unavailable, "gone")
		}
		return send(4)
	}}
	endpoint, _ := serve(t, f, "127.0.0.1:0")
	s := open(t, endpoint, Options{})
	path := filepath.Join(t.TempDir(), "n.parquet")
	got, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT 1 AS n /* broken */", Path: path})
	if err != nil || got.Rows != 4 {
		t.Errorf("%d rows, error %v", got.Rows, err)
	}
	columns, rows, err := local(t).Query(t.Context(), "SELECT list(n ORDER BY n)::VARCHAR AS n FROM '"+path+"'", 1)
	if err != nil || len(rows) != 1 || rows[0][0] != "[1, 2, 3, 4]" {
		t.Errorf("%v %v: %v", columns, rows, err)
	}
}

func TestCancel(t *testing.T) {
	reached, cancelled := make(chan struct{}), make(chan struct{})
	f := &fake{rows: func(ctx context.Context, sql string, send func(...int64) error) error {
		if !strings.Contains(sql, "endless") {
			return send(1)
		}
		close(reached)
		<-ctx.Done()
		close(cancelled)
		return ctx.Err()
	}}
	endpoint, _ := serve(t, f, "127.0.0.1:0")
	s := open(t, endpoint, Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("somebody said so")
	go func() { <-reached; cancel(why) }()
	dir := t.TempDir()
	_, err := s.Materialize(ctx, model.Query{Node: "n", SQL: "SELECT 1 AS n /* endless */", Path: filepath.Join(dir, "n.parquet")})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, why) || !strings.HasPrefix(err.Error(), "node n: ") {
		t.Errorf("error %v", err)
	}
	select {
	case <-cancelled:
	case <-time.After(10 * time.Second):
		t.Error("the server was not told")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestQueryTimeout(t *testing.T) {
	f := &fake{rows: func(ctx context.Context, sql string, send func(...int64) error) error {
		if strings.Contains(sql, "slow") {
			<-ctx.Done()
		}
		return send(1)
	}}
	endpoint, _ := serve(t, f, "127.0.0.1:0")
	s := open(t, endpoint, Options{QueryTimeout: 200 * time.Millisecond})
	_, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT 1 AS n /* slow */", Path: filepath.Join(t.TempDir(), "n.parquet")})
	if err == nil || !strings.Contains(err.Error(), "engine.query_timeout") || !strings.Contains(err.Error(), "200ms") {
		t.Errorf("error %v", err)
	}
}

// A large result goes through in batches: while the server sends, what is held here
// stays small, and so does what a reader that lags makes the server send ahead.
func TestBoundedStream(t *testing.T) {
	const batches, size = 120, 50_000 // 48 MB in all
	values := make([]int64, size)
	f := &fake{rows: func(_ context.Context, sql string, send func(...int64) error) error {
		if !strings.Contains(sql, "large") {
			return send(1)
		}
		for range batches {
			if err := send(values...); err != nil {
				return err
			}
		}
		return nil
	}}
	endpoint, _ := serve(t, f, "127.0.0.1:0")
	s := open(t, endpoint, Options{})
	most := heapWhile(t, func() {
		got, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT 1 AS n /* large */", Path: filepath.Join(t.TempDir(), "n.parquet")})
		if err != nil || got.Rows != batches*size {
			t.Errorf("%d rows, error %v", got.Rows, err)
		}
	})
	if most > 24<<20 {
		t.Errorf("%d MB were held", most>>20)
	}
}
