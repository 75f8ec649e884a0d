package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.opentelemetry.io/otel/attribute"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/sqllex"
)

// Materialize runs one SELECT over its inputs and writes the result to q.Path
// as Parquet with zstd, at level 1: on the ids and numbers of a graph that is a
// third faster than DuckDB's level 3, and no larger. A column of more than 2,000
// values per row group gets no dictionary: DuckDB would fill one of 6,144 before it
// gives it up, for each column of ids. The file appears by rename,
// whole or not at all. An entry of an input's Files may be a directory or a URL, see Bind.
// Cancelling the context interrupts DuckDB within half a second, and the error
// wraps ctx.Err().
//
// Column types are DuckDB's, with one trap: Parquet has no 128-bit integer, so
// DuckDB writes sum() of a BIGINT as DOUBLE. Cast it in the statement.
func (s *Session) Materialize(ctx context.Context, q model.Query) (model.QueryResult, error) {
	ctx, done, err := s.scope(ctx)
	if err != nil {
		return model.QueryResult{}, nodeError(q.Node, err)
	}
	defer done()
	ctx, span := s.StartSpan(ctx, model.SpanEngineQuery, queryAttributes(q)...)
	result, err := s.materialize(ctx, q)
	EndQuerySpan(ctx, span, result, err)
	return result, err
}

func (s *Session) materialize(ctx context.Context, q model.Query) (model.QueryResult, error) {
	found, err := s.reads(ctx, q.Node, q.SQL)
	if err != nil {
		return model.QueryResult{}, err
	}
	in, err := s.scan(ctx, q.Inputs, found.rows)
	if err != nil {
		return model.QueryResult{}, nodeError(q.Node, err)
	}
	if err := s.fetch(ctx, in); err != nil {
		return model.QueryResult{}, nodeError(q.Node, err)
	}
	release, err := s.acquire(ctx)
	if err != nil {
		return model.QueryResult{}, nodeError(q.Node, err)
	}
	defer release()
	if err := s.checkReach(q, found.refs); err != nil {
		return model.QueryResult{}, err
	}
	if err := s.createViews(ctx, q.Node, in); err != nil {
		return model.QueryResult{}, err
	}
	result, err := s.write(ctx, q)
	if err != nil {
		return model.QueryResult{}, in.nameObjects(s.nameCulprit(ctx, in, err))
	}
	if result.Profile != nil {
		result.Profile.FilesListed, result.Profile.FilesRead = in.listed, in.read
		in.nameTables(result.Profile.Root)
		s.origins(result.Profile, found, in, q.Path)
	}
	return result, nil
}

// copyPrefix stands on a line of its own, so that the statement's own lines
// and columns stay what they are in DuckDB's messages.
const copyPrefix = "COPY (\n"

// write runs the statement into a file beside q.Path and renames it. The
// caller has the turn.
func (s *Session) write(ctx context.Context, q model.Query) (result model.QueryResult, err error) {
	ctx, span := s.StartSpan(ctx, model.SpanEngineWrite)
	defer func() {
		span.SetAttributes(attribute.Int64(attrRows, result.Rows), attribute.Int64(attrBytesWritten, result.Bytes))
		span.End()
	}()
	path, err := filepath.Abs(q.Path)
	if err != nil || q.Path == "" {
		return result, nodeError(q.Node, fmt.Errorf("no usable output path %q: %w", q.Path, errors.Join(err)))
	}
	if err := s.setProfiling(ctx, q.Profile); err != nil {
		return result, engineError(ctx, err, q.Node, q.SQL, 0)
	}
	temp := path + ".tmp"
	defer func() {
		if err == nil {
			return
		}
		if rm := os.Remove(temp); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
			err = errors.Join(err, fmt.Errorf("remove unfinished output: %w", rm))
		}
	}()
	// DuckDB's own temporary name would leave a file behind after an interrupt.
	statement := copyPrefix + sqllex.StatementOf(q.SQL) + "\n) TO " + sqllex.QuoteText(temp) +
		" (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 2000, USE_TMP_FILE false)"
	spilled := func(int64) int64 { return 0 }
	if q.Profile {
		spilled = s.watchSpill(ctx)
	}
	done, err := s.conn.ExecContext(ctx, statement)
	profile := s.readProfile(q)
	if profile != nil {
		profile.PeakTemp = spilled(profile.PeakTemp)
	} else {
		spilled(0)
	}
	if err != nil {
		return result, engineError(ctx, err, q.Node, q.SQL, len(copyPrefix))
	}
	rows, err := done.RowsAffected()
	if err != nil {
		return result, nodeError(q.Node, fmt.Errorf("count the rows written: %w", err))
	}
	if profile != nil {
		profile.Rows = rows
	}
	if ctx.Err() != nil { // cancelled after the last row: the caller must not find an output
		return result, nodeError(q.Node, Interrupted(ctx))
	}
	info, err := os.Stat(temp)
	if err != nil {
		return result, nodeError(q.Node, fmt.Errorf("look at the output: %w", err))
	}
	if err := os.Rename(temp, path); err != nil {
		return result, nodeError(q.Node, fmt.Errorf("put the output in place: %w", err))
	}
	if err := s.catalog.Invalidate(path); err != nil {
		return result, nodeError(q.Node, err)
	}
	return model.QueryResult{Rows: rows, Bytes: info.Size(), Files: []string{path}, Profile: profile}, nil
}

func nodeError(node string, err error) error {
	if node == "" {
		return err
	}
	return fmt.Errorf("node %s: %w", node, err)
}
