package golang

import (
	"go/ast"
	"go/token"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

// value is what an expression can tell a binding about itself: the reference or
// the call that it is, None for anything else.
type value struct{ ref, call evidence.Key }

var nothing = value{evidence.None, evidence.None}

func (x *extractor) exprs(list []ast.Expr) []value {
	if len(list) == 0 {
		return nil
	}
	values := make([]value, len(list))
	for i, e := range list {
		values[i] = x.expr(e)
	}
	return values
}

// expr walks an expression in which names are read.
func (x *extractor) expr(e ast.Expr) value {
	switch e := e.(type) {
	case *ast.Ident:
		return x.name(e, "LOAD")
	case *ast.SelectorExpr:
		return x.selector(e, "LOAD")
	case *ast.CallExpr:
		return x.call(e)
	case *ast.ParenExpr:
		return x.expr(e.X)
	case *ast.BinaryExpr:
		x.expr(e.X)
		x.expr(e.Y)
	case *ast.UnaryExpr:
		v := x.expr(e.X)
		if _, ok := e.X.(*ast.CompositeLit); ok && e.Op == token.AND {
			return v
		}
	case *ast.StarExpr:
		x.expr(e.X)
	case *ast.IndexExpr:
		x.expr(e.X)
		x.expr(e.Index)
	case *ast.IndexListExpr:
		x.expr(e.X)
		x.exprs(e.Indices)
	case *ast.SliceExpr:
		x.expr(e.X)
		x.optional(e.Low)
		x.optional(e.High)
		x.optional(e.Max)
	case *ast.TypeAssertExpr:
		x.expr(e.X)
		if e.Type != nil {
			return x.typeExpr(e.Type)
		}
	case *ast.CompositeLit:
		return x.composite(e, e.Type)
	case *ast.KeyValueExpr:
		x.expr(e.Key)
		x.expr(e.Value)
	case *ast.FuncLit:
		x.funcLit(e)
	case *ast.Ellipsis, *ast.ArrayType, *ast.MapType, *ast.ChanType, *ast.FuncType, *ast.StructType, *ast.InterfaceType:
		x.typeExpr(e)
	}
	return nothing
}

func (x *extractor) optional(e ast.Expr) {
	if e != nil {
		x.expr(e)
	}
}

// name records the use of an identifier.
func (x *extractor) name(id *ast.Ident, context string) value {
	if id.Name == "_" || id.Name == "" {
		return nothing
	}
	return x.ref(evidence.Ref{Kind: "name", Name: id.Name, Context: context,
		Base: evidence.None, Binding: x.resolve(id), Span: x.span(id)})
}

// selector records the chain left of the dot, then the name right of it.
func (x *extractor) selector(e *ast.SelectorExpr, context string) value {
	base := evidence.None
	switch ast.Unparen(e.X).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		base = x.expr(e.X).ref
	default:
		x.expr(e.X)
	}
	if e.Sel.Name == "_" || e.Sel.Name == "" {
		return nothing
	}
	return x.ref(evidence.Ref{Kind: "attribute", Name: e.Sel.Name, Context: context,
		Base: base, Binding: evidence.None, Span: x.span(e.Sel)})
}

func (x *extractor) ref(r evidence.Ref) value {
	r.Scope, r.Def = x.scope(), x.def
	key := evidence.Key(len(x.f.Refs))
	x.f.Refs = append(x.f.Refs, r)
	return value{key, evidence.None}
}

// call records a call or a conversion: without types they look the same.
func (x *extractor) call(e *ast.CallExpr) value {
	key := evidence.Key(len(x.f.Calls))
	x.f.Calls = append(x.f.Calls, evidence.Call{})
	c := evidence.Call{Scope: x.scope(), Def: x.def, Callee: evidence.None, Shape: "OTHER",
		Args: int32(len(e.Args)), Span: x.span(e), CalleeSpan: x.span(e.Fun)}
	switch fun := ast.Unparen(e.Fun).(type) {
	case *ast.Ident:
		c.Shape, c.Callee = "NAME", x.expr(fun).ref
	case *ast.SelectorExpr:
		c.Shape, c.Callee = "ATTRIBUTE", x.expr(fun).ref
	case *ast.IndexExpr: // f[T](x), or a call of an element
		c.Shape, c.Callee = "SUBSCRIPT", x.expr(fun.X).ref
		x.expr(fun.Index)
	case *ast.IndexListExpr:
		c.Shape, c.Callee = "SUBSCRIPT", x.expr(fun.X).ref
		x.exprs(fun.Indices)
	default:
		x.expr(fun)
	}
	c.Text = x.text(e.Fun)
	x.f.Calls[key] = c
	for i, a := range e.Args {
		arg := evidence.CallArg{Call: key, Index: int32(i), Ref: evidence.None, Span: x.span(a)}
		if e.Ellipsis.IsValid() && i == len(e.Args)-1 {
			arg.Star = "*"
		}
		at := len(x.f.CallArgs)
		x.f.CallArgs = append(x.f.CallArgs, arg)
		v := x.expr(a)
		switch a.(type) {
		case *ast.Ident, *ast.SelectorExpr:
			x.f.CallArgs[at].Ref = v.ref
		}
	}
	return value{evidence.None, key}
}

