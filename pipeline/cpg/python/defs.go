package python

import "github.com/buildscope/buildscope/pipeline/cpg/evidence"

// definition walks a function or class with its decorators.
func (x *extractor) definition(i uint32) {
	if len(x.frames) >= maxScopes {
		x.f.Truncated = true
		return
	}
	from := len(x.f.Decorators)
	if x.nodes[i].Kind == kDecorated {
		def := uint32(0)
		for c := i + 1; c < x.nodes[i].Next; c = x.nodes[c].Next {
			switch x.nodes[c].Kind {
			case kDecorator:
				x.decorator(c, int32(len(x.f.Decorators)-from))
			case kFunc, kClass:
				def = c
			default:
				x.expr(c)
			}
		}
		if def == 0 {
			x.f.Decorators = x.f.Decorators[:from] // of nothing: broken code
			return
		}
		i = def
	}
	name := x.child(i, fName)
	if name == 0 {
		x.f.Decorators = x.f.Decorators[:from]
		x.children(i, x.stmt)
		return
	}
	if x.nodes[i].Kind == kClass {
		x.class(i, name, from)
	} else {
		x.function(i, name, from)
	}
}

func (x *extractor) decorator(i uint32, ordinal int32) {
	c := x.first(i)
	if c == 0 {
		return
	}
	d := evidence.Decorator{Ordinal: ordinal, Text: x.cut(c), Span: x.span(c)}
	d.Ref = x.expr(c).ref
	x.f.Decorators = append(x.f.Decorators, d)
}

// newDef appends a definition whose name is bound in this scope, with the
// decorators from index decorators on.
func (x *extractor) newDef(kind, site string, i, name uint32, decorators int) evidence.Key {
	key := evidence.Key(len(x.f.Defs))
	b := x.store(x.name(name), x.span(name), evidence.Assigned|evidence.Namespace)
	x.f.DefSites[x.site(b, site, x.span(name))].Def = key
	qual := x.name(name)
	if x.qual != "" {
		qual = x.qual + "." + qual
	}
	for d := decorators; d < len(x.f.Decorators); d++ {
		x.f.Decorators[d].Def = key
	}
	x.f.Defs = append(x.f.Defs, evidence.Def{Kind: kind, Name: x.name(name), Qualname: qual, Scope: x.top().key,
		Body: evidence.None, Container: x.def, Binding: evidence.Key(b), Span: x.defSpan(i), NameSpan: x.span(name),
		Decorators: int32(len(x.f.Decorators) - decorators)})
	return key
}

// enter makes key the enclosing definition until the returned function is called.
func (x *extractor) enter(key evidence.Key) func() {
	def, qual := x.def, x.qual
	x.def, x.qual = key, x.f.Defs[key].Qualname
	return func() { x.def, x.qual = def, qual }
}

func (x *extractor) function(i, name uint32, decorators int) {
	kind := "function"
	if x.text[x.nodes[i].Start] == 'a' { // async
		kind = "async_function"
	}
	key := x.newDef(kind, "function", i, name, decorators)
	params := x.child(i, fParameters)
	if params != 0 {
		x.defaults(params)
	}
	generic := x.child(i, fTypeParams)
	if generic != 0 {
		x.typeParams(key, x.name(name), i, generic)
	}
	if params != 0 {
		x.annotations(key, params)
	}
	if r := x.child(i, fReturn); r != 0 {
		x.annotation(key, "return", "", r)
	}
	leave := x.enter(key)
	x.f.Defs[key].Body = x.openScope("function", x.name(name), x.span(i), key)
	if params != 0 {
		x.params(key, params)
	}
	if body := x.child(i, fBody); body != 0 {
		x.f.Defs[key].Docstring = x.docstring(body, key, "function")
		x.stmt(body)
	}
	x.closeScope()
	leave()
	if generic != 0 {
		x.closeScope()
	}
}

func (x *extractor) class(i, name uint32, decorators int) {
	key := x.newDef("class", "class", i, name, decorators)
	generic := x.child(i, fTypeParams)
	if generic != 0 {
		x.typeParams(key, x.name(name), i, generic)
	}
	if args := x.child(i, fSuper); args != 0 {
		ordinal := int32(0)
		for a := args + 1; a < x.nodes[args].Next; a = x.nodes[a].Next {
			v := x.expr(a)
			if k := x.nodes[a].Kind; k != kKwArg && k != kDictSplat {
				x.f.Bases = append(x.f.Bases, evidence.Base{Def: key, Ordinal: ordinal, Ref: v.ref, Text: x.cut(a), Span: x.span(a)})
				ordinal++
			}
		}
	}
	leave := x.enter(key)
	x.f.Defs[key].Body = x.openScope("class", x.name(name), x.span(i), key)
	if body := x.child(i, fBody); body != 0 {
		x.f.Defs[key].Docstring = x.docstring(body, key, "class")
		x.stmt(body)
	}
	x.closeScope()
	leave()
	if generic != 0 {
		x.closeScope()
	}
}

