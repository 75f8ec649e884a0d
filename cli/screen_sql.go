package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/buildscope/buildscope/build/query"
	"github.com/buildscope/buildscope/engine/console"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/wholefile"
	"github.com/buildscope/buildscope/tui"
)

// screenSQL is what the console of the screen works with. The settings are asked for
// from several goroutines, each time: they are edited on the screen.
func (g *globals) screenSQL(settings func() model.Settings) *tui.SQL {
	sql := &tui.SQL{
		Open: func(ctx context.Context, runIDs []string) (tui.SQLTables, error) {
			s, err := g.openTables(ctx, settings(), runIDs, "")
			if err != nil {
				return nil, err // not a screenTables that holds nil
			}
			return screenTables{s, g.consoleLimits()}, nil
		},
		Export: func(ctx context.Context, runIDs []string, text, path string, replace bool) error {
			return g.exportSQL(ctx, settings(), runIDs, text, path, replace)
		},
	}
	for _, s := range query.Examples() {
		sql.Saved = append(sql.Saved, tui.SavedQuery{Name: s.Name, Help: s.Help, SQL: s.SQL})
	}
	if path := stateFile(g.io.Env, "sql_history"); path != "" {
		sql.History = &historyFile{path: path}
	}
	return sql
}

// openTables opens the tables of runs; parquet is the one file that may be written.
func (g *globals) openTables(ctx context.Context, s model.Settings, runIDs []string, parquet string) (*console.Session, error) {
	runs, err := g.findRuns(s.Build.WorkDir, strings.Join(runIDs, ","))
	if err != nil {
		return nil, err
	}
	options := g.consoleOptions(s)
	options.ParquetFile = parquet
	return query.Open(ctx, runs, options)
}

// exportSQL writes the whole result of a query to a file in the format of its ending.
func (g *globals) exportSQL(ctx context.Context, settings model.Settings, runIDs []string, text, path string, replace bool) (err error) {
	o := queryOptions{format: strings.ToLower(strings.TrimPrefix(filepath.Ext(path), ".")), out: path}
	if o.format != "csv" && o.format != "json" && o.format != "parquet" {
		return fmt.Errorf("file %s: its ending must be .csv, .json or .parquet, which is its format", path)
	}
	o.out = g.path(o.out)
	if _, err := os.Lstat(o.out); err == nil && !replace {
		return &fs.PathError{Op: "write", Path: o.out, Err: fs.ErrExist}
	}
	s, err := g.openTables(ctx, settings, runIDs, o.out+wholefile.Half)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := s.Close(); err == nil {
			err = closeErr
		}
	}()
	return writeFile(ctx, s, text, o)
}

// screenTables are the tables of runs as the console asks them.
type screenTables struct {
	s      *console.Session
	limits queryOptions // rows and time of a query
}

func (t screenTables) Tables() []tui.SQLTable {
	var out []tui.SQLTable
	for _, info := range t.s.Tables() {
		table := tui.SQLTable{Name: info.Name, Absent: info.Absent}
		for _, c := range info.Columns {
			table.Columns = append(table.Columns, c.Name)
		}
		out = append(out, table)
	}
	return out
}

func (t screenTables) Query(ctx context.Context, text string) (tui.SQLRows, error) {
	stop := context.CancelFunc(func() {})
	if t.limits.timeout > 0 {
		ctx, stop = context.WithTimeoutCause(ctx, t.limits.timeout, fmt.Errorf("it took longer than ssh.query_timeout (%s)", t.limits.timeout))
	}
	rows, err := t.s.Query(ctx, text, t.limits.limit)
	if err != nil {
		stop()
		return nil, err
	}
	return screenRows{rows, stop}, nil
}

func (t screenTables) Close() error { return t.s.Close() }

// screenRows is a result as the console reads it.
type screenRows struct {
	rows *console.Rows
	stop context.CancelFunc
}

func (r screenRows) Columns() (names, types []string) {
	for _, c := range r.rows.Columns() {
		names, types = append(names, c.Name), append(types, c.Type)
	}
	return names, types
}

func (r screenRows) Next() (rows [][]string, nulls [][]bool, err error) {
	_, err = r.rows.Next(func(cells []console.Cell) {
		row, null := make([]string, len(cells)), make([]bool, len(cells))
		for i, c := range cells {
			row[i], null[i] = c.Text, c.Null
		}
		rows, nulls = append(rows, row), append(nulls, null)
	})
	return rows, nulls, err
}

func (r screenRows) Close() {
	r.rows.Close()
	r.stop()
}

// consoleLimits bound a query on the screen; only somebody else's is.
func (g *globals) consoleLimits() queryOptions {
	if g.visit == nil {
		return queryOptions{}
	}
	return g.visit.bound(queryOptions{})
}

// consoleOptions bound what a query may take.
func (g *globals) consoleOptions(s model.Settings) console.Options {
	limit := s.Engine.MemoryLimit
	if g.visit != nil && (limit <= 0 || limit > g.visit.ssh().QueryMemory) {
		limit = g.visit.ssh().QueryMemory
	}
	return console.Options{MemoryLimit: limit}
}
