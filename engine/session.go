package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
)

// Options says how a session is opened.
type Options struct {
	MemoryLimit   int64  // bytes; 0 leaves the engine's own limit
	TempDirectory string // where the engine spills; must be set
	Threads       int    // 0: one per CPU
	Caches        CacheOptions
}

// Session is one embedded engine with one connection for statements and one for
// parsing. Statements run one at a time; the engine parallelises within each.
type Session struct {
	db     *sql.DB
	caches *Caches

	mu    sync.Mutex // guards conn and bound: profile and views belong to one connection
	conn  *sql.Conn
	bound map[string]string // view name to the files it reads

	parseMu sync.Mutex
	parse   *sql.Conn
	close   sync.Once
}

// Open starts an engine in memory. Extensions are never installed or loaded from
// the network.
func Open(ctx context.Context, o Options) (*Session, error) {
	if o.Threads <= 0 {
		o.Threads = runtime.NumCPU()
	}
	v := url.Values{}
	v.Set("threads", fmt.Sprint(o.Threads))
	v.Set("temp_directory", o.TempDirectory)
	v.Set("autoinstall_known_extensions", "false")
	v.Set("autoload_known_extensions", "false")
	v.Set("preserve_insertion_order", "true")
	if o.MemoryLimit > 0 {
		v.Set("memory_limit", fmt.Sprintf("%dB", o.MemoryLimit))
	}
	connector, err := duckdb.NewConnector("?"+v.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("open the engine: %w", err)
	}
	s := &Session{db: sql.OpenDB(connector), caches: NewCaches(o.Caches), bound: map[string]string{}}
	if s.conn, err = s.db.Conn(ctx); err == nil {
		s.parse, err = s.db.Conn(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the engine: %w", err), s.Close())
	}
	return s, nil
}

// Close ends the engine. It may be called twice.
func (s *Session) Close() error {
	var err error
	s.close.Do(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, c := range []*sql.Conn{s.conn, s.parse} {
			if c != nil {
				err = errors.Join(err, c.Close())
			}
		}
		err = errors.Join(err, s.db.Close())
	})
	return err
}

// Setting reads one setting back from the engine.
func (s *Session) Setting(ctx context.Context, name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var v string
	err := s.conn.QueryRowContext(ctx, "SELECT current_setting(?)::VARCHAR", name).Scan(&v)
	if err != nil {
		return "", fmt.Errorf("read engine setting %s: %w", name, err)
	}
	return v, nil
}

// Version is the engine's name and version.
func (s *Session) Version(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var v string
	if err := s.conn.QueryRowContext(ctx, "SELECT version()").Scan(&v); err != nil {
		return "", fmt.Errorf("read the engine's version: %w", err)
	}
	return "DuckDB " + v, nil
}

// Rows runs a small query and returns at most limit rows as text.
func (s *Session) Rows(ctx context.Context, query string, limit int) (columns []string, rows [][]string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	res, err := s.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, nil, fmt.Errorf("query: %w", err)
	}
	defer res.Close()
	if columns, err = res.Columns(); err != nil {
		return nil, nil, fmt.Errorf("query: %w", err)
	}
	for res.Next() && len(rows) < limit {
		cells := make([]any, len(columns))
		ptrs := make([]any, len(columns))
		for i := range cells {
			ptrs[i] = &cells[i]
		}
		if err := res.Scan(ptrs...); err != nil {
			return nil, nil, fmt.Errorf("query: %w", err)
		}
		row := make([]string, len(columns))
		for i, c := range cells {
			row[i] = "NULL"
			if c != nil {
				row[i] = fmt.Sprint(c)
			}
		}
		rows = append(rows, row)
	}
	return columns, rows, res.Err()
}

// quote makes a SQL string literal, ident a quoted identifier.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
func ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
