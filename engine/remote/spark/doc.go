// Package spark writes statements of DuckDB's dialect in that of Spark SQL, as far
// as that can be done by their tokens, and names what cannot.
package spark

// Dialect is the name under which a query has its own text of Spark SQL.
const Dialect = "spark"
