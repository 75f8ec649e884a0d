package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/sqllex"
)

// scanned is the inputs of a query after listing and pruning.
type scanned struct {
	inputs []boundInput
	listed int // files of all inputs
	read   int // files that are left
}

type boundInput struct {
	name   string
	files  []listing.TableFile
	narrow bool // files that another query may need are left out

	origin map[string]string // URLs of the objects by the paths at which they were fetched
}

// Bind makes tables readable by name in Query: each input goes through the
// listing table and becomes a view. An entry of Files may be a directory or the URL of
// objects, which are fetched. A name
// that is bound to the same files already costs only the listing; bound to
// others, it is replaced.
func (s *Session) Bind(ctx context.Context, inputs []model.QueryInput) error {
	ctx, done, err := s.scope(ctx)
	if err != nil {
		return err
	}
	defer done()
	in, err := s.scan(ctx, inputs, nil)
	if err != nil {
		return fmt.Errorf("bind tables: %w", err)
	}
	if err := s.fetch(ctx, in); err != nil {
		return fmt.Errorf("bind tables: %w", err)
	}
	release, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	return s.createViews(ctx, "", in)
}

// scan lists the files of all inputs and leaves out those that hold none of the rows
// that are needed.
func (s *Session) scan(ctx context.Context, inputs []model.QueryInput, rows map[string]alternatives) (in scanned, err error) {
	ctx, span := s.StartSpan(ctx, model.SpanEngineScan)
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
		name := strings.ToLower(input.Name) // DuckDB's names ignore case
		table, err := s.catalog.ListingOf(ctx, name, input.Files)
		if err != nil {
			return in, fmt.Errorf("table %s: %w", input.Name, err)
		}
		bound := boundInput{name: input.Name, files: table.Prune()}
		if needed, ok := rows[name]; ok {
			all := len(bound.files)
			bound.files = table.PruneAny(needed)
			bound.narrow = len(bound.files) < all
		}
		files := bound.files
		in.inputs = append(in.inputs, bound)
		in.listed += len(table.Files)
		in.read += len(files)
	}
	return in, nil
}

// createViews binds each input's name to its files. Where files are left out that
// others may need, it is a temporary view, which only the pinned connection sees and
// which goes with the next query. The caller has the turn.
func (s *Session) createViews(ctx context.Context, node string, in scanned) error {
	for name := range s.narrow {
		wanted := slices.ContainsFunc(in.inputs, func(b boundInput) bool {
			return b.narrow && strings.ToLower(b.name) == name && listing.Signature(b.files) == s.narrow[name]
		})
		if wanted {
			continue
		}
		if _, err := s.conn.ExecContext(ctx, "DROP VIEW IF EXISTS temp."+sqllex.QuoteName(name)); err != nil {
			return nodeError(node, fmt.Errorf("unbind table %s: %w", name, engineError(ctx, err, "", "", 0)))
		}
		delete(s.narrow, name)
	}
	for _, input := range in.inputs {
		views, kind := s.views, "VIEW "
		if input.narrow {
			views, kind = s.narrow, "TEMP VIEW "
		}
		name := strings.ToLower(input.name) // DuckDB's names ignore case
		signature := listing.Signature(input.files)
		if views[name] == signature {
			continue
		}
		if !input.narrow {
			delete(views, name) // unknown until the new view stands
		} else {
			views[name] = "" // to be dropped, whether it came to stand or not
		}
		if _, err := s.conn.ExecContext(ctx, "CREATE OR REPLACE "+kind+viewSQL(input)); err != nil {
			return nodeError(node, fmt.Errorf("bind table %s: %w", input.name, engineError(ctx, err, "", "", 0)))
		}
		views[name] = signature
	}
	return nil
}

// viewSQL is a view without its CREATE.
func viewSQL(input boundInput) string {
	return sqllex.QuoteName(input.name) + " AS " + selectSQL(input)
}

// selectSQL reads the columns of the files only: directory names like year=2024
// are no columns of a build's tables.
func selectSQL(input boundInput) string {
	var b strings.Builder
	b.WriteString("SELECT * FROM read_parquet([")
	for i, f := range input.files {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(sqllex.QuotePattern(f.Path))
	}
	b.WriteString("], hive_partitioning = false)")
	return b.String()
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
