// Package jsondiff says what is different between two JSON values, as a list of
// changes that turn one into the other. It does no I/O.
package jsondiff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Op is what became of a place.
type Op string

// The changes.
const (
	Added   Op = "added"
	Removed Op = "removed"
	Changed Op = "changed"
	Moved   Op = "moved" // the elements of an array that both have stand in another order
)

// Change is one difference. A and B are JSON values as Parse gives them, nil where
// there is none; of a Moved array they are the names of its elements in order.
type Change struct {
	Op   Op
	Path Path
	A, B any
	at   int // index in B of an added element of an array with names
}

// Options chooses what counts.
type Options struct {
	// Quiet leaves out what is different between any two runs: ids, times and texts
	// that are the same but for the id of their run.
	Quiet      bool
	RunA, RunB string // ids of the runs; "" when not known
}

// Parse reads one JSON value; numbers stay texts.
func Parse(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("read JSON at byte %d: %w", dec.InputOffset(), err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("read JSON at byte %d: text after the end of the value", dec.InputOffset())
	}
	return v, nil
}

// Diff lists the changes that turn a into b. The order of keys does not matter.
// Elements of an array are told apart by a field that names them, when all have one,
// and by their index otherwise.
func Diff(a, b any, o Options) []Change {
	d := differ{o: o}
	d.diff(nil, a, b)
	return d.out
}

type differ struct {
	o   Options
	out []Change
}

func (d *differ) diff(path Path, a, b any) {
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			d.objects(path, x, y)
			return
		}
	case []any:
		if y, ok := b.([]any); ok {
			d.arrays(path, x, y)
			return
		}
	}
	if !d.same(a, b) {
		d.add(Change{Op: Changed, Path: path, A: a, B: b})
	}
}

func (d *differ) add(c Change) { d.out = append(d.out, c) }

func (d *differ) objects(path Path, a, b map[string]any) {
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		x, inA := a[k]
		y, inB := b[k]
		at := path.with(Step{Key: k})
		switch {
		case d.o.Quiet && volatile(k):
		case !inB:
			d.add(Change{Op: Removed, Path: at, A: x})
		case !inA:
			d.add(Change{Op: Added, Path: at, B: y})
		default:
			d.diff(at, x, y)
		}
	}
}

func (d *differ) arrays(path Path, a, b []any) {
	if field := d.naming(a, b); field != "" {
		d.named(path, field, a, b)
		return
	}
	head, tail := 0, 0
	for head < min(len(a), len(b)) && d.same(a[head], b[head]) {
		head++
	}
	for tail < min(len(a), len(b))-head && d.same(a[len(a)-1-tail], b[len(b)-1-tail]) {
		tail++
	}
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	both := min(len(x), len(y))
	for i := range both {
		d.diff(path.with(Step{Index: head + i, Array: true}), x[i], y[i])
	}
	for i := len(x) - 1; i >= both; i-- { // from behind, so that the indexes hold while they are taken out
		d.add(Change{Op: Removed, Path: path.with(Step{Index: head + i, Array: true}), A: x[i]})
	}
	for i := both; i < len(y); i++ {
		d.add(Change{Op: Added, Path: path.with(Step{Index: head + i, Array: true}), B: y[i], at: head + i})
	}
}

// named compares arrays whose elements have names.
func (d *differ) named(path Path, field string, a, b []any) {
	inA, inB := index(a, field), index(b, field)
	step := func(name string) Path { return path.with(Step{Key: name, Field: field, Array: true}) }
	var orderA, orderB []any
	for _, v := range a {
		name := nameOf(v, field)
		if _, both := inB[name]; both {
			orderA = append(orderA, name)
		} else {
			d.add(Change{Op: Removed, Path: step(name), A: v})
		}
	}
	for _, v := range b {
		if name := nameOf(v, field); inA[name] != nil {
			orderB = append(orderB, name)
		}
	}
	if !slices.Equal(orderA, orderB) {
		d.add(Change{Op: Moved, Path: path.with(Step{Field: field, Array: true}), A: orderA, B: orderB})
	}
	for i, v := range b {
		if name := nameOf(v, field); inA[name] == nil {
			d.add(Change{Op: Added, Path: step(name), B: v, at: i})
		}
	}
	for _, v := range b {
		if name := nameOf(v, field); inA[name] != nil {
			d.diff(step(name), inA[name], v)
		}
	}
}

// names are the fields that name the elements of the artifacts' arrays, best first.
var names = []string{"name", "key", "node", "table", "column", "exporter", "path"}

// naming is the field by which the elements of both arrays can be told apart.
func (d *differ) naming(a, b []any) string {
	if len(a)+len(b) == 0 {
		return ""
	}
	for _, f := range names {
		if index(a, f) != nil && index(b, f) != nil {
			return f
		}
	}
	return ""
}

// index finds elements by a field; nil when not all are objects with a text of their
// own in it.
func index(list []any, field string) map[string]any {
	m := make(map[string]any, len(list))
	for _, v := range list {
		o, _ := v.(map[string]any)
		name, ok := o[field].(string)
		if _, twice := m[name]; !ok || twice {
			return nil
		}
		m[name] = v
	}
	return m
}

func nameOf(v any, field string) string {
	o, _ := v.(map[string]any)
	s, _ := o[field].(string)
	return s
}

// same reports whether nothing that counts is different.
func (d *differ) same(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			return false
		}
		for k, v := range x {
			if w, both := y[k]; !(d.o.Quiet && volatile(k)) && (!both || !d.same(v, w)) {
				return false
			}
		}
		for k := range y {
			if _, both := x[k]; !both && !(d.o.Quiet && volatile(k)) {
				return false
			}
		}
		return true
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, d.same)
	case string:
		y, ok := b.(string)
		return ok && (x == y || d.o.Quiet && d.runless(x) == d.runless(y))
	}
	return a == b
}

// runless is a text without the ids of the runs.
func (d *differ) runless(s string) string {
	for _, id := range []string{d.o.RunA, d.o.RunB} {
		if id != "" {
			s = strings.ReplaceAll(s, id, "RUN")
		}
	}
	return s
}

// volatile reports whether a key is that of an id or a point in time.
func volatile(key string) bool {
	switch key {
	case "run_id", "trace_id", "span_id", "created_at", "started", "ended", "time", "process.pid", "service.instance.id", "run_bundle_dir":
		return true
	}
	return strings.HasSuffix(key, "_unix_ns")
}
