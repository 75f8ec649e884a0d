package compare

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/buildscope/buildscope/model"
)

// withFiles gives a run a table of its files, written as "path hash reason".
func withFiles(t *testing.T, r Run, files ...string) Run {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "path", Type: arrow.BinaryTypes.String}, {Name: "content_hash", Type: arrow.BinaryTypes.String}, {Name: "skipped_reason", Type: arrow.BinaryTypes.String},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for _, f := range files {
		for i, cell := range strings.SplitN(f+"  ", " ", 3) {
			b.Field(i).(*array.StringBuilder).Append(strings.TrimSpace(cell))
		}
	}
	rec := b.NewRecordBatch()
	defer rec.Release()
	path := filepath.Join(t.TempDir(), "repo_files.parquet")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := pqarrow.NewFileWriter(schema, out, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r.Outputs = append(r.Outputs, model.OutputLocation{Name: filesTable, Path: path})
	return r
}

func TestFilesThatDiffer(t *testing.T) {
	a := withFiles(t, Run{ID: "a"}, "same.py 1", "edited.py 2", "gone.py 3", "locked.py 4")
	b := withFiles(t, Run{ID: "b"}, "new.py 9", "same.py 1", "edited.py 5", "locked.py  unreadable")
	want := []File{{"edited.py", "changed"}, {"gone.py", "removed"}, {"locked.py", "changed"}, {"new.py", "added"}}
	if got := Files(t.Context(), a, b); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Files(t.Context(), a, a); got == nil || len(got) != 0 {
		t.Errorf("of the same files: %v", got)
	}
	if err := os.Remove(b.Outputs[0].Path); err != nil {
		t.Fatal(err)
	}
	for _, none := range []Run{b, {ID: "c"}} {
		if got := Files(t.Context(), a, none); got != nil {
			t.Errorf("without a table of files: %v", got)
		}
	}
}
