package python

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

func extract(t *testing.T, src string) *evidence.File {
	t.Helper()
	p, err := NewParser()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	f, err := Extract(p, []byte(src), "pkg/mod.py")
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
	for _, s := range f.Scopes {
		key("scope parent", s.Parent, len(f.Scopes))
		key("scope owner", s.OwnerDef, len(f.Defs))
		span("scope", s.Span)
	}
	for _, d := range f.DefSites {
		key("site binding", d.Binding, len(f.Bindings))
		key("site def", d.Def, len(f.Defs))
		key("site import", d.Import, len(f.Imports))
		key("site value", d.Value, len(f.Refs))
		key("site call", d.Call, len(f.Calls))
		span("site", d.Span)
		if f.Bindings[d.Binding].Flags&evidence.Local == 0 && f.Bindings[d.Binding].Flags&evidence.Nonlocal == 0 {
			t.Fatalf("site of %q, which is not bound there", f.Bindings[d.Binding].Name)
		}
	}
	for _, d := range f.Defs {
		key("def body", d.Body, len(f.Scopes))
		key("def container", d.Container, len(f.Defs))
		key("def binding", d.Binding, len(f.Bindings))
		span("def", d.Span)
		span("def name", d.NameSpan)
	}
	for _, d := range f.Decorators {
		key("decorator def", d.Def, len(f.Defs))
		span("decorator", d.Span)
	}
	for _, r := range f.Refs {
		key("ref base", r.Base, len(f.Refs))
		key("ref binding", r.Binding, len(f.Bindings))
		span("ref", r.Span)
		if r.Kind == "name" && f.Bindings[r.Binding].Scope != r.Scope {
			t.Fatalf("reference to %q in scope %d has a binding of scope %d", r.Name, r.Scope, f.Bindings[r.Binding].Scope)
		}
	}
	for _, c := range f.Calls {
		key("callee", c.Callee, len(f.Refs))
		span("call", c.Span)
	}
	for _, a := range f.CallArgs {
		key("arg call", a.Call, len(f.Calls))
		key("arg ref", a.Ref, len(f.Refs))
		span("arg", a.Span)
	}
	for _, e := range f.Errors {
		span("error", e.Span)
	}
}

// TestRows shows what is read from a small file.
func TestRows(t *testing.T) {
	f := extract(t, `"""Module doc."""
from __future__ import annotations
import os.path as p, sys
from ..a import b as c, d
from .x import *

@deco.rator(1)
class C(Base, m.Other, metaclass=M):
    'Class doc.'
    field: int = 3

    async def run(self, a, /, b=1, *args: T, k: U = 2, **kw) -> R:
        """Run.

            Indented.
        """
        global g
        g = C()
        self.x.y(a, *b, k=c, **d)
        return [z for z in a if (w := z)]

f = lambda q: q
`)
	var got []string
	add := func(format string, args ...any) { got = append(got, fmt.Sprintf(format, args...)) }
	for _, d := range f.Defs {
		add("def %s %s doc=%q decorators=%d params=%d", d.Kind, d.Qualname, d.Docstring, d.Decorators, d.Params)
	}
	for _, p := range f.Params {
		add("param %d %s %s %q default=%v", p.Position, p.Kind, p.Name, p.Type, p.Default)
	}
	for _, b := range f.Bases {
		add("base %d %s", b.Ordinal, b.Text)
	}
	for _, d := range f.Decorators {
		add("decorator %s of %s", d.Text, f.Defs[d.Def].Name)
	}
	for _, im := range f.Imports {
		add("%s %d %q %q as %q star=%v", im.Kind, im.Level, im.Module, im.Name, im.AsName, im.Star)
	}
	for _, e := range f.TypeExprs {
		add("type %s %q %s", e.Role, e.Param, e.Text)
	}
	for _, a := range f.CallArgs {
		add("arg %s %d %q %q", f.Calls[a.Call].Text, a.Index, a.Keyword, a.Star)
	}
	for _, s := range f.DefSites {
		b := f.Bindings[s.Binding]
		v := ""
		if s.Call != evidence.None {
			v = f.Calls[s.Call].Text + "()"
		}
		add("site %s %s.%s %s", s.Kind, f.Scopes[b.Scope].Name, b.Name, v)
	}
	want, err := os.ReadFile("testdata/rows.txt")
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(got, "\n") + "\n"; text != string(want) {
		t.Errorf("got:\n%s", text)
	}
}

// A broken file still gives what could be read.
func TestBrokenFile(t *testing.T) {
	f := extract(t, "def ok():\n    g()\n\ndef bad(:\n    x = = 1\n\ndef last(): pass\n")
	if len(f.Errors) == 0 {
		t.Error("no parse error")
	}
	if len(f.Defs) == 0 || f.Defs[0].Name != "ok" || len(f.Calls) == 0 {
		t.Errorf("defs %+v calls %+v", f.Defs, f.Calls)
	}
	for src, want := range map[string]string{"x = '\xff'\n": "decode", "x = 1\x00\n": "decode", "print 'x'\n": "parse"} {
		if f := extract(t, src); len(f.Errors) == 0 || f.Errors[0].Stage != want {
			t.Errorf("%q: errors %+v, want one of %s", src, f.Errors, want)
		}
	}
	if f := extract(t, "# -*- coding: latin-1 -*-\nx = '\xff'\n"); len(f.Errors) != 0 {
		t.Errorf("a declared encoding: errors %+v", f.Errors)
	}
}

// Nesting as deep as nobody writes it ends, and is said to be cut.
func TestDeepNesting(t *testing.T) {
	for _, src := range []string{
		strings.Repeat("(", 50_000), strings.Repeat("lambda:", 50_000) + "0\n", "x = " + strings.Repeat("-", 50_000) + "1\n",
	} {
		extract(t, src)
	}
	if f := extract(t, "x = "+strings.Repeat("lambda:", 1000)+"0\n"); !f.Truncated {
		t.Error("1,000 nested functions are not cut")
	}
}

func FuzzExtract(f *testing.F) {
	for _, s := range []string{
		"", "def f(a, *b, c=1): return a", "class C(B): x: int = y", "match x:\n case {'a': b, **c} | D(e=f): pass",
		"[x for y in z if (w := y)]", "global a\nimport b.c as d\nfrom . import *", "with a as (b, c): del b[0], c.d", "@", "type X[T: int] = T",
		"async def f[T](): nonlocal x\n", "try: pass\nexcept* E as e: f'{e!r:{w}}'", "print 'x', y", "def (", "\xef\xbb\xbfx=1\r\n",
	} {
		f.Add([]byte(s))
	}
	p, err := NewParser()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(p.Close)
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := Extract(p, src, "a/b.py")
		if err != nil {
			t.Skip(err)
		}
		check(t, file, len(src))
	})
}

// BenchmarkExtract reads the standard library of python3 with two parsers.
func BenchmarkExtract(b *testing.B) {
	var files [][]byte
	lines := 0
	for _, path := range stdlib(b) {
		src, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		files = append(files, src)
		lines += strings.Count(string(src), "\n")
	}
	b.ReportAllocs()
	for b.Loop() {
		var next atomic.Int64
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				p, err := NewParser()
				if err != nil {
					b.Error(err)
					return
				}
				defer p.Close()
				for i := next.Add(1) - 1; i < int64(len(files)); i = next.Add(1) - 1 {
					if _, err := Extract(p, files[i], "m.py"); err != nil {
						b.Error(err)
					}
				}
			})
		}
		wg.Wait()
	}
	b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds()/1000, "kLOC/s")
}
