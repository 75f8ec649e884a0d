package golang

import (
	"go/ast"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

// frame is an open scope. Most blocks of Go code declare nothing, so a block
// becomes a row only when its first name is declared: until then key is None and
// references in it belong to the nearest enclosing row, which sees the same names.
type frame struct {
	key   evidence.Key
	kind  string
	name  string
	span  evidence.Span
	owner evidence.Key
	names []local
	index map[string]evidence.Key // instead of names, in the module scope
}

type local struct {
	name    string
	binding evidence.Key
}

// openScope pushes a scope that is a row from the start.
func (x *extractor) openScope(kind, name string, span evidence.Span, owner evidence.Key) evidence.Key {
	x.scopes = append(x.scopes, frame{key: evidence.None, kind: kind, name: name, span: span, owner: owner})
	return x.materialize(len(x.scopes) - 1)
}

// openBlock pushes a block scope, which becomes a row when it declares a name.
func (x *extractor) openBlock(n ast.Node) {
	x.scopes = append(x.scopes, frame{key: evidence.None, kind: "block", name: "block", span: x.span(n), owner: evidence.None})
}

func (x *extractor) closeScope() { x.scopes = x.scopes[:len(x.scopes)-1] }

// materialize makes rows of the scope at depth i and of all that enclose it.
func (x *extractor) materialize(i int) evidence.Key {
	fr := &x.scopes[i]
	if fr.key != evidence.None {
		return fr.key
	}
	parent := evidence.None
	if i > 0 {
		parent = x.materialize(i - 1)
	} else {
		fr.index = map[string]evidence.Key{}
	}
	fr.key = evidence.Key(len(x.f.Scopes))
	depth := int16(0)
	if parent != evidence.None {
		depth = x.f.Scopes[parent].Depth + 1
	}
	x.f.Scopes = append(x.f.Scopes, evidence.Scope{
		Parent: parent, Kind: fr.kind, Name: fr.name, Qualname: x.qual, OwnerDef: fr.owner,
		Line: int32(x.file.Line(x.file.Pos(int(fr.span.Start)))), Span: fr.span, Depth: depth,
	})
	return fr.key
}

// scope is the row of the innermost scope that has one.
func (x *extractor) scope() evidence.Key {
	for i := len(x.scopes) - 1; i > 0; i-- {
		if x.scopes[i].key != evidence.None {
			return x.scopes[i].key
		}
	}
	return 0
}

// declare binds a name in the innermost scope, or adds flags when that scope
// has it already. The blank identifier binds nothing.
func (x *extractor) declare(id *ast.Ident, flags evidence.Flags) evidence.Key {
	if id == nil || id.Name == "_" || id.Name == "" {
		return evidence.None
	}
	return x.declareName(id.Name, x.span(id), flags)
}

func (x *extractor) declareName(name string, at evidence.Span, flags evidence.Flags) evidence.Key {
	top := len(x.scopes) - 1
	scope := x.materialize(top)
	fr := &x.scopes[top]
	if b := fr.find(name); b != evidence.None {
		x.f.Bindings[b].Flags |= flags | evidence.Local
		return b
	}
	b := evidence.Key(len(x.f.Bindings))
	x.f.Bindings = append(x.f.Bindings, evidence.Binding{Scope: scope, Name: name, Flags: flags | evidence.Local, First: at})
	fr.add(name, b)
	return b
}

// resolve finds what a name means here. A name that the file does not declare
// gets a row in the module scope, flagged Global.
func (x *extractor) resolve(id *ast.Ident) evidence.Key {
	for i := len(x.scopes) - 1; i >= 0; i-- {
		if b := x.scopes[i].find(id.Name); b != evidence.None {
			x.f.Bindings[b].Flags |= evidence.Referenced
			return b
		}
	}
	b := evidence.Key(len(x.f.Bindings))
	x.f.Bindings = append(x.f.Bindings, evidence.Binding{Name: id.Name, Flags: evidence.Referenced | evidence.Global, First: x.span(id)})
	x.scopes[0].add(id.Name, b)
	return b
}

func (fr *frame) find(name string) evidence.Key {
	if fr.index != nil {
		if b, ok := fr.index[name]; ok {
			return b
		}
		return evidence.None
	}
	for i := len(fr.names) - 1; i >= 0; i-- {
		if fr.names[i].name == name {
			return fr.names[i].binding
		}
	}
	return evidence.None
}

func (fr *frame) add(name string, b evidence.Key) {
	if fr.index != nil {
		fr.index[name] = b
		return
	}
	fr.names = append(fr.names, local{name, b})
}

// site records a place that binds a name.
func (x *extractor) site(s evidence.DefSite) {
	if s.Binding != evidence.None {
		x.f.DefSites = append(x.f.DefSites, s)
	}
}

// valueSite is a DefSite that is neither a definition nor an import.
func (x *extractor) valueSite(b evidence.Key, kind string, v value, at evidence.Span) {
	x.site(evidence.DefSite{Binding: b, Kind: kind, Def: evidence.None, Import: evidence.None, Value: v.ref, Call: v.call, Span: at})
}
