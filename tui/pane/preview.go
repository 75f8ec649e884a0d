package pane

// Preview is a part of a table, as text.
type Preview struct {
	Columns []string
	Types   []string   // by column
	Rows    [][]string // as long as Columns each
	Nulls   [][]bool   // marks the cells that hold no value; may be nil
	Offset  int64      // number of the first row, from 0
	Total   int64      // rows of the whole table
}
