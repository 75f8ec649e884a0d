package python

import "github.com/buildscope/buildscope/pipeline/cpg/evidence"

// value is what an expression can tell a binding about itself: the reference or
// the call that it is, None for anything else.
type value struct{ ref, call evidence.Key }

var nothing = value{evidence.None, evidence.None}

// stmt walks a statement, or an expression that stands where one may.
func (x *extractor) stmt(i uint32) {
	switch x.nodes[i].Kind {
	case kBlock, kExprStmt, kPrint:
		x.children(i, x.stmt)
	case kImport, kImportFrom, kFutureImport:
		x.imports(i)
	case kAssign:
		x.assign(i)
	case kAugAssign:
		x.target(x.child(i, fLeft), "augassign")
		x.expr(x.child(i, fRight))
	case kDelete:
		x.children(i, func(c uint32) { x.del(c) })
	case kFor:
		x.forLoop(i)
	case kExcept:
		x.except(i)
	case kFunc, kClass, kDecorated:
		x.definition(i)
	case kGlobal:
		x.children(i, func(c uint32) { x.declareGlobal(x.name(c), x.span(c)) })
	case kNonlocal:
		x.children(i, func(c uint32) { x.declareNonlocal(x.name(c), x.span(c)) })
	case kTypeAlias:
		x.typeAlias(i)
	case kCasePattern:
		x.pattern(i)
	default:
		x.expr(i)
	}
}

// assign walks "a = b = value" and "a: T = value" and returns the value.
func (x *extractor) assign(i uint32) value {
	left, right := x.child(i, fLeft), x.child(i, fRight)
	if left == 0 {
		x.children(i, x.stmt)
		return nothing
	}
	typ := x.child(i, fType)
	from := len(x.f.DefSites)
	if typ != 0 {
		x.annotated(left, typ, right != 0)
	} else {
		x.target(left, "assign")
	}
	to := len(x.f.DefSites)
	if right == 0 {
		return nothing
	}
	v := nothing
	if x.nodes[right].Kind == kAssign {
		v = x.assign(right)
	} else if x.nodes[right].Kind == kAugAssign {
		x.stmt(right)
	} else {
		v = x.expr(right)
	}
	if to == from+1 && x.nodes[left].Kind == kIdent {
		x.f.DefSites[from].Value, x.f.DefSites[from].Call = v.ref, v.call
	}
	return v
}

func (x *extractor) annotated(left, typ uint32, assigned bool) {
	if x.nodes[left].Kind == kIdent && !assigned {
		x.ref(left, "STORE", x.store(x.name(left), x.span(left), evidence.Annotated))
	} else {
		x.target(left, "assign")
		if x.nodes[left].Kind == kIdent {
			x.store(x.name(left), x.span(left), evidence.Annotated)
		}
	}
	role := "variable"
	if x.top().kind == "class" {
		role = "field"
	}
	x.annotation(x.def, role, x.cut(left), typ)
}

func (x *extractor) annotation(def evidence.Key, role, name string, typ uint32) {
	x.f.TypeExprs = append(x.f.TypeExprs, evidence.TypeExpr{Def: def, Role: role, Param: name, Text: x.cut(typ), Span: x.span(typ)})
	x.expr(typ)
}

// target walks what is assigned to: names are bound, everything else is read but
// for its last attribute.
func (x *extractor) target(i uint32, kind string) {
	if i == 0 {
		return
	}
	switch x.nodes[i].Kind {
	case kIdent:
		b := x.store(x.name(i), x.span(i), evidence.Assigned)
		x.ref(i, "STORE", b)
		x.site(b, kind, x.span(i))
	case kAttribute:
		x.attribute(i, "STORE")
	case kGroup, kParen, kStarPattern, kListSplat, kAsTarget:
		x.children(i, func(c uint32) { x.target(c, kind) })
	default:
		x.expr(i)
	}
}

func (x *extractor) del(i uint32) {
	switch x.nodes[i].Kind {
	case kIdent:
		b := x.store(x.name(i), x.span(i), evidence.Assigned)
		x.ref(i, "DEL", b)
		x.site(b, "del", x.span(i))
	case kAttribute:
		x.attribute(i, "DEL")
	case kGroup, kParen:
		x.children(i, x.del)
	default:
		x.expr(i)
	}
}

