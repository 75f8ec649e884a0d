// Package golang is the Go front end of the code property graph: it turns one
// Go source file into evidence rows with go/parser and its own lexical scoping.
// It knows nothing of other files, of types or of resolution across files.
//
// Two readings of the evidence contract are particular to Go. A name that no
// scope of the file declares gets one Binding in the module scope with the flag
// Global: another file of the package, a dot import or the universe has it. And
// DefSite.Value names the type when the site is declared with one (var x T, a
// parameter, a receiver) or is given a composite literal (T{}, &T{}) or an
// asserted type; a Go type is never a value, so the two uses cannot be confused.
package golang

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"path"
	"strings"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

// Extract reads one Go file. importPath is the import path of its folder (see
// ImportPaths); filePath is only used to tell test files. Syntax errors become
// rows of File.Errors, and what could be read of the file is still there. The
// error is not nil only when nothing at all could be read.
func Extract(src []byte, filePath, importPath string) (*evidence.File, error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, filePath, src, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
	if tree == nil {
		return nil, err
	}
	x := &extractor{f: &evidence.File{}, src: src, file: fset.File(tree.FileStart)}
	x.reserve()
	x.module(tree, filePath, importPath)
	x.errors(err)
	return x.f, nil
}

// extractor walks one file. The methods are spread over the files of the
// package by what they walk: declarations, statements, expressions.
type extractor struct {
	f      *evidence.File
	src    []byte
	file   *token.File
	scopes []frame
	def    evidence.Key // nearest enclosing definition
	qual   string       // its qualified name
	lits   int          // function literals seen in it, for their names
}

// reserve sizes the large tables by the length of the source, so that growing
// them does not dominate the walk. The ratios are those of the standard library.
func (x *extractor) reserve() {
	n := len(x.src)
	x.f.Refs = make([]evidence.Ref, 0, n/18+16)
	x.f.Calls = make([]evidence.Call, 0, n/120+8)
	x.f.CallArgs = make([]evidence.CallArg, 0, n/90+8)
	x.f.Bindings = make([]evidence.Binding, 0, n/100+8)
	x.f.DefSites = make([]evidence.DefSite, 0, n/90+8)
}

func (x *extractor) module(tree *ast.File, filePath, importPath string) {
	x.def = evidence.None
	pkg := ""
	if tree.Name != nil {
		pkg = tree.Name.Name
	}
	fqn := importPath
	if strings.HasSuffix(pkg, "_test") && strings.HasSuffix(path.Base(filePath), "_test.go") {
		fqn += "_test" // an external test package is a package of its own
	}
	x.f.Module = evidence.Module{FQN: fqn, Package: pkg}
	x.f.Lines = int32(x.file.LineCount())
	x.openScope("module", "top", evidence.Span{End: int32(len(x.src))}, evidence.None)
	x.f.Scopes[0].Qualname = ""
	if tree.Doc != nil {
		x.docstring(evidence.None, "module", tree.Doc)
	}
	x.declareTopLevel(tree)
	for _, d := range tree.Decls {
		x.decl(d, true)
	}
}

// errors turns the parser's error list into rows, at most 100 of them.
func (x *extractor) errors(err error) {
	list, ok := err.(scanner.ErrorList)
	if !ok {
		if err != nil {
			x.f.Errors = append(x.f.Errors, evidence.ParseError{Stage: "parse", Message: err.Error(), Line: 1})
		}
		return
	}
	for i, e := range list {
		if i == 100 {
			x.f.Truncated = true
			break
		}
		at := x.clamp(int32(e.Pos.Offset))
		x.f.Errors = append(x.f.Errors, evidence.ParseError{
			Stage: "parse", Message: strings.ToValidUTF8(e.Msg, "\uFFFD"), Line: int32(e.Pos.Line), Span: evidence.Span{Start: at, End: at},
		})
	}
}
