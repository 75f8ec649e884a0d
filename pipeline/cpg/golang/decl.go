package golang

import (
	"go/ast"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

// declareTopLevel binds every package-level name and import of the file before
// anything is walked: at that level order does not matter.
func (x *extractor) declareTopLevel(tree *ast.File) {
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name != "init" {
				x.declare(d.Name, evidence.Namespace)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ImportSpec:
					x.importSpec(d, s)
				case *ast.TypeSpec:
					x.declare(s.Name, evidence.Namespace)
				case *ast.ValueSpec:
					for _, id := range s.Names {
						x.declare(id, evidence.Assigned)
					}
				}
			}
		}
	}
}

func (x *extractor) importSpec(d *ast.GenDecl, s *ast.ImportSpec) {
	p, err := strconv.Unquote(s.Path.Value)
	if err != nil {
		return // the parser has reported it
	}
	p = cut(p, maxText)
	im := evidence.Import{Scope: 0, Kind: "import", Module: p, Binding: evidence.None, Stmt: x.span(d), Alias: x.span(s)}
	name := localName(p)
	if s.Name != nil {
		im.AsName, name = s.Name.Name, s.Name.Name
	}
	switch name {
	case ".":
		im.Star, im.AsName = true, ""
	case "_", "":
	default:
		im.Binding = x.declareName(name, im.Alias, evidence.Imported)
	}
	key := evidence.Key(len(x.f.Imports))
	x.f.Imports = append(x.f.Imports, im)
	x.site(evidence.DefSite{Binding: im.Binding, Kind: "import", Def: evidence.None, Import: key,
		Value: evidence.None, Call: evidence.None, Span: im.Alias})
}

// localName guesses the name of the package at an import path: only its own
// package clause knows. Version suffixes and go- and -go affixes are customs.
func localName(importPath string) string {
	name := importPath[strings.LastIndexByte(importPath, '/')+1:]
	if isVersion(name) && len(name) < len(importPath) {
		rest := importPath[:len(importPath)-len(name)-1]
		name = rest[strings.LastIndexByte(rest, '/')+1:]
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i] // gopkg.in/yaml.v3
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "go-"), "-go")
	return name[strings.LastIndexByte(name, '-')+1:]
}

func isVersion(s string) bool {
	if len(s) < 2 || s[0] != 'v' {
		return false
	}
	return strings.Trim(s[1:], "0123456789") == ""
}

// decl walks a declaration. At top level its names are bound already.
func (x *extractor) decl(d ast.Decl, top bool) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		x.funcDecl(d)
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				x.typeSpec(d, s)
			case *ast.ValueSpec:
				x.valueSpec(s)
			case *ast.ImportSpec:
				if !top {
					x.importSpec(d, s) // an import inside a function is broken code
				}
			}
		}
	}
}

func (x *extractor) valueSpec(s *ast.ValueSpec) {
	typ := value{evidence.None, evidence.None}
	if s.Type != nil {
		typ = x.typeExpr(s.Type)
		for _, id := range s.Names {
			x.annotation("variable", id.Name, s.Type, x.text(s.Type))
		}
	}
	values := x.exprs(s.Values)
	for i, id := range s.Names {
		b := x.declare(id, evidence.Assigned)
		v := pick(values, i, len(s.Names))
		if s.Type != nil {
			v = typ
			if b != evidence.None {
				x.f.Bindings[b].Flags |= evidence.Annotated
			}
		}
		x.valueSite(b, "assign", v, x.span(id))
	}
}

// pick is the value of the i-th of n names. With one call for several names only
// the first is linked to it.
func pick(values []value, i, n int) value {
	if len(values) == n || (i == 0 && len(values) == 1) {
		return values[i]
	}
	return value{evidence.None, evidence.None}
}

func (x *extractor) annotation(role, name string, typ ast.Expr, text string) {
	x.f.TypeExprs = append(x.f.TypeExprs, evidence.TypeExpr{Def: x.def, Role: role, Param: name, Text: text, Span: x.span(typ)})
}

// enter makes key the enclosing definition until the returned function is called.
func (x *extractor) enter(key evidence.Key) func() {
	def, qual, lits := x.def, x.qual, x.lits
	x.def, x.qual, x.lits = key, x.f.Defs[key].Qualname, 0
	return func() { x.def, x.qual, x.lits = def, qual, lits }
}

// newDef appends a definition; its Binding, Body and counts are filled in later.
func (x *extractor) newDef(kind, name, qualname string, n ast.Node, at evidence.Span) evidence.Key {
	key := evidence.Key(len(x.f.Defs))
	x.f.Defs = append(x.f.Defs, evidence.Def{
		Kind: kind, Name: name, Qualname: qualname, Scope: x.scope(), Body: evidence.None,
		Container: x.def, Binding: evidence.None, Span: x.span(n), NameSpan: at,
	})
	return key
}

