package capture

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal"

	"github.com/buildscope/buildscope/model"
)

// decimals counts decimal numbers: their extremes exactly, the rest as the nearest
// float64, so that decimals which differ beyond 16 digits count as one value.
type decimals[T decimalNumber[T]] struct {
	*numbers
	scale  int32
	values func(arrow.Array) []T
	parse  func(text string) (T, error)
	lo, hi T
	seen   bool
}

// decimalNumber is what all widths of decimals can do.
type decimalNumber[T any] interface {
	Cmp(T) int
	ToFloat64(scale int32) float64
	ToString(scale int32) string
}

func newDecimals[T decimalNumber[T]](o Options, scale, digits int32, values func(arrow.Array) []T, parse func(string, int32, int32) (T, error)) *decimals[T] {
	return &decimals[T]{numbers: newNumbers(floats(nil, 64), o), scale: scale, values: values,
		parse: func(text string) (T, error) { return parse(text, digits, scale) }}
}

func decimal32s(a arrow.Array) []decimal.Decimal32   { return a.(*array.Decimal32).Values() }
func decimal64s(a arrow.Array) []decimal.Decimal64   { return a.(*array.Decimal64).Values() }
func decimal128s(a arrow.Array) []decimal.Decimal128 { return a.(*array.Decimal128).Values() }
func decimal256s(a arrow.Array) []decimal.Decimal256 { return a.(*array.Decimal256).Values() }

func (c *decimals[T]) add(a arrow.Array, weights []int64, buf *scratch) {
	n := 0
	for i, v := range c.values(a) {
		w := weight(weights, i)
		if w == 0 || a.IsNull(i) {
			continue
		}
		c.extend(v, v)
		f := v.ToFloat64(c.scale)
		if w > 1 {
			c.addOne(f, floatKey(f), w)
			continue
		}
		if n == chunk {
			c.addChunk(buf.vals[:n], buf.keys[:n], buf.more[:])
			n = 0
		}
		buf.vals[n] = f
		n++
	}
	c.addChunk(buf.vals[:n], buf.keys[:n], buf.more[:])
}

func (c *decimals[T]) extend(lo, hi T) {
	if !c.seen || lo.Cmp(c.lo) < 0 {
		c.lo = lo
	}
	if !c.seen || hi.Cmp(c.hi) > 0 {
		c.hi = hi
	}
	c.seen = true
}

func (c *decimals[T]) merge(other column) {
	o := other.(*decimals[T])
	c.numbers.merge(o.numbers)
	if o.seen {
		c.extend(o.lo, o.hi)
	}
}

func (c *decimals[T]) stats(s *model.ColumnStats) {
	c.numbers.stats(s)
	s.NaN, s.Inf = nil, nil
	if c.seen {
		s.MinText, s.MaxText = c.lo.ToString(c.scale), c.hi.ToString(c.scale)
	}
}
