package runview

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/buildscope/buildscope/model"
)

// reader decodes what writer encoded, from the front.
type reader []byte

func (r *reader) uint() uint64 {
	if b := *r; b[0] < 0x80 {
		*r = b[1:]
		return uint64(b[0])
	}
	v, n := binary.Uvarint(*r)
	*r = (*r)[n:]
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(*r)
	*r = (*r)[n:]
	return v
}

func (r *reader) float() float64 {
	v := math.Float64frombits(binary.LittleEndian.Uint64(*r))
	*r = (*r)[8:]
	return v
}

// bytes is a text in place: it must not be changed.
func (r *reader) bytes() []byte {
	n := r.uint()
	b := (*r)[:n:n]
	*r = (*r)[n:]
	return b
}

// tag is the key and the kind of the attribute that follows.
func (r *reader) tag() (key uint32, k kind) {
	v := r.uint()
	return uint32(v >> 4), kind(v & 15)
}

func (r *reader) skip(k kind) {
	switch k {
	case kindFalse, kindTrue:
	case kindInt, kindShared:
		r.uint()
	case kindFloat:
		*r = (*r)[8:]
	case kindText:
		r.bytes()
	case kindFloats:
		n := r.uint()
		*r = (*r)[8*n:]
	case kindBools, kindInts:
		for range r.uint() {
			r.uint()
		}
	case kindTexts:
		for range r.uint() {
			r.bytes()
		}
	}
}

// value decodes the value of an attribute.
func (db *DB) value(r *reader, key uint32, k kind) any {
	switch k {
	case kindFalse, kindTrue:
		return k == kindTrue
	case kindInt:
		return r.int()
	case kindFloat:
		return r.float()
	case kindShared:
		return db.keys[key].values.list[r.uint()]
	case kindBools:
		return decodeList(r, func() bool { return r.uint() == 1 })
	case kindInts:
		return decodeList(r, r.int)
	case kindFloats:
		return decodeList(r, r.float)
	case kindTexts:
		return decodeList(r, func() string { return string(r.bytes()) })
	}
	return string(r.bytes())
}

func decodeList[T any](r *reader, one func() T) []T {
	list := make([]T, r.uint())
	for i := range list {
		list[i] = one()
	}
	return list
}

// lists are the two encoded lists of a row's attributes, each behind its count.
func (db *DB) lists(n *node) (head, tail reader, heads, tails int) {
	if n.head != 0 {
		head = db.text.get(n.head)
		heads = int(head.uint())
	}
	if n.tail != 0 {
		tail = db.text.get(n.tail)
		heads = int(tail.uint())
		tails = int(tail.uint())
	}
	return head, tail, heads, tails
}

// find looks an attribute up. The value stands at the front of the reader.
func (db *DB) find(n *node, key uint32) (k kind, r reader, ok bool) {
	head, tail, heads, tails := db.lists(n)
	for ; heads > 0; heads-- {
		at, k := head.tag()
		if at == key {
			return k, head, true
		}
		head.skip(k)
	}
	for ; tails > 0; tails-- {
		at, k := tail.tag()
		if at == key {
			return k, tail, true
		}
		tail.skip(k)
	}
	return 0, nil, false
}

// subject is the path of the file that a span is about, in place.
func (db *DB) subject(n *node) []byte {
	if k, r, ok := db.find(n, db.pathKey); ok && k == kindText {
		return r.bytes()
	}
	return nil
}

// statusMessage is the message of an ended span.
func (db *DB) statusMessage(n *node) string {
	_, tail, _, tails := db.lists(n)
	if n.tail == 0 {
		return ""
	}
	for range tails {
		_, k := tail.tag()
		tail.skip(k)
	}
	return string(tail.bytes())
}

func (db *DB) decodeAttrs(r *reader, count int) []model.Attr {
	var out []model.Attr
	for range count {
		key, k := r.tag()
		out = append(out, model.Attr{Key: db.keys[key].name, Value: db.value(r, key, k)})
	}
	return out
}

// decode fills in what is kept as bytes.
func (db *DB) decode(n *node, d *Detail) {
	head, tail, heads, tails := db.lists(n)
	d.Attrs = db.decodeAttrs(&head, heads)
	if n.tail == 0 {
		return
	}
	d.Attrs = append(d.Attrs, db.decodeAttrs(&tail, tails)...)
	tail.bytes() // status message
	d.DroppedAttrs, d.DroppedEvents = int(tail.uint()), int(tail.uint())
	for range tail.uint() {
		e := model.SpanEvent{Name: string(tail.bytes())}
		e.Time = tail.int()
		e.Attrs = db.decodeAttrs(&tail, int(tail.uint()))
		d.Events = append(d.Events, e)
	}
}

// attrIs reports whether an attribute prints as a text.
func (db *DB) attrIs(n *node, key uint32, text string) bool {
	k, r, ok := db.find(n, key)
	if !ok {
		return false
	}
	switch k {
	case kindShared:
		return db.keys[key].values.list[r.uint()] == text
	case kindText:
		return string(r.bytes()) == text
	case kindInt:
		var buf [20]byte
		return string(strconv.AppendInt(buf[:0], r.int(), 10)) == text
	}
	return fmt.Sprint(db.value(&r, key, k)) == text
}

// attrNumber is the value of an attribute that is a number, or a text that reads
// like one.
func (db *DB) attrNumber(n *node, key uint32) (float64, bool) {
	k, r, ok := db.find(n, key)
	if !ok {
		return 0, false
	}
	switch k {
	case kindInt:
		return float64(r.int()), true
	case kindFloat:
		return r.float(), true
	case kindShared, kindText:
		s, _ := db.value(&r, key, k).(string)
		v, err := strconv.ParseFloat(s, 64)
		return v, err == nil
	}
	return 0, false
}
