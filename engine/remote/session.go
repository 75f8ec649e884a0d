package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/apache/arrow-adbc/go/adbc"
	"github.com/apache/arrow-adbc/go/adbc/driver/flightsql"
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/tcp"
)

// Session is a connection to an engine by Flight SQL, with an embedded one beside it.
// All methods may be called from several goroutines, and queries run at the same time.
type Session struct {
	o       Options
	db      adbc.Database
	version string // as the server tells it, or ""
	writes  string // server or stream
	why     string // the server does not write

	mu   sync.Mutex
	idle []adbc.Connection

	closing  sync.Once
	closeErr error

	seen sync.Map // signature of an input's files -> true: the server reads the rows that are there
}

// Open connects to the server, and fails if it is not there within ConnectTimeout or
// refuses who asks.
func Open(ctx context.Context, o Options) (*Session, error) {
	o.ConnectTimeout = cmp.Or(o.ConnectTimeout, 10*time.Second)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	options, err := o.driverOptions()
	if err != nil {
		return nil, err
	}
	s := &Session{o: o}
	if s.db, err = flightsql.NewDriver(memory.DefaultAllocator).NewDatabaseWithOptions(options, grpc.WithContextDialer(s.dial), s.redial(), grpc.WithChainStreamInterceptor(noHeaders)); err != nil {
		return nil, fmt.Errorf("open %s: %w", o.Endpoint, shorten(err))
	}
	if l, ok := s.db.(adbc.DatabaseLogging); ok {
		l.SetLogger(o.Logger.With("engine", o.Endpoint))
	}
	if err := s.greet(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// dial makes connections that find out when the other side is gone without a word: the
// kernel asks whether it is there, which no server holds against its clients, as many do
// with gRPC's own pings. An attempt has a part of the time, since its packets are sent
// again ever more seldom, and a network that is back would be found late.
func (s *Session) dial(ctx context.Context, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: max(time.Second, s.o.ConnectTimeout/4)}
	c, err := d.DialContext(ctx, "tcp", address)
	if err == nil {
		tcp.Bound(c, s.o.ConnectTimeout)
	}
	return c, err
}

// redial is how soon a connection that is lost is tried again. gRPC waits up to two
// minutes otherwise, in which every statement fails though the server is back.
func (s *Session) redial() grpc.DialOption {
	return grpc.WithConnectParams(grpc.ConnectParams{MinConnectTimeout: s.o.ConnectTimeout,
		Backoff: backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second}})
}

// noHeaders keeps from gRPC where to put the headers of an answer. When a statement is
// cancelled, the driver reads them while gRPC may still write them.
func noHeaders(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	opts = slices.DeleteFunc(slices.Clone(opts), func(o grpc.CallOption) bool {
		switch o.(type) {
		case grpc.HeaderCallOption, grpc.TrailerCallOption:
			return true
		}
		return false
	})
	return next(ctx, desc, cc, method, opts...)
}

// greet asks the server who it is, and what it sees of this machine's files.
func (s *Session) greet(ctx context.Context) error {
	rows, err := s.ask(ctx, "SELECT version()")
	var said adbc.Error
	switch {
	case err == nil && len(rows) > 0:
		s.version = rows[0]
	case errors.As(err, &said) && (said.Code == adbc.StatusUnauthenticated || said.Code == adbc.StatusUnauthorized):
		return fmt.Errorf("%s refuses engine.token: %w", s.o.Endpoint, shorten(err))
	case errors.As(err, &said) && said.Code != adbc.StatusIO: // it is there, and has no such function
		if _, err := s.ask(ctx, "SELECT 1"); err != nil {
			return fmt.Errorf("ask %s: %w", s.o.Endpoint, shorten(err))
		}
	case err != nil:
		return fmt.Errorf("no engine answers at %s within %s: %w", s.o.Endpoint, s.o.ConnectTimeout, shorten(err))
	}
	s.writes = WritesStream
	if s.o.Writes == WritesStream {
		s.why = "engine.remote_writes is stream"
		return nil
	}
	if err := s.probe(ctx); err != nil {
		if s.o.Writes == WritesServer || ctx.Err() != nil {
			return fmt.Errorf("engine.remote_writes is server, but %s writes nothing that is seen here in %s: %w", s.o.Endpoint, s.o.ProbeDir, err)
		}
		s.why = err.Error()
		return nil
	}
	s.writes = WritesServer
	return nil
}

// probe lets the server write one row into the build's folder.
func (s *Session) probe(ctx context.Context) error {
	if err := os.MkdirAll(s.o.ProbeDir, 0o755); err != nil {
		return fmt.Errorf("make a folder for the server to write into: %w", err)
	}
	dir, err := os.MkdirTemp(s.o.ProbeDir, "probe-")
	if err != nil {
		return fmt.Errorf("make a folder for the server to write into: %w", err)
	}
	defer os.RemoveAll(dir) // what is left of it is in the run's own work folder
	to := filepath.Join(dir, "written")
	if _, err := s.ask(ctx, writeTo(to)+"SELECT 1 AS one"); err != nil {
		return shorten(err)
	}
	parts, err := filepath.Glob(filepath.Join(to, "*.parquet"))
	if err == nil && len(parts) == 0 {
		err = errors.New("the server wrote a file that is not seen here; the folder is not shared with it")
	}
	return err
}

// Close ends the connections. What is running is cancelled by its own context. It may
// be called several times.
func (s *Session) Close() error {
	s.closing.Do(func() { s.closeErr = s.close() })
	return s.closeErr
}

func (s *Session) close() error {
	s.mu.Lock()
	idle := s.idle
	s.idle = nil
	s.mu.Unlock()
	var g errgroup.Group
	for _, c := range idle {
		g.Go(c.Close) // at once: each waits for goodbyeTimeout where the network is dead
	}
	if err := errors.Join(g.Wait(), s.db.Close()); err != nil {
		return fmt.Errorf("close the connection to %s: %w", s.o.Endpoint, shorten(err))
	}
	return nil
}

// Tables lists the tables that a SELECT of the embedded dialect reads.
func (s *Session) Tables(ctx context.Context, sql string) ([]model.TableRef, error) {
	return s.o.Local.Tables(ctx, sql)
}

// Describe says what files hold, from their footers, read here.
func (s *Session) Describe(ctx context.Context, table string, files []string) (*arrow.Schema, model.SourceTable, error) {
	return s.o.Local.Describe(ctx, table, files)
}
