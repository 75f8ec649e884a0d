package evidence

import (
	"encoding/hex"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/zeebo/xxh3"
)

// Names of the evidence tables, in the order of Schemas.
const (
	TableModules  = "ev_modules"
	TableScopes   = "ev_scopes"
	TableBindings = "ev_bindings"
	TableDefs     = "ev_defs"
	TableRefs     = "ev_refs"
	TableCalls    = "ev_calls"
	TableImports  = "ev_imports"
	TableErrors   = "ev_errors"
)

// Names lists the tables that Builder makes.
var names = []string{TableModules, TableScopes, TableBindings, TableDefs, TableRefs, TableCalls, TableImports, TableErrors}

// Names lists the evidence tables.
func Names() []string { return append([]string(nil), names...) }

var (
	i32  = arrow.PrimitiveTypes.Int32
	i64  = arrow.PrimitiveTypes.Int64
	utf8 = arrow.BinaryTypes.String
)

func schema(cols ...arrow.Field) *arrow.Schema { return arrow.NewSchema(cols, nil) }

func col(name string, t arrow.DataType) arrow.Field { return arrow.Field{Name: name, Type: t} }

func null(name string, t arrow.DataType) arrow.Field {
	return arrow.Field{Name: name, Type: t, Nullable: true}
}

// schemas gives the columns of each table. Keys are file_no<<32 | row index; ids
// are those of the graph's nodes; spans are bytes, end exclusive.
var schemas = map[string]*arrow.Schema{
	TableModules: schema(col("file_no", i32), col("module_fqn", utf8), col("package", utf8)),
	TableScopes: schema(col("file_no", i32), col("scope_key", i64), null("parent_scope_key", i64), null("owner_def_key", i64),
		col("scope_id", utf8), col("kind", utf8), col("name", utf8), col("qualname", utf8), col("bstart", i32), col("bend", i32)),
	TableBindings: schema(col("file_no", i32), col("binding_key", i64), col("scope_key", i64), col("binding_id", utf8),
		col("name", utf8), col("flags", i32), col("bstart", i32), col("bend", i32)),
	TableDefs: schema(col("file_no", i32), col("def_key", i64), col("scope_key", i64), null("container_def_key", i64), null("binding_key", i64),
		col("def_id", utf8), col("kind", utf8), col("name", utf8), col("qualname", utf8), col("receiver", utf8), col("params", i32),
		col("bstart", i32), col("bend", i32)),
	TableRefs: schema(col("file_no", i32), col("ref_key", i64), col("scope_key", i64), null("def_key", i64), null("base_ref_key", i64), null("binding_key", i64),
		col("ref_id", utf8), col("kind", utf8), col("name", utf8), col("context", utf8), col("bstart", i32), col("bend", i32)),
	TableCalls: schema(col("file_no", i32), col("call_key", i64), null("def_key", i64), null("callee_ref_key", i64),
		col("call_id", utf8), col("shape", utf8), col("callee", utf8), col("args", i32), col("bstart", i32), col("bend", i32)),
	TableImports: schema(col("file_no", i32), col("import_key", i64), null("binding_key", i64), col("import_id", utf8),
		col("kind", utf8), col("module", utf8), col("name", utf8), col("asname", utf8), col("level", i32), col("bstart", i32), col("bend", i32)),
	TableErrors: schema(col("file_no", i32), col("path", utf8), col("stage", utf8), col("message", utf8), col("line", i32), col("bstart", i32), col("bend", i32)),
}

// Schema is the schema of a table.
func Schema(table string) *arrow.Schema { return schemas[table] }

// ID is the stable id of an entity: the prefix and the XXH3-128 of the parts,
// which are joined with the unit separator.
func ID(prefix string, parts ...string) string {
	buf := make([]byte, 0, 128)
	for i, p := range parts {
		if i > 0 {
			buf = append(buf, 0x1f)
		}
		buf = append(buf, p...)
	}
	return hashed(prefix, buf)
}

func hashed(prefix string, buf []byte) string {
	sum := xxh3.Hash128(buf).Bytes()
	out := make([]byte, 0, len(prefix)+33)
	out = append(append(out, prefix...), ':')
	return string(hex.AppendEncode(out, sum[:]))
}

// spanID is the id of an entity that its file, span and one more part identify.
func spanID(prefix, fileID string, s Span, more string) string {
	buf := make([]byte, 0, 96)
	buf = append(append(buf, fileID...), 0x1f)
	buf = append(strconv.AppendInt(buf, int64(s.Start), 10), 0x1f)
	buf = append(strconv.AppendInt(buf, int64(s.End), 10), 0x1f)
	return hashed(prefix, append(buf, more...))
}

