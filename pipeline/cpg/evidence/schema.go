package evidence

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/buildscope/buildscope/pipeline"
)

// NamedSchema is an evidence table: its name and its columns.
type NamedSchema struct {
	Name   string
	Schema *arrow.Schema
}

// Names of the evidence tables.
const (
	TableModules    = "ev_modules"
	TableScopes     = "ev_scopes"
	TableBindings   = "ev_bindings"
	TableDefSites   = "ev_def_sites"
	TableDefs       = "ev_defs"
	TableParams     = "ev_params"
	TableBases      = "ev_bases"
	TableDecorators = "ev_decorators"
	TableDocstrings = "ev_docstrings"
	TableTypeExprs  = "ev_type_exprs"
	TableRefs       = "ev_refs"
	TableCalls      = "ev_calls"
	TableCallArgs   = "ev_call_args"
	TableImports    = "ev_imports"
	TableErrors     = "ev_errors"
)

// columns is the layout of every table, in the order in which the rows of
// rows.go are written. A column is named with its type unless the name says it:
// *_key is int64 (file_no<<32 | row index), *_id is utf8, bstart and bend are
// int32 byte offsets, the end exclusive. A question mark makes it nullable.
// Everything that is not a key is present; an absent text is "".
var columns = []struct{ table, columns string }{
	// One row per extracted file. lines counts as an editor does.
	{TableModules, "file_no:i32 file_id path:str language:str fqn:str package:str is_package:bool is_stub:bool lines:i64 truncated:bool"},
	{TableScopes, "file_no:i32 scope_key scope_id parent_scope_key? kind:str name:str qualname:text owner_def_key? line:i32 depth:i32 bstart bend"},
	// flags are those of Flags; bstart and bend are the first occurrence.
	{TableBindings, "file_no:i32 binding_key binding_id scope_key name:str flags:i32 bstart bend"},
	{TableDefSites, "file_no:i32 def_site_key def_site_id binding_key kind:str def_key? import_key? value_ref_key? value_call_key? bstart bend"},
	// scope_key is the scope that holds the name, body_scope_key the one opened.
	{TableDefs, "file_no:i32 def_key def_id kind:str name:str qualname:text scope_key body_scope_key? container_def_key? binding_key? receiver:str docstring:text decorators:i32 params:i32 bstart bend name_bstart name_bend"},
	{TableParams, "file_no:i32 param_key def_key position:i32 name:str kind:str type:str default:bool bstart bend"},
	{TableBases, "file_no:i32 base_key def_key ordinal:i32 ref_key? text:text bstart bend"},
	{TableDecorators, "file_no:i32 decorator_key decorator_id def_key ordinal:i32 ref_key? text:text bstart bend"},
	{TableDocstrings, "file_no:i32 docstring_key docstring_id def_key? kind:str text:text bstart bend"},
	{TableTypeExprs, "file_no:i32 type_expr_key type_expr_id def_key? role:str param:str text:text bstart bend"},
	// base_ref_key is the reference left of the dot, binding_key that of a name.
	{TableRefs, "file_no:i32 ref_key ref_id scope_key def_key? kind:str name:str context:str base_ref_key? binding_key? bstart bend"},
	{TableCalls, "file_no:i32 call_key call_id scope_key def_key? callee_ref_key? shape:str text:text args:i32 bstart bend callee_bstart callee_bend"},
	{TableCallArgs, "file_no:i32 call_arg_key call_key index:i32 keyword:str star:str ref_key? bstart bend"},
	// bstart and bend are the alias, stmt_* the whole statement.
	{TableImports, "file_no:i32 import_key import_id scope_key kind:str module:str name:str asname:str level:i32 star:bool binding_key? bstart bend stmt_bstart stmt_bend"},
	{TableErrors, "file_no:i32 error_key error_id stage:str message:text line:i32 bstart bend"},
}

// Schemas lists the evidence tables in a fixed order. The caller may change the
// slice, not the schemas.
func Schemas() []NamedSchema {
	out := make([]NamedSchema, len(columns))
	for i, t := range columns {
		var fields []arrow.Field
		for _, c := range strings.Fields(t.columns) {
			fields = append(fields, field(c))
		}
		out[i] = NamedSchema{Name: t.table, Schema: arrow.NewSchema(fields, nil)}
	}
	return out
}

// Names lists the names of the evidence tables in the order of Schemas.
func Names() []string {
	out := make([]string, len(columns))
	for i, t := range columns {
		out[i] = t.table
	}
	return out
}

// Schema gives the schema of a table, nil when there is no such table.
func Schema(table string) *arrow.Schema {
	for _, s := range Schemas() {
		if s.Name == table {
			return s.Schema
		}
	}
	return nil
}

func field(column string) arrow.Field {
	name, nullable := strings.CutSuffix(column, "?")
	name, kind, _ := strings.Cut(name, ":")
	f := arrow.Field{Name: name, Nullable: nullable}
	switch {
	case kind == "i32", strings.HasSuffix(name, "bstart"), strings.HasSuffix(name, "bend"):
		f.Type = arrow.PrimitiveTypes.Int32
	case kind == "i64", strings.HasSuffix(name, "_key"):
		f.Type = arrow.PrimitiveTypes.Int64
	case kind == "bool":
		f.Type = arrow.FixedWidthTypes.Boolean
	default: // str, text and *_id
		f.Type = arrow.BinaryTypes.String
	}
	if kind == "" || kind == "text" { // keys, ids, places and texts hardly repeat
		f.Metadata = pipeline.Plain()
	}
	return f
}
