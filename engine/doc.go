// Package engine runs SQL in an embedded DuckDB. Tables enter and leave as
// Parquet files; reading them goes through a listing table whose three caches
// follow DataFusion's rules. It knows no nodes and no build.
package engine