func (x *extractor) forLoop(i uint32) {
	x.children(i, func(c uint32) {
		if x.nodes[c].Field == fLeft {
			x.target(c, "for")
		} else {
			x.stmt(c)
		}
	})
}

// except walks "except E as e", which the grammar reads in two ways.
func (x *extractor) except(i uint32) {
	bound := func(c uint32) {
		for x.nodes[c].Kind == kAsTarget && x.first(c) != 0 {
			c = x.first(c)
		}
		if x.nodes[c].Kind == kIdent {
			x.site(x.store(x.name(c), x.span(c), evidence.Assigned), "except", x.span(c))
		} else {
			x.expr(c)
		}
	}
	x.children(i, func(c uint32) {
		switch {
		case x.nodes[c].Field == fAlias:
			bound(c)
		case x.nodes[c].Kind == kAsPattern:
			x.children(c, func(p uint32) {
				if x.nodes[p].Kind == kAsTarget {
					bound(p)
				} else {
					x.expr(p)
				}
			})
		default:
			x.stmt(c)
		}
	})
}

// typeAlias walks "type A[T] = value".
func (x *extractor) typeAlias(i uint32) {
	left := x.child(i, fLeft)
	if left == 0 {
		x.children(i, x.stmt)
		return
	}
	n := left
	for x.nodes[n].Kind != kIdent && x.first(n) != 0 {
		n = x.first(n)
	}
	if x.nodes[n].Kind == kIdent {
		x.site(x.store(x.name(n), x.span(n), evidence.Assigned), "assign", x.span(n))
	}
	x.expr(x.child(i, fRight))
}

// imports walks an import statement of any form.
func (x *extractor) imports(i uint32) {
	base := evidence.Import{Scope: x.top().key, Kind: "importfrom", Binding: evidence.None, Stmt: x.span(i)}
	switch x.nodes[i].Kind {
	case kImport:
		base.Kind = "import"
	case kFutureImport:
		base.Module = "__future__"
	}
	x.children(i, func(c uint32) {
		im := base
		im.Alias = x.span(c)
		switch n := &x.nodes[c]; {
		case n.Field == fModule:
			base.Module, base.Level = x.from(c)
		case n.Kind == kWildcard:
			im.Star, im.Name = true, "*"
			x.addImport(im, 0)
		case n.Kind == kAliased:
			alias := x.child(c, fAlias)
			if alias != 0 {
				im.AsName = x.name(alias)
			}
			x.imported(im, x.child(c, fName), alias)
		case n.Kind == kDotted:
			x.imported(im, c, x.first(c))
		}
	})
}

// from reads the module part of "from ..a.b import c".
func (x *extractor) from(i uint32) (module string, level int32) {
	if x.nodes[i].Kind == kDotted {
		return x.dotted(i), 0
	}
	x.children(i, func(c uint32) {
		if x.nodes[c].Kind == kPrefix {
			for _, r := range x.name(c) {
				if r == '.' {
					level++
				}
			}
		} else {
			module = x.dotted(c)
		}
	})
	return module, level
}

// dotted is a dotted name without what may stand between its parts.
func (x *extractor) dotted(i uint32) string {
	if i == 0 {
		return ""
	}
	name := ""
	x.children(i, func(c uint32) {
		if name != "" {
			name += "."
		}
		name += x.name(c)
	})
	return cut(name, maxText)
}

func (x *extractor) imported(im evidence.Import, name, bound uint32) {
	if im.Kind == "import" {
		im.Module = x.dotted(name)
	} else {
		im.Name = x.dotted(name)
	}
	x.addImport(im, bound)
}

// addImport records an import that binds the identifier bound, 0 for none.
func (x *extractor) addImport(im evidence.Import, bound uint32) {
	key := evidence.Key(len(x.f.Imports))
	if bound != 0 {
		b := x.store(x.name(bound), x.span(bound), evidence.Imported)
		im.Binding = evidence.Key(b)
		x.f.DefSites[x.site(b, "import", x.span(bound))].Import = key
	}
	x.f.Imports = append(x.f.Imports, im)
}
