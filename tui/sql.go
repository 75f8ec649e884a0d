package tui

import (
	"context"
	"errors"
	"sync"
)

// SQL is what the console works with.
type SQL struct {
	// Open opens the tables of some runs. It reads files, is called beside the
	// screen and ends with its context; what it gives outlives that.
	Open func(ctx context.Context, runIDs []string) (SQLTables, error)
	// Saved are queries that can be chosen.
	Saved []SavedQuery
	// Export writes the whole result of a query to a file, whose ending is its
	// format. Unless replace is set, a file that is there is an error that
	// errors.Is(err, fs.ErrExist). Nil means that this viewer may not write files.
	Export func(ctx context.Context, runIDs []string, text, path string, replace bool) error
	// History keeps what was asked beyond the program; nil: it is not kept.
	History SQLHistory
}

// SQLHistory is the texts that were asked, the oldest one first. Both methods may
// read and write files, and may be called from any goroutine.
type SQLHistory interface {
	Load() ([]string, error)
	Add(text string) error
}

// SavedQuery is a query with a name.
type SavedQuery struct{ Name, Help, SQL string }

// SQLTable is a table that can be asked about.
type SQLTable struct {
	Name    string
	Columns []string
	Absent  string // why it cannot be read, or with columns a part of it; "" when all can
}

// SQLTables are the open tables of some runs. One query is read at a time.
type SQLTables interface {
	Tables() []SQLTable
	// Query begins a SELECT; it ends with ctx.
	Query(ctx context.Context, text string) (SQLRows, error)
	Close() error
}

// SQLRows is a result that is being read. It ends with the context of its query.
type SQLRows interface {
	Columns() (names, types []string)
	// Next gives some rows that follow, as many cells as columns each; none at the end.
	Next() (rows [][]string, nulls [][]bool, err error)
	Close()
}

// sqlSession is the tables of some runs, opened when they are first used, and the
// result that is being read. Cmds use it one at a time; close waits for the one that
// does, so whoever wants it soon ends that one's context first.
type sqlSession struct {
	runs []string
	open func(ctx context.Context, runIDs []string) (SQLTables, error)

	mu     sync.Mutex
	tables SQLTables
	rows   SQLRows
	closed bool
}

// sqlPage is a part of a result.
type sqlPage struct {
	names, types []string
	rows         [][]string
	nulls        [][]bool
}

var errConsoleClosed = errors.New("the console was closed")

// ready opens the tables.
func (s *sqlSession) ready(ctx context.Context) (err error) {
	switch {
	case s.closed:
		return errConsoleClosed
	case s.tables != nil:
		return nil
	}
	tables, err := s.open(ctx, s.runs)
	if err == nil {
		s.tables = tables
	}
	return err
}

// list gives the tables.
func (s *sqlSession) list(ctx context.Context) ([]SQLTable, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	return s.tables.Tables(), nil
}

// query begins a query in the place of the one before, and gives its first rows.
func (s *sqlSession) query(ctx context.Context, text string) (sqlPage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
	if err := s.ready(ctx); err != nil {
		return sqlPage{}, err
	}
	rows, err := s.tables.Query(ctx, text)
	if err != nil {
		return sqlPage{}, err
	}
	s.rows = rows
	return s.read()
}

// next gives rows that follow; none at the end.
func (s *sqlSession) next() (sqlPage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows == nil {
		return sqlPage{}, nil
	}
	return s.read()
}

// read reads a part of the result. At its end, or after an error, the result holds
// nothing any more.
func (s *sqlSession) read() (page sqlPage, err error) {
	page.names, page.types = s.rows.Columns()
	page.rows, page.nulls, err = s.rows.Next()
	if err != nil || len(page.rows) == 0 {
		s.drop()
	}
	return page, err
}

// stop ends the result that is being read.
func (s *sqlSession) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
}

func (s *sqlSession) drop() {
	if s.rows != nil {
		s.rows.Close()
		s.rows = nil
	}
}

// close frees everything. It may be called several times.
func (s *sqlSession) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.drop()
	if s.tables == nil {
		return nil
	}
	tables := s.tables
	s.tables = nil
	return tables.Close()
}
