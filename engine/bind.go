package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model"
)

// scanned is the inputs of a query after listing and pruning.
type scanned struct {
	inputs []boundInput
	listed int // files of all inputs
	read   int // files that are left
}

type boundInput struct {
	name  string
	files []listing.TableFile
}

// Bind makes tables readable by name in Query: each input goes through the
// listing table and becomes a view. An entry of Files may be a directory. A name
// that is bound to the same files already costs only the listing; bound to
// others, it is replaced.
func (s *Session) Bind(ctx context.Context, inputs []model.QueryInput) error {
	ctx, done, err := s.scope(ctx)
	if err != nil {
		return err
	}
	defer done()
	in, err := s.scan(ctx, inputs)
	if err != nil {
		return fmt.Errorf("bind tables: %w", err)
	}
	release, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	return s.createViews(ctx, "", in)
}

// scan lists and prunes the files of all inputs.
func (s *Session) scan(ctx context.Context, inputs []model.QueryInput) (in scanned, err error) {
	ctx, span := s.startSpan(ctx, model.SpanEngineScan)
	defer func() {
		span.SetAttributes(attribute.Int(model.AttrEngineFilesListed, in.listed), attribute.Int(model.AttrEngineFilesRead, in.read))
		span.End()
	}()
	for _, input := range inputs {
		if len(input.Files) == 0 {
			return in, fmt.Errorf("table %s: no files", input.Name)
		}
		if slices.ContainsFunc(in.inputs, func(b boundInput) bool { return strings.EqualFold(b.name, input.Name) }) {
			return in, fmt.Errorf("table %s is bound twice", input.Name)
		}
		table, err := s.catalog.ListingOf(ctx, input.Files)
		if err != nil {
			return in, fmt.Errorf("table %s: %w", input.Name, err)
		}
		files := table.Prune()
		in.inputs = append(in.inputs, boundInput{input.Name, files})
		in.listed += len(table.Files)
		in.read += len(files)
	}
	return in, nil
}

// createViews binds each input's name to its files. The caller has the turn.
func (s *Session) createViews(ctx context.Context, node string, in scanned) error {
	for _, input := range in.inputs {
		name := strings.ToLower(input.name) // DuckDB's names ignore case
		signature := signatureOf(input.files)
		if s.views[name] == signature {
			continue
		}
		delete(s.views, name) // unknown until the new view stands
		if _, err := s.conn.ExecContext(ctx, viewSQL(input)); err != nil {
			return nodeError(node, fmt.Errorf("bind table %s: %w", input.name, engineError(ctx, err, "", "", 0)))
		}
		s.views[name] = signature
	}
	return nil
}

// viewSQL reads the columns of the files only: directory names like year=2024
// are no columns of a build's tables.
func viewSQL(input boundInput) string {
	var b strings.Builder
	b.WriteString("CREATE OR REPLACE VIEW ")
	b.WriteString(QuoteName(input.name))
	b.WriteString(" AS SELECT * FROM read_parquet([")
	for i, f := range input.files {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(QuotePattern(f.Path))
	}
	b.WriteString("], hive_partitioning = false)")
	return b.String()
}

// signatureOf tells file lists apart. Size and time are part of it because a
// view keeps the column types that its files had when it was made.
func signatureOf(files []listing.TableFile) string {
	var b []byte
	for _, f := range files {
		b = append(b, f.Path...)
		b = append(b, 0)
		b = strconv.AppendInt(b, f.Size, 36)
		b = append(b, 0)
		b = strconv.AppendInt(b, f.ModTime, 36)
		b = append(b, 0)
	}
	return string(b)
}

// checkReach refuses a statement that reads a table bound for another query
// but not for this one: it would work or not depending on what ran before. The
// caller has the turn.
func (s *Session) checkReach(q model.Query, refs []model.TableRef) error {
	for _, ref := range refs {
		if _, bound := s.views[strings.ToLower(ref.Name)]; !bound {
			continue
		}
		if slices.ContainsFunc(q.Inputs, func(in model.QueryInput) bool { return strings.EqualFold(in.Name, ref.Name) }) {
			continue
		}
		e := &Error{Node: q.Node, Kind: "Binder", SQL: q.SQL,
			Message: fmt.Sprintf("table %s exists, but is not an input of this query", ref.Name)}
		e.at(ref.Offset)
		return e
	}
	return nil
}
