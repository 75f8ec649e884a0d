package cpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.opentelemetry.io/otel/attribute"
	"golang.org/x/sync/errgroup"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
	"github.com/buildscope/buildscope/pipeline/cpg/golang"
	"github.com/buildscope/buildscope/pipeline/cpg/python"
	"github.com/buildscope/buildscope/pipeline/cpg/scan"
)

func (b builder) scan(ctx context.Context, t *pipeline.Task) (scan.FileSet, error) {
	s := b.settings
	set, err := scan.Scan(ctx, scan.Options{
		Root: s.RepoRoot, IncludeGlobs: s.IncludeGlobs, ExcludeGlobs: s.ExcludeGlobs, TrackedOnly: !s.Untracked, FollowSymlinks: s.FollowSymlinks,
		MaxFileBytes: s.MaxFileBytes, Languages: s.Languages, Workers: t.Workers(), Skip: []string{s.WorkDir, s.OutputDir},
	})
	if err == nil {
		t.Logger().InfoContext(ctx, "scanned the repository", "files", len(set.Files), "source", set.Source)
		tellUnreadable(ctx, t, set.Files)
	}
	return set, err
}

// tellUnreadable gives every file that could not be read a failed span, the first
// thousand of them: the build goes on without the file, and nobody would look for
// it in a list of errors that they do not know of.
func tellUnreadable(ctx context.Context, t *pipeline.Task, files []scan.File) {
	told := 0
	for i := range files {
		if f := &files[i]; f.Unreadable() && told < listedErrors {
			told++
			_, end := t.Span(ctx, model.SpanFile, attribute.String(model.AttrFilePath, f.Path))
			end(errors.New(f.Skipped))
		}
	}
}

// fileSchema is the schema of repo_files.
var fileSchema = arrow.NewSchema([]arrow.Field{
	{Name: "file_no", Type: arrow.PrimitiveTypes.Int32},
	{Name: "file_id", Type: arrow.BinaryTypes.String},
	{Name: "path", Type: arrow.BinaryTypes.String},
	{Name: "language", Type: arrow.BinaryTypes.String},
	{Name: "size_bytes", Type: arrow.PrimitiveTypes.Int64},
	{Name: "content_hash", Type: arrow.BinaryTypes.String},
	{Name: "skipped_reason", Type: arrow.BinaryTypes.String},
}, nil)

type filesInput struct {
	ScanRepo scan.FileSet
}

func (b builder) files(_ context.Context, t *pipeline.Task, in filesInput) (pipeline.Table, error) {
	rb := array.NewRecordBuilder(memory.DefaultAllocator, fileSchema)
	defer rb.Release()
	for _, f := range in.ScanRepo.Files {
		rb.Field(0).(*array.Int32Builder).Append(f.No)
		rb.Field(4).(*array.Int64Builder).Append(f.Size)
		for i, text := range map[int]string{1: f.ID, 2: f.Path, 3: f.Language, 5: f.Hash, 6: f.Skipped} {
			rb.Field(i).(*array.StringBuilder).Append(text)
		}
	}
	w, err := t.NewTable("repo_files", fileSchema)
	if err != nil {
		return pipeline.Table{}, err
	}
	rec := rb.NewRecordBatch()
	defer rec.Release()
	if err := w.Write(rec); err != nil {
		return pipeline.Table{}, err
	}
	return w.Close()
}

// flushRows is how many evidence rows a worker gathers before it writes them.
const flushRows = 100_000

func (b builder) extract(ctx context.Context, t *pipeline.Task, in filesInput) (pipeline.Tables, error) {
	writers := map[string]*pipeline.TableWriter{}
	for _, name := range evidence.Names() {
		w, err := t.NewTable(name, evidence.Schema(name))
		if err != nil {
			return nil, err
		}
		writers[name] = w
	}
	paths := golang.NewImportPaths(func(file string) ([]byte, error) {
		return os.ReadFile(filepath.Join(b.settings.RepoRoot, filepath.FromSlash(file)))
	})
	files := in.ScanRepo.Files
	var next, done atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range t.Workers() {
		g.Go(func() error {
			eb := evidence.NewBuilder()
			defer eb.Release()
			py, err := python.NewParser()
			if err != nil {
				return fmt.Errorf("start the Python parser: %w", err)
			}
			defer py.Close()
			for {
				i := next.Add(1) - 1
				if i >= int64(len(files)) {
					return write(writers, eb)
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if f := files[i]; f.Language != "" && f.Skipped == "" {
					extractFile(ctx, t, eb, f, py, paths)
				}
				t.Progress(done.Add(1), int64(len(files)), "files")
				if eb.Rows() >= flushRows {
					if err := write(writers, eb); err != nil {
						return err
					}
				}
			}
		})
	}
	err := g.Wait()
	out := pipeline.Tables{}
	for name, w := range writers {
		table, closeErr := w.Close()
		err = errors.Join(err, closeErr)
		out[name] = table
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// extractFile adds the evidence of one file; a file that cannot be read costs
// only itself.
func extractFile(ctx context.Context, t *pipeline.Task, eb *evidence.Builder, f scan.File, py *python.Parser, paths *golang.ImportPaths) {
	_, end := t.Span(ctx, model.SpanFile, attribute.String(model.AttrFilePath, f.Path))
	src, err := os.ReadFile(f.Abs)
	stage := "read"
	var found *evidence.File
	if err == nil {
		stage = "parse"
		if f.Language == "python" {
			found, err = python.Extract(py, src, f.Path)
		} else {
			found, err = golang.Extract(src, f.Path, paths.Of(path.Dir(f.Path)))
		}
	}
	if err != nil {
		found = &evidence.File{Errors: []evidence.ParseError{{Stage: stage, Message: fmt.Sprint(err)}}}
	}
	eb.Add(f.No, f.ID, f.Path, found)
	end(err)
}

func write(writers map[string]*pipeline.TableWriter, eb *evidence.Builder) error {
	var errs []error
	for name, rec := range eb.Flush() {
		if rec.NumRows() > 0 {
			errs = append(errs, writers[name].Write(rec))
		}
		rec.Release()
	}
	return errors.Join(errs...)
}
