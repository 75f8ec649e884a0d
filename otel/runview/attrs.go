package runview

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/buildscope/buildscope/model"
)

// Attributes and events are kept as bytes and decoded when somebody looks at the
// row. Numbers are varints, bytes are preceded by their length:
//
//	head   count, attributes
//	tail   attributes of the head that still hold (the first ones), count, attributes,
//	       status message, attributes lost, events lost, count, events
//	attr   key<<4 | kind, value
//	event  name, time, count, attributes
//
// The record of an end repeats the attributes of the start, so the tail has only
// the others.

type kind uint8

const (
	kindFalse kind = iota
	kindTrue
	kindInt
	kindFloat
	kindText
	kindShared // number among the values of the key
	kindBools
	kindInts
	kindFloats
	kindTexts
)

// attrKey is an attribute key with the values that many rows share.
type attrKey struct {
	name   string
	values *interner
}

// writer encodes into a buffer that is used again.
type writer struct{ b []byte }

func (w *writer) uint(v uint64) { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int64)   { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) text(s string) { w.uint(uint64(len(s))); w.b = append(w.b, s...) }
func (w *writer) float(v float64) {
	w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(v))
}

// key numbers an attribute key. When there are too many, the attribute is lost.
func (db *DB) key(name string) (uint32, bool) {
	id, ok := db.keyNames.id(name, maxKeys)
	if ok && int(id) == len(db.keys) {
		db.keys = append(db.keys, attrKey{name: db.keyNames.list[id], values: newInterner()})
	}
	return id, ok
}

// attr encodes one attribute and reports whether it could.
func (db *DB) attr(w *writer, a model.Attr) bool {
	key, ok := db.key(a.Key)
	if !ok {
		return false
	}
	tag := func(k kind) { w.uint(uint64(key)<<4 | uint64(k)) }
	switch v := a.Value.(type) {
	case bool:
		if v {
			tag(kindTrue)
		} else {
			tag(kindFalse)
		}
	case int64:
		tag(kindInt)
		w.int(v)
	case float64:
		tag(kindFloat)
		w.float(v)
	case string:
		if len(v) <= maxValue && key != db.pathKey { // paths are all different
			if id, ok := db.keys[key].values.id(v, maxValues); ok {
				tag(kindShared)
				w.uint(uint64(id))
				return true
			}
		}
		tag(kindText)
		w.text(v)
	case []bool:
		tag(kindBools)
		w.uint(uint64(len(v)))
		for _, x := range v {
			w.uint(map[bool]uint64{true: 1}[x])
		}
	case []int64:
		tag(kindInts)
		w.uint(uint64(len(v)))
		for _, x := range v {
			w.int(x)
		}
	case []float64:
		tag(kindFloats)
		w.uint(uint64(len(v)))
		for _, x := range v {
			w.float(x)
		}
	case []string:
		tag(kindTexts)
		w.uint(uint64(len(v)))
		for _, x := range v {
			w.text(x)
		}
	default:
		tag(kindText)
		w.text(fmt.Sprint(v))
	}
	return true
}

// attrs encodes a list after its count and returns how many were left out.
func (db *DB) attrs(w *writer, list []model.Attr) (lost int) {
	at := len(w.b)
	w.uint(uint64(len(list)))
	for _, a := range list {
		if !db.attr(w, a) {
			lost++
		}
	}
	if lost > 0 { // rare: once more, with the right count
		w.b = w.b[:at]
		w.uint(uint64(len(list) - lost))
		for _, a := range list {
			db.attr(w, a)
		}
	}
	return lost
}
