// Package engine runs SQL over Parquet files in an embedded DuckDB. Tables enter
// through a listing table that leaves out files a query cannot need (package
// listing), and leave as Parquet files; small results come back as Go values.
// It does not know nodes' order, graphs or runs: it gets one statement at a
// time and says what it did.
package engine
