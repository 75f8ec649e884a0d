package pipeline

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// encoder appends the canonical form of the value at i of one array. To find the
// array's type once and not per value is half the time.
type encoder func(buf []byte, i int) []byte

func encoderOf(c arrow.Array) encoder {
	value := valueEncoder(c)
	if c.NullN() == 0 {
		return func(buf []byte, i int) []byte { return value(append(buf, 1), i) }
	}
	return func(buf []byte, i int) []byte {
		if c.IsNull(i) {
			return append(buf, 0)
		}
		return value(append(buf, 1), i)
	}
}

func valueEncoder(c arrow.Array) encoder {
	switch c := c.(type) {
	case *array.String:
		return func(buf []byte, i int) []byte { return encodeString(buf, c.Value(i)) }
	case *array.Int32:
		return func(buf []byte, i int) []byte {
			return binary.LittleEndian.AppendUint64(buf, uint64(int64(c.Value(i))))
		}
	case *array.Int64:
		return func(buf []byte, i int) []byte {
			return binary.LittleEndian.AppendUint64(buf, uint64(c.Value(i)))
		}
	case *array.Float64:
		text := map[uint64]string{} // confidences and scores are few
		return func(buf []byte, i int) []byte {
			key := math.Float64bits(c.Value(i))
			s, ok := text[key]
			if !ok {
				if s = c.ValueStr(i); len(text) < 1024 {
					text[key] = s
				}
			}
			return encodeString(buf, s)
		}
	case *array.List:
		values := encoderOf(c.ListValues())
		return func(buf []byte, i int) []byte {
			from, to := c.ValueOffsets(i)
			buf = binary.LittleEndian.AppendUint64(buf, uint64(to-from))
			for j := from; j < to; j++ {
				buf = values(buf, int(j))
			}
			return buf
		}
	case *array.Struct:
		fields := make([]encoder, c.NumField())
		for f := range fields {
			fields[f] = encoderOf(c.Field(f))
		}
		return func(buf []byte, i int) []byte {
			for _, field := range fields {
				buf = field(buf, i)
			}
			return buf
		}
	default:
		return func(buf []byte, i int) []byte { return encodeString(buf, c.ValueStr(i)) }
	}
}

func encodeString(buf []byte, s string) []byte {
	buf = binary.LittleEndian.AppendUint32(buf, uint32(len(s)))
	return append(buf, s...)
}
