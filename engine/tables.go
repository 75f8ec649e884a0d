package engine

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/sqllex"
)

// Tables returns the tables that a SELECT reads, each once with its first
// place, in the order of the text. Names of common table expressions are left out where they are
// in scope. A qualified name keeps its qualifiers, "main.t"; a file name in
// quotes is returned as it is. The text is only parsed, so nothing needs to
// exist. Text that is not one SELECT is an *Error with a position.
func (s *Session) Tables(ctx context.Context, text string) ([]model.TableRef, error) {
	ctx, release, err := s.scope(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	return parseTables(ctx, s.db, "", text)
}

func parseTables(ctx context.Context, q querier, node, text string) ([]model.TableRef, error) {
	refs, _, err := parseReads(ctx, q, node, text)
	return refs, err
}

// querier is a *sql.DB or a *sql.Conn.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// DuckDB's own parser writes the tree, so names are read as it reads them.
const serialize = `SELECT json_serialize_sql(?::VARCHAR, skip_null := true, skip_empty := true, skip_default := true)::VARCHAR`

// SerializeSQL is the query that gives the tree which SelectTree reads, for those
// who have no Session.
func SerializeSQL(text string) string {
	return strings.Replace(serialize, "?", sqllex.QuoteText(text), 1)
}

// SelectTree takes the root of a SELECT out of the tree that DuckDB has made of a
// text. Text that is not one SELECT is an *Error with a position.
func SelectTree(out, text string) (json.RawMessage, error) {
	var tree struct {
		Error      bool   `json:"error"`
		Kind       string `json:"error_type"`
		Message    string `json:"error_message"`
		Position   string `json:"position"`
		Subtype    string `json:"error_subtype"`
		Statements []struct {
			Node json.RawMessage `json:"node"`
		} `json:"statements"`
	}
	if err := json.Unmarshal([]byte(out), &tree); err != nil {
		return nil, fmt.Errorf("read DuckDB's parse tree: %w", err)
	}
	fault := &Error{Kind: "Parser", SQL: text}
	switch {
	case tree.Error && tree.Kind == "not implemented":
		fault.Message = "only a SELECT can be used here"
		fault.at(sqllex.SkipBlank(text))
		return nil, fault
	case tree.Error:
		fault.Message = tree.Message
		fault.place(tree.Position, tree.Subtype, 0)
		return nil, fault
	case len(tree.Statements) == 0:
		fault.Message = "there is no statement in the text"
		fault.at(0)
		return nil, fault
	case len(tree.Statements) > 1:
		fault.Message = fmt.Sprintf("one SELECT is expected, here are %d statements", len(tree.Statements))
		fault.at(len(sqllex.StatementOf(text)))
		return nil, fault
	}
	return tree.Statements[0].Node, nil
}

// parseReads returns the tables that a SELECT reads, as Tables does, and by folded
// name which rows of them it needs.
func parseReads(ctx context.Context, q querier, node, text string) ([]model.TableRef, map[string]alternatives, error) {
	var out string
	if err := q.QueryRowContext(ctx, serialize, text).Scan(&out); err != nil {
		return nil, nil, engineError(ctx, err, node, text, 0)
	}
	root, err := SelectTree(out, text)
	if fault := (*Error)(nil); errors.As(err, &fault) {
		fault.Node = node
	}
	if err != nil {
		return nil, nil, err
	}
	w := tableWalk{conditions: make(map[uint64][]listing.Filter), rows: make(map[string]alternatives)}
	if err := w.node(root, nil); err != nil {
		return nil, nil, fmt.Errorf("read DuckDB's parse tree: %w", err)
	}
	slices.SortStableFunc(w.refs, func(a, b model.TableRef) int { return a.Offset - b.Offset })
	seen := make(map[string]bool, len(w.refs))
	refs := slices.DeleteFunc(w.refs, func(r model.TableRef) bool {
		name := strings.ToLower(r.Name) // DuckDB's names ignore case
		again := seen[name]
		seen[name] = true
		return again
	})
	if w.opaque {
		return refs, nil, nil
	}
	for name, rows := range w.rows {
		if slices.ContainsFunc(rows, func(all []listing.Filter) bool { return len(all) == 0 }) {
			delete(w.rows, name)
		}
	}
	return refs, w.rows, nil
}

// ctes is the chain of common table expressions that are in scope, innermost
// first, with folded names.
type ctes struct {
	name  string
	outer *ctes
}

func (c *ctes) has(name string) bool {
	for name = strings.ToLower(name); c != nil; c = c.outer {
		if c.name == name {
			return true
		}
	}
	return false
}

func (c *ctes) with(name string) *ctes { return &ctes{strings.ToLower(name), c} }

// tableWalk collects table references from DuckDB's parse tree.
type tableWalk struct {
	refs       []model.TableRef
	conditions map[uint64][]listing.Filter // by the place of a table in the text
	rows       map[string]alternatives     // by folded name; an empty one wants all
	opaque     bool                        // a function may read any table
}

// Only these fields decide on scope; every other field is walked as it comes.
type treeNode struct {
	Type    string  `json:"type"`
	Catalog string  `json:"catalog_name"`
	Schema  string  `json:"schema_name"`
	Table   string  `json:"table_name"`
	Offset  *uint64 `json:"query_location"`
	Call    *struct {
		Name string `json:"function_name"`
	} `json:"function"`
	CTEName string `json:"cte_name"`
	CTEs    *struct {
		Map []struct {
			Key   string          `json:"key"`
			Value json.RawMessage `json:"value"`
		} `json:"map"`
	} `json:"cte_map"`
}

func (w *tableWalk) node(raw json.RawMessage, scope *ctes) error {
	switch firstByte(raw) {
	case '[':
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return err
		}
		for _, item := range items {
			if err := w.node(item, scope); err != nil {
				return err
			}
		}
		return nil
	case '{':
		return w.object(raw, scope)
	}
	return nil
}

