// Package gen makes the eight tables of the TPC-H benchmark as Parquet files, with
// the schema, the sizes and the distributions of its specification: the same scale
// and seed give the same bytes, however many files are written at a time. The rows
// are not those of TPC's own program, whose published answers hold for its rows only.
package gen
