package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// Spec describes a node. Only Name is required.
type Spec struct {
	Name string
	Kind model.NodeKind // zero: go for functions, sql for SELECTs
	Doc  string         // one sentence; SQL nodes take it from their header comment
	// Version is bumped when the code of a Go node changes what it produces.
	// The text of a SQL node is its own version.
	Version string
	// Settings are the settings the node reads, key to value. They are part of
	// the key under which its result is cached.
	Settings map[string]string
	// Outputs names the tables of a function that returns Tables.
	Outputs []string
	// Shared says that other nodes contribute rows to the same tables; the
	// readers of such a table get the rows of all of them.
	Shared bool
	// Publish says that the node's tables are outputs of the build.
	Publish bool
	// NoCache keeps the node's result out of the cache, because it depends on
	// more than its inputs and settings. Its readers go by the content of its tables,
	// or by the Version that the node gives them.
	NoCache bool
	// Test makes the node a test: its rows are those that should not be there, so any
	// fails the node, or is a warning.
	Test *model.DataTest
	// Dialects are other texts of a SQL node by the dialect of an engine, see
	// [model.Query]. They read the same tables.
	Dialects map[string]string
	// Local says that a SQL node's text is for the embedded engine alone.
	Local bool
	// Tags are words by which targets are chosen, see [Graph.Only].
	Tags []string
	// Incremental makes a SQL node add to its table of an earlier run; nil computes the
	// table whole each time.
	Incremental *Incremental
}

// Node is one step of a build. Make one with [Func] or [SQL].
type Node struct {
	Spec
	source string // file:line
	text   string // of a SQL node

	fn      reflect.Value
	in      reflect.Type // struct of inputs; nil when there is none
	out     reflect.Type
	inputs  []input
	declErr error // reported by New, with the other faults of the graph
}

// input is one thing a node reads.
type input struct {
	name   string
	typ    reflect.Type // nil for the tables of a SQL text
	field  int          // of the input struct
	offset int          // in the SQL text; -1 when not known
}

var (
	typeContext = reflect.TypeFor[context.Context]()
	typeTask    = reflect.TypeFor[*Task]()
	typeError   = reflect.TypeFor[error]()
	typeTable   = reflect.TypeFor[Table]()
	typeTables  = reflect.TypeFor[Tables]()
)

// Func makes a node of a Go function of the form
//
//	func(ctx context.Context, t *pipeline.Task, in struct{…}) (Out, error)
//
// The input struct may be left out. Each of its exported fields is an input: the
// table or the value whose name is the field's name in snake case, or what a tag
// `node:"name"` says. Out is a [Table] or any Go value, named after the node, or
// [Tables]. Readers and viewers share a value: nobody may change it once it was
// returned. A malformed function is reported by [New], with its position.
func Func(spec Spec, fn any) *Node {
	n := &Node{Spec: spec, fn: reflect.ValueOf(fn)}
	if n.Kind == "" {
		n.Kind = model.KindGo
	}
	if _, file, line, ok := runtime.Caller(1); ok {
		n.source = sourceLine(file, line) // of a method value, which has no position of its own
	}
	n.declErr = n.readSignature()
	return n
}

// SQL makes a node of one SELECT. The node's result is the table of its name;
// its inputs are the tables the text reads. source is the file the text is from,
// for error messages.
func SQL(spec Spec, text, source string) *Node {
	n := &Node{Spec: spec, text: text, source: source, out: typeTable}
	if n.Kind == "" {
		n.Kind = model.KindSQL
	}
	if n.Doc == "" {
		n.Doc = headerComment(text)
	}
	return n
}

// IsSQL reports whether the node is a SELECT.
func (n *Node) IsSQL() bool { return n.text != "" }

// Source is where the node is defined: file:line of its function, or its SQL file.
func (n *Node) Source() string { return n.source }

// Type is the Go type of the node's result.
func (n *Node) Type() reflect.Type { return n.out }

// outputs are the names under which others read the node's results.
func (n *Node) outputs() []string {
	if n.out == typeTables {
		return n.Spec.Outputs
	}
	return []string{n.Name}
}

// tabular reports whether all results are tables, which can be cached.
func (n *Node) tabular() bool { return n.out == typeTable || n.out == typeTables }

func (n *Node) readSignature() error {
	t := n.fn.Type()
	if t.Kind() != reflect.Func {
		return fmt.Errorf("node %s: %s is not a function", n.Name, t)
	}
	if s := funcSource(n.fn); s != "" {
		n.source = s
	}
	if t.NumIn() < 2 || t.NumIn() > 3 || t.In(0) != typeContext || t.In(1) != typeTask ||
		t.NumOut() != 2 || t.Out(1) != typeError {
		return fmt.Errorf("node %s (%s): the function is %s; it must be func(context.Context, *pipeline.Task, struct{…}) (T, error)", n.Name, n.source, t)
	}
	n.out = t.Out(0)
	if n.out == typeTables && len(n.Spec.Outputs) == 0 {
		return fmt.Errorf("node %s (%s): returns Tables but its Spec names no Outputs", n.Name, n.source)
	}
	if t.NumIn() == 2 {
		return nil
	}
	n.in = t.In(2)
	if n.in.Kind() != reflect.Struct {
		return fmt.Errorf("node %s (%s): the third parameter is %s; it must be a struct whose fields are the inputs", n.Name, n.source, n.in)
	}
	var errs []error
	for i := range n.in.NumField() {
		f := n.in.Field(i)
		if !f.IsExported() {
			errs = append(errs, fmt.Errorf("node %s (%s): input field %s is not exported", n.Name, n.source, f.Name))
			continue
		}
		name := f.Tag.Get("node")
		if name == "" {
			name = snakeCase(f.Name)
		}
		n.inputs = append(n.inputs, input{name: name, typ: f.Type, field: i, offset: -1})
	}
	return errors.Join(errs...)
}

// funcSource is where a function is written, "" when it does not say: the code
// of a method value is made by the compiler.
func funcSource(fn reflect.Value) string {
	f := runtime.FuncForPC(fn.Pointer())
	if f == nil || strings.HasSuffix(f.Name(), "-fm") {
		return ""
	}
	return sourceLine(f.FileLine(fn.Pointer()))
}

func sourceLine(file string, line int) string {
	// The last three elements name the file for a person without showing where
	// the program was compiled.
	parts := strings.Split(filepath.ToSlash(file), "/")
	if len(parts) > 3 {
		parts = parts[len(parts)-3:]
	}
	return fmt.Sprintf("%s:%d", strings.Join(parts, "/"), line)
}

// snakeCase turns RepoFiles into repo_files and EvDefSites into ev_def_sites.
func snakeCase(s string) string {
	var b strings.Builder
	for i, r := range s {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 {
			prev := s[i-1]
			nextLower := i+1 < len(s) && s[i+1] >= 'a' && s[i+1] <= 'z'
			if prev >= 'a' && prev <= 'z' || prev >= '0' && prev <= '9' || prev >= 'A' && prev <= 'Z' && nextLower {
				b.WriteByte('_')
			}
		}
		if upper {
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// headerComment is the first paragraph of a SQL text's leading comment.
func headerComment(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		rest, ok := strings.CutPrefix(line, "--")
		rest = strings.TrimSpace(rest)
		if !ok || rest == "" && len(words) > 0 {
			break
		}
		if rest != "" {
			words = append(words, rest)
		}
	}
	return strings.Join(words, " ")
}
