// Package python is the Python front end of the code property graph: it turns one
// source file into evidence rows with tree-sitter and its own lexical scoping,
// which follows CPython's symtable. It knows nothing of other files.
//
// A reference has the binding row of its own scope. What a free, global or
// nonlocal name means beyond its scope is for the relational part to find; only
// the places that bind a global or nonlocal name belong to the outer binding.
package python

import (
	"errors"
	"path"
	"strings"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
	"github.com/buildscope/buildscope/pipeline/cpg/python/flat"
)

// Parser reads Python files one after the other. It belongs to one goroutine;
// Close it.
type Parser struct {
	tree *flat.Parser
	x    extractor
}

// NewParser makes a parser.
func NewParser() (*Parser, error) {
	tree, err := flat.NewParser(grammar())
	if err != nil {
		return nil, err
	}
	return &Parser{tree: tree, x: extractor{ids: map[string]int32{}}}, nil
}

// Close frees the parser. Closing twice is fine.
func (p *Parser) Close() { p.tree.Close() }

// Extract reads one file at a path relative to the repository, with / separators.
// Syntax errors become rows of File.Errors, and what could be read is still there.
// The result is reused: it is valid until the next Extract. The error is not nil
// only when nothing could be read.
func Extract(p *Parser, src []byte, filePath string) (*evidence.File, error) {
	src, bad := readable(src)
	// A file needs about one step per byte; the rest is for broken ones.
	nodes, err := p.tree.Parse(src, 1_000_000+200*uint64(len(src)))
	if errors.Is(err, flat.ErrTooHard) {
		p.x.reset(src, filePath, nil)
		p.x.f.Errors = append(p.x.f.Errors, evidence.ParseError{Stage: "parse", Message: err.Error(), Line: 1})
		p.x.f.Truncated = true
		return &p.x.f, nil
	}
	if err != nil {
		return nil, err
	}
	p.x.reset(src, filePath, nodes)
	if bad != "" {
		p.x.f.Errors = append(p.x.f.Errors, evidence.ParseError{Stage: "decode", Message: bad, Line: 1})
	}
	p.x.module()
	return &p.x.f, nil
}

// moduleOf names the module at a path as an import from the repository's root
// would.
func moduleOf(file string) evidence.Module {
	dotted := strings.ReplaceAll(strings.TrimSuffix(file, path.Ext(file)), "/", ".")
	pkg := ""
	if i := strings.LastIndexByte(dotted, '.'); i >= 0 {
		pkg = dotted[:i]
	}
	m := evidence.Module{FQN: dotted, Package: pkg, IsStub: path.Ext(file) == ".pyi"}
	if path.Base(strings.ReplaceAll(dotted, ".", "/")) == "__init__" {
		m.FQN, m.IsPackage = pkg, true
	}
	return m
}
