package python

import (
	"golang.org/x/text/unicode/norm"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

// maxScopes bounds how deep scopes nest; CPython gives up much earlier.
const maxScopes = 200

// frame is an open scope.
type frame struct {
	key     evidence.Key
	kind    string
	last    int32   // latest binding of the scope, linked by link.sibling
	pending []int32 // bindings of inner scopes that an enclosing function or the module must have
}

// link is what the walk knows of a binding beside its row. The open bindings of
// one name form a chain from the innermost scope outwards, which starts in
// extractor.heads: a lookup in the innermost scope costs one step.
type link struct {
	name, outer, sibling, frame int32
	target                      int32 // where a global or nonlocal name is bound, -1 if here
}

// nameID numbers the names of a file. Python compares names in normal form KC.
func (x *extractor) nameID(name string) int32 {
	if id, ok := x.ids[name]; ok {
		return id
	}
	id := int32(len(x.heads))
	x.ids[name] = id
	x.heads = append(x.heads, -1)
	return id
}

func normal(name string) string {
	for i := range len(name) {
		if name[i] >= 0x80 {
			return norm.NFKC.String(name)
		}
	}
	return name
}

func (x *extractor) top() *frame { return &x.frames[len(x.frames)-1] }

func (x *extractor) openScope(kind, name string, s evidence.Span, owner evidence.Key) evidence.Key {
	key, parent := evidence.Key(len(x.f.Scopes)), evidence.None
	if len(x.frames) > 0 {
		parent = x.top().key
	}
	x.f.Scopes = append(x.f.Scopes, evidence.Scope{Parent: parent, Kind: kind, Name: name, Qualname: x.qual,
		OwnerDef: owner, Line: x.line(s.Start), Span: s, Depth: int16(len(x.frames))})
	x.frames = append(x.frames, frame{key: key, kind: kind, last: -1})
	return key
}

// closeScope settles the names that inner scopes left open and hands on those
// that this scope leaves open.
func (x *extractor) closeScope() {
	fr, depth := x.top(), int32(len(x.frames)-1)
	for _, b := range fr.pending {
		x.settle(b, depth)
	}
	for b := fr.last; b >= 0; b = x.links[b].sibling {
		l := &x.links[b]
		x.heads[l.name] = l.outer
		v := &x.f.Bindings[b]
		switch {
		case v.Flags&(evidence.Local|evidence.DeclaredGlobal) != 0:
		case depth == 0:
			v.Flags |= evidence.Global
		default:
			x.handOn(b, depth)
		}
	}
	x.frames = x.frames[:depth]
}

// handOn leaves b to the next scope outwards that inner scopes can see.
func (x *extractor) handOn(b, depth int32) {
	for depth--; depth > 0 && x.frames[depth].kind == "class"; depth-- {
	}
	x.frames[depth].pending = append(x.frames[depth].pending, b)
}

// settle finds b, a binding of an inner scope, in the innermost open scope or
// hands it on.
func (x *extractor) settle(b, depth int32) {
	v := &x.f.Bindings[b]
	here := x.heads[x.links[b].name]
	if here < 0 || x.links[here].frame != depth {
		here = -1
	}
	switch {
	case depth == 0:
		if v.Flags&evidence.Nonlocal == 0 {
			v.Flags |= evidence.Global
		}
	case here >= 0 && x.f.Bindings[here].Flags&evidence.Local != 0:
		v.Flags |= evidence.Free
		if v.Flags&evidence.Nonlocal != 0 {
			x.links[b].target = here
		}
	case here >= 0 && x.f.Bindings[here].Flags&evidence.DeclaredGlobal != 0:
		v.Flags |= evidence.Global
	default:
		x.handOn(b, depth)
	}
}

// bind finds or makes the row of a name in the open scope at depth and adds flags.
func (x *extractor) bind(depth int32, name string, at evidence.Span, flags evidence.Flags) int32 {
	name = normal(name)
	id := x.nameID(name)
	inner, b := int32(-1), x.heads[id]
	for b >= 0 && x.links[b].frame > depth {
		inner, b = b, x.links[b].outer
	}
	if b < 0 || x.links[b].frame != depth {
		outer := b
		b = int32(len(x.f.Bindings))
		fr := &x.frames[depth]
		x.f.Bindings = append(x.f.Bindings, evidence.Binding{Scope: fr.key, Name: name, First: at})
		x.links = append(x.links, link{name: id, outer: outer, sibling: fr.last, frame: depth, target: -1})
		fr.last = b
		if inner >= 0 {
			x.links[inner].outer = b
		} else {
			x.heads[id] = b
		}
	}
	v := &x.f.Bindings[b]
	v.Flags |= flags
	if v.Flags&(evidence.DeclaredGlobal|evidence.Nonlocal) != 0 && depth > 0 {
		if flags&evidence.Local != 0 && v.Flags&evidence.DeclaredGlobal != 0 {
			x.f.Bindings[x.links[b].target].Flags |= flags
		}
		v.Flags &^= evidence.Local
	}
	return b
}

// store binds a name in the innermost scope.
func (x *extractor) store(name string, at evidence.Span, flags evidence.Flags) int32 {
	return x.bind(int32(len(x.frames)-1), name, at, flags|evidence.Local)
}

// declareGlobal and declareNonlocal read "global x" and "nonlocal x".
func (x *extractor) declareGlobal(name string, at evidence.Span) {
	depth := int32(len(x.frames) - 1)
	if depth == 0 {
		x.bind(0, name, at, evidence.DeclaredGlobal)
		return
	}
	module := x.bind(0, name, at, 0)
	b := x.bind(depth, name, at, 0)
	x.links[b].target = module
	x.f.Bindings[b].Flags = x.f.Bindings[b].Flags&^evidence.Local | evidence.DeclaredGlobal | evidence.Global
}

func (x *extractor) declareNonlocal(name string, at evidence.Span) {
	if depth := int32(len(x.frames) - 1); depth > 0 {
		x.bind(depth, name, at, evidence.Nonlocal)
	}
}

// site records a place that binds b and returns its index.
func (x *extractor) site(b int32, kind string, at evidence.Span) int {
	x.f.DefSites = append(x.f.DefSites, evidence.DefSite{Binding: evidence.Key(b), Kind: kind, Def: evidence.None,
		Import: evidence.None, Value: evidence.None, Call: evidence.None, Span: at})
	return len(x.f.DefSites) - 1
}

// retarget moves what binds global and nonlocal names to the outer binding.
func (x *extractor) retarget() {
	for i := range x.f.DefSites {
		s := &x.f.DefSites[i]
		if t := x.links[s.Binding].target; t >= 0 {
			s.Binding = evidence.Key(t)
			x.f.Bindings[t].Flags |= evidence.Local | evidence.Assigned
		}
	}
	for i := range x.f.Defs {
		if d := &x.f.Defs[i]; d.Binding != evidence.None {
			if t := x.links[d.Binding].target; t >= 0 {
				d.Binding = evidence.Key(t)
			}
		}
	}
}
