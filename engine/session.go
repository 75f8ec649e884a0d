package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
	"go.opentelemetry.io/otel/trace"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/engine/objects"
)

// ErrClosed is returned by every method of a Session after Close, and by the
// calls that Close cut short.
var ErrClosed = errors.New("the engine session is closed")

// sideConnections is how many short statements (Tables, Query) may run beside
// the one that Materialize runs.
const sideConnections = 2

// Session is one in-memory DuckDB with the caches in front of it. All methods
// may be called from several goroutines; Materialize runs one query at a time,
// because DuckDB spreads each query over all its threads anyway and a profile
// belongs to its connection.
type Session struct {
	db      *sql.DB
	tracer  trace.Tracer // nil: no spans
	catalog *listing.Catalog
	objects *objects.Store // nil: none
	engine  engineInfo     // as DuckDB reported it at Open
	keeps   bool           // as Options.KeepStatistics
	ownTemp string         // directory to remove at Close, or ""

	parsed sync.Map // text of a node's statement -> reads

	life context.Context // ends at Close and interrupts what is running
	end  context.CancelCauseFunc

	// turn holds one token; who took it owns the fields below.
	turn      chan struct{}
	conn      *sql.Conn         // the pinned connection
	views     map[string]string // folded name of a view -> files it reads
	narrow    map[string]string // the same of temporary views, which hide those
	profiling bool              // whether the pinned connection profiles now
	peakTemp  int64             // bytes that were in temporary files at most, as DuckDB told last

	columns map[listing.File][]string // of the first files of tables, for origins

	closing  sync.Once
	closeErr error
}

// Open starts an in-memory DuckDB. Extensions are neither installed nor loaded
// from outside, so nothing here uses the network.
func Open(ctx context.Context, o Options) (*Session, error) {
	temp, own, err := tempDirectory(o.TempDirectory)
	if err != nil {
		return nil, fmt.Errorf("open engine: %w", err)
	}
	s := &Session{
		tracer:  o.Tracer,
		catalog: o.catalog(),
		objects: o.Objects,
		keeps:   o.KeepStatistics,
		turn:    make(chan struct{}, 1),
		views:   make(map[string]string),
		narrow:  make(map[string]string),
		columns: make(map[listing.File][]string),
	}
	if own {
		s.ownTemp = temp
	}
	s.turn <- struct{}{}
	s.life, s.end = context.WithCancelCause(context.Background())
	if err := s.connect(ctx, o, temp); err != nil {
		return nil, fmt.Errorf("open engine: %w", errors.Join(err, s.Close()))
	}
	return s, nil
}

func (s *Session) connect(ctx context.Context, o Options, temp string) error {
	config := url.Values{
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
		"errors_as_json":               {"true"}, // gives the byte position of an error, see error.go
		"temp_directory":               {temp},
	}
	if o.MemoryLimit > 0 {
		config.Set("memory_limit", strconv.FormatInt(o.MemoryLimit, 10)+"B")
	}
	if o.Threads > 0 {
		config.Set("threads", strconv.Itoa(o.Threads))
	}
	connector, err := duckdb.NewConnector("?"+config.Encode(), nil)
	if err != nil {
		return fmt.Errorf("start DuckDB: %w", err)
	}
	s.db = sql.OpenDB(connector)
	s.db.SetMaxOpenConns(1 + sideConnections)
	s.db.SetMaxIdleConns(1 + sideConnections)
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return fmt.Errorf("connect to DuckDB: %w", err)
	}
	s.engine, err = readEngineInfo(ctx, s.conn)
	return err
}

// tempDirectory makes the directory and reports whether it is the session's own.
func tempDirectory(dir string) (path string, own bool, err error) {
	if dir == "" {
		path, err = os.MkdirTemp("", "buildscope-engine-")
		return path, true, err
	}
	if path, err = filepath.Abs(dir); err != nil {
		return "", false, fmt.Errorf("temp directory: %w", err)
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return "", false, fmt.Errorf("make temp directory: %w", err)
	}
	return path, false, nil
}

// Close interrupts what is running, waits for it and frees DuckDB. It may be
// called several times; every call returns the result of the first.
func (s *Session) Close() error {
	s.closing.Do(func() {
		s.end(ErrClosed)
		<-s.turn // never given back: later callers find the session closed
		if s.conn != nil {
			s.closeErr = s.conn.Close()
		}
		if s.db != nil {
			s.closeErr = errors.Join(s.closeErr, s.db.Close())
		}
		if s.objects != nil {
			s.closeErr = errors.Join(s.closeErr, s.objects.Close())
		}
		if s.ownTemp != "" {
			s.closeErr = errors.Join(s.closeErr, os.RemoveAll(s.ownTemp))
		}
		if s.closeErr != nil {
			s.closeErr = fmt.Errorf("close engine: %w", s.closeErr)
		}
	})
	return s.closeErr
}

// scope returns a context that also ends when the session is closed. release
// must be called.
func (s *Session) scope(ctx context.Context) (scoped context.Context, release func(), err error) {
	if s.life.Err() != nil {
		return nil, nil, ErrClosed
	}
	scoped, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.life, func() { cancel(ErrClosed) })
	return scoped, func() { stop(); cancel(nil) }, nil
}

// acquire takes the turn: the right to use the pinned connection.
func (s *Session) acquire(ctx context.Context) (release func(), err error) {
	select {
	case <-s.turn:
		return func() { s.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, Interrupted(ctx)
	}
}

// Listing lists a directory or a file through the session's caches, see
// [listing.Catalog.Listing].
func (s *Session) Listing(ctx context.Context, location string) (*listing.Table, error) {
	return s.catalog.Listing(ctx, location)
}

// CacheState is the account of the three caches.
func (s *Session) CacheState() listing.State { return s.catalog.State() }

// Invalidate forgets what the caches know of a file and of its directory.
// Whoever writes a Parquet file into a directory that is listed calls it after
// the write; Materialize does so for its own output.
func (s *Session) Invalidate(path string) error { return s.catalog.Invalidate(path) }
