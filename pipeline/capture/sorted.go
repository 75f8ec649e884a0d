package capture

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// sorted are the finite numbers of a tally in order, from which quantiles and
// histogram are exact.
type sorted struct {
	vals []float64
	upTo []int64 // numbers up to and with vals[i]
}

func newSorted(t *tally, value func(key uint64) float64) sorted {
	type entry struct {
		v float64
		n int64
	}
	var list []entry
	t.each(func(i int) {
		if v := value(t.keys[i]); !math.IsNaN(v) && !math.IsInf(v, 0) {
			list = append(list, entry{v, t.counts[i]})
		}
	})
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.v, b.v) })
	s := sorted{make([]float64, len(list)), make([]int64, len(list))}
	n := int64(0)
	for i, e := range list {
		n += e.n
		s.vals[i], s.upTo[i] = e.v, n
	}
	return s
}

func (s sorted) atRank(k int64) float64 {
	return s.vals[sort.Search(len(s.upTo), func(i int) bool { return s.upTo[i] > k })]
}

func (s sorted) below(edge float64) int64 {
	i := sort.SearchFloat64s(s.vals, edge)
	if i == 0 {
		return 0
	}
	return s.upTo[i-1]
}
