package remote

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/buildscope/buildscope/model"
)

// Statements that are cancelled at any moment leave neither goroutines nor files.
func TestCancelledAnywhere(t *testing.T) {
	f := &fake{rows: func(_ context.Context, _ string, send func(...int64) error) error {
		for range 50 {
			if err := send(1, 2, 3); err != nil {
				return err
			}
			time.Sleep(100 * time.Microsecond) // so that some are cancelled between two batches
		}
		return nil
	}}
	here := local(t)
	base := runtime.NumGoroutine()
	endpoint, stop := serve(t, f, "127.0.0.1:0")
	s := open(t, endpoint, Options{Local: here})
	dir := t.TempDir()
	var g errgroup.Group
	g.SetLimit(4)
	var whole, cut atomic.Int64
	for i := range 200 {
		g.Go(func() error {
			ctx, cancel := context.WithTimeout(t.Context(), rand.N(100*time.Millisecond))
			defer cancel()
			path := filepath.Join(dir, fmt.Sprintf("%d.parquet", i))
			got, err := s.Materialize(ctx, model.Query{Node: "n", SQL: "SELECT 1 AS n", Path: path})
			switch {
			case err == nil && got.Rows == 150:
				whole.Add(1)
				return os.Remove(path)
			case err != nil && ctx.Err() != nil && strings.Contains(err.Error(), ctx.Err().Error()):
				cut.Add(1)
				return nil
			}
			return fmt.Errorf("%d rows: %w", got.Rows, err)
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	if cut.Load() == 0 {
		t.Error("none was cancelled")
	}
	t.Logf("%d went through, %d were cancelled", whole.Load(), cut.Load())
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	stop()
	settles(t, base)
}

// A connection that breaks, with or without a word, is not taken for a fault of the
// statement, whatever gRPC makes of it; a fault of the statement is not sent again.
func TestLost(t *testing.T) {
	for _, c := range []struct {
		err  error
		lost bool
	}{
		{status.Error(codes.Unavailable, "error reading from server: read tcp: connection reset by peer"), true},
		{status.Error(codes.DataLoss, "gone"), true},
		{status.Error(codes.Internal, "stream terminated by RST_STREAM with error code: INTERNAL_ERROR"), true},
		{status.Error(codes.Canceled, "stream terminated by RST_STREAM with error code: CANCEL"), true},
		{status.Error(codes.Internal, "server closed the stream without sending trailers"), true},
		{status.Error(codes.Internal, io.ErrUnexpectedEOF.Error()), true},
		{status.Error(codes.Internal, "task failed: connection reset by peer"), false},
		{status.Error(codes.Canceled, "by an administrator"), false},
		{status.Error(codes.InvalidArgument, "unexpected EOF (in SQL)"), false},
	} {
		t.Run(c.err.Error(), func(t *testing.T) {
			var asked atomic.Int64
			f := &fake{rows: func(_ context.Context, sql string, send func(...int64) error) error {
				if strings.Contains(sql, "breaks") && asked.Add(1) == 1 {
					return c.err
				}
				return send(1)
			}}
			endpoint, _ := serve(t, f, "127.0.0.1:0")
			s := open(t, endpoint, Options{})
			_, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT 1 AS n /* breaks */", Path: filepath.Join(t.TempDir(), "n.parquet")})
			if want := map[bool]int64{true: 2, false: 1}[c.lost]; asked.Load() != want || (err == nil) != c.lost {
				t.Errorf("sent %d times: %v", asked.Load(), err)
			}
		})
	}
}

// A connection that is reset in the middle of an answer is made again.
func TestReset(t *testing.T) {
	var sent atomic.Int64
	var conns atomic.Pointer[net.TCPConn]
	f := &fake{rows: func(_ context.Context, sql string, send func(...int64) error) error {
		if strings.Contains(sql, "breaks") && sent.Add(1) == 1 {
			if err := send(1, 2, 3); err != nil {
				return err
			}
			c := conns.Load()
			if err := c.SetLinger(0); err != nil { // so that Close resets
				return err
			}
			return c.Close()
		}
		return send(4)
	}}
	endpoint, _ := serve(t, f, "127.0.0.1:0")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var g errgroup.Group
	g.Go(func() error {
		for {
			client, err := l.Accept()
			if err != nil {
				return nil // closed by the test
			}
			server, err := net.Dial("tcp", strings.TrimPrefix(endpoint, "grpc://"))
			if err != nil {
				return err
			}
			conns.Store(client.(*net.TCPConn))
			for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
				g.Go(func() error {
					_, _ = io.Copy(way[0], way[1]) // until either is closed
					_, _ = way[0].Close(), way[1].Close()
					return nil
				})
			}
		}
	})
	s := open(t, "grpc://"+l.Addr().String(), Options{})
	got, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT 1 AS n /* breaks */", Path: filepath.Join(t.TempDir(), "n.parquet")})
	if err != nil || got.Rows != 1 || sent.Load() != 2 {
		t.Errorf("%d rows of %d attempts: %v", got.Rows, sent.Load(), err)
	}
	_, _ = s.Close(), l.Close()
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}