// Builder turns Files into record batches. It belongs to one goroutine.
type Builder struct {
	tables map[string]*array.RecordBuilder
	rows   int
}

// NewBuilder makes an empty builder; Release it in the end.
func NewBuilder() *Builder {
	b := &Builder{tables: map[string]*array.RecordBuilder{}}
	for name, s := range schemas {
		b.tables[name] = array.NewRecordBuilder(memory.DefaultAllocator, s)
	}
	return b
}

// Release frees the builder's memory.
func (b *Builder) Release() {
	for _, t := range b.tables {
		t.Release()
	}
}

// Rows is the number of rows added since the last Flush.
func (b *Builder) Rows() int { return b.rows }

// Flush returns the rows added so far as one batch per table and empties the
// builder. The caller releases the batches.
func (b *Builder) Flush() map[string]arrow.RecordBatch {
	out := map[string]arrow.RecordBatch{}
	for name, t := range b.tables {
		out[name] = t.NewRecordBatch()
	}
	b.rows = 0
	return out
}

// row appends values to a table in column order. int32 columns take int or int32,
// a Key of None is null.
type row struct {
	b  *array.RecordBuilder
	no int64 // file_no << 32
	i  int
}

func (b *Builder) row(table string, fileNo int32) *row {
	b.rows++
	r := &row{b: b.tables[table], no: int64(fileNo) << 32}
	return r.int(fileNo)
}

func (r *row) int(v int32) *row {
	r.b.Field(r.i).(*array.Int32Builder).Append(v)
	r.i++
	return r
}

func (r *row) key(k Key) *row {
	f := r.b.Field(r.i).(*array.Int64Builder)
	if k == None {
		f.AppendNull()
	} else {
		f.Append(r.no | int64(k))
	}
	r.i++
	return r
}

func (r *row) text(vs ...string) *row {
	for _, v := range vs {
		r.b.Field(r.i).(*array.StringBuilder).Append(v)
		r.i++
	}
	return r
}

func (r *row) span(s Span) *row { return r.int(s.Start).int(s.End) }

// Add appends everything found in one file.
func (b *Builder) Add(fileNo int32, fileID, path string, f *File) {
	b.row(TableModules, fileNo).text(f.Module.FQN, f.Module.Package)
	for i, s := range f.Scopes {
		b.row(TableScopes, fileNo).key(Key(i)).key(s.Parent).key(s.OwnerDef).
			text(spanID("scope", fileID, s.Span, s.Kind+strconv.Itoa(i)), s.Kind, s.Name, s.Qualname).span(s.Span)
	}
	for i, v := range f.Bindings {
		b.row(TableBindings, fileNo).key(Key(i)).key(v.Scope).
			text(ID("binding", fileID, strconv.Itoa(int(v.Scope)), v.Name, strconv.Itoa(i)), v.Name).int(int32(v.Flags)).span(v.First)
	}
	for i, d := range f.Defs {
		b.row(TableDefs, fileNo).key(Key(i)).key(d.Scope).key(d.Container).key(d.Binding).
			text(spanID("def", fileID, d.Span, d.Kind+d.Name), d.Kind, d.Name, d.Qualname, d.Receiver).int(d.Params).span(d.Span)
	}
	for i, v := range f.Refs {
		b.row(TableRefs, fileNo).key(Key(i)).key(v.Scope).key(v.Def).key(v.Base).key(v.Binding).
			text(spanID("ref", fileID, v.Span, v.Context+strconv.Itoa(i)), v.Kind, v.Name, v.Context).span(v.Span)
	}
	for i, c := range f.Calls {
		b.row(TableCalls, fileNo).key(Key(i)).key(c.Def).key(c.Callee).
			text(spanID("call", fileID, c.Span, strconv.Itoa(i)), c.Shape, c.Text).int(c.Args).span(c.Span)
	}
	for i, m := range f.Imports {
		b.row(TableImports, fileNo).key(Key(i)).key(m.Binding).
			text(spanID("import", fileID, m.Alias, strconv.Itoa(i)), m.Kind, m.Module, m.Name, m.AsName).int(m.Level).span(m.Alias)
	}
	for _, e := range f.Errors {
		b.row(TableErrors, fileNo).text(path, e.Stage, e.Message).int(e.Line).span(e.Span)
	}
}
