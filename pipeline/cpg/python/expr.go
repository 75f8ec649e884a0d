package python

import "github.com/buildscope/buildscope/pipeline/cpg/evidence"

// expr walks an expression in which names are read. Node 0 is no expression.
func (x *extractor) expr(i uint32) value {
	if i == 0 {
		return nothing
	}
	if x.depth == maxDepth {
		x.f.Truncated = true
		return nothing
	}
	x.depth++
	defer func() { x.depth-- }()
	switch x.nodes[i].Kind {
	case kIdent:
		return x.ref(i, "LOAD", x.bind(int32(len(x.frames)-1), x.name(i), x.span(i), evidence.Referenced))
	case kAttribute:
		return x.attribute(i, "LOAD")
	case kCall:
		return x.call(i)
	case kParen:
		if c := x.first(i); c != 0 && x.nodes[c].Next == x.nodes[i].Next {
			return x.expr(c)
		}
		x.each(i)
	case kNamed:
		return x.walrus(i)
	case kLambda:
		x.lambda(i)
	case kListComp:
		x.comprehension(i, "listcomp")
	case kSetComp:
		x.comprehension(i, "setcomp")
	case kDictComp:
		x.comprehension(i, "dictcomp")
	case kGenerator:
		x.comprehension(i, "genexpr")
	case kAsPattern:
		x.with(i)
	case kDotted:
		return x.chain(i)
	case kKwArg:
		return x.expr(x.child(i, fValue))
	case kFunc, kClass, kDecorated, kBlock, kExprStmt, kAssign, kAugAssign, kImport, kImportFrom, kFutureImport, kDelete, kFor, kExcept,
		kGlobal, kNonlocal, kTypeAlias, kCasePattern, kPrint: // in broken code
		x.stmt(i)
	default:
		x.each(i)
	}
	return nothing
}

func (x *extractor) each(i uint32) {
	for c := i + 1; c < x.nodes[i].Next; c = x.nodes[c].Next {
		x.expr(c)
	}
}

// ref records the use of the identifier i, bound by the row b of this scope.
func (x *extractor) ref(i uint32, context string, b int32) value {
	return x.addRef(evidence.Ref{Kind: "name", Name: x.name(i), Context: context, Base: evidence.None,
		Binding: evidence.Key(b), Span: x.span(i)})
}

func (x *extractor) addRef(r evidence.Ref) value {
	r.Scope, r.Def = x.top().key, x.def
	x.f.Refs = append(x.f.Refs, r)
	return value{evidence.Key(len(x.f.Refs) - 1), evidence.None}
}

// attribute records the chain left of the dot, then the name right of it.
func (x *extractor) attribute(i uint32, context string) value {
	base := evidence.None
	switch object := x.child(i, fObject); x.nodes[object].Kind {
	case kIdent, kAttribute:
		base = x.expr(object).ref
	default:
		x.expr(object)
	}
	attr := x.child(i, fAttribute)
	if attr == 0 {
		return nothing
	}
	return x.addRef(evidence.Ref{Kind: "attribute", Name: x.name(attr), Context: context, Base: base,
		Binding: evidence.None, Span: x.span(attr)})
}

// chain records a dotted name that is read.
func (x *extractor) chain(i uint32) value {
	v := nothing
	for c := i + 1; c < x.nodes[i].Next; c = x.nodes[c].Next {
		if v == nothing {
			v = x.expr(c)
			continue
		}
		v = x.addRef(evidence.Ref{Kind: "attribute", Name: x.name(c), Context: "LOAD", Base: v.ref,
			Binding: evidence.None, Span: x.span(c)})
	}
	return v
}

func (x *extractor) call(i uint32) value {
	fun, args := x.child(i, fFunction), x.child(i, fArguments)
	if fun == 0 || args == 0 {
		x.each(i)
		return nothing
	}
	key := evidence.Key(len(x.f.Calls))
	c := evidence.Call{Scope: x.top().key, Def: x.def, Callee: evidence.None, Shape: "OTHER", Text: x.cut(fun),
		Span: x.span(i), CalleeSpan: x.span(fun)}
	x.f.Calls = append(x.f.Calls, c)
	switch x.nodes[fun].Kind {
	case kIdent:
		c.Shape, c.Callee = "NAME", x.expr(fun).ref
	case kAttribute:
		c.Shape, c.Callee = "ATTRIBUTE", x.expr(fun).ref
	case kSubscript:
		c.Shape = "SUBSCRIPT"
		x.expr(fun)
	default:
		x.expr(fun)
	}
	if x.nodes[args].Kind == kGenerator {
		c.Args = 1
		x.arg(key, 0, args)
	} else {
		for a := args + 1; a < x.nodes[args].Next; a = x.nodes[a].Next {
			x.arg(key, c.Args, a)
			c.Args++
		}
	}
	x.f.Calls[key] = c
	return value{evidence.None, key}
}

