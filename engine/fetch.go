package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"go.opentelemetry.io/otel/attribute"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/engine/objects"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/objecturl"
)

// Describe says what a source's files, directories or URLs hold, from their footers
// and through the caches, see [listing.Catalog.Describe].
func (s *Session) Describe(ctx context.Context, table string, locations []string) (*arrow.Schema, model.SourceTable, error) {
	ctx, done, err := s.scope(ctx)
	if err != nil {
		return nil, model.SourceTable{}, err
	}
	defer done()
	schema, of, err := s.catalog.Describe(ctx, strings.ToLower(table), locations)
	if err != nil {
		return nil, of, fmt.Errorf("table %s: %w", table, err)
	}
	return schema, of, nil
}

// fetch brings the objects that are left after pruning to the disk, where DuckDB reads
// them. An object that has changed since it was listed is an ErrChanged: the node fails
// rather than to mix two states of its table.
func (s *Session) fetch(ctx context.Context, in scanned) (err error) {
	if !slices.ContainsFunc(in.inputs, boundInput.remote) {
		return nil
	}
	ctx, span := s.StartSpan(ctx, model.SpanEngineFetch)
	var did objects.Fetched
	defer func() {
		span.SetAttributes(attribute.Int(model.AttrEngineObjectsFetched, did.Objects), attribute.Int(model.AttrEngineObjectsKept, did.Kept),
			attribute.Int64(model.AttrEngineBytesFetched, did.Bytes))
		span.End()
	}()
	for i := range in.inputs {
		input := &in.inputs[i]
		if !input.remote() {
			continue
		}
		files := make([]listing.File, len(input.files))
		for j, f := range input.files {
			files[j] = f.File
		}
		paths, got, err := s.objects.Fetch(ctx, files)
		did.Objects, did.Kept, did.Bytes = did.Objects+got.Objects, did.Kept+got.Kept, did.Bytes+got.Bytes
		if err != nil {
			return fmt.Errorf("table %s: %w", input.name, err)
		}
		input.files = slices.Clone(input.files)
		input.origin = make(map[string]string, len(paths))
		for j, path := range paths {
			input.origin[path] = input.files[j].Path
			input.files[j].Path = path
		}
	}
	return nil
}

// remote reports whether files of the input are objects that have yet to be fetched.
func (b boundInput) remote() bool {
	return slices.ContainsFunc(b.files, func(f listing.TableFile) bool { return objecturl.Is(f.Path) })
}

// shown is a file's path, or the URL of the object that it holds.
func (b boundInput) shown(path string) string {
	if url, ok := b.origin[path]; ok {
		path = url
	}
	return listing.ShownPath(path)
}

// nameObjects puts the URLs of objects in place of the paths at which DuckDB read them.
func (in scanned) nameObjects(err error) error {
	var fault *Error
	if !errors.As(err, &fault) {
		return err
	}
	named := *fault
	for _, input := range in.inputs {
		for path, url := range input.origin {
			named.Message = strings.ReplaceAll(named.Message, path, listing.ShownPath(url))
		}
	}
	if named.Message == fault.Message {
		return err
	}
	return &named
}
