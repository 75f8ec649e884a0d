package python

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
	"github.com/buildscope/buildscope/pipeline/cpg/python/flat"
)

const (
	maxText      = 256   // bytes of callee, annotation and decorator text
	maxDocstring = 2048  // bytes of documentation
	maxDepth     = 20000 // nested expressions, some 10 MB of stack
	maxErrors    = 100   // rows per file
)

// extractor walks the tree of one file. Its methods are spread over the files of
// the package by what they walk.
type extractor struct {
	f     evidence.File
	src   []byte
	text  string // src, so that names need no copies
	nodes []flat.Node

	frames []frame
	links  []link
	ids    map[string]int32
	heads  []int32

	def     evidence.Key // nearest enclosing function or class
	qual    string       // its qualified name
	depth   int
	lineOff int32 // line counts the line feeds before lineOff
	lineNo  int32
}

func (x *extractor) reset(src []byte, file string, nodes []flat.Node) {
	f := &x.f
	x.f = evidence.File{
		Module: moduleOf(file),
		Scopes: f.Scopes[:0], Bindings: f.Bindings[:0], DefSites: f.DefSites[:0], Defs: f.Defs[:0],
		Params: f.Params[:0], Bases: f.Bases[:0], Decorators: f.Decorators[:0], Docstrings: f.Docstrings[:0],
		TypeExprs: f.TypeExprs[:0], Refs: f.Refs[:0], Calls: f.Calls[:0], CallArgs: f.CallArgs[:0],
		Imports: f.Imports[:0], Errors: f.Errors[:0],
	}
	x.f.Lines = int32(bytes.Count(src, []byte{'\n'}))
	if n := len(src); n > 0 && src[n-1] != '\n' {
		x.f.Lines++
	}
	x.src, x.text, x.nodes = src, string(src), nodes
	x.frames, x.links, x.heads = x.frames[:0], x.links[:0], x.heads[:0]
	clear(x.ids)
	x.def, x.qual, x.depth, x.lineOff, x.lineNo = evidence.None, "", 0, 0, 1
	x.openScope("module", "top", evidence.Span{End: int32(len(src))}, evidence.None)
}

func (x *extractor) module() {
	x.errors()
	x.docstring(0, evidence.None, "module")
	x.children(0, x.stmt)
	x.closeScope()
	x.retarget()
}

// children calls visit for every child of node i.
func (x *extractor) children(i uint32, visit func(uint32)) {
	for c := i + 1; c < x.nodes[i].Next; c = x.nodes[c].Next {
		visit(c)
	}
}

// child is the first child of node i in a field, 0 for none.
func (x *extractor) child(i uint32, field uint8) uint32 {
	for c := i + 1; c < x.nodes[i].Next; c = x.nodes[c].Next {
		if x.nodes[c].Field == field {
			return c
		}
	}
	return 0
}

// first is the first child of node i, 0 for none.
func (x *extractor) first(i uint32) uint32 {
	if i+1 < x.nodes[i].Next {
		return i + 1
	}
	return 0
}

func (x *extractor) span(i uint32) evidence.Span {
	return evidence.Span{Start: int32(x.nodes[i].Start), End: int32(x.nodes[i].End)}
}

// defSpan is the span of a definition as CPython counts it: without the comments
// after its last statement. What a number sign after the last node starts can only
// be a comment.
func (x *extractor) defSpan(i uint32) evidence.Span {
	s := x.span(i)
	last := &x.nodes[x.nodes[i].Next-1]
	from := int(last.End)
	if last.Kind == kBlock {
		from = int(last.Start)
	}
	for {
		from := max(from, strings.LastIndexByte(x.text[:s.End], '\n')+1)
		at := strings.IndexByte(x.text[min(from, int(s.End)):s.End], '#')
		if at < 0 {
			return s
		}
		s.End = int32(len(strings.TrimRight(x.text[:from+at], " \t\r\n\f")))
	}
}

// name is the text of an identifier.
func (x *extractor) name(i uint32) string { return x.text[x.nodes[i].Start:x.nodes[i].End] }

// cut is the text of a node, shortened to whole runes.
func (x *extractor) cut(i uint32) string { return cut(x.name(i), maxText) }

func cut(s string, n int) string {
	if len(s) > n {
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return s
}

// line is the line of an offset, 1-based. Offsets mostly grow.
func (x *extractor) line(at int32) int32 {
	if at < x.lineOff {
		x.lineOff, x.lineNo = 0, 1
	}
	x.lineNo += int32(bytes.Count(x.src[x.lineOff:at], []byte{'\n'}))
	x.lineOff = at
	return x.lineNo
}

// errors records what the parser could not read; what lies inside an error is
// part of it.
func (x *extractor) errors() {
	end := uint32(0)
	for i := range x.nodes {
		n := &x.nodes[i]
		if n.Flags == 0 && n.Kind != kPrint || uint32(i) < end {
			continue
		}
		if len(x.f.Errors) == maxErrors {
			x.f.Truncated = true
			return
		}
		message := "invalid syntax"
		switch {
		case n.Flags&flat.Missing != 0:
			message = "something is missing here"
		case n.Kind == kPrint:
			if strings.HasPrefix(strings.TrimLeft(x.text[n.Start+5:n.End], " \t"), ">>") {
				continue // legal, if only by accident
			}
			message = "print statement of Python 2"
		default:
			end = n.Next
		}
		x.f.Errors = append(x.f.Errors, evidence.ParseError{Stage: "parse", Message: message,
			Line: x.line(int32(n.Start)), Span: x.span(uint32(i))})
	}
}
