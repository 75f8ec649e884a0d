package pipeline

import (
	"context"
	"errors"
	"slices"

	"github.com/buildscope/buildscope/model/objecturl"
)

// Source makes a table of Parquet files that are there: paths, or URLs of objects.
// Columns, rows, bytes and version are what the engine reads from their footers, so a
// node of it sets NoCache.
func (t *Task) Source(ctx context.Context, name string, files []string) (Table, error) {
	if t.driver.opts.Engine == nil {
		return Table{}, errors.New("a source needs an engine")
	}
	schema, of, err := t.driver.opts.Engine.Describe(ctx, name, files)
	if err != nil {
		return Table{}, err
	}
	return Table{Name: name, Schema: schema, Files: files, Rows: of.Rows, Bytes: of.Bytes, Version: "files/" + of.Version,
		objects: objectsIn(files, of.Files)}, nil
}

// objectsIn is the number of objects that URLs name; 0 when there is no URL.
func objectsIn(files []string, found int) int {
	if slices.ContainsFunc(files, objecturl.Is) {
		return found
	}
	return 0
}
