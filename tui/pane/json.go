package pane

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/buildscope/buildscope/tui/ui"
)

// JSONDoc is a JSON text as a flat list of nodes in reading order, for a tree
// that is folded and searched. It is read-only once parsed.
type JSONDoc struct {
	nodes []jsonNode
	text  []byte
}

// jsonNode is one value. The nodes of its subtree follow it up to next.
type jsonNode struct {
	parent   int32
	next     int32 // first node behind the subtree
	depth    int32
	children int32
	kind     byte   // '{', '[', or 'v' for a plain value
	name     string // key in an object, index in an array; clean
	value    string // text of a plain value; clean
	from, to int64  // bytes of the text
}

// ParseJSON reads one JSON value. The order of keys stays as it is in the text.
func ParseJSON(text []byte) (*JSONDoc, error) {
	doc := &JSONDoc{text: text}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := doc.read(dec, -1, 0, ""); err != nil {
		return nil, fmt.Errorf("read JSON at byte %d: %w", dec.InputOffset(), err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("read JSON at byte %d: text after the end of the value", dec.InputOffset())
	}
	return doc, nil
}

// maxJSONDepth keeps a hostile text from exhausting the stack.
const maxJSONDepth = 1000

func (d *JSONDoc) read(dec *json.Decoder, parent, depth int32, name string) error {
	if depth > maxJSONDepth {
		return fmt.Errorf("nested more than %d deep", maxJSONDepth)
	}
	from := dec.InputOffset()
	token, err := dec.Token()
	if err != nil {
		return err
	}
	at := int32(len(d.nodes))
	d.nodes = append(d.nodes, jsonNode{parent: parent, depth: depth, kind: 'v', name: name, from: from})
	if parent >= 0 {
		d.nodes[parent].children++
	}
	if delim, ok := token.(json.Delim); ok {
		if delim != '{' && delim != '[' {
			return fmt.Errorf("unexpected %v", delim)
		}
		d.nodes[at].kind = byte(delim)
		for i := 0; dec.More(); i++ {
			name := fmt.Sprint(i)
			if delim == '{' {
				key, err := dec.Token()
				if err != nil {
					return err
				}
				name = ui.Clean(fmt.Sprint(key))
			}
			if err := d.read(dec, at, depth+1, name); err != nil {
				return err
			}
		}
		if _, err := dec.Token(); err != nil {
			return err
		}
	} else {
		d.nodes[at].value = jsonText(token)
	}
	d.nodes[at].to = dec.InputOffset()
	d.nodes[at].next = int32(len(d.nodes))
	return nil
}

// jsonText is a plain value as it is shown: strings in quotes.
func jsonText(token json.Token) string {
	switch v := token.(type) {
	case nil:
		return "null"
	case string:
		return `"` + ui.Clean(v) + `"`
	default:
		return fmt.Sprint(v)
	}
}

// source is the JSON text of a node.
func (d *JSONDoc) source(at int32) string {
	n := d.nodes[at]
	return strings.TrimLeft(string(d.text[n.from:n.to]), " \t\r\n:,")
}

// path is the way to a node in jq's notation.
func (d *JSONDoc) path(at int32) string {
	var parts []string
	for ; at > 0; at = d.nodes[at].parent {
		part := "." + d.nodes[at].name
		if d.nodes[d.nodes[at].parent].kind == '[' {
			part = "[" + d.nodes[at].name + "]"
		} else if strings.ContainsAny(d.nodes[at].name, ".-/ []\"") {
			part = fmt.Sprintf("[%q]", d.nodes[at].name)
		}
		parts = append(parts, part)
	}
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteString(parts[i])
	}
	if b.Len() == 0 {
		return "."
	}
	return b.String()
}

// find gives the next node after at, in the given direction and around the end,
// whose name or value contains the lower-case text; -1 when there is none.
func (d *JSONDoc) find(at int32, text string, step int32) int32 {
	n := int32(len(d.nodes))
	for i := int32(1); i <= n; i++ {
		j := ((at+step*i)%n + n) % n
		if containsFold(d.nodes[j].name, text) || containsFold(d.nodes[j].value, text) {
			return j
		}
	}
	return -1
}

// count is the number of nodes that contain the text.
func (d *JSONDoc) count(text string) int {
	n := 0
	for i := range d.nodes {
		if containsFold(d.nodes[i].name, text) || containsFold(d.nodes[i].value, text) {
			n++
		}
	}
	return n
}

// containsFold reports whether s contains text, without regard to case.
func containsFold(s, text string) bool {
	return text == "" || strings.Contains(strings.ToLower(s), strings.ToLower(text))
}
