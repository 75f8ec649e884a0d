package golang

import (
	"go/ast"
	"go/token"
	"strings"
	"unicode/utf8"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

const (
	maxText      = 256  // bytes of callee and type text
	maxDocstring = 2048 // bytes of documentation
)

// clamp keeps an offset inside the file: the parser invents positions for what
// is missing from a broken file.
func (x *extractor) clamp(off int32) int32 {
	return max(0, min(off, int32(len(x.src))))
}

// offset is the byte offset of pos. The file is alone in its FileSet, so this is
// a subtraction; token.File.Offset would take a lock and panic on bad positions.
func (x *extractor) offset(pos token.Pos) int32 {
	return x.clamp(int32(int(pos) - x.file.Base()))
}

func (x *extractor) span(n ast.Node) evidence.Span { return x.between(n.Pos(), n.End()) }

func (x *extractor) between(from, to token.Pos) evidence.Span {
	s := evidence.Span{Start: x.offset(from), End: x.offset(to)}
	if s.End < s.Start {
		s.End = s.Start
	}
	return s
}

// text is the source of a node, cut for display.
func (x *extractor) text(n ast.Expr) string {
	if id, ok := n.(*ast.Ident); ok {
		return cut(id.Name, maxText)
	}
	s := x.span(n)
	return cut(string(x.src[s.Start:min(s.End, s.Start+4*maxText)]), maxText)
}

// cut shortens s to at most n bytes of valid UTF-8 without splitting a rune.
func cut(s string, n int) string {
	if len(s) > n {
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "?")
	}
	return s
}

// docstring records a doc comment and returns its text.
func (x *extractor) docstring(def evidence.Key, kind string, doc *ast.CommentGroup) string {
	text := cut(strings.TrimSpace(doc.Text()), maxDocstring)
	if text == "" {
		return ""
	}
	x.f.Docstrings = append(x.f.Docstrings, evidence.Docstring{Def: def, Kind: kind, Text: text, Span: x.span(doc)})
	return text
}