// typeParams opens the scope of the type parameters of a definition.
func (x *extractor) typeParams(owner evidence.Key, name string, def, list uint32) {
	x.openScope("type_params", name, x.span(def), owner)
	for t := list + 1; t < x.nodes[list].Next; t = x.nodes[t].Next {
		n := t
		for x.nodes[n].Kind != kIdent && x.first(n) != 0 {
			n = x.first(n)
		}
		if x.nodes[n].Kind != kIdent {
			continue
		}
		x.site(x.store(x.name(n), x.span(n), evidence.TypeParameter), "other", x.span(n))
		if c := x.first(t); c != 0 && x.nodes[c].Kind == kConstrainedType {
			if first := x.first(c); first != 0 && x.nodes[first].Next < x.nodes[c].Next {
				x.expr(x.nodes[first].Next)
			}
		}
	}
}

func (x *extractor) lambda(i uint32) {
	if len(x.frames) >= maxScopes {
		x.f.Truncated = true
		return
	}
	const name = "<lambda>"
	key := evidence.Key(len(x.f.Defs))
	qual := name
	if x.qual != "" {
		qual = x.qual + "." + name
	}
	at := x.span(i)
	x.f.Defs = append(x.f.Defs, evidence.Def{Kind: "lambda", Name: name, Qualname: qual, Scope: x.top().key, Body: evidence.None,
		Container: x.def, Binding: evidence.None, Span: at, NameSpan: evidence.Span{Start: at.Start, End: min(at.Start+int32(len("lambda")), at.End)}})
	params := x.child(i, fParameters)
	if params != 0 {
		x.defaults(params)
	}
	leave := x.enter(key)
	x.f.Defs[key].Body = x.openScope("lambda", name, at, key)
	if params != 0 {
		x.params(key, params)
	}
	x.expr(x.child(i, fBody))
	x.closeScope()
	leave()
}

// defaults walks the default values, which are evaluated outside the function.
func (x *extractor) defaults(list uint32) {
	x.children(list, func(p uint32) {
		if k := x.nodes[p].Kind; k == kDefaultParam || k == kTypedDefault {
			x.expr(x.child(p, fValue))
		}
	})
}

// annotations walks the types of parameters.
func (x *extractor) annotations(def evidence.Key, list uint32) {
	x.children(list, func(p uint32) {
		if typ := x.child(p, fType); typ != 0 && x.nodes[p].Kind != kDefaultParam {
			name, _ := x.paramName(p)
			text := ""
			if name != 0 {
				text = x.name(name)
			}
			x.annotation(def, "parameter", text, typ)
		}
	})
}

// paramName is the identifier of a parameter, 0 for none, and its kind where the
// syntax says it.
func (x *extractor) paramName(p uint32) (name uint32, kind string) {
	switch x.nodes[p].Kind {
	case kIdent:
		return p, ""
	case kStarPattern:
		kind = "vararg"
	case kStarStarPattern:
		kind = "varkw"
	case kTypedParam:
		if c := x.first(p); c != 0 {
			return x.paramName(c)
		}
		return 0, ""
	}
	if c := x.first(p); c != 0 && x.nodes[c].Kind == kIdent {
		return c, kind
	}
	return 0, kind
}

// params binds the parameters in the open scope of the function.
func (x *extractor) params(def evidence.Key, list uint32) {
	from, kind := len(x.f.Params), "positional"
	x.children(list, func(p uint32) {
		switch x.nodes[p].Kind {
		case kPosSep:
			for i := from; i < len(x.f.Params); i++ {
				x.f.Params[i].Kind = "posonly"
			}
			return
		case kKwSep:
			kind = "kwonly"
			return
		}
		name, own := x.paramName(p)
		if name == 0 {
			return
		}
		row := evidence.Param{Def: def, Position: int32(len(x.f.Params) - from), Name: x.name(name), Kind: kind, Span: x.span(name)}
		if own != "" {
			row.Kind = own
		}
		if own == "vararg" {
			kind = "kwonly"
		}
		flags := evidence.Parameter
		if typ := x.child(p, fType); typ != 0 && x.nodes[p].Kind != kIdent {
			row.Type = x.cut(typ)
		}
		row.Default = x.nodes[p].Kind == kDefaultParam || x.nodes[p].Kind == kTypedDefault
		x.f.Params = append(x.f.Params, row)
		x.site(x.store(row.Name, row.Span, flags), "param", row.Span)
	})
	x.f.Defs[def].Params = int32(len(x.f.Params) - from)
}