func (w *tableWalk) object(raw json.RawMessage, scope *ctes) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	var n treeNode
	// A field of another type than expected belongs to a node that decides
	// nothing here, a constant for example, so the error is of no interest.
	_ = json.Unmarshal(raw, &n)
	switch n.Type {
	case "BASE_TABLE":
		if n.Table != "" {
			w.add(n, scope)
		}
	case "TABLE_FUNCTION":
		w.opaque = w.opaque || n.Call == nil || !readsByName[strings.ToLower(n.Call.Name)]
	case "SELECT_NODE":
		var tree selectTree
		if json.Unmarshal(raw, &tree) == nil { // else it wants all rows
			maps.Copy(w.conditions, tree.conditions())
		}
	}
	// An expression sees the ones before it, and itself only when it recurses:
	// WITH t AS (FROM t) reads the table t.
	if n.CTEs != nil {
		for _, cte := range n.CTEs.Map {
			if err := w.node(cte.Value, scope); err != nil {
				return err
			}
			scope = scope.with(cte.Key)
		}
	}
	for name, field := range fields {
		inner := scope
		switch {
		case name == "cte_map" && n.CTEs != nil:
			continue
		case name == "right" && n.Type == "RECURSIVE_CTE_NODE":
			inner = scope.with(n.CTEName)
		}
		if err := w.node(field, inner); err != nil {
			return err
		}
	}
	return nil
}

func (w *tableWalk) add(n treeNode, scope *ctes) {
	ref := model.TableRef{Name: n.Table, Offset: -1}
	if n.Offset != nil && *n.Offset < 1<<31 {
		ref.Offset = int(*n.Offset)
	}
	if n.Schema == "" && n.Catalog == "" {
		if scope.has(n.Table) {
			return
		}
	} else {
		ref.Name = strings.TrimPrefix(strings.Join([]string{n.Catalog, n.Schema, n.Table}, "."), ".")
	}
	w.refs = append(w.refs, ref)
	name, conditions := strings.ToLower(n.Table), []listing.Filter(nil)
	if n.Offset != nil && n.Schema == "" && n.Catalog == "" {
		conditions = w.conditions[*n.Offset]
	}
	w.rows[name] = append(w.rows[name], conditions)
}

func firstByte(raw json.RawMessage) byte {
	if len(raw) == 0 {
		return 0
	}
	return raw[0]
}
