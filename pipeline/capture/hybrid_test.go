package capture

import (
	"slices"
	"testing"
)

// FuzzHybrid holds the two readers of Parquet's mix of runs and packed bits against
// each other; neither may fall over damaged input.
func FuzzHybrid(f *testing.F) {
	f.Add([]byte{8, 1}, 1, 4)                          // a run
	f.Add([]byte{3, 0b10110101}, 1, 8)                 // packed
	f.Add([]byte{3, 0x88, 0xc6, 0xfa, 6, 5}, 3, 11)    // both, 0 to 7 and then 5 three times
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x7f}, 8, 99) // too long
	f.Add([]byte{}, 2, 1)
	f.Fuzz(func(t *testing.T, data []byte, width, n int) {
		if width < 1 || width > 8 || n < 0 || n > 1<<12 {
			return
		}
		uses, want := make([]int64, 1<<8), make([]int64, 1<<8)
		err := countHybrid(data, width, n, uses)
		list, twin := expandHybrid(nil, data, width, n)
		if twin != nil {
			return
		}
		for _, v := range list {
			want[v]++
		}
		if err != nil || len(list) != n || !slices.Equal(uses, want) {
			t.Errorf("counted %v, %v; %d are %v", uses, err, n, list)
		}
	})
}
