// Package evidence holds what the language front ends find in one source file,
// as plain rows, and the Arrow tables these rows become. A front end fills a
// File; it knows nothing of Arrow, of other files or of resolution.
package evidence

// Key identifies a row inside one file: the index of the row in its slice.
// In the tables it becomes file_no<<32 | index, so keys of different files never
// meet and joins run on one int64. None means that there is no such row.
type Key = int32

// None is the absent Key.
const None Key = -1

// Span is a half-open byte range of the file.
type Span struct{ Start, End int32 }

// File is everything found in one source file. Rows are in source order.
type File struct {
	Module     Module
	Scopes     []Scope // Scopes[0] is the module scope
	Bindings   []Binding
	DefSites   []DefSite
	Defs       []Def
	Params     []Param
	Bases      []Base
	Decorators []Decorator
	Docstrings []Docstring
	TypeExprs  []TypeExpr
	Refs       []Ref
	Calls      []Call
	CallArgs   []CallArg
	Imports    []Import
	Errors     []ParseError
	Lines      int32
	Truncated  bool // a limit cut the evidence of this file short
}

// Module says what a file is called by import statements.
type Module struct {
	FQN       string // "pkg.sub.mod"; Go: the import path
	Package   string // Python: enclosing package, "" at the top; Go: package name
	IsPackage bool   // Python: __init__ file
	IsStub    bool   // Python: .pyi
}

// Scope is a lexical scope.
type Scope struct {
	Parent   Key    // None for the module scope
	Kind     string // module, class, function, lambda, comprehension, type_params, block
	Name     string // "top" for the module
	Qualname string // dotted path within the module, "" for the module
	OwnerDef Key    // definition that opens it
	Line     int32  // 1-based
	Span     Span
	Depth    int16
}

// Flags of a Binding, the ones CPython's symtable gives.
type Flags uint16

const (
	Referenced Flags = 1 << iota
	Imported
	Parameter
	TypeParameter
	DeclaredGlobal
	Nonlocal
	Local
	Annotated
	Free
	Assigned
	Namespace // a class or function definition binds it
	Global    // resolves to the module scope or builtins
)

// Binding is a name in a scope's symbol table: bound there, or declared there
// global or nonlocal, or only used there (Free, Global).
type Binding struct {
	Scope Key
	Name  string
	Flags Flags
	First Span // first occurrence
}

// DefSite is a place that binds a name.
type DefSite struct {
	Binding Key
	Kind    string // class, function, import, assign, param, for, with, except, walrus, del, augassign, match, other
	Def     Key    // for class and function
	Import  Key    // for import
	Value   Key    // Ref on the right-hand side when the value is a plain name or attribute
	Call    Key    // Call on the right-hand side when the value is a call
	Span    Span
}

// Def is a definition: function, async_function, class, lambda; Go: function,
// method, type, interface.
type Def struct {
	Kind           string
	Name           string
	Qualname       string
	Scope          Key    // scope in which its name is bound
	Body           Key    // scope it opens; None if none
	Container      Key    // enclosing definition
	Binding        Key    // binding of its name; None for lambdas and methods of Go
	Receiver       string // Go: receiver's type name without * and type parameters
	Docstring      string // cut at 2,048 bytes
	Decorators     int32
	Params         int32
	Span, NameSpan Span // whole definition; its name
}

// Param is a parameter of a definition.
type Param struct {
	Def      Key
	Position int32
	Name     string
	Kind     string // positional, posonly, vararg, kwonly, varkw, receiver, result
	Type     string // annotation text, "" if none
	Default  bool
	Span     Span
}

// Base is a base class of a class, or an embedded type of a Go type.
type Base struct {
	Def     Key
	Ordinal int32
	Ref     Key // the last Ref of the expression when it is a dotted name
	Text    string
	Span    Span
}

// Decorator is a decorator of a definition.
type Decorator struct {
	Def     Key
	Ordinal int32
	Ref     Key
	Text    string
	Span    Span
}

// Docstring is the documentation of a definition, or of the module (Def None).
type Docstring struct {
	Def  Key
	Kind string // module, class, function
	Text string // cut at 2,048 bytes
	Span Span
}

// TypeExpr is an annotation.
type TypeExpr struct {
	Def   Key    // owner
	Role  string // parameter, return, variable, field
	Param string // parameter or variable name
	Text  string // cut at 256 bytes
	Span  Span
}

// Ref is one use of a name. An attribute chain a.b.c is three linked rows.
type Ref struct {
	Scope   Key
	Def     Key    // nearest enclosing function or class definition
	Kind    string // name, attribute
	Name    string
	Context string // LOAD, STORE, DEL
	Base    Key    // for attributes: the Ref left of the dot; None when that is no name or attribute
	Binding Key    // for names: the Binding row of (Scope, Name)
	Span    Span   // of the name alone, or of the attribute's own identifier
}

// Call is a call expression.
type Call struct {
	Scope            Key
	Def              Key    // nearest enclosing function or class definition; None at module level
	Callee           Key    // Ref of the called name or attribute; None for other shapes
	Shape            string // NAME, ATTRIBUTE, SUBSCRIPT, OTHER
	Text             string // callee text, cut at 256 bytes
	Args             int32
	Span, CalleeSpan Span
}

// CallArg is an argument of a call.
type CallArg struct {
	Call    Key
	Index   int32
	Keyword string // "" for positional
	Star    string // "", "*" or "**"
	Ref     Key    // Ref when the argument is a plain name or attribute
	Span    Span
}

// Import is one imported name: an alias of an import statement.
type Import struct {
	Scope       Key
	Kind        string // import, importfrom
	Module      string // as written, without leading dots
	Name        string // importfrom: the name; "" otherwise
	AsName      string // "" when there is no alias
	Level       int32  // leading dots
	Star        bool
	Binding     Key // the name it binds; None for star imports and Go's _ and .
	Stmt, Alias Span
}

// ParseError is a place the parser could not read.
type ParseError struct {
	Stage   string // decode, parse
	Message string
	Line    int32 // 1-based
	Span    Span
}
