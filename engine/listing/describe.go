package listing

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/zeebo/xxh3"

	"github.com/buildscope/buildscope/model"
)

// Describe says what a table's files hold without reading rows: the columns of its
// first file, and rows, bytes and version of all. Footers are read for it even when
// statistics are not collected otherwise.
func (c *Catalog) Describe(ctx context.Context, table string, locations []string) (*arrow.Schema, model.SourceTable, error) {
	t, err := c.listing(ctx, table, locations, true)
	if err != nil {
		return nil, model.SourceTable{}, err
	}
	first, err := c.footer(ctx, c.footers.For(table), t.Files[0].File)
	if err != nil {
		return nil, model.SourceTable{}, err
	}
	schema, err := pqarrow.FromParquet(first.meta.Schema, nil, first.meta.KeyValueMetadata())
	if err != nil {
		return nil, model.SourceTable{}, fault("read the columns of", t.Files[0].Path, err)
	}
	var of model.SourceTable
	h := xxh3.New()
	for _, f := range t.Files {
		of.Files++
		of.Rows += f.Stats.Rows
		of.Bytes += f.Size
		fmt.Fprintf(h, "%s\x1f%d\x1f%d\x1f%s\x1e", f.Path, f.Size, f.ModTime, f.Tag)
	}
	sum := h.Sum128().Bytes()
	of.Version = hex.EncodeToString(sum[:])
	return schema, of, nil
}
