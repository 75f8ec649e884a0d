package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.opentelemetry.io/otel/attribute"
	"golang.org/x/sync/errgroup"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/engine/remote/spark"
	"github.com/buildscope/buildscope/model"
)

// Materialize runs one SELECT on the server and leaves its rows as Parquet at q.Path,
// or where the server wrote several files at those of the result. A text that is for
// the embedded engine runs there. Cancelling the context cancels the statement on the
// server and leaves no file; the error wraps ctx.Err().
func (s *Session) Materialize(ctx context.Context, q model.Query) (result model.QueryResult, err error) {
	if q.Local {
		return s.o.Local.Materialize(ctx, q)
	}
	ctx, span := s.o.Local.StartSpan(ctx, model.SpanEngineQuery, attribute.String("db.system.name", "flightsql"),
		attribute.String("server.address", s.o.Endpoint), attribute.String(model.AttrNodeName, q.Node))
	defer func() { engine.EndQuerySpan(ctx, span, result, err) }()
	prepared, err := s.o.Local.Prepare(ctx, q)
	if err != nil {
		return result, err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(checksAtOnce)
	for _, in := range prepared.Inputs {
		g.Go(func() error { return s.check(gctx, in) })
	}
	if err := g.Wait(); err != nil {
		return result, s.fault(ctx, err, query{q: q})
	}
	text := query{q: q, own: q.Dialects[spark.Dialect], inputs: prepared.Inputs}
	if text.own != "" {
		text.statement = bind(text.own, prepared.Inputs)
	} else {
		text.translated = spark.Translate(q.SQL)
		text.statement = bind(text.translated.SQL, prepared.Inputs)
	}
	span.SetAttributes(attribute.String(model.AttrEngineSQL, text.statement.sql))
	if q.Path, err = filepath.Abs(q.Path); err != nil {
		return result, fmt.Errorf("node %s: output path: %w", q.Node, err)
	}
	write := s.stream
	if s.writes == WritesServer && !spark.Ordered(text.statement.sql) { // DataFusion drops the order of what it writes
		write = s.serverWrites
	}
	if result, err = write(ctx, text); err == nil && ctx.Err() != nil {
		err = ctx.Err() // cancelled after the last row: the caller must not find an output
	}
	if err != nil {
		for _, f := range append(result.Files, q.Path) {
			err = errors.Join(err, removed(os.Remove(f)))
		}
		return model.QueryResult{}, s.fault(ctx, err, text)
	}
	for _, f := range result.Files {
		if err := s.o.Local.Invalidate(f); err != nil {
			return result, fmt.Errorf("node %s: %w", q.Node, err)
		}
	}
	if result.Profile != nil {
		err = s.o.Local.Trace(ctx, result.Profile, prepared, result.Files[0])
	}
	return result, err
}

// checksAtOnce bounds the inputs of one statement that are counted at the same time.
const checksAtOnce = 4

// query is a statement on its way.
type query struct {
	q          model.Query
	own        string     // its text for the server, where it has one
	translated spark.Text // else
	statement  statement
	inputs     []engine.Input
}

// removed forgets that a file which should go was not there.
func removed(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
