package evidence

// Positions in columns and Builder.tables.
const (
	modules = iota
	scopes
	bindings
	defSites
	defs
	params
	bases
	decorators
	docstrings
	typeExprs
	refs
	calls
	callArgs
	imports
	parseErrors
)

// Add appends everything found in one file. path is relative to the repository
// and fileID its FileID; the path's extension gives the language. f is read, not
// kept, except that its strings must not change while Add runs.
//
// Entities that share a span are told apart in their id by: scopes kind and
// depth; bindings the span, kind and depth of their scope and their name (not
// their own span, so that an id survives a new first use); def sites kind; defs
// kind and name; decorators ordinal; docstrings kind; type expressions role,
// parameter and place among those of the span; references kind; imports name and module; errors their number.
func (b *Builder) Add(fileNo int32, fileID, path string, f *File) {
	b.ids.fileID = fileID
	m := f.Module
	b.tables[modules].begin(fileNo).str(fileID).str(path).str(Language(path)).str(m.FQN).str(m.Package).
		bool(m.IsPackage).bool(m.IsStub).i64(int64(f.Lines)).bool(f.Truncated)
	b.addScopes(fileNo, f)
	b.addDefs(fileNo, f)
	b.addRefs(fileNo, f)
	b.addCalls(fileNo, f)
	b.addImports(fileNo, f)
	w := b.tables[parseErrors]
	for i, e := range f.Errors {
		w.begin(fileNo).key(Key(i)).bytes(b.ids.ofNumber("diag", e.Span, int32(i))).str(e.Stage).str(e.Message).i32(e.Line).span(e.Span)
	}
	b.rows += 1 + len(f.Scopes) + len(f.Bindings) + len(f.DefSites) + len(f.Defs) + len(f.Params) + len(f.Bases) +
		len(f.Decorators) + len(f.Docstrings) + len(f.TypeExprs) + len(f.Refs) + len(f.Calls) + len(f.CallArgs) +
		len(f.Imports) + len(f.Errors)
}

func (b *Builder) addScopes(fileNo int32, f *File) {
	w := b.tables[scopes]
	for i := range f.Scopes {
		s := &f.Scopes[i]
		w.begin(fileNo).key(Key(i)).bytes(b.ids.of("scope", s.Span, s.Kind, depthText(s.Depth))).key(s.Parent).str(s.Kind).
			str(s.Name).str(s.Qualname).key(s.OwnerDef).i32(s.Line).i32(int32(s.Depth)).span(s.Span)
	}
	w = b.tables[bindings]
	for i := range f.Bindings {
		v := &f.Bindings[i]
		s := &f.Scopes[v.Scope]
		w.begin(fileNo).key(Key(i)).bytes(b.ids.of("binding", s.Span, s.Kind, depthText(s.Depth), v.Name)).key(v.Scope).
			str(v.Name).i32(int32(v.Flags)).span(v.First)
	}
	w = b.tables[defSites]
	for i := range f.DefSites {
		d := &f.DefSites[i]
		w.begin(fileNo).key(Key(i)).bytes(b.ids.of("def_site", d.Span, d.Kind)).key(d.Binding).str(d.Kind).
			key(d.Def).key(d.Import).key(d.Value).key(d.Call).span(d.Span)
	}
}

func (b *Builder) addDefs(fileNo int32, f *File) {
	w := b.tables[defs]
	for i := range f.Defs {
		d := &f.Defs[i]
		w.begin(fileNo).key(Key(i)).bytes(b.ids.of("cst_def", d.Span, d.Kind, d.Name)).str(d.Kind).str(d.Name).str(d.Qualname).
			key(d.Scope).key(d.Body).key(d.Container).key(d.Binding).str(d.Receiver).str(d.Docstring).
			i32(d.Decorators).i32(d.Params).span(d.Span).span(d.NameSpan)
	}
	w = b.tables[params]
	for i := range f.Params {
		p := &f.Params[i]
		w.begin(fileNo).key(Key(i)).key(p.Def).i32(p.Position).str(p.Name).str(p.Kind).str(p.Type).bool(p.Default).span(p.Span)
	}
	w = b.tables[bases]
	for i, v := range f.Bases {
		w.begin(fileNo).key(Key(i)).key(v.Def).i32(v.Ordinal).key(v.Ref).str(v.Text).span(v.Span)
	}
	w = b.tables[decorators]
	for i, d := range f.Decorators {
		w.begin(fileNo).key(Key(i)).bytes(b.ids.ofNumber("cst_decorator", d.Span, d.Ordinal)).key(d.Def).i32(d.Ordinal).
			key(d.Ref).str(d.Text).span(d.Span)
	}
	w = b.tables[docstrings]
	for i, d := range f.Docstrings {
		w.begin(fileNo).key(Key(i)).bytes(b.ids.of("cst_docstring", d.Span, d.Kind)).key(d.Def).str(d.Kind).str(d.Text).span(d.Span)
	}
	w = b.tables[typeExprs]
	same := int16(0) // of one span: "_, _ int" is two rows
	for i := range f.TypeExprs {
		e := &f.TypeExprs[i]
		if same++; i == 0 || f.TypeExprs[i-1].Span != e.Span {
			same = 0
		}
		w.begin(fileNo).key(Key(i)).bytes(b.ids.of("cst_type_expr", e.Span, e.Role, e.Param, depthText(same))).key(e.Def).str(e.Role).
			str(e.Param).str(e.Text).span(e.Span)
	}
}

func (b *Builder) addRefs(fileNo int32, f *File) {
	w := b.tables[refs]
	for i := range f.Refs {
		r := &f.Refs[i]
		w.begin(fileNo).key(Key(i)).bytes(b.ids.of("cst_ref", r.Span, r.Kind)).key(r.Scope).key(r.Def).str(r.Kind).
			str(r.Name).str(r.Context).key(r.Base).key(r.Binding).span(r.Span)
	}
}

func (b *Builder) addCalls(fileNo int32, f *File) {
	w := b.tables[calls]
	for i := range f.Calls {
		c := &f.Calls[i]
		w.begin(fileNo).key(Key(i)).bytes(b.ids.of("cst_call", c.Span)).key(c.Scope).key(c.Def).key(c.Callee).str(c.Shape).
			str(c.Text).i32(c.Args).span(c.Span).span(c.CalleeSpan)
	}
	w = b.tables[callArgs]
	for i := range f.CallArgs {
		a := &f.CallArgs[i]
		w.begin(fileNo).key(Key(i)).key(a.Call).i32(a.Index).str(a.Keyword).str(a.Star).key(a.Ref).span(a.Span)
	}
}

func (b *Builder) addImports(fileNo int32, f *File) {
	w := b.tables[imports]
	for i := range f.Imports {
		m := &f.Imports[i]
		w.begin(fileNo).key(Key(i)).bytes(b.ids.of("cst_import", m.Alias, m.Name, m.Module)).key(m.Scope).str(m.Kind).
			str(m.Module).str(m.Name).str(m.AsName).i32(m.Level).bool(m.Star).key(m.Binding).span(m.Alias).span(m.Stmt)
	}
}

// depthText is a depth as text without allocating.
func depthText(depth int16) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	if int(depth) < len(digits) {
		return digits[depth : depth+1]
	}
	return string(rune(depth))
}
