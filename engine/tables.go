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
	"github.com/buildscope/buildscope/engine/sqltree"
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
	found, err := s.reads(ctx, "", text)
	return slices.Clone(found.refs), err
}

// reads is what a statement reads. Nobody may change it.
type reads struct {
	refs []model.TableRef
	rows map[string]alternatives // by folded name; which rows of a table are needed
	root sqltree.Tree            // of the parse tree
}

// reads parses the statement of a node once: the graph asks for its tables before
// Materialize runs it.
func (s *Session) reads(ctx context.Context, node, text string) (reads, error) {
	if found, ok := s.parsed.Load(text); ok {
		return found.(reads), nil
	}
	found, err := parseReads(ctx, s.db, node, text)
	if err != nil {
		return reads{}, err
	}
	s.parsed.Store(text, found)
	return found, nil
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
func parseReads(ctx context.Context, db *sql.DB, node, text string) (reads, error) {
	var out string
	if err := db.QueryRowContext(ctx, serialize, text).Scan(&out); err != nil {
		return reads{}, engineError(ctx, err, node, text, 0)
	}
	root, err := SelectTree(out, text)
	if fault := (*Error)(nil); errors.As(err, &fault) {
		fault.Node = node
	}
	if err != nil {
		return reads{}, err
	}
	top, err := sqltree.Decode(root)
	if err != nil {
		return reads{}, fmt.Errorf("read DuckDB's parse tree: %w", err)
	}
	w := tableWalk{conditions: make(map[uint64][]listing.Filter), rows: make(map[string]alternatives)}
	w.object(top, nil)
	slices.SortStableFunc(w.refs, func(a, b model.TableRef) int { return a.Offset - b.Offset })
	seen := make(map[string]bool, len(w.refs))
	refs := slices.DeleteFunc(w.refs, func(r model.TableRef) bool {
		name := strings.ToLower(r.Name) // DuckDB's names ignore case
		again := seen[name]
		seen[name] = true
		return again
	})
	if w.opaque {
		return reads{refs: refs, root: top}, nil
	}
	for name, rows := range w.rows {
		if slices.ContainsFunc(rows, func(all []listing.Filter) bool { return len(all) == 0 }) {
			delete(w.rows, name)
		}
	}
	return reads{refs, w.rows, top}, nil
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

func (w *tableWalk) node(v any, scope *ctes) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			w.node(item, scope)
		}
	case map[string]any:
		w.object(v, scope)
	}
}

func (w *tableWalk) object(t sqltree.Tree, scope *ctes) {
	kind := t.Text("type")
	switch kind {
	case "BASE_TABLE":
		if t.Text("table_name") != "" {
			w.add(t, scope)
		}
	case "TABLE_FUNCTION":
		w.opaque = w.opaque || !readsByName[strings.ToLower(t.Child("function").Text("function_name"))]
	case "SELECT_NODE":
		maps.Copy(w.conditions, conditions(t))
	}
	// An expression sees the ones before it, and itself only when it recurses:
	// WITH t AS (FROM t) reads the table t.
	named := t.Child("cte_map")
	for _, v := range named.List("map") {
		cte := sqltree.Object(v)
		w.node(cte["value"], scope)
		scope = scope.with(cte.Text("key"))
	}
	for name, field := range t {
		inner := scope
		switch {
		case name == "cte_map" && named != nil:
			continue
		case name == "right" && kind == "RECURSIVE_CTE_NODE":
			inner = scope.with(t.Text("cte_name"))
		}
		w.node(field, inner)
	}
}

func (w *tableWalk) add(t sqltree.Tree, scope *ctes) {
	table, schema, catalog := t.Text("table_name"), t.Text("schema_name"), t.Text("catalog_name")
	place, placed := t.Place()
	ref := model.TableRef{Name: table, Offset: -1}
	if placed && place < 1<<31 {
		ref.Offset = int(place)
	}
	if schema == "" && catalog == "" {
		if scope.has(table) {
			return
		}
	} else {
		ref.Name = strings.TrimPrefix(strings.Join([]string{catalog, schema, table}, "."), ".")
	}
	w.refs = append(w.refs, ref)
	name, of := strings.ToLower(table), []listing.Filter(nil)
	if placed && schema == "" && catalog == "" {
		of = w.conditions[place]
	}
	w.rows[name] = append(w.rows[name], of)
}
