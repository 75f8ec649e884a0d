package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// Tables lists the tables that a SELECT reads, in order of appearance, each once,
// without the names its own WITH clauses define. The text is only parsed, so the
// tables need not exist.
func (s *Session) Tables(ctx context.Context, query string) ([]model.TableRef, error) {
	s.parseMu.Lock()
	defer s.parseMu.Unlock()
	var text string
	if err := s.parse.QueryRowContext(ctx, "SELECT json_serialize_sql(?::VARCHAR)::VARCHAR", query).Scan(&text); err != nil {
		return nil, fmt.Errorf("parse the query: %w", err)
	}
	var doc struct {
		Error     bool   `json:"error"`
		ErrorType string `json:"error_type"`
		Message   string `json:"error_message"`
		Position  string `json:"position"`
		Statement any    `json:"statements"`
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return nil, fmt.Errorf("read the parsed query: %w", err)
	}
	if doc.Error {
		return nil, syntaxError(query, doc.Message, doc.Position)
	}
	w := tableWalk{seen: map[string]int{}}
	w.walk(doc.Statement, nil)
	sort.Slice(w.refs, func(i, j int) bool { return w.refs[i].Offset < w.refs[j].Offset })
	return w.refs, nil
}

// syntaxError points at the place with a line and a caret.
func syntaxError(query, message, position string) error {
	at, err := strconv.Atoi(position)
	if err != nil || at < 0 || at > len(query) {
		return fmt.Errorf("parse the query: %s", message)
	}
	start := strings.LastIndexByte(query[:at], '\n') + 1
	line, _, _ := strings.Cut(query[start:], "\n")
	return fmt.Errorf("parse the query: line %d, column %d: %s\n  %s\n  %s^",
		strings.Count(query[:at], "\n")+1, at-start+1, message, line, strings.Repeat(" ", at-start))
}

// tableWalk collects BASE_TABLE nodes of a serialised syntax tree.
type tableWalk struct {
	refs []model.TableRef
	seen map[string]int
}

// walk descends with the CTE names that are visible. A node's own cte_map is
// visible in the whole node, its own CTE bodies included, as RECURSIVE needs.
func (w *tableWalk) walk(v any, ctes map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			w.walk(e, ctes)
		}
	case map[string]any:
		if names := cteNames(v); len(names) > 0 {
			inner := make(map[string]bool, len(ctes)+len(names))
			for n := range ctes {
				inner[n] = true
			}
			for _, n := range names {
				inner[n] = true
			}
			ctes = inner
		}
		if v["type"] == "BASE_TABLE" {
			w.add(v, ctes)
		}
		for _, e := range v {
			w.walk(e, ctes)
		}
	}
}

func (w *tableWalk) add(v map[string]any, ctes map[string]bool) {
	name, _ := v["table_name"].(string)
	schema, _ := v["schema_name"].(string)
	if name == "" || schema == "" && ctes[strings.ToLower(name)] {
		return
	}
	offset := -1
	if at, ok := v["query_location"].(float64); ok && at < 1<<53 {
		offset = int(at)
	}
	if i, dup := w.seen[name]; dup {
		if offset >= 0 && offset < w.refs[i].Offset {
			w.refs[i].Offset = offset
		}
		return
	}
	w.seen[name] = len(w.refs)
	w.refs = append(w.refs, model.TableRef{Name: name, Offset: offset})
}

func cteNames(v map[string]any) []string {
	m, _ := v["cte_map"].(map[string]any)
	list, _ := m["map"].([]any)
	var names []string
	for _, e := range list {
		entry, _ := e.(map[string]any)
		if key, ok := entry["key"].(string); ok {
			names = append(names, strings.ToLower(key))
		}
	}
	return names
}
