package golang

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

func extract(t *testing.T, src string) *evidence.File {
	t.Helper()
	f, err := Extract([]byte(src), "p.go", "example.org/p")
	if err != nil {
		t.Fatal(err)
	}
	check(t, f, len(src))
	return f
}

// check fails when a key points outside its table or a span outside the file.
func check(t *testing.T, f *evidence.File, size int) {
	t.Helper()
	key := func(what string, k evidence.Key, n int) {
		if k < evidence.None || int(k) >= n {
			t.Fatalf("%s: key %d of %d rows", what, k, n)
		}
	}
	span := func(what string, s evidence.Span) {
		if s.Start < 0 || s.End < s.Start || int(s.End) > size {
			t.Fatalf("%s: span %v in a file of %d bytes", what, s, size)
		}
	}
	scopes, bindings, defs, refs, calls, imports := len(f.Scopes), len(f.Bindings), len(f.Defs), len(f.Refs), len(f.Calls), len(f.Imports)
	for i, s := range f.Scopes {
		key("scope parent", s.Parent, scopes)
		key("scope owner", s.OwnerDef, defs)
		span("scope", s.Span)
		if (i == 0) != (s.Parent == evidence.None) {
			t.Fatalf("scope %d has parent %d", i, s.Parent)
		}
	}
	for _, b := range f.Bindings {
		key("binding scope", b.Scope, scopes)
		span("binding", b.First)
	}
	for _, d := range f.DefSites {
		key("site binding", d.Binding, bindings)
		key("site def", d.Def, defs)
		key("site import", d.Import, imports)
		key("site value", d.Value, refs)
		key("site call", d.Call, calls)
		span("site", d.Span)
	}
	for _, d := range f.Defs {
		key("def scope", d.Scope, scopes)
		key("def body", d.Body, scopes)
		key("def container", d.Container, defs)
		key("def binding", d.Binding, bindings)
		span("def", d.Span)
		span("def name", d.NameSpan)
	}
	for _, p := range f.Params {
		key("param def", p.Def, defs)
		span("param", p.Span)
	}
	for _, b := range f.Bases {
		key("base def", b.Def, defs)
		key("base ref", b.Ref, refs)
		span("base", b.Span)
	}
	for _, r := range f.Refs {
		key("ref scope", r.Scope, scopes)
		key("ref def", r.Def, defs)
		key("ref base", r.Base, refs)
		key("ref binding", r.Binding, bindings)
		span("ref", r.Span)
	}
	for _, c := range f.Calls {
		key("call scope", c.Scope, scopes)
		key("call def", c.Def, defs)
		key("call callee", c.Callee, refs)
		span("call", c.Span)
		span("callee", c.CalleeSpan)
	}
	for _, a := range f.CallArgs {
		key("arg call", a.Call, calls)
		key("arg ref", a.Ref, refs)
		span("arg", a.Span)
	}
	for _, e := range f.TypeExprs {
		key("annotation", e.Def, defs)
		span("annotation", e.Span)
	}
	for _, e := range f.Errors {
		span("error", e.Span)
	}
}

// TestResolution shows, for every use of a name, the line on which the binding
// it means first appears; "?" is a name that the file does not declare.
func TestResolution(t *testing.T) {
	const src = `package p

import "fmt"

var x = y // y:17

func f(x int) { // int:?
	fmt.Println(x) // fmt:3 x:7
	x, z := x + 1, 0 // x:7 x:7
	if x := g(x); x > 0 { // g:? x:7 x:10
		_ = x // x:10
	}
	for i := range x { // x:7
		func() { print(i, x) }() // print:? i:13 x:7
	}
}
var y = h.field.other // h:?

type T[K any] struct{ a map[K]T[K] } // any:? K:19 T:19 K:19

func (t *T[V]) m(v V) (err error) { // T:19 V:21 V:21 error:?
	switch w := any(v).(type) { // any:? v:21
	case V: // V:21
		return use(w) // use:? w:22
	}
	return
}
`
	f := extract(t, src)
	got := map[int][]string{}
	lineOf := func(off int32) int { return 1 + strings.Count(src[:off], "\n") }
	for _, r := range f.Refs {
		if r.Kind != "name" {
			continue
		}
		b := f.Bindings[r.Binding]
		where := "?"
		if b.Flags&evidence.Global == 0 {
			where = fmt.Sprint(lineOf(b.First.Start))
		}
		line := lineOf(r.Span.Start)
		got[line] = append(got[line], r.Name+":"+where)
	}
	for i, text := range strings.Split(src, "\n") {
		_, comment, _ := strings.Cut(text, "// ")
		want := strings.Fields(comment)
		have := got[i+1]
		slices.Sort(want)
		slices.Sort(have)
		if !slices.Equal(want, have) {
			t.Errorf("line %d %q: got %v", i+1, text, have)
		}
	}
}

