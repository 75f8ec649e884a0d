package listing

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// parquetBytes makes a Parquet file with the int64 columns c0, c1, ... in
// which row r holds first+r; rowsPerGroup 0 means one row group.
func parquetBytes(tb testing.TB, columns int, first, rows int64, rowsPerGroup int64) []byte {
	tb.Helper()
	fields := make([]arrow.Field, columns)
	arrays := make([]arrow.Array, columns)
	values := make([]int64, rows)
	for r := range values {
		values[r] = first + int64(r)
	}
	for i := range fields {
		fields[i] = arrow.Field{Name: fmt.Sprintf("c%d", i), Type: arrow.PrimitiveTypes.Int64, Nullable: true}
		b := array.NewInt64Builder(memory.DefaultAllocator)
		b.AppendValues(values, nil)
		arrays[i] = b.NewArray()
		b.Release()
		defer arrays[i].Release()
	}
	schema := arrow.NewSchema(fields, nil)
	table := array.NewRecordBatch(schema, arrays, rows)
	defer table.Release()
	if rowsPerGroup == 0 {
		rowsPerGroup = max(rows, 1)
	}
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out,
		parquet.NewWriterProperties(parquet.WithMaxRowGroupLength(rowsPerGroup)), pqarrow.DefaultWriterProps())
	if err != nil {
		tb.Fatal(err)
	}
	if err := w.Write(table); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func writeFile(tb testing.TB, path string, data []byte) string {
	tb.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

// threeFiles writes a (rows 0-9), b (no rows) and c (rows 100-109).
func threeFiles(tb testing.TB) (dir string) {
	tb.Helper()
	dir = tb.TempDir()
	writeFile(tb, filepath.Join(dir, "a.parquet"), parquetBytes(tb, 2, 0, 10, 0))
	writeFile(tb, filepath.Join(dir, "b.parquet"), parquetBytes(tb, 2, 0, 0, 0))
	writeFile(tb, filepath.Join(dir, "c.parquet"), parquetBytes(tb, 2, 100, 10, 4))
	return dir
}

func allOn() Options {
	return Options{ListFilesLimit: 1 << 20, MetadataLimit: 50 << 20, StatisticsLimit: 20 << 20,
		CollectStatistics: true, MetaFetchConcurrency: 4}
}

func names(files []TableFile) string {
	var b bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&b, "%s ", filepath.Base(f.Path)[:1])
	}
	return string(bytes.TrimSpace(b.Bytes()))
}
