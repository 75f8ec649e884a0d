package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/wholefile"
)

// captureRow is one row of capture.parquet: a column with the table it belongs to.
// The fields of the struct are the columns of the file, under their names in JSON;
// what does not apply is null, and each has its description as metadata "doc".
type captureRow struct {
	RunID   string `json:"run_id" doc:"id of the run"`
	Node    string `json:"node" doc:"node that produced the table"`
	Table   string `json:"table" doc:"name of the table"`
	Rows    int64  `json:"table_rows" doc:"rows of the table"`
	Bytes   int64  `json:"table_bytes" doc:"bytes of the files, or of the buffers"`
	Files   int64  `json:"table_files" doc:"files it was read from; 0 for batches in memory"`
	SpentNS int64  `json:"table_spent_ns" doc:"worker time that capture took for the table, nanoseconds"`
	Reused  bool   `json:"table_reused" doc:"kept from an earlier run, as nothing has changed"`
	model.ColumnStats
}

// CaptureTable writes capture.parquet, one row for each column of the tables.
func (w *Writer) CaptureTable(tables []model.TableStats) error {
	return w.whole("capture.parquet", func(f *os.File) error { return writeCaptureRows(f, w.runID, tables) })
}

// whole makes a file that appears when it is whole; write closes it.
func (w *Writer) whole(name string, write func(*os.File) error) error {
	path := filepath.Join(w.Dir, name)
	f, err := os.Create(path + wholefile.Half)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err = write(f); err == nil {
		err = os.Rename(path+wholefile.Half, path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, errors.Join(err, os.Remove(path+wholefile.Half)))
	}
	return nil
}

func writeCaptureRows(f *os.File, runID string, tables []model.TableStats) error {
	schema := arrow.NewSchema(structFields(reflect.TypeFor[captureRow]()), nil)
	out, err := pqarrow.NewFileWriter(schema, f, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd)),
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return errors.Join(err, f.Close())
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for _, t := range tables {
		for _, c := range t.Columns {
			row := captureRow{RunID: runID, Node: t.Node, Table: t.Table, Rows: t.Rows, Bytes: t.Bytes, Files: int64(t.Files),
				SpentNS: t.SpentNS, Reused: t.Reused, ColumnStats: c}
			i := 0
			eachField(reflect.ValueOf(row), func(f reflect.StructField, v reflect.Value) {
				appendValue(b.Field(i), v, isNullable(f))
				i++
			})
		}
	}
	rec := b.NewRecordBatch()
	defer rec.Release()
	return errors.Join(out.Write(rec), out.Close())
}

// eachField visits the fields of a struct in order, those of embedded ones included.
func eachField(v reflect.Value, f func(reflect.StructField, reflect.Value)) {
	for i := range v.NumField() {
		switch field := v.Type().Field(i); {
		case field.Anonymous:
			eachField(v.Field(i), f)
		case field.Tag.Get("json") != "-":
			f(field, v.Field(i))
		}
	}
}

// structFields makes the Arrow fields of a struct.
func structFields(t reflect.Type) []arrow.Field {
	var fields []arrow.Field
	eachField(reflect.Zero(t), func(f reflect.StructField, v reflect.Value) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		field := arrow.Field{Name: name, Type: arrowType(f.Type), Nullable: isNullable(f)}
		if doc := f.Tag.Get("doc"); doc != "" {
			field.Metadata = arrow.NewMetadata([]string{"doc"}, []string{doc})
		}
		fields = append(fields, field)
	})
	return fields
}

// isNullable says that a zero value stands for none.
func isNullable(f reflect.StructField) bool {
	return strings.HasSuffix(f.Tag.Get("json"), ",omitempty")
}

func arrowType(t reflect.Type) arrow.DataType {
	switch t.Kind() {
	case reflect.Pointer:
		return arrowType(t.Elem())
	case reflect.String:
		return arrow.BinaryTypes.String
	case reflect.Bool:
		return arrow.FixedWidthTypes.Boolean
	case reflect.Float64:
		return arrow.PrimitiveTypes.Float64
	case reflect.Slice:
		return arrow.ListOfNonNullable(arrowType(t.Elem()))
	case reflect.Struct:
		return arrow.StructOf(structFields(t)...)
	default:
		return arrow.PrimitiveTypes.Int64
	}
}

// appendValue appends a value. nil is null, and so is an empty text or list of a
// field that need not have one.
func appendValue(b array.Builder, v reflect.Value, nullable bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			b.AppendNull()
			return
		}
		v = v.Elem()
	case reflect.String, reflect.Slice:
		if nullable && v.Len() == 0 {
			b.AppendNull()
			return
		}
	}
	switch b := b.(type) {
	case *array.StringBuilder:
		b.Append(v.String())
	case *array.BooleanBuilder:
		b.Append(v.Bool())
	case *array.Int64Builder:
		b.Append(v.Int())
	case *array.Float64Builder:
		b.Append(v.Float())
	case *array.ListBuilder:
		b.Append(true)
		for i := range v.Len() {
			appendValue(b.ValueBuilder(), v.Index(i), false)
		}
	case *array.StructBuilder:
		b.Append(true)
		for i := range v.NumField() {
			appendValue(b.FieldBuilder(i), v.Field(i), isNullable(v.Type().Field(i)))
		}
	}
}
