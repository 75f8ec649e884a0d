package capture

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// feed gives an array to a column, without what encodes it, and returns how many
// rows are null. A dictionary is read once, each of its values with the number of
// rows that point to it; a run once, with its length.
func feed(c column, a arrow.Array, weights []int64, buf *scratch) (nulls int64) {
	switch a := a.(type) {
	case array.ExtensionArray:
		return feed(c, a.Storage(), weights, buf)
	case *array.Dictionary:
		uses := make([]int64, a.Dictionary().Len())
		for i := range a.Len() {
			if n := weight(weights, i); a.IsNull(i) {
				nulls += n
			} else {
				uses[a.GetValueIndex(i)] += n
			}
		}
		return nulls + feed(c, a.Dictionary(), uses, buf)
	case *array.RunEndEncoded:
		ends, values := a.LogicalRunEndsArray(memory.DefaultAllocator), a.LogicalValuesArray()
		defer ends.Release()
		defer values.Release()
		lengths := make([]int64, values.Len())
		from := 0
		for i := range lengths {
			to := min(runEnd(ends, i), a.Len()) // a slice may end within a run
			for row := from; row < to; row++ {
				lengths[i] += weight(weights, row)
			}
			from = to
		}
		return feed(c, values, lengths, buf)
	}
	c.add(a, weights, buf)
	if a.NullN() == 0 {
		return 0
	}
	if weights == nil {
		return int64(a.NullN())
	}
	for i, n := range weights {
		if a.IsNull(i) {
			nulls += n
		}
	}
	return nulls
}

// weight is how often row i counts.
func weight(weights []int64, i int) int64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}

func runEnd(ends arrow.Array, i int) int {
	switch ends := ends.(type) {
	case *array.Int16:
		return int(ends.Value(i))
	case *array.Int32:
		return int(ends.Value(i))
	default:
		return int(ends.(*array.Int64).Value(i))
	}
}
