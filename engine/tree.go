package engine

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// tree is an object of the parse tree that DuckDB writes as JSON, numbers as they
// stand there. A field that is absent or of another type than is asked for is the zero
// value: it belongs to a node that is not understood here.
type tree map[string]any

func decodeTree(raw json.RawMessage) (root any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&root)
	return root, err
}

// object is a value of the tree as an object, or nil.
func object(v any) tree {
	t, _ := v.(map[string]any)
	return t
}

func (t tree) text(key string) string {
	s, _ := t[key].(string)
	return s
}

func (t tree) is(key string) bool {
	b, _ := t[key].(bool)
	return b
}

func (t tree) child(key string) tree { return object(t[key]) }

func (t tree) list(key string) []any {
	l, _ := t[key].([]any)
	return l
}

// texts is a list of texts; nil when anything else is in it.
func (t tree) texts(key string) []string {
	var out []string
	for _, v := range t.list(key) {
		s, ok := v.(string)
		if !ok {
			return nil
		}
		out = append(out, s)
	}
	return out
}

// place is the place of a node in the text, in bytes.
func (t tree) place() (at uint64, ok bool) {
	n, _ := t["query_location"].(json.Number)
	at, err := strconv.ParseUint(string(n), 10, 64)
	return at, err == nil
}
