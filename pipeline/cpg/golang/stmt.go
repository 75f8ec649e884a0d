package golang

import (
	"go/ast"
	"go/token"
	"strconv"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

func literalName(n int) string { return "func" + strconv.Itoa(n) }

func (x *extractor) stmts(list []ast.Stmt) {
	for _, s := range list {
		x.stmt(s)
	}
}

// block walks statements in a scope of their own.
func (x *extractor) block(b *ast.BlockStmt) {
	if b == nil {
		return
	}
	x.openBlock(b)
	x.stmts(b.List)
	x.closeScope()
}

// stmt walks a statement. Labels are not names of the graph.
func (x *extractor) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case nil:
	case *ast.ExprStmt:
		x.expr(s.X)
	case *ast.AssignStmt:
		x.assign(s)
	case *ast.IncDecStmt:
		x.store(s.X, "augassign", nothing)
	case *ast.DeclStmt:
		x.decl(s.Decl, false)
	case *ast.BlockStmt:
		x.block(s)
	case *ast.IfStmt:
		x.openBlock(s)
		x.stmt(s.Init)
		x.optional(s.Cond)
		x.block(s.Body)
		x.stmt(s.Else)
		x.closeScope()
	case *ast.ForStmt:
		x.openBlock(s)
		x.stmt(s.Init)
		x.optional(s.Cond)
		x.stmt(s.Post)
		x.block(s.Body)
		x.closeScope()
	case *ast.RangeStmt:
		x.rangeStmt(s)
	case *ast.SwitchStmt:
		x.openBlock(s)
		x.stmt(s.Init)
		x.optional(s.Tag)
		x.clauses(s.Body)
		x.closeScope()
	case *ast.TypeSwitchStmt:
		x.openBlock(s)
		x.stmt(s.Init)
		x.stmt(s.Assign)
		x.clauses(s.Body)
		x.closeScope()
	case *ast.SelectStmt:
		x.clauses(s.Body)
	case *ast.ReturnStmt:
		x.exprs(s.Results)
	case *ast.GoStmt:
		x.expr(s.Call)
	case *ast.DeferStmt:
		x.expr(s.Call)
	case *ast.SendStmt:
		x.expr(s.Chan)
		x.expr(s.Value)
	case *ast.LabeledStmt:
		x.stmt(s.Stmt)
	}
}

// clauses walks the cases of a switch or select, each a scope.
func (x *extractor) clauses(body *ast.BlockStmt) {
	if body == nil {
		return
	}
	for _, c := range body.List {
		x.openBlock(c)
		switch c := c.(type) {
		case *ast.CaseClause:
			x.exprs(c.List)
			x.stmts(c.Body)
		case *ast.CommClause:
			x.stmt(c.Comm)
			x.stmts(c.Body)
		}
		x.closeScope()
	}
}

func (x *extractor) assign(s *ast.AssignStmt) {
	if s.Tok == token.DEFINE {
		values := x.exprs(s.Rhs)
		for i, l := range s.Lhs {
			id, ok := l.(*ast.Ident)
			if !ok {
				x.store(l, "assign", nothing) // broken code
				continue
			}
			x.define(id, "assign", pick(values, i, len(s.Lhs)))
		}
		return
	}
	kind := "assign"
	if s.Tok != token.ASSIGN {
		kind = "augassign"
	}
	values := x.exprs(s.Rhs)
	for i, l := range s.Lhs {
		v := nothing
		if kind == "assign" {
			v = pick(values, i, len(s.Lhs))
		}
		x.store(l, kind, v)
	}
}

// define binds a name of :=. One that this very scope has already is assigned.
func (x *extractor) define(id *ast.Ident, kind string, v value) {
	if x.scopes[len(x.scopes)-1].find(id.Name) != evidence.None {
		x.store(id, kind, v)
		return
	}
	x.valueSite(x.declare(id, evidence.Assigned), kind, v, x.span(id))
}

// store walks the target of an assignment.
func (x *extractor) store(e ast.Expr, kind string, v value) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		r := x.name(e, "STORE")
		if r.ref == evidence.None {
			return
		}
		b := x.f.Refs[r.ref].Binding
		x.f.Bindings[b].Flags |= evidence.Assigned
		x.valueSite(b, kind, v, x.span(e))
	case *ast.SelectorExpr:
		x.selector(e, "STORE")
	default:
		x.expr(e)
	}
}

func (x *extractor) rangeStmt(s *ast.RangeStmt) {
	x.expr(s.X)
	x.openBlock(s)
	for _, l := range []ast.Expr{s.Key, s.Value} {
		if l == nil {
			continue
		}
		if id, ok := l.(*ast.Ident); ok && s.Tok == token.DEFINE {
			x.define(id, "for", nothing)
		} else {
			x.store(l, "for", nothing)
		}
	}
	x.block(s.Body)
	x.closeScope()
}
