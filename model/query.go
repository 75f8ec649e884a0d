package model

// TableRef is a table that a SQL text reads, as written there.
type TableRef struct {
	Name   string
	Offset int // byte offset in the text; -1 when the parser gives none
}

// Query is one SELECT whose result the engine writes as Parquet.
type Query struct {
	Node   string // for errors and spans
	SQL    string
	Inputs []QueryInput
	Path   string // Parquet file to write; its directory exists
	// Dialects are other texts of the same SELECT, by the dialect of an engine that
	// takes its own before SQL.
	Dialects map[string]string
	// Local says that the text is for the embedded engine, whichever other there is.
	Local   bool
	Profile bool // keep the engine's profile of the statement
}

// QueryInput binds a table name of the SQL text to Parquet files.
type QueryInput struct {
	Name  string
	Files []string
}

// SourceTable is what the footers of a table's files say of it.
type SourceTable struct {
	Files   int
	Rows    int64
	Bytes   int64  // of the files
	Version string // of names, sizes, times and tags: equal versions, equal rows
}

// QueryResult says what a query wrote.
type QueryResult struct {
	Rows    int64
	Bytes   int64         // of the files
	Files   []string      // Query.Path, or several that the engine wrote beside it
	Profile *QueryProfile // nil unless asked for
}
