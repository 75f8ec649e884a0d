package capture

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/zeebo/xxh3"

	"github.com/buildscope/buildscope/model"
)

// texts counts columns of strings, and of binaries, whose values are not shown.
type texts struct {
	show     bool
	len      lengths
	empty    int64
	lo, hi   string // cut at maxText bytes, which keeps them extremes
	loKey    uint64 // the first bytes of lo and hi, to spare most comparisons
	hiKey    uint64
	seen     bool
	top      tally // of all values until distinct is there, then of frequent ones
	distinct *hll
	rare     int64 // of so many values none was frequent, so top is no longer kept; 0: it is
	checked  int64 // values at the last look for frequent ones
}

const (
	// rareCheck is how many values come between two looks for frequent ones. Without
	// a value that makes up one in rareShare of all so far they are no longer looked
	// for: on a column of names or keys that costs more than all the rest.
	rareCheck = 1 << 14
	rareShare = 512
)

func (c *texts) add(a arrow.Array, weights []int64, _ *scratch) {
	switch a := a.(type) {
	case *array.String:
		addTexts(c, a, weights)
	case *array.LargeString:
		addTexts(c, a, weights)
	case *array.StringView:
		addTexts(c, a, weights)
	case *array.Binary:
		addTexts(c, bytesOf{a, a.ValueString}, weights)
	case *array.LargeBinary:
		addTexts(c, bytesOf{a, a.ValueString}, weights)
	case *array.BinaryView:
		addTexts(c, bytesOf{a, a.ValueString}, weights)
	case *array.FixedSizeBinary:
		addTexts(c, bytesOf{a, func(i int) string { return string(a.Value(i)) }}, weights)
	}
}

// bytesOf reads an array of binaries as one of strings.
type bytesOf struct {
	arrow.Array
	value func(int) string
}

func (b bytesOf) Value(i int) string { return b.value(i) }

func addTexts[A interface {
	arrow.Array
	Value(int) string
}](c *texts, a A, weights []int64) {
	nulls := a.NullN() > 0
	for i := range a.Len() {
		if n := weight(weights, i); n > 0 && (!nulls || a.IsValid(i)) {
			c.addOne(a.Value(i), n)
		}
		if i%chunk == chunk-1 {
			c.tick(chunk)
		}
	}
	c.tick(a.Len() % chunk)
}

// addPlain takes n texts as a plain Parquet page holds them: each after its length.
func (c *texts) addPlain(data []byte, n int, weights []int64) {
	for i := range n {
		end := 4 + int(binary.LittleEndian.Uint32(data))
		if w := weight(weights, i); w > 0 {
			c.addOne(unsafe.String(unsafe.SliceData(data[4:]), end-4), w)
		}
		data = data[end:]
		if i%chunk == chunk-1 {
			c.tick(chunk)
		}
	}
	c.tick(n % chunk)
}

// tick is told of n values that were added.
func (c *texts) tick(n int) {
	if c.distinct == nil {
		return
	}
	c.distinct.tick(n)
	if c.show && c.rare == 0 && c.len.n-c.checked >= rareCheck {
		c.checked = c.len.n
		most := int64(0)
		c.top.each(func(i int) { most = max(most, c.top.counts[i]) })
		if most < c.len.n/rareShare {
			c.rare, c.top = c.len.n, tally{}
		}
	}
}

func (c *texts) addOne(s string, n int64) {
	c.len.add(int64(len(s)), n)
	if len(s) == 0 {
		c.empty += n
	}
	if c.show {
		if k := prefix(s); k <= c.loKey || k >= c.hiKey || !c.seen {
			c.widen(s)
		}
	}
	key := xxh3.HashString(s)
	if c.distinct != nil {
		c.distinct.addHash(key)
		if c.show {
			c.addTop(key, s, n)
		}
		return
	}
	if !c.addExact(key, s, n) {
		c.spill()
		c.distinct.addHash(key)
		if c.show {
			c.addTop(key, s, n)
		}
	}
}

func (c *texts) addExact(key uint64, s string, n int64) bool {
	if c.show {
		return c.top.addText(key, s, n)
	}
	return c.top.add(key, n)
}

func (c *texts) addTop(key uint64, s string, n int64) {
	if c.rare > 0 {
		return
	}
	for !c.top.addText(key, s, n) {
		c.top.purge()
	}
}

// spill goes over to the sketch for different values.
func (c *texts) spill() {
	c.distinct = newHLL()
	c.top.each(func(i int) { c.distinct.addHash(c.top.keys[i]) })
	if !c.show {
		c.top = tally{}
	}
}

func (c *texts) widen(s string) {
	s = s[:min(len(s), maxText)]
	if !c.seen || s < c.lo {
		c.lo, c.loKey = strings.Clone(s), prefix(s)
	}
	if !c.seen || s > c.hi {
		c.hi, c.hiKey = strings.Clone(s), prefix(s)
	}
	c.seen = true
}

// prefix is the first eight bytes as a number that is in the order of the texts.
func prefix(s string) uint64 {
	if len(s) >= 8 {
		return uint64(s[0])<<56 | uint64(s[1])<<48 | uint64(s[2])<<40 | uint64(s[3])<<32 |
			uint64(s[4])<<24 | uint64(s[5])<<16 | uint64(s[6])<<8 | uint64(s[7])
	}
	var k uint64
	for i := range len(s) {
		k |= uint64(s[i]) << (56 - 8*i)
	}
	return k
}

func (c *texts) merge(other column) {
	o := other.(*texts)
	c.len.merge(o.len)
	c.empty += o.empty
	if o.seen {
		c.widen(o.lo)
		c.widen(o.hi)
	}
	if c.distinct == nil && o.distinct == nil && c.top.merge(&o.top) {
		return
	}
	if c.distinct == nil {
		c.spill()
	}
	if o.distinct == nil {
		o.spill()
	}
	c.distinct.merge(o.distinct)
	if c.rare = max(c.rare, o.rare); c.rare > 0 {
		c.top = tally{}
		return
	}
	if c.show {
		c.top.mergeLossy(&o.top)
	}
}

func (c *texts) stats(s *model.ColumnStats) {
	s.Empty = ptr(c.empty)
	c.len.stats(s)
	if c.distinct != nil {
		s.Distinct = ptr(c.distinct.estimate())
	} else {
		s.Distinct, s.DistinctExact = ptr(int64(c.top.used)), true
	}
	if !c.show {
		s.Reason = "binary values are not shown"
		return
	}
	s.MinText, s.MaxText = shown(c.lo), shown(c.hi)
	if c.rare > 0 {
		s.Reason = fmt.Sprintf("no value is listed: none made up 1 in %d of the first %d", rareShare, c.rare)
		return
	}
	s.Top = c.top.top(func(i int) string { return shown(c.top.text(i)) })
}

// shown makes a text valid UTF-8, which events and JSON need; a character that was
// cut in the middle is left out.
func shown(s string) string {
	if len(s) == maxText {
		for i := 1; i < utf8.UTFMax; i++ {
			if tail := s[len(s)-i:]; utf8.RuneStart(tail[0]) {
				if !utf8.FullRuneInString(tail) {
					s = s[:len(s)-i]
				}
				break
			}
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
