package pipeline

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/buildscope/buildscope/model"
)

// Engine is what the package needs to plan and run SQL nodes.
type Engine interface {
	// Tables lists the tables that a SELECT reads, without its own CTEs.
	Tables(ctx context.Context, sql string) ([]model.TableRef, error)
	// Materialize runs a SELECT over its inputs and writes the result as one
	// Parquet file. A cancelled ctx stops the statement and leaves no file.
	Materialize(ctx context.Context, q model.Query) (model.QueryResult, error)
	// Describe says what Parquet files, or objects named by URL, hold, from their
	// footers.
	Describe(ctx context.Context, table string, files []string) (*arrow.Schema, model.SourceTable, error)
}
