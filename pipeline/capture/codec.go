package capture

import (
	"encoding/binary"
	"errors"
	"math"
)

// errDamaged is what is said of a sketch that contradicts itself.
var errDamaged = errors.New("it is damaged")

// enc writes the state of a column.
type enc struct{ buf []byte }

func (e *enc) int(v int64)      { e.buf = binary.AppendVarint(e.buf, v) }
func (e *enc) uint(v uint64)    { e.buf = binary.AppendUvarint(e.buf, v) }
func (e *enc) fixed(v uint64)   { e.buf = binary.LittleEndian.AppendUint64(e.buf, v) }
func (e *enc) float(v float64)  { e.fixed(math.Float64bits(v)) }
func (e *enc) text(s string)    { e.uint(uint64(len(s))); e.buf = append(e.buf, s...) }
func (e *enc) bytes(b []byte)   { e.buf = append(e.buf, b...) }
func (e *enc) bool(v bool) bool { e.buf = append(e.buf, map[bool]byte{true: 1}[v]); return v }

// dec reads it. After an error all it gives is zero.
type dec struct {
	buf []byte
	err error
}

func (d *dec) fail() {
	if d.err == nil {
		d.err = errDamaged
	}
	d.buf = nil
}

// check fails unless a statement holds.
func (d *dec) check(ok bool) {
	if !ok {
		d.fail()
	}
}

func (d *dec) int() int64 {
	v, n := binary.Varint(d.buf)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.buf = d.buf[n:]
	return v
}

// count is a number that is not below 0.
func (d *dec) count() int64 {
	v := d.int()
	d.check(v >= 0)
	return max(v, 0)
}

func (d *dec) uint() uint64 {
	v, n := binary.Uvarint(d.buf)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.buf = d.buf[n:]
	return v
}

func (d *dec) bytes(n uint64) []byte {
	if n > uint64(len(d.buf)) {
		d.fail()
		return nil
	}
	b := d.buf[:n]
	d.buf = d.buf[n:]
	return b
}

func (d *dec) fixed() uint64 {
	b := d.bytes(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

func (d *dec) float() float64 { return math.Float64frombits(d.fixed()) }
func (d *dec) text() string   { return string(d.bytes(d.uint())) }

func (d *dec) bool() bool {
	b := d.bytes(1)
	return len(b) == 1 && b[0] == 1
}