func (x *extractor) arg(call evidence.Key, index int32, i uint32) {
	a := evidence.CallArg{Call: call, Index: index, Ref: evidence.None, Span: x.span(i)}
	at := len(x.f.CallArgs)
	switch x.nodes[i].Kind {
	case kKwArg:
		if n := x.child(i, fName); n != 0 {
			a.Keyword = x.name(n)
		}
		i = x.child(i, fValue)
	case kListSplat, kStarPattern:
		a.Star, i = "*", x.first(i)
	case kDictSplat, kStarStarPattern:
		a.Star, i = "**", x.first(i)
	}
	x.f.CallArgs = append(x.f.CallArgs, a)
	x.f.CallArgs[at].Ref = x.expr(i).ref
}

// walrus binds in the nearest scope that is not a comprehension.
func (x *extractor) walrus(i uint32) value {
	name := x.child(i, fName)
	if name == 0 {
		x.each(i)
		return nothing
	}
	depth := int32(len(x.frames) - 1)
	for depth > 0 && x.frames[depth].kind == "comprehension" {
		depth--
	}
	b := x.bind(depth, x.name(name), x.span(name), evidence.Assigned|evidence.Local)
	if int(depth) == len(x.frames)-1 {
		x.ref(name, "STORE", b)
	} else {
		x.ref(name, "STORE", x.bind(int32(len(x.frames)-1), x.name(name), x.span(name), 0))
	}
	s := x.site(b, "walrus", x.span(name))
	v := x.expr(x.child(i, fValue))
	x.f.DefSites[s].Value, x.f.DefSites[s].Call = v.ref, v.call
	return v
}

// comprehension walks one; its first iterable is evaluated outside.
func (x *extractor) comprehension(i uint32, name string) {
	if len(x.frames) >= maxScopes {
		x.f.Truncated = true
		return
	}
	first := uint32(0)
	for c := i + 1; c < x.nodes[i].Next && first == 0; c = x.nodes[c].Next {
		if x.nodes[c].Kind == kForIn {
			first = c
			for p := c + 1; p < x.nodes[c].Next; p = x.nodes[p].Next {
				if x.nodes[p].Field == fRight {
					x.expr(p)
				}
			}
		}
	}
	x.openScope("comprehension", name, x.span(i), evidence.None)
	for c := i + 1; c < x.nodes[i].Next; c = x.nodes[c].Next {
		if x.nodes[c].Kind != kForIn {
			x.expr(c)
			continue
		}
		for p := c + 1; p < x.nodes[c].Next; p = x.nodes[p].Next {
			if x.nodes[p].Field == fLeft {
				x.target(p, "for")
			} else if c != first || x.nodes[p].Field != fRight {
				x.expr(p)
			}
		}
	}
	x.closeScope()
}

// with walks "value as target", which only a with statement has.
func (x *extractor) with(i uint32) {
	v := nothing
	for c := i + 1; c < x.nodes[i].Next; c = x.nodes[c].Next {
		if x.nodes[c].Kind != kAsTarget {
			v = x.expr(c)
			continue
		}
		from := len(x.f.DefSites)
		x.target(c, "with")
		if len(x.f.DefSites) == from+1 {
			x.f.DefSites[from].Call = v.call
		}
	}
}

// pattern walks a pattern of a match statement.
func (x *extractor) pattern(i uint32) {
	n := &x.nodes[i]
	switch n.Kind {
	case kDotted:
		if c := x.first(i); c != 0 && x.nodes[c].Next == n.Next {
			x.capture(c)
		} else {
			x.chain(i)
		}
	case kClassPattern:
		for c := i + 1; c < n.Next; c = x.nodes[c].Next {
			if c == i+1 {
				x.expr(c)
			} else {
				x.pattern(c)
			}
		}
	case kKeywordPattern:
		for c := i + 1; c < n.Next; c = x.nodes[c].Next {
			if c != i+1 {
				x.pattern(c)
			}
		}
	case kIdent:
		x.capture(i)
	case kExpr, kString, kConcat:
		x.expr(i)
	default:
		for c := i + 1; c < n.Next; c = x.nodes[c].Next {
			if x.nodes[c].Field == fKey {
				x.expr(c)
			} else {
				x.pattern(c)
			}
		}
	}
}

func (x *extractor) capture(i uint32) {
	if x.name(i) != "_" {
		x.site(x.store(x.name(i), x.span(i), evidence.Assigned), "match", x.span(i))
	}
}
