// Package capture computes statistics of the columns of Arrow record batches, or
// of Parquet files, in one pass with bounded memory. It knows nothing of nodes,
// spans or settings, and never keeps a batch: the caller keeps its references.
//
// A column is counted exactly while it has at most [exactValues] different values,
// and by sketches from then on. Everything but the top values of a string column
// beyond that limit, and the last digits of mean and deviation, depends only on
// the rows: not on their order, on how they were split into batches, or on the
// order of merges.
package capture
