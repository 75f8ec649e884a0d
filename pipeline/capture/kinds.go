package capture

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/float16"
)

// kind is what the passes of numbers need to know of a type.
type kind struct {
	family string
	float  bool // may be NaN or infinite
	whole  bool // only whole numbers
	// wide says that a float64 does not hold every value. Then the key of a value
	// is its own 64 bits, otherwise it is the bits of the float64.
	wide bool
	// flip turns a key of a wide kind into one that is in the order of the values.
	flip uint64
	// load puts the values from..to that are not null into buf.vals, and the keys of
	// a wide kind into buf.keys, and returns how many there are.
	load  func(a arrow.Array, from, to int, buf *scratch) int
	value func(key uint64) float64
	text  func(key uint64) string
}

const signBit = 1 << 63

// numberKind is the kind of a type of numbers or times.
func numberKind(t arrow.DataType) (kind, bool) {
	switch t := t.(type) {
	case *arrow.Int8Type:
		return narrow[int8]("numeric", wholeText), true
	case *arrow.Int16Type:
		return narrow[int16]("numeric", wholeText), true
	case *arrow.Int32Type:
		return narrow[int32]("numeric", wholeText), true
	case *arrow.Uint8Type:
		return narrow[uint8]("numeric", wholeText), true
	case *arrow.Uint16Type:
		return narrow[uint16]("numeric", wholeText), true
	case *arrow.Uint32Type:
		return narrow[uint32]("numeric", wholeText), true
	case *arrow.Int64Type:
		return wide("numeric", func(v int64) string { return strconv.FormatInt(v, 10) }), true
	case *arrow.Uint64Type:
		return kind{family: "numeric", whole: true, wide: true, load: loadWide[uint64],
			value: func(k uint64) float64 { return float64(k) }, text: func(k uint64) string { return strconv.FormatUint(k, 10) }}, true
	case *arrow.Float16Type:
		return floats(loadHalf, 32), true
	case *arrow.Float32Type:
		return floats(load[float32], 32), true
	case *arrow.Float64Type:
		return floats(load[float64], 64), true
	case *arrow.Date32Type:
		return narrow[int32]("temporal", func(v int64) string { return arrow.Date32(v).FormattedString() }), true
	case *arrow.Date64Type:
		return wide("temporal", func(v int64) string { return time.UnixMilli(v).UTC().Format(time.DateOnly) }), true
	case *arrow.Time32Type:
		return narrow[int32]("temporal", func(v int64) string { return timeOfDay(v, t.Unit) }), true
	case *arrow.Time64Type:
		return wide("temporal", func(v int64) string { return timeOfDay(v, t.Unit) }), true
	case *arrow.TimestampType:
		return wide("temporal", func(v int64) string { return timestampText(v, t) }), true
	case *arrow.DurationType:
		return wide("temporal", func(v int64) string { return strconv.FormatInt(v, 10) + t.Unit.String() }), true
	case *arrow.MonthIntervalType:
		return narrow[int32]("temporal", func(v int64) string { return strconv.FormatInt(v, 10) + " months" }), true
	}
	return kind{}, false
}

// narrow is a kind of whole numbers that a float64 holds exactly.
func narrow[T int8 | int16 | int32 | uint8 | uint16 | uint32](family string, text func(int64) string) kind {
	return kind{family: family, whole: true, load: load[T], value: math.Float64frombits,
		text: func(k uint64) string { return text(int64(math.Float64frombits(k))) }}
}

// wide is a kind of signed 64-bit numbers.
func wide(family string, text func(int64) string) kind {
	return kind{family: family, whole: true, wide: true, flip: signBit, load: loadWide[int64],
		value: func(k uint64) float64 { return float64(int64(k)) }, text: func(k uint64) string { return text(int64(k)) }}
}

func floats(load func(arrow.Array, int, int, *scratch) int, bits int) kind {
	return kind{family: "numeric", float: true, load: load, value: math.Float64frombits,
		text: func(k uint64) string { return strconv.FormatFloat(math.Float64frombits(k), 'g', -1, bits) }}
}

func wholeText(v int64) string { return strconv.FormatInt(v, 10) }

func timeOfDay(v int64, u arrow.TimeUnit) string {
	return time.Unix(0, 0).UTC().Add(time.Duration(v) * u.Multiplier()).Format("15:04:05.999999999")
}

// timestampText is in UTC; a Z says that the type has a time zone.
func timestampText(v int64, t *arrow.TimestampType) string {
	layout := "2006-01-02T15:04:05.999999999"
	if t.TimeZone != "" {
		layout += "Z"
	}
	per := int64(time.Second / t.Unit.Multiplier())
	sec, rest := v/per, v%per
	return time.Unix(sec, rest*int64(t.Unit.Multiplier())).UTC().Format(layout)
}

// load copies values that a float64 holds, without the nulls.
func load[T int8 | int16 | int32 | uint8 | uint16 | uint32 | float32 | float64](a arrow.Array, from, to int, buf *scratch) int {
	raw := arrow.GetValues[T](a.Data(), 1)[from:to]
	if a.NullN() == 0 {
		for i, v := range raw {
			buf.vals[i%chunk] = float64(v)
		}
		return len(raw)
	}
	n := 0
	eachValid(a, from, to, func(i int) {
		buf.vals[n] = float64(raw[i])
		n++
	})
	return n
}

// loadWide copies values and keys of 64-bit numbers, without the nulls.
func loadWide[T int64 | uint64](a arrow.Array, from, to int, buf *scratch) int {
	raw := arrow.GetValues[T](a.Data(), 1)[from:to]
	if a.NullN() == 0 {
		for i, v := range raw {
			buf.vals[i%chunk], buf.keys[i%chunk] = float64(v), uint64(v)
		}
		return len(raw)
	}
	n := 0
	eachValid(a, from, to, func(i int) {
		buf.vals[n], buf.keys[n] = float64(raw[i]), uint64(raw[i])
		n++
	})
	return n
}

// loadHalf is load for float16, which is no Go type.
func loadHalf(a arrow.Array, from, to int, buf *scratch) int {
	raw := arrow.GetValues[uint16](a.Data(), 1)[from:to]
	n := 0
	eachValid(a, from, to, func(i int) {
		buf.vals[n] = float64(float16.FromBits(raw[i]).Float32())
		n++
	})
	return n
}

// eachValid calls f for the positions from..to that are not null, counted from
// from. It goes through the validity bitmap by words of 64.
func eachValid(a arrow.Array, from, to int, f func(i int)) {
	valid := a.NullBitmapBytes()
	if len(valid) == 0 || a.NullN() == 0 {
		for i := range to - from {
			f(i)
		}
		return
	}
	at := a.Data().Offset() + from
	for i := 0; i < to-from; {
		if (at+i)%8 == 0 && i+64 <= to-from {
			word := binary.LittleEndian.Uint64(valid[(at+i)/8:])
			for ; word != 0; word &= word - 1 {
				f(i + bits.TrailingZeros64(word))
			}
			i += 64
			continue
		}
		if valid[(at+i)/8]>>((at+i)%8)&1 == 1 {
			f(i)
		}
		i++
	}
}
