package console

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model/sqllex"
)

// Options configures a Session.
type Options struct {
	// Tables are what can be read.
	Tables []Table
	// MemoryLimit is DuckDB's limit in bytes; zero or less means DefaultMemory.
	MemoryLimit int64
	// Threads of DuckDB; zero or less means one per CPU.
	Threads int
	// ParquetFile is the one file that WriteParquet may write; "" for none.
	ParquetFile string
}

// DefaultMemory is the limit of a session in bytes where none is given. What does
// not fit goes to a temporary directory of the session's own.
const DefaultMemory = 1 << 30

// maxSpill bounds that directory.
const maxSpill = "8GiB"

// Table is one table, by name. Names ignore case; of two that are equal the first
// one stands.
type Table struct {
	Name string
	// Parts are put below each other, columns by name.
	Parts []Part
	// Absent says why there is no such table, or what of it is not there.
	Absent string
	// Function makes it a table function without arguments too.
	Function bool
}

// Part is a query over files.
type Part struct {
	SQL   string
	Files []string // absolute paths that it reads
}

// Column is a column of a table or of a result.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// TableInfo is a table as the engine sees it.
type TableInfo struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	Absent  string   `json:"absent,omitempty"` // why it cannot be read, or with columns a part of it; "" when all can
}

// Session is a DuckDB that can do nothing but read the files of its tables. It
// answers one query at a time; others wait.
type Session struct {
	turn   chan struct{} // holds one token; who took it has the database
	db     *database
	tables []TableInfo
	calls  map[string]string // folded names of tables that are functions too, with why one is not there
	temp   string
	write  string

	closing  sync.Once
	closeErr error
}

// ErrClosed is returned by a Session after Close.
var ErrClosed = errors.New("the SQL session is closed")

// Open starts a session. Before any text of a person reaches the engine, it is
// locked: no file but those of the tables can be opened (enable_external_access,
// allowed_paths), no extension is loaded, and no setting can be changed any more.
// On top of it, only a SELECT is taken, see Query. A table whose files cannot be
// read costs only itself.
func Open(ctx context.Context, o Options) (*Session, error) {
	s := &Session{turn: make(chan struct{}, 1), write: o.ParquetFile, calls: map[string]string{}}
	var err error
	if s.temp, err = os.MkdirTemp("", "buildscope-query-"); err != nil {
		return nil, fmt.Errorf("open the SQL session: %w", err)
	}
	if o.MemoryLimit <= 0 {
		o.MemoryLimit = DefaultMemory
	}
	options := map[string]string{
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
		"errors_as_json":               "true", // gives the position of an error
		"memory_limit":                 strconv.FormatInt(o.MemoryLimit, 10) + "B",
		"temp_directory":               filepath.Join(s.temp, "spill"),
		"max_temp_directory_size":      maxSpill,
	}
	if o.Threads > 0 {
		options["threads"] = strconv.Itoa(o.Threads)
	}
	if s.db, err = openDatabase(options); err == nil {
		err = s.prepare(ctx, o)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the SQL session: %w", err), s.release())
	}
	s.turn <- struct{}{}
	return s, nil
}

// prepare locks the database and makes the views. The lock comes first, so that a
// view which needs more than its files shows at once.
func (s *Session) prepare(ctx context.Context, o Options) error {
	var files []string
	for _, t := range o.Tables {
		for _, p := range t.Parts {
			for _, f := range p.Files {
				files = append(files, sqllex.QuoteText(f))
				if pattern := sqllex.QuotePattern(f); pattern != sqllex.QuoteText(f) {
					files = append(files, pattern) // DuckDB asks for the pattern and for what it finds
				}
			}
		}
	}
	if o.ParquetFile != "" {
		files = append(files, sqllex.QuoteText(o.ParquetFile))
	}
	for _, text := range []string{
		"SET allowed_paths = [" + strings.Join(files, ", ") + "]",
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if err := s.db.do(ctx, statement{before: text}); err != nil {
			return fmt.Errorf("lock the engine: %w", err)
		}
	}
	seen := make(map[string]bool)
	for _, t := range o.Tables {
		if name := strings.ToLower(t.Name); seen[name] {
			continue
		} else {
			seen[name] = true
		}
		info, err := s.define(ctx, t)
		if err != nil {
			return err
		}
		s.tables = append(s.tables, info)
		if !t.Function {
			continue
		}
		s.calls[strings.ToLower(t.Name)] = ""
		if info.Columns == nil {
			s.calls[strings.ToLower(t.Name)] = info.Absent
			continue
		}
		name := sqllex.QuoteName(t.Name)
		if err := s.db.do(ctx, statement{before: "CREATE MACRO " + name + "() AS TABLE FROM " + name}); err != nil {
			return fmt.Errorf("make the table function %s: %w", t.Name, err)
		}
	}
	return nil
}

// define makes the view of a table and reads its columns.
func (s *Session) define(ctx context.Context, t Table) (TableInfo, error) {
	info := TableInfo{Name: t.Name, Absent: t.Absent}
	if len(t.Parts) == 0 {
		return info, nil
	}
	parts := make([]string, len(t.Parts))
	for i, p := range t.Parts {
		parts[i] = "(" + p.SQL + "\n)"
	}
	name := sqllex.QuoteName(t.Name)
	err := s.db.do(ctx, statement{before: "CREATE VIEW " + name + " AS " + strings.Join(parts, "\nUNION ALL BY NAME\n")})
	if err == nil {
		info.Columns, err = s.describe(ctx, statement{before: "FROM " + name})
	}
	if ctx.Err() != nil {
		return info, ctx.Err()
	}
	if err != nil {
		info.Absent = err.Error()
		var fault *engine.Error
		if errors.As(err, &fault) {
			info.Absent = fault.Message
		}
	}
	return info, nil
}

// describe gives the columns of a query's result.
func (s *Session) describe(ctx context.Context, text statement) ([]Column, error) {
	text.before = "SELECT column_name, column_type FROM (DESCRIBE " + text.before
	text.after += ")"
	rows, err := s.db.all(ctx, text, 2)
	columns := make([]Column, len(rows))
	for i, r := range rows {
		columns[i] = Column{r[0].Text, r[1].Text}
	}
	return columns, err
}

// Tables lists the tables in the order of the options, those that cannot be read
// included.
func (s *Session) Tables() []TableInfo { return s.tables }

// acquire takes the turn: the right to use the database.
func (s *Session) acquire(ctx context.Context) error {
	select {
	case _, ok := <-s.turn:
		if !ok {
			return ErrClosed
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close waits for the query that runs and frees everything; whoever wants it soon
// ends the query first. It may be called several times.
func (s *Session) Close() error {
	s.closing.Do(func() {
		<-s.turn
		close(s.turn)
		s.closeErr = s.release()
	})
	return s.closeErr
}

func (s *Session) release() error {
	if s.db != nil {
		s.db.close()
	}
	return os.RemoveAll(s.temp)
}
