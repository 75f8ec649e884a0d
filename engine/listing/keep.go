package listing

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/zeebo/xxh3"
)

// The statistics of files may be kept between runs. Listings are not: nothing would
// tell a later run that a directory has new files. Footers are not either: they are
// asked for only where statistics are missing, and to parse a kept one costs as much
// as to read the file.
//
//	magic, version   8 bytes "BSSTATS" and one of the version
//	checksum         8 bytes, little endian: xxh3 of all that follows
//	entries          uvarint, then each: table, path, size, mtime, tag, rows,
//	                 schema, columns, and of each column name, nulls, min, max
//
// Texts are a uvarint of their length and their bytes, signed numbers are varints, and
// a bound is a byte of its type and the value. The least recently used entry is first.
const (
	keptMagic = "BSSTATS"
	// keptVersion changes with the layout and with what statistics mean: when bounds
	// are read from a footer in another way, kept ones must not be believed.
	keptVersion = 2
	keptHead    = len(keptMagic) + 1 + 8
)

// ErrKept says that kept statistics cannot be used: damaged, or of another version.
var ErrKept = errors.New("the kept statistics cannot be used")

// Types of bounds.
const (
	boundNone = iota
	boundInt
	boundUint
	boundFloat
	boundText
	boundFalse
	boundTrue
	boundDate
)

// KeepStatistics gives what the statistics cache holds in the form that
// RestoreStatistics takes.
func (c *Catalog) KeepStatistics() []byte {
	entries := c.statistics.Entries()
	b := make([]byte, keptHead, keptHead+64*len(entries))
	copy(b, keptMagic)
	b[len(keptMagic)] = keptVersion
	b = binary.AppendUvarint(b, uint64(len(entries)))
	for i := range entries {
		e := entries[len(entries)-1-i]
		b = appendText(appendText(b, e.Key.Table), e.Key.Path)
		s := e.Value
		b = appendText(binary.AppendVarint(binary.AppendVarint(b, s.File.Size), s.File.ModTime), s.File.Tag)
		b = binary.AppendVarint(b, s.Rows)
		b = binary.LittleEndian.AppendUint64(b, s.Schema)
		b = binary.AppendUvarint(b, uint64(len(s.Columns)))
		for _, col := range s.Columns {
			b = binary.AppendVarint(appendText(b, col.Name), col.Nulls)
			b = appendBound(appendBound(b, col.Min), col.Max)
		}
	}
	binary.LittleEndian.PutUint64(b[keptHead-8:], xxh3.Hash(b[keptHead:]))
	return b
}

// RestoreStatistics fills the statistics cache with what KeepStatistics gave, up to
// its limit, and returns the number of entries. They are believed like all others:
// while size and mtime of their files stay. Data that is damaged or of another version
// is an ErrKept and restores nothing.
func (c *Catalog) RestoreStatistics(data []byte) (int, error) {
	if len(data) < keptHead || string(data[:len(keptMagic)]) != keptMagic {
		return 0, fmt.Errorf("%w: they do not begin with %s", ErrKept, keptMagic)
	}
	if v := data[len(keptMagic)]; v != keptVersion {
		return 0, fmt.Errorf("%w: they are of version %d, and this program reads %d", ErrKept, v, keptVersion)
	}
	if binary.LittleEndian.Uint64(data[keptHead-8:]) != xxh3.Hash(data[keptHead:]) {
		return 0, fmt.Errorf("%w: the checksum is wrong, so they are damaged or cut short", ErrKept)
	}
	r := keptReader{rest: data[keptHead:]}
	n := r.count(1)
	keys, values := make([]TableKey, 0, n), make([]*Statistics, 0, n)
	for range n {
		key, s := r.entry()
		if r.bad {
			break
		}
		keys, values = append(keys, key), append(values, s)
	}
	if r.bad || len(r.rest) > 0 {
		return 0, fmt.Errorf("%w: they are not as they are written, though the checksum is right", ErrKept)
	}
	for i, key := range keys {
		c.statistics.For(key.Table).Seed(key, values[i])
	}
	return n, nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendBound(b []byte, v any) []byte {
	switch v := v.(type) {
	case int64:
		return binary.AppendVarint(append(b, boundInt), v)
	case uint64:
		return binary.AppendUvarint(append(b, boundUint), v)
	case float64:
		return binary.LittleEndian.AppendUint64(append(b, boundFloat), math.Float64bits(v))
	case string:
		return appendText(append(b, boundText), v)
	case bool:
		if v {
			return append(b, boundTrue)
		}
		return append(b, boundFalse)
	case Date:
		return binary.AppendVarint(append(b, boundDate), int64(v))
	}
	return append(b, boundNone)
}

// keptReader reads from the front of rest. After the first thing that cannot be read,
// bad is set and everything is zero.
type keptReader struct {
	rest []byte
	bad  bool
}

func (r *keptReader) fail() { r.bad, r.rest = true, nil }

func (r *keptReader) uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *keptReader) int() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *keptReader) fixed() uint64 {
	if len(r.rest) < 8 {
		r.fail()
		return 0
	}
	v := binary.LittleEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
	return v
}

// count reads a number of things of at least least bytes each, so that a wrong one
// asks for no more memory than the data has.
func (r *keptReader) count(least int) int {
	n := r.uint()
	if n > uint64(len(r.rest)/least) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *keptReader) text() string {
	n := r.count(1)
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func (r *keptReader) entry() (TableKey, *Statistics) {
	key := TableKey{Table: r.text(), Path: r.text()}
	s := &Statistics{File: File{Path: key.Path, Size: r.int(), ModTime: r.int(), Tag: r.text()}, Rows: r.int(), Schema: r.fixed()}
	const leastColumn = 4 // an empty name, nulls, and two bounds without a value
	n := r.count(leastColumn)
	s.Columns = make([]ColumnStatistics, n)
	for i := range s.Columns {
		s.Columns[i] = ColumnStatistics{Name: r.text(), Nulls: r.int(), Min: r.bound(), Max: r.bound()}
		if c := &s.Columns[i]; (c.Min == nil) != (c.Max == nil) || c.Min != nil && !ordered(c.Min, c.Max) {
			r.fail()
		}
	}
	return key, s
}

func (r *keptReader) bound() any {
	if len(r.rest) == 0 {
		r.fail()
		return nil
	}
	kind := r.rest[0]
	r.rest = r.rest[1:]
	switch kind {
	case boundNone:
	case boundInt:
		return r.int()
	case boundUint:
		return r.uint()
	case boundFloat:
		return math.Float64frombits(r.fixed())
	case boundText:
		return r.text()
	case boundFalse, boundTrue:
		return kind == boundTrue
	case boundDate:
		return Date(r.int())
	default:
		r.fail()
	}
	return nil
}