// composite walks a composite literal whose type is typ, elided or not. A bare
// name as key is a use only where the syntax shows a map, slice or array: with a
// named type it may as well be a field, and guessing would bind fields to
// package variables of the same name.
func (x *extractor) composite(e *ast.CompositeLit, typ ast.Expr) value {
	v := nothing
	if e.Type != nil {
		v = x.typeExpr(e.Type)
	}
	var key, elem ast.Expr
	keyed := false
	switch t := typ.(type) {
	case *ast.MapType:
		key, elem, keyed = t.Key, t.Value, true
	case *ast.ArrayType:
		elem, keyed = t.Elt, true
	}
	for _, el := range e.Elts {
		kv, ok := el.(*ast.KeyValueExpr)
		if !ok {
			x.element(el, elem)
			continue
		}
		if _, bare := kv.Key.(*ast.Ident); keyed || !bare {
			x.element(kv.Key, key)
		}
		x.element(kv.Value, elem)
	}
	return v
}

// element walks an element of a composite literal; typ is its type where the
// literal may leave it out.
func (x *extractor) element(e ast.Expr, typ ast.Expr) {
	if lit, ok := e.(*ast.CompositeLit); ok && lit.Type == nil {
		if p, ok := typ.(*ast.StarExpr); ok {
			typ = p.X
		}
		x.composite(lit, typ)
		return
	}
	x.expr(e)
}

// funcLit records a function literal as a definition named as the runtime does.
func (x *extractor) funcLit(e *ast.FuncLit) {
	x.lits++
	name := literalName(x.lits)
	key := x.newDef("lambda", name, x.qualified(name), e, x.between(e.Type.Pos(), e.Type.Pos()+token.Pos(len("func"))))
	leave := x.enter(key)
	defer leave()
	x.function(key, "lambda", name, nil, e.Type, e.Body)
}

// typeExpr walks a type and returns the reference that names it, looking through
// pointers and type arguments. Other types have no name.
func (x *extractor) typeExpr(e ast.Expr) value {
	switch e := e.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return x.expr(e)
	case *ast.StarExpr:
		return x.typeExpr(e.X)
	case *ast.ParenExpr:
		return x.typeExpr(e.X)
	case *ast.IndexExpr:
		v := x.typeExpr(e.X)
		x.typeExpr(e.Index)
		return v
	case *ast.IndexListExpr:
		v := x.typeExpr(e.X)
		for _, i := range e.Indices {
			x.typeExpr(i)
		}
		return v
	case *ast.Ellipsis:
		if e.Elt != nil {
			x.typeExpr(e.Elt)
		}
	case *ast.ArrayType:
		x.optional(e.Len)
		x.typeExpr(e.Elt)
	case *ast.MapType:
		x.typeExpr(e.Key)
		x.typeExpr(e.Value)
	case *ast.ChanType:
		x.typeExpr(e.Value)
	case *ast.FuncType:
		x.typeFields(e.Params)
		x.typeFields(e.Results)
	case *ast.StructType:
		x.fields(e.Fields, evidence.None)
	case *ast.InterfaceType:
		x.methods(e.Methods, evidence.None)
	case nil:
	default: // a union or ~T of a constraint, a constant array length, broken code
		x.expr(e)
	}
	return nothing
}

func (x *extractor) typeFields(list *ast.FieldList) {
	if list == nil {
		return
	}
	for _, field := range list.List {
		x.typeExpr(field.Type)
	}
}
