package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model/sqllex"
)

// Cell is one value as DuckDB writes it as text: [1, 2, NULL] for a list,
// {'a': 1} for a struct, \xAB for a byte of a blob that is no printable ASCII.
type Cell struct {
	Text string
	Null bool
}

// Rows is the result of a query that is being read. It holds the session until it
// is closed.
type Rows struct {
	columns []Column
	s       *Session
	stream  *stream
	texts   int // columns of the stream
	closed  bool
}

// Query begins one SELECT and gives its rows as they come; only a few thousand are
// in memory at a time. After EXPLAIN, or EXPLAIN ANALYZE, the rows are the lines of
// its plan. It ends early with ctx. limit is the largest number of rows;
// zero or less is none. Errors about the text are *engine.Error.
func (s *Session) Query(ctx context.Context, text string, limit int64) (*Rows, error) {
	return s.query(ctx, text, limit, func(columns []Column) (string, int) {
		texts := make([]string, len(columns))
		for i := range columns {
			texts[i] = fmt.Sprintf("c%d::VARCHAR", i)
		}
		return strings.Join(texts, ", "), len(texts)
	})
}

// JSONRows is Query with one text in each row: the row as a JSON object. Numbers
// are numbers, and NaN and infinite ones, which JSON does not have, are null; lists
// and structs are arrays and objects; all others are texts. Of columns with equal
// names the later ones get _1, _2 and so on.
func (s *Session) JSONRows(ctx context.Context, text string, limit int64) (*Rows, error) {
	return s.query(ctx, text, limit, func(columns []Column) (string, int) {
		return jsonRow(columns), 1
	})
}

func (s *Session) query(ctx context.Context, text string, limit int64, list func([]Column) (string, int)) (rows *Rows, err error) {
	if err := s.acquire(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.turn <- struct{}{}
			err = s.explain(err)
		}
	}()
	asked, text := splitPlan(text)
	typed, err := s.check(ctx, text)
	if err == nil && asked != "" {
		typed, err = s.explained(ctx, asked, typed)
	}
	if err != nil {
		return nil, err
	}
	columns, err := s.describe(ctx, statement{before: "SELECT * FROM (\n", typed: typed, after: "\n)"})
	if err != nil {
		return nil, err
	}
	names := make([]string, len(columns))
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
	}
	texts, n := list(columns)
	// The list of names makes columns of equal names two.
	full := statement{"SELECT " + texts + " FROM (\n", typed, "\n) AS result(" + strings.Join(names, ", ") + ")" + limitOf(limit)}
	stream, err := s.db.start(ctx, full)
	if err != nil {
		return nil, err
	}
	return &Rows{columns: columns, s: s, stream: stream, texts: n}, nil
}

func limitOf(limit int64) string {
	if limit <= 0 {
		return ""
	}
	return fmt.Sprintf(" LIMIT %d", limit)
}

// jsonRow is the text of a JSON object with the columns c0, c1, ... under the names
// of the result. It is put together as text because to_json of the whole row would
// make doubles of decimals.
func jsonRow(columns []Column) string {
	var b strings.Builder
	for i, name := range unique(columns) {
		key, err := json.Marshal(name)
		if err != nil { // a text cannot fail
			key = []byte(`""`)
		}
		value := fmt.Sprintf("c%d", i)
		switch t := columns[i].Type; {
		case t == "DOUBLE" || t == "FLOAT":
			value = "CASE WHEN isfinite(" + value + ") THEN to_json(" + value + ") END"
		case !strings.HasPrefix(t, "DECIMAL(") || !Numeric(t):
			value = "to_json(" + value + ")"
		}
		before := ","
		if i == 0 {
			before = "{"
		}
		fmt.Fprintf(&b, "%s || coalesce((%s)::VARCHAR, 'null') || ", sqllex.QuoteText(before+string(key)+":"), value)
	}
	return b.String() + "'}'"
}

// unique gives every column a name of its own; names ignore case.
func unique(columns []Column) []string {
	taken := make(map[string]bool, len(columns))
	for _, c := range columns {
		taken[strings.ToLower(c.Name)] = true
	}
	used := make(map[string]bool, len(columns))
	names := make([]string, len(columns))
	for i, c := range columns {
		name := c.Name
		for n := 1; used[strings.ToLower(name)] || n > 1 && taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s_%d", c.Name, n)
		}
		used[strings.ToLower(name)] = true
		names[i] = name
	}
	return names
}

// explain adds to an error about a table that is not there why that is so.
func (s *Session) explain(err error) error {
	var fault *engine.Error
	if !errors.As(err, &fault) || fault.Kind != "Catalog" {
		return err
	}
	for _, t := range s.tables {
		if t.Absent != "" && t.Columns == nil && strings.Contains(strings.ToLower(fault.Message), "table with name "+strings.ToLower(t.Name)+" ") {
			fault.Message = fmt.Sprintf("there is no table %s: %s", t.Name, t.Absent)
		}
	}
	return err
}

// Columns are the columns of the query.
func (r *Rows) Columns() []Column { return r.columns }

// Next hands rows that follow to row, some thousand at most, and reports whether
// there were any. The cells are the receiver's to keep.
func (r *Rows) Next(row func([]Cell)) (bool, error) {
	if r.closed {
		return false, ErrClosed
	}
	n, err := r.stream.next(r.texts, row)
	return n > 0, err
}

// Close ends the query, whether all of it was read or not. It may be called twice.
func (r *Rows) Close() {
	if r.closed {
		return
	}
	r.closed = true
	r.stream.close()
	r.s.turn <- struct{}{}
}

// WriteParquet writes the result of one SELECT to Options.ParquetFile, with the
// types that the columns have.
func (s *Session) WriteParquet(ctx context.Context, text string, limit int64) error {
	if s.write == "" {
		return errors.New("write Parquet: this session has no file to write")
	}
	if err := s.acquire(ctx); err != nil {
		return err
	}
	defer func() { s.turn <- struct{}{} }()
	typed, err := s.check(ctx, text)
	if err == nil {
		err = s.db.do(ctx, statement{"COPY (SELECT * FROM (\n", typed, "\n)" + limitOf(limit) + ") TO " + sqllex.QuoteText(s.write) + " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)"})
	}
	return s.explain(err)
}
