// Package sqltree reads the parse tree that DuckDB writes of a SELECT as JSON.
package sqltree

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Tree is an object of the parse tree, with numbers as they stand there. A field that is
// absent or of another type than is asked for is the zero value: it belongs to a node that
// is not understood here. Nobody may change one.
type Tree map[string]any

// Decode reads a tree.
func Decode(raw json.RawMessage) (root Tree, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&root)
	return root, err
}

// Object is a value of the tree as an object, or nil.
func Object(v any) Tree {
	switch v := v.(type) {
	case Tree:
		return v
	case map[string]any:
		return v
	}
	return nil
}

// Text is a text.
func (t Tree) Text(key string) string {
	s, _ := t[key].(string)
	return s
}

// Is is a truth.
func (t Tree) Is(key string) bool {
	b, _ := t[key].(bool)
	return b
}

// Child is an object.
func (t Tree) Child(key string) Tree { return Object(t[key]) }

// List is a list of anything.
func (t Tree) List(key string) []any {
	l, _ := t[key].([]any)
	return l
}

// Texts is a list of texts; nil when anything else is in it.
func (t Tree) Texts(key string) []string {
	var out []string
	for _, v := range t.List(key) {
		s, ok := v.(string)
		if !ok {
			return nil
		}
		out = append(out, s)
	}
	return out
}

// Place is the place of a node in the text, in bytes.
func (t Tree) Place() (at uint64, ok bool) {
	n, _ := t["query_location"].(json.Number)
	at, err := strconv.ParseUint(string(n), 10, 64)
	return at, err == nil
}

// NameOf is the name by which columns of a table in a FROM are called.
func NameOf(table Tree) string {
	if alias := table.Text("alias"); alias != "" {
		return alias
	}
	return table.Text("table_name")
}