// qualified is the dotted path of a name inside the current definition.
func (x *extractor) qualified(name string) string {
	if x.qual == "" {
		return name
	}
	return x.qual + "." + name
}

func (x *extractor) funcDecl(d *ast.FuncDecl) {
	kind, qual, recv := "function", d.Name.Name, ""
	if d.Recv != nil {
		kind = "method"
		if len(d.Recv.List) > 0 {
			recv = receiverName(d.Recv.List[0].Type)
		}
		qual = recv + "." + d.Name.Name
	}
	key := x.newDef(kind, d.Name.Name, qual, d, x.span(d.Name))
	x.f.Defs[key].Receiver = recv
	if kind == "function" && d.Name.Name != "init" {
		b := x.declare(d.Name, evidence.Namespace)
		x.f.Defs[key].Binding = b
		x.site(evidence.DefSite{Binding: b, Kind: "function", Def: key, Import: evidence.None,
			Value: evidence.None, Call: evidence.None, Span: x.span(d.Name)})
	}
	if d.Doc != nil {
		x.f.Defs[key].Docstring = x.docstring(key, "function", d.Doc)
	}
	leave := x.enter(key)
	defer leave()
	x.function(key, "function", d.Name.Name, d.Recv, d.Type, d.Body)
}

// receiverName is the type name of a receiver, without * and type parameters.
func receiverName(t ast.Expr) string {
	for {
		switch e := t.(type) {
		case *ast.StarExpr:
			t = e.X
		case *ast.ParenExpr:
			t = e.X
		case *ast.IndexExpr:
			t = e.X
		case *ast.IndexListExpr:
			t = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// function walks type parameters, receiver, parameters, results and body of the
// definition key, which is the current one.
func (x *extractor) function(key evidence.Key, kind, name string, recv *ast.FieldList, typ *ast.FuncType, body *ast.BlockStmt) {
	opened := 1
	if generic := receiverTypeParams(recv); len(generic) > 0 || typ.TypeParams != nil {
		x.openScope("type_params", name, x.span(typ), key)
		opened++
		for _, id := range generic {
			x.valueSite(x.declare(id, evidence.TypeParameter), "other", value{evidence.None, evidence.None}, x.span(id))
		}
		x.typeParams(typ.TypeParams)
	}
	span := x.span(typ)
	if body != nil {
		span.End = x.span(body).End
	}
	x.f.Defs[key].Body = x.openScope(kind, name, span, key)
	position := int32(0)
	x.params(key, recv, "receiver", &position)
	x.params(key, typ.Params, "positional", &position)
	x.params(key, typ.Results, "result", &position)
	if body != nil {
		x.stmts(body.List)
	}
	for range opened {
		x.closeScope()
	}
}

// receiverTypeParams lists the names that a receiver such as (m *Map[K, V]) binds.
func receiverTypeParams(recv *ast.FieldList) []*ast.Ident {
	if recv == nil || len(recv.List) == 0 {
		return nil
	}
	t := recv.List[0].Type
	for {
		switch e := t.(type) {
		case *ast.StarExpr:
			t = e.X
			continue
		case *ast.ParenExpr:
			t = e.X
			continue
		case *ast.IndexExpr:
			return idents(e.Index)
		case *ast.IndexListExpr:
			return idents(e.Indices...)
		}
		return nil
	}
}

func idents(list ...ast.Expr) []*ast.Ident {
	var ids []*ast.Ident
	for _, e := range list {
		if id, ok := e.(*ast.Ident); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// typeParams binds all type parameters before it walks their constraints, which
// may refer to each other.
func (x *extractor) typeParams(list *ast.FieldList) {
	if list == nil {
		return
	}
	for _, field := range list.List {
		for _, id := range field.Names {
			x.valueSite(x.declare(id, evidence.TypeParameter), "other", value{evidence.None, evidence.None}, x.span(id))
		}
	}
	for _, field := range list.List {
		x.typeExpr(field.Type)
	}
}

// params walks one of the lists of a signature. Types are walked before names
// are bound, so that func f(T T) reads its own type from outside.
func (x *extractor) params(key evidence.Key, list *ast.FieldList, kind string, position *int32) {
	if list == nil {
		return
	}
	values := make([]value, len(list.List))
	for i, field := range list.List {
		values[i] = x.typeExpr(field.Type)
	}
	for i, field := range list.List {
		k, text := kind, x.text(field.Type)
		if _, ok := field.Type.(*ast.Ellipsis); ok && kind == "positional" {
			k = "vararg"
		}
		role := "parameter"
		if kind == "result" {
			role = "return"
		}
		if len(field.Names) == 0 {
			x.param(key, k, "", text, position, x.span(field.Type))
			x.annotation(role, "", field.Type, text)
		}
		for _, id := range field.Names {
			x.param(key, k, id.Name, text, position, x.span(id))
			x.annotation(role, id.Name, field.Type, text)
			b := x.declare(id, evidence.Parameter|evidence.Annotated)
			x.valueSite(b, "param", values[i], x.span(id))
		}
	}
}

func (x *extractor) param(key evidence.Key, kind, name, text string, position *int32, at evidence.Span) {
	x.f.Params = append(x.f.Params, evidence.Param{Def: key, Position: *position, Name: name, Kind: kind, Type: text, Span: at})
	x.f.Defs[key].Params++
	*position++
}

func (x *extractor) typeSpec(d *ast.GenDecl, s *ast.TypeSpec) {
	kind := "type"
	if _, ok := s.Type.(*ast.InterfaceType); ok {
		kind = "interface"
	}
	b := x.declare(s.Name, evidence.Namespace)
	key := x.newDef(kind, s.Name.Name, x.qualified(s.Name.Name), s, x.span(s.Name))
	x.f.Defs[key].Binding = b
	x.site(evidence.DefSite{Binding: b, Kind: "class", Def: key, Import: evidence.None,
		Value: evidence.None, Call: evidence.None, Span: x.span(s.Name)})
	doc := s.Doc
	if doc == nil && len(d.Specs) == 1 {
		doc = d.Doc
	}
	if doc != nil {
		x.f.Defs[key].Docstring = x.docstring(key, "class", doc)
	}
	leave := x.enter(key)
	defer leave()
	if s.TypeParams != nil {
		x.openScope("type_params", s.Name.Name, x.span(s), key)
		defer x.closeScope()
		x.typeParams(s.TypeParams)
	}
	switch t := s.Type.(type) {
	case *ast.StructType:
		x.fields(t.Fields, key)
	case *ast.InterfaceType:
		x.methods(t.Methods, key)
	default:
		v := x.typeExpr(s.Type)
		if s.Assign.IsValid() && v.ref != evidence.None {
			x.base(key, v.ref, s.Type) // an alias has all that its type has
		}
	}
}

// fields walks the fields of a struct type; def is the type it defines, None for
// an anonymous struct.
func (x *extractor) fields(list *ast.FieldList, def evidence.Key) {
	if list == nil {
		return
	}
	for _, field := range list.List {
		v := x.typeExpr(field.Type)
		if def == evidence.None {
			continue
		}
		text := x.text(field.Type)
		if len(field.Names) == 0 {
			x.base(def, v.ref, field.Type)
		}
		for _, id := range field.Names {
			x.annotation("field", id.Name, field.Type, text)
		}
	}
}

// methods walks an interface: its methods are definitions without a body, what
// it embeds are its bases. The terms of a constraint union are not embedded.
func (x *extractor) methods(list *ast.FieldList, def evidence.Key) {
	if list == nil {
		return
	}
	for _, field := range list.List {
		sig, ok := field.Type.(*ast.FuncType)
		if !ok || len(field.Names) == 0 {
			v := x.typeExpr(field.Type)
			if def != evidence.None && v.ref != evidence.None {
				x.base(def, v.ref, field.Type)
			}
			continue
		}
		if def == evidence.None {
			x.typeExpr(sig)
			continue
		}
		id := field.Names[0]
		key := x.newDef("method", id.Name, x.qualified(id.Name), field, x.span(id))
		x.f.Defs[key].Receiver = x.f.Defs[def].Name
		if field.Doc != nil {
			x.f.Defs[key].Docstring = x.docstring(key, "function", field.Doc)
		}
		leave := x.enter(key)
		position := int32(0)
		x.signature(key, sig, &position)
		leave()
	}
}

// signature records the parameters of a function that has no body. They bind
// nothing.
func (x *extractor) signature(key evidence.Key, sig *ast.FuncType, position *int32) {
	for _, part := range []struct {
		list       *ast.FieldList
		kind, role string
	}{{sig.Params, "positional", "parameter"}, {sig.Results, "result", "return"}} {
		if part.list == nil {
			continue
		}
		for _, field := range part.list.List {
			x.typeExpr(field.Type)
			k, text := part.kind, x.text(field.Type)
			if _, ok := field.Type.(*ast.Ellipsis); ok {
				k = "vararg"
			}
			names := field.Names
			if len(names) == 0 {
				names = []*ast.Ident{{NamePos: field.Type.Pos()}}
			}
			for _, id := range names {
				x.param(key, k, id.Name, text, position, x.span(id))
				x.annotation(part.role, id.Name, field.Type, text)
			}
		}
	}
}

func (x *extractor) base(def, ref evidence.Key, typ ast.Expr) {
	ordinal := int32(0)
	for i := len(x.f.Bases) - 1; i >= 0 && x.f.Bases[i].Def == def; i-- {
		ordinal++
	}
	x.f.Bases = append(x.f.Bases, evidence.Base{Def: def, Ordinal: ordinal, Ref: ref, Text: x.text(typ), Span: x.span(typ)})
}
