package model

import "strings"

// TableStats is what capture found in one table.
type TableStats struct {
	Table   string        `json:"table" doc:"name of the table"`
	Node    string        `json:"node,omitempty" doc:"node that produced it"`
	Rows    int64         `json:"rows" doc:"number of rows"`
	Bytes   int64         `json:"bytes" doc:"bytes of the Arrow buffers, or of the files it was read from"`
	Files   int           `json:"files" doc:"Parquet files it was read from; 0 for batches in memory"`
	SpentNS int64         `json:"spent_ns" doc:"worker time that capture took, nanoseconds"`
	Reused  bool          `json:"reused,omitempty" doc:"kept from an earlier run, as nothing has changed"`
	Columns []ColumnStats `json:"columns" doc:"in schema order"`
}

// ColumnStats is what capture found in one column. Numbers that do not apply
// to the type are nil; Reason says why more was not computed.
type ColumnStats struct {
	Name   string `json:"name" doc:"column name"`
	Pos    int    `json:"pos" doc:"position in the schema, from 0"`
	Type   string `json:"type" doc:"Arrow type"`
	Family string `json:"family" doc:"numeric, string, boolean, temporal, category, binary, nested, null or other"`

	// Sketch is what was counted in a form that merges, see capture.Sketch; nil where
	// nobody asked for it. It is in sketches.parquet of a bundle and nowhere else.
	Sketch []byte `json:"-"`

	Count int64  `json:"count" doc:"rows, nulls included"`
	Nulls int64  `json:"nulls" doc:"null rows"`
	NaN   *int64 `json:"nan,omitempty" doc:"not-a-number values, floating point only"`
	Inf   *int64 `json:"inf,omitempty" doc:"infinite values, floating point only"`
	Zeros *int64 `json:"zeros,omitempty" doc:"values equal to 0, or false"`
	Empty *int64 `json:"empty,omitempty" doc:"empty strings, binaries or lists"`

	Distinct      *int64 `json:"distinct,omitempty" doc:"different non-null values, estimated by HyperLogLog"`
	DistinctExact bool   `json:"distinct_exact,omitempty" doc:"distinct was counted, not estimated"`

	Min     *float64 `json:"min,omitempty" doc:"smallest finite value; temporal: in units of the type since the epoch"`
	Max     *float64 `json:"max,omitempty" doc:"largest finite value"`
	MinText string   `json:"min_text,omitempty" doc:"smallest value in exact text form, cut if long"`
	MaxText string   `json:"max_text,omitempty" doc:"largest value in exact text form, cut if long"`
	Mean    *float64 `json:"mean,omitempty" doc:"arithmetic mean of the finite values"`
	Std     *float64 `json:"std,omitempty" doc:"sample standard deviation (n-1) of the finite values"`

	Quantiles []Quantile `json:"quantiles,omitempty" doc:"at 0.1, 0.25, 0.5, 0.75, 0.9"`
	Histogram []Bin      `json:"histogram,omitempty" doc:"ten bins of equal width between min and max"`
	Top       []TopValue `json:"top,omitempty" doc:"most frequent values, most frequent first"`

	LenMin  *int64   `json:"len_min,omitempty" doc:"shortest length: bytes of strings and binaries, items of lists"`
	LenMax  *int64   `json:"len_max,omitempty" doc:"longest length"`
	LenMean *float64 `json:"len_mean,omitempty" doc:"mean length"`
	LenStd  *float64 `json:"len_std,omitempty" doc:"sample standard deviation (n-1) of the lengths"`

	Reason    string `json:"reason,omitempty" doc:"why no more was computed"`
	Truncated string `json:"truncated,omitempty" doc:"what a capture limit cut off"`
}

// Quantile is the value V below which the share Q of the values lies.
type Quantile struct {
	Q float64 `json:"q"`
	V float64 `json:"v"`
}

// Bin counts the values in [Lo, Hi); the last bin includes Hi.
type Bin struct {
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
	Count int64   `json:"count"`
}

// TopValue is a frequent value in text form with how often it was seen. Count
// is a lower bound when the counter had to forget values.
type TopValue struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
}

// SampleMark begins what ColumnStats.Truncated says of a column of which only a sample
// of the rows was looked at.
const SampleMark = "a sample:"

// Sampled reports whether only a sample of the rows was looked at.
func (c ColumnStats) Sampled() bool { return strings.Contains(c.Truncated, SampleMark) }
