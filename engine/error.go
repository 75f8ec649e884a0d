package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/buildscope/buildscope/model/sqllex"
)

// Error is what DuckDB said about a statement, with the place in the statement
// where it points to one.
type Error struct {
	Node    string // node whose statement it is; "" for others
	Kind    string // DuckDB's class: Parser, Binder, Catalog, Conversion, IO, ...
	Message string // DuckDB's text
	SQL     string // the statement
	Line    int    // 1-based; 0 when there is no position
	Column  int    // 1-based, in characters
	cause   error
}

// Error gives kind, place and message, then the line with a caret under the place.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Node != "" {
		fmt.Fprintf(&b, "node %s: ", e.Node)
	}
	if e.Kind != "" {
		fmt.Fprintf(&b, "%s error", strings.ToLower(e.Kind))
	} else {
		b.WriteString("engine error")
	}
	if e.Line > 0 {
		fmt.Fprintf(&b, " at %d:%d", e.Line, e.Column)
	}
	b.WriteString(": ")
	b.WriteString(e.Message)
	if e.Line > 0 {
		b.WriteString("\n\n")
		b.WriteString(e.Excerpt())
	}
	return b.String()
}

// Unwrap gives the driver's error.
func (e *Error) Unwrap() error { return e.cause }

// Excerpt is the line of the error and a line with a caret under its column,
// "" when there is no position.
func (e *Error) Excerpt() string { return sqllex.Excerpt(e.SQL, e.Line, e.Column) }

// at sets the position from a byte offset in the statement; offsets outside of
// it are ignored.
func (e *Error) at(offset int) {
	if offset < 0 || offset > len(e.SQL) || e.SQL == "" {
		return
	}
	e.Line, e.Column = sqllex.Place(e.SQL, offset)
}

// place sets the position from what DuckDB reports. Its grammar counts
// characters, everything behind it counts bytes. skipped is the number of
// bytes, all ASCII, that were put in front of the statement.
func (e *Error) place(position, subtype string, skipped int) {
	offset, err := strconv.Atoi(position)
	if err != nil {
		return // none reported
	}
	if offset -= skipped; offset < 0 {
		return
	}
	if subtype == "SYNTAX_ERROR" {
		characters := offset
		offset = len(e.SQL)
		for i := range e.SQL {
			if characters == 0 {
				offset = i
				break
			}
			characters--
		}
	}
	e.at(offset)
}

// engineError gives the driver's error its node, statement and position. When
// the context has ended, that is the error. For skipped, see place.
func engineError(ctx context.Context, err error, node, sql string, skipped int) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		if node != "" {
			return fmt.Errorf("node %s: %w", node, Interrupted(ctx))
		}
		return Interrupted(ctx)
	}
	var driver *duckdb.Error
	if !errors.As(err, &driver) {
		return &Error{Node: node, Message: err.Error(), SQL: sql, cause: err}
	}
	e := NewError(driver.Msg, sql, skipped)
	e.Node, e.cause = node, err
	return e
}

// NewError reads DuckDB's message about a statement. With the option
// errors_as_json the message has a position; skipped is the number of bytes, all
// ASCII, that were put in front of the statement.
func NewError(message, sql string, skipped int) *Error {
	e := &Error{Message: message, SQL: sql}
	var report struct {
		Kind     string `json:"exception_type"`
		Message  string `json:"exception_message"`
		Position string `json:"position"`
		Subtype  string `json:"error_subtype"`
	}
	// The report may follow a class name, "Parser Error: {...}".
	if i := strings.IndexByte(message, '{'); i >= 0 && json.Unmarshal([]byte(message[i:]), &report) == nil && report.Message != "" {
		e.Kind, e.Message = report.Kind, report.Message
		e.place(report.Position, report.Subtype, skipped)
	}
	return e
}

// Interrupted is the error of a call whose context has ended: ErrClosed when
// the session was closed, else one that wraps ctx.Err() and its cause.
func Interrupted(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	switch {
	case errors.Is(cause, ErrClosed):
		return ErrClosed
	case errors.Is(cause, err):
		return fmt.Errorf("query interrupted: %w", cause)
	}
	return fmt.Errorf("query interrupted: %w: %w", err, cause)
}

// At gives the error a position in its statement, a byte offset. One that is
// outside of the statement is ignored.
func (e *Error) At(offset int) *Error {
	e.at(offset)
	return e
}
