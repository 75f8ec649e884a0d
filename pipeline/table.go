package pipeline

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/buildscope/buildscope/model"
)

// Table is the result of a node: Parquet files on disk that share one schema.
// Row order across files is not part of a table's meaning.
type Table struct {
	Name    string
	Schema  *arrow.Schema
	Files   []string // absolute paths, or URLs; at least one, so that the schema survives zero rows
	Rows    int64
	Bytes   int64  // of the files
	Version string // identifies the content: equal versions, equal rows

	stats   *model.TableStats // captured as the table was written; nil: not yet
	faults  int64             // columns of stats without figures
	objects int               // of a store that Files name; 0: they are on disk
}

// Tables is the result of a node that produces several tables, by name. Such a
// node lists the names in its [Spec].
type Tables map[string]Table

// Versioned is a node result other than a table that can say which version of
// its content it is, so that the results computed from it can be cached.
type Versioned interface {
	// Version returns a text that is equal exactly when the content is.
	Version() string
}

// append joins the parts that several nodes contribute to one table.
func (t Table) append(part Table) Table {
	if t.Schema == nil {
		return part
	}
	t.Files = append(t.Files[:len(t.Files):len(t.Files)], part.Files...)
	t.Rows += part.Rows
	t.Bytes += part.Bytes
	t.Version += "+" + part.Version
	t.stats, t.faults = nil, 0 // of the part alone
	return t
}