// TestRows shows the definitions, parameters, bases and imports of a file.
func TestRows(t *testing.T) {
	f := extract(t, `// Package p does things.
package p

import (
	"io"
	yaml "gopkg.in/yaml.v3"
	. "strings"
	_ "embed"
	"example.org/go-foo/v2"
)

// Reader reads.
type Reader interface {
	io.Reader
	// Get gets.
	Get(key string, more ...int) (yaml.Node, error)
}

type S struct {
	*Base
	io.Closer
	name string
}

type A = S

func (s *S) Do() { go func() {}() }

func init() {}
`)
	var got []string
	add := func(format string, args ...any) { got = append(got, fmt.Sprintf(format, args...)) }
	for _, d := range f.Defs {
		add("def %s %s recv=%s doc=%q bound=%v", d.Kind, d.Qualname, d.Receiver, d.Docstring, d.Binding != evidence.None)
	}
	for _, p := range f.Params {
		add("param %s %d %s %s %s", f.Defs[p.Def].Qualname, p.Position, p.Kind, p.Name, p.Type)
	}
	for _, b := range f.Bases {
		add("base %s %d %s -> %s", f.Defs[b.Def].Qualname, b.Ordinal, b.Text, f.Refs[b.Ref].Name)
	}
	for _, im := range f.Imports {
		name := ""
		if im.Binding != evidence.None {
			name = f.Bindings[im.Binding].Name
		}
		add("import %s as %q star=%v binds %q", im.Module, im.AsName, im.Star, name)
	}
	for _, e := range f.TypeExprs {
		add("type %s %s %s: %s", e.Role, f.Defs[e.Def].Qualname, e.Param, e.Text)
	}
	want := `def interface Reader recv= doc="Reader reads." bound=true
def method Reader.Get recv=Reader doc="Get gets." bound=false
def type S recv= doc="" bound=true
def type A recv= doc="" bound=true
def method S.Do recv=S doc="" bound=false
def lambda S.Do.func1 recv= doc="" bound=false
def function init recv= doc="" bound=false
param Reader.Get 0 positional key string
param Reader.Get 1 vararg more ...int
param Reader.Get 2 result  yaml.Node
param Reader.Get 3 result  error
param S.Do 0 receiver s *S
base Reader 0 io.Reader -> Reader
base S 0 *Base -> Base
base S 1 io.Closer -> Closer
base A 0 S -> S
import io as "" star=false binds "io"
import gopkg.in/yaml.v3 as "yaml" star=false binds "yaml"
import strings as "" star=true binds ""
import embed as "_" star=false binds ""
import example.org/go-foo/v2 as "" star=false binds "foo"
type parameter Reader.Get key: string
type parameter Reader.Get more: ...int
type return Reader.Get : yaml.Node
type return Reader.Get : error
type field S name: string
type parameter S.Do s: *S`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got:\n%s", text)
	}
	if f.Docstrings[0].Kind != "module" || f.Module.Package != "p" || f.Module.FQN != "example.org/p" {
		t.Errorf("module %+v, first docstring %+v", f.Module, f.Docstrings[0])
	}
}

// TestDefSiteValue shows what a binding is known to be.
func TestDefSiteValue(t *testing.T) {
	f := extract(t, `package p
func f(a *T, b []T) {
	c := T{}
	d := &q.U{}
	e, err := g()
	h := e.(*V)
	i := c
	j := a.m
	k, l := 1, c
	var m, n T
}`)
	var got []string
	for _, s := range f.DefSites {
		v := "-"
		if s.Value != evidence.None {
			v = f.Refs[s.Value].Name
		}
		if s.Call != evidence.None {
			v = f.Calls[s.Call].Text + "()"
		}
		got = append(got, f.Bindings[s.Binding].Name+"="+v)
	}
	want := "f=- a=T b=- c=T d=U e=g() err=- h=V i=c j=m k=- l=c m=T n=T"
	if text := strings.Join(got, " "); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestBrokenFile(t *testing.T) {
	f := extract(t, "package p\nfunc f() { g(1 }\nfunc h( { x := }\ntype T struct { a b c }\n")
	if len(f.Errors) == 0 {
		t.Fatal("no parse error")
	}
	if len(f.Defs) == 0 || f.Defs[0].Name != "f" || len(f.Calls) == 0 {
		t.Errorf("defs %+v, calls %+v", f.Defs, f.Calls)
	}
}

// sources reads Go files of the standard library, every step-th one.
func sources(tb testing.TB, step int) (files map[string][]byte, lines int) {
	tb.Helper()
	root := filepath.Join(goroot(tb), "src")
	files = map[string][]byte{}
	n := 0
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") {
			return err
		}
		if n++; n%step != 0 {
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		files[p] = src
		lines += strings.Count(string(src), "\n")
		return nil
	})
	if err != nil || len(files) == 0 {
		tb.Skipf("the Go distribution has no sources here: %v", err)
	}
	return files, lines
}

// TestStandardLibrary compares calls with go/ast and checks keys and spans over
// a sample of real files.
func TestStandardLibrary(t *testing.T) {
	files, _ := sources(t, 40)
	for p, src := range files {
		f, err := Extract(src, p, "std")
		if err != nil {
			continue
		}
		check(t, f, len(src))
		tree, err := parser.ParseFile(token.NewFileSet(), p, src, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		want := map[evidence.Span]int{}
		defs := 0
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				want[evidence.Span{Start: int32(n.Pos()) - 1, End: int32(n.End()) - 1}]++
			case *ast.FuncDecl, *ast.FuncLit, *ast.TypeSpec:
				defs++
			}
			return true
		})
		for _, c := range f.Calls {
			want[c.Span]--
		}
		for s, n := range want {
			if n != 0 {
				t.Errorf("%s: call at %v: %+d", p, s, n)
			}
		}
		for _, d := range f.Defs {
			if d.Kind != "method" || d.Body != evidence.None || d.Container == evidence.None {
				defs--
			}
		}
		// A method without a body is assembly, not an interface's.
		if defs < 0 {
			t.Errorf("%s: %d definitions too many", p, -defs)
		}
	}
}
