package capture

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/buildscope/buildscope/model"
)

// lengths are moments of whole numbers, in which the sums are exact.
type lengths struct {
	n, sum   int64
	sqHi     uint64 // sum of squares, 128 bits
	sqLo     uint64
	min, max int64
}

func (l *lengths) add(length, n int64) {
	if n == 1 && length < 1<<31 && l.n > 0 {
		l.n++
		l.sum += length
		sq := uint64(length * length)
		if l.sqLo += sq; l.sqLo < sq {
			l.sqHi++
		}
		l.min, l.max = min(l.min, length), max(l.max, length)
		return
	}
	if l.n == 0 {
		l.min, l.max = length, length
	}
	l.n += n
	l.sum += length * n
	hi, lo := bits.Mul64(uint64(length*length), uint64(n))
	var carry uint64
	l.sqLo, carry = bits.Add64(l.sqLo, lo, 0)
	l.sqHi += hi + carry
	l.min, l.max = min(l.min, length), max(l.max, length)
}

func (l *lengths) merge(o lengths) {
	if o.n == 0 {
		return
	}
	if l.n == 0 {
		*l = o
		return
	}
	l.n += o.n
	l.sum += o.sum
	var carry uint64
	l.sqLo, carry = bits.Add64(l.sqLo, o.sqLo, 0)
	l.sqHi += o.sqHi + carry
	l.min, l.max = min(l.min, o.min), max(l.max, o.max)
}

// stats fills in the lengths. The variance is computed without rounding, because
// the difference of two large sums would lose it.
func (l *lengths) stats(s *model.ColumnStats) {
	if l.n == 0 {
		return
	}
	s.LenMin, s.LenMax, s.LenMean = ptr(l.min), ptr(l.max), ptr(float64(l.sum)/float64(l.n))
	if l.n < 2 {
		return
	}
	squares := new(big.Int).SetUint64(l.sqHi)
	squares.Lsh(squares, 64).Add(squares, new(big.Int).SetUint64(l.sqLo))
	n, sum := big.NewInt(l.n), big.NewInt(l.sum)
	top := new(big.Int).Sub(squares.Mul(squares, n), sum.Mul(sum, sum)) // n·Σx² − (Σx)²
	v, _ := new(big.Rat).SetFrac(top, n.Mul(n, big.NewInt(l.n-1))).Float64()
	s.LenStd = ptr(math.Sqrt(v))
}
