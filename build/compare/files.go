package compare

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// filesTable is the published table that names the files that a run has read.
const filesTable = "repo_files"

// File is a source file that is not the same in both runs.
type File struct {
	Path   string `json:"path"`
	Change string `json:"change"` // added, removed, changed
}

// Files lists the source files that differ between two runs, by their path. It is nil
// when one of the runs has not left a table of its files, or no longer has it; an
// empty list means that they are the same.
func Files(ctx context.Context, a, b Run) []File {
	inA, err := filesOf(ctx, a)
	if err != nil {
		return nil
	}
	inB, err := filesOf(ctx, b)
	if err != nil {
		return nil
	}
	out := []File{}
	for path, content := range inA {
		switch now, both := inB[path]; {
		case !both:
			out = append(out, File{path, "removed"})
		case now != content:
			out = append(out, File{path, "changed"})
		}
	}
	for path := range inB {
		if _, both := inA[path]; !both {
			out = append(out, File{path, "added"})
		}
	}
	slices.SortFunc(out, func(x, y File) int { return cmp.Compare(x.Path, y.Path) })
	return out
}

// filesOf gives for each path what was read there: its hash, or why it was not read.
func filesOf(ctx context.Context, r Run) (map[string]string, error) {
	at := slices.IndexFunc(r.Outputs, func(o model.OutputLocation) bool { return o.Name == filesTable })
	if at < 0 {
		return nil, fmt.Errorf("run %s has no table %s", r.ID, filesTable)
	}
	if r.mayRead != nil {
		if err := r.mayRead(r.Outputs[at].Path); err != nil {
			return nil, err
		}
	}
	files := map[string]string{}
	err := pipeline.Table{Name: filesTable, Files: []string{r.Outputs[at].Path}}.Read(ctx, func(rec arrow.RecordBatch) error {
		var columns [3]*array.String
		for i, name := range []string{"path", "content_hash", "skipped_reason"} {
			found := rec.Schema().FieldIndices(name)
			if len(found) != 1 {
				return fmt.Errorf("it has no column %s", name)
			}
			var ok bool
			if columns[i], ok = rec.Column(found[0]).(*array.String); !ok {
				return fmt.Errorf("column %s is no text", name)
			}
		}
		for i := range int(rec.NumRows()) {
			files[columns[0].Value(i)] = columns[1].Value(i) + columns[2].Value(i)
		}
		return nil
	})
	return files, err
}
