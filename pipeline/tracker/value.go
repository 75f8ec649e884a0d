package tracker

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// Limits bound what is sent of a result that is no table.
type Limits struct {
	List int // items of a list that are kept
	Dict int // entries of a map, and fields of a struct, that are kept
}

// Marks of Hamilton's SDK for what a limit left out. It cuts only the outermost
// list or dict, and marks dicts of exactly the limit too; here every level is cut,
// and only what lost something is marked.
const (
	listMark  = "... truncated ..."
	dictMark  = "... values truncated ..."
	dictEntry = "__truncated__"
)

const (
	maxText  = 10_000 // bytes of a string
	maxDepth = 8      // of lists and dicts within each other
)

// valueAttribute is the result_summary of a result that is no table.
func valueAttribute(v any, l Limits, hide *model.Redactor) (typ string, version int, value any) {
	w := &walker{limits: l, hide: hide}
	if hide == nil {
		w.hide = new(model.Redactor)
	}
	shown := map[string]any{"type": fmt.Sprintf("%T", v)}
	// A type's own text form may panic: that must not end the build.
	defer func() {
		if p := recover(); p != nil {
			shown["value"] = fmt.Sprintf("cannot be shown: %v", p)
			typ, version, value = "primitive", 1, shown
		}
	}()
	plain := w.plain(reflect.ValueOf(v), 0)
	shown["value"] = plain
	switch plain.(type) {
	case map[string]any, []any:
		return "dict", 2, shown
	case nil:
		shown["value"] = "None" // the UI has no page for a value of null
	}
	return "primitive", 1, shown
}

// walker turns Go values into what JSON knows, without looking at more of them
// than the limits let through.
type walker struct {
	limits Limits
	hide   *model.Redactor
}

func (w *walker) plain(v reflect.Value, depth int) any {
	if !v.IsValid() {
		return nil
	}
	if text, ok := w.text(v); ok {
		return text
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if depth > maxDepth {
			return listMark // a pointer may lead back to itself
		}
		return w.plain(v.Elem(), depth+1)
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return v.Uint()
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
		return fmt.Sprint(v.Float()) // JSON has no such number
	case reflect.String:
		return w.string(v.String())
	case reflect.Slice, reflect.Array:
		return w.list(v, depth)
	case reflect.Map:
		return w.dict(v, depth)
	case reflect.Struct:
		return w.fields(v, depth)
	}
	return v.Type().String() // functions, channels, complex numbers
}

// text is the form of types that have one of their own: times, states, addresses.
func (w *walker) text(v reflect.Value) (string, bool) {
	if !v.CanInterface() || v.Kind() == reflect.Pointer && v.IsNil() {
		return "", false
	}
	m, ok := v.Interface().(encoding.TextMarshaler)
	if !ok {
		return "", false
	}
	text, err := m.MarshalText()
	return w.string(string(text)), err == nil
}

func (w *walker) string(s string) string {
	s = w.hide.Text(strings.ToValidUTF8(s, "�"))
	if len(s) > maxText {
		return strings.ToValidUTF8(s[:maxText], "") + listMark
	}
	return s
}

func (w *walker) list(v reflect.Value, depth int) any {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return fmt.Sprintf("%d bytes", v.Len())
	}
	kept := max(0, min(v.Len(), w.limits.List))
	if depth > maxDepth {
		kept = 0
	}
	out := make([]any, 0, kept+1)
	for i := range kept {
		out = append(out, w.plain(v.Index(i), depth+1))
	}
	if kept < v.Len() {
		out = append(out, listMark)
	}
	return out
}

// dict keeps the entries whose keys come first, so that runs can be compared.
func (w *walker) dict(v reflect.Value, depth int) any {
	type entry struct {
		name  string
		value reflect.Value
	}
	entries := make([]entry, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		name, ok := w.plain(it.Key(), maxDepth).(string)
		if !ok {
			name = fmt.Sprint(it.Key())
		}
		entries = append(entries, entry{name, it.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	out := map[string]any{}
	for _, e := range entries[:min(len(entries), max(0, w.limits.Dict)+1)] { // one more, for the mark
		w.entry(out, e.name, e.value, depth)
	}
	return out
}

// fields names the fields of a struct as its JSON form does.
func (w *walker) fields(v reflect.Value, depth int) any {
	out := map[string]any{}
	fields := reflect.VisibleFields(v.Type())
	fields = slices.DeleteFunc(fields, func(f reflect.StructField) bool {
		return !f.IsExported() || f.Anonymous || f.Tag.Get("json") == "-" // fields of what is embedded stand beside the others
	})
	for _, f := range fields {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		if field, err := v.FieldByIndexErr(f.Index); err == nil { // else what embeds it is nil
			w.entry(out, name, field, depth)
		}
	}
	return out
}

// entry adds one of several entries, or the mark in its place.
func (w *walker) entry(out map[string]any, name string, v reflect.Value, depth int) {
	switch {
	case len(out) >= max(0, w.limits.Dict) || depth > maxDepth:
		out[dictEntry] = dictMark
	case w.hide.Match(name):
		out[name] = model.Redacted
	default:
		out[name] = w.plain(v, depth+1)
	}
}
