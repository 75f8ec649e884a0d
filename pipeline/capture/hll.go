package capture

import (
	"math"
	"math/bits"
	"slices"
)

// hll estimates how many different hashes it was given (HyperLogLog with 2^14
// registers, standard error 0.81 %; estimator of Ertl, arXiv:1702.01284).
type hll struct {
	reg [hllSize]uint8
	// low skips hashes that cannot raise any register: every register is at least
	// r, and low is the largest value whose leading zeros exceed that. On a long
	// column hardly any hash passes, which halves the cost.
	low  uint64
	seen int // hashes since low was computed
}

const (
	hllBits = 14
	hllSize = 1 << hllBits
	// hllCheck is how many hashes may come between two computations of low, which
	// read all registers.
	hllCheck = 1 << 16
)

func newHLL() *hll { return &hll{low: math.MaxUint64} }

// addHash takes a well-mixed hash.
func (h *hll) addHash(x uint64) {
	if w := x << hllBits; w <= h.low {
		r := uint8(bits.LeadingZeros64(w|1<<(hllBits-1))) + 1
		if p := &h.reg[x>>(64-hllBits)]; r > *p {
			*p = r
		}
	}
}

// addKeys takes keys that are not mixed yet.
func (h *hll) addKeys(keys []uint64) {
	for _, k := range keys {
		h.addHash(mix(k))
	}
	h.tick(len(keys))
}

// addFloats takes numbers by their bits; -0 counts as 0.
func (h *hll) addFloats(vals []float64) {
	for _, v := range vals {
		h.addHash(mix(math.Float64bits(v + 0)))
	}
	h.tick(len(vals))
}

// tick counts n hashes and now and then raises the threshold.
func (h *hll) tick(n int) {
	if h.seen += n; h.seen < hllCheck {
		return
	}
	h.seen = 0
	least := slices.Min(h.reg[:])
	if least > 0 {
		h.low = math.MaxUint64 >> least
	}
}

func (h *hll) merge(o *hll) {
	for i, r := range o.reg {
		h.reg[i] = max(h.reg[i], r)
	}
}

// estimate is the number of different hashes.
func (h *hll) estimate() int64 {
	const q = 64 - hllBits
	var count [q + 2]int
	for _, r := range h.reg {
		count[r]++
	}
	const m = float64(hllSize)
	z := m * tau((m-float64(count[q+1]))/m)
	for k := q; k >= 1; k-- {
		z = 0.5 * (z + float64(count[k]))
	}
	z += m * sigma(float64(count[0])/m)
	return int64(math.Round(m * m / (2 * math.Ln2 * z)))
}

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		last := z
		z += x * y
		y += y
		if z == last {
			return z
		}
	}
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		last := z
		y *= 0.5
		z -= (1 - x) * (1 - x) * y
		if z == last {
			return z / 3
		}
	}
}
