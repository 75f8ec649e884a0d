package console

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model/sqllex"
)

// tableFunctions are those that may be called. DuckDB has others that write files
// or change the engine although they stand in a SELECT, enable_logging for one, so
// a new version of it adds nothing here by itself.
var tableFunctions = map[string]bool{
	"unnest": true, "range": true, "generate_series": true, "json_each": true, "json_tree": true, "repeat": true, "repeat_row": true,
	"regexp_split_to_table": true, "summary": true, "histogram": true, "histogram_values": true,
	"duckdb_columns": true, "duckdb_functions": true, "duckdb_keywords": true, "duckdb_settings": true, "duckdb_tables": true,
	"duckdb_types": true, "duckdb_views": true, "pragma_table_info": true, "pragma_version": true,
}

// check takes a text that is one SELECT (or what DuckDB makes one of: FROM, VALUES,
// DESCRIBE, SHOW, SUMMARIZE, PIVOT without statements around it) and calls no table
// function but those above and those of the tables. It returns the text without semicolons.
func (s *Session) check(ctx context.Context, text string) (string, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return "", &engine.Error{Kind: "Parser", Message: "the text holds a zero byte", SQL: text}
	}
	rows, err := s.db.all(ctx, statement{before: engine.SerializeSQL(text)}, 1)
	if err != nil {
		return "", err
	}
	root, err := engine.SelectTree(rows[0][0].Text, text)
	if err != nil {
		return "", err
	}
	var tree any
	if err := json.Unmarshal(root, &tree); err != nil {
		return "", fmt.Errorf("read DuckDB's parse tree: %w", err)
	}
	if name, at := s.forbidden(tree); name != "" {
		if absent := s.calls[name]; absent != "" {
			fault := &engine.Error{Kind: "Catalog", Message: name + "() has no rows to give: " + absent, SQL: text}
			return "", fault.At(at)
		}
		fault := &engine.Error{Kind: "Permission", Message: "the table function " + name + " cannot be used here: a query reads the tables of the runs and nothing else", SQL: text}
		return "", fault.At(at)
	}
	return sqllex.StatementOf(text), nil
}

// forbidden finds a table function that may not be called, or has nothing to give, and
// its place.
func (s *Session) forbidden(tree any) (name string, at int) {
	switch tree := tree.(type) {
	case []any:
		for _, v := range tree {
			if name, at = s.forbidden(v); name != "" {
				return name, at
			}
		}
	case map[string]any:
		if f, ok := tree["function"].(map[string]any); ok && tree["type"] == "TABLE_FUNCTION" {
			called, _ := f["function_name"].(string)
			called = strings.ToLower(called)
			absent, ours := s.calls[called]
			if !tableFunctions[called] && (!ours || absent != "") {
				place, ok := tree["query_location"].(float64)
				if !ok {
					place = -1
				}
				return called, int(place)
			}
		}
		for _, v := range tree {
			if name, at = s.forbidden(v); name != "" {
				return name, at
			}
		}
	}
	return "", 0
}
