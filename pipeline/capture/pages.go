package capture

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// Statistics do not care which row a value is in. So most columns need no Arrow
// array: the values of a plain page stand side by side without the nulls, and of a
// page of dictionary indexes it is enough to know how often each index comes. That
// is several times faster than to read the rows.

// errNotPlain says that a page is encoded in a way that only the Arrow reader knows.
var errNotPlain = errors.New("encoding of a page is not supported")

// flat reports whether the pages of a field can be counted without the Arrow
// reader: a column of its own whose values are in memory what they are in the file.
func flat(fr *pqarrow.FileReader, i int) bool {
	f := &fr.Manifest.Fields[i]
	if !f.IsLeaf() || f.LevelInfo.RepLevel > 0 || f.LevelInfo.DefLevel > 1 {
		return false
	}
	_, ok := plainTypes[f.Field.Type.ID()]
	return ok && plainTypes[f.Field.Type.ID()] == fr.ParquetReader().MetaData().Schema.Column(f.ColIndex).PhysicalType()
}

// plainTypes are the Arrow types that a plain page holds as Arrow does, with the
// type they have in the file.
var plainTypes = map[arrow.Type]parquet.Type{
	arrow.BOOL: parquet.Types.Boolean, arrow.INT32: parquet.Types.Int32, arrow.INT64: parquet.Types.Int64,
	arrow.FLOAT32: parquet.Types.Float, arrow.FLOAT64: parquet.Types.Double,
	arrow.STRING: parquet.Types.ByteArray, arrow.BINARY: parquet.Types.ByteArray,
}

// pageReader counts one flat column.
type pageReader struct {
	p        *profile
	buf      *scratch
	optional bool
	dict     plain   // of the row group
	uses     []int64 // of each value of dict
}

// plain is values as a plain page holds them; texts is a page of byte arrays, the
// others an array.
type plain struct {
	values arrow.Array
	texts  []byte
	n      int
}

// readPages counts a column of one file. What it had counted before an error is
// lost, so the caller starts over.
func readPages(ctx context.Context, fr *pqarrow.FileReader, groups []int, p *profile, buf *scratch) error {
	field := &fr.Manifest.Fields[p.pos]
	r := &pageReader{p: p, buf: buf, optional: field.LevelInfo.DefLevel == 1}
	pq := fr.ParquetReader()
	for _, g := range groups {
		pages, err := pq.RowGroup(g).GetColumnPageReader(field.ColIndex)
		if err != nil {
			return err
		}
		if err := errors.Join(r.readChunk(ctx, pages), pages.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (r *pageReader) readChunk(ctx context.Context, pages file.PageReader) error {
	for pages.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		switch page := pages.Page().(type) {
		case *file.DictionaryPage:
			r.dict, err = r.plain(page.Data(), int(page.NumValues()))
			r.uses = append(r.uses[:0], make([]int64, r.dict.n)...)
		case *file.DataPageV1:
			levels, values := []byte(nil), page.Data()
			if r.optional {
				if levels, values, err = cutLevels(values); err != nil {
					return err
				}
			}
			err = r.add(levels, values, int(page.NumValues()), parquet.Encoding(page.Encoding()))
		case *file.DataPageV2:
			data, levels := page.Data(), int(page.DefinitionLevelByteLen())
			if page.RepetitionLevelByteLen() != 0 || levels > len(data) {
				return errNotPlain
			}
			err = r.add(data[:levels], data[levels:], int(page.NumValues()), parquet.Encoding(page.Encoding()))
		}
		if err != nil {
			return err
		}
	}
	r.feed(r.dict, r.uses)
	r.dict, r.uses = plain{}, r.uses[:0]
	return pages.Err()
}

// cutLevels takes the levels of a page, which come with their length, from its front.
func cutLevels(data []byte) (levels, rest []byte, err error) {
	if len(data) < 4 || int(binary.LittleEndian.Uint32(data)) > len(data)-4 {
		return nil, nil, errors.New("the levels of a page do not end in it")
	}
	n := int(binary.LittleEndian.Uint32(data))
	return data[4 : 4+n], data[4+n:], nil
}

// add counts the n rows of a data page.
func (r *pageReader) add(levels, data []byte, n int, encoding parquet.Encoding) error {
	values := n
	if r.optional {
		var uses [2]int64
		if err := countHybrid(levels, 1, n, uses[:]); err != nil {
			return err
		}
		values = int(uses[1])
	}
	r.p.count += int64(n)
	r.p.nulls += int64(n - values)
	switch encoding {
	case parquet.Encodings.Plain:
		part, err := r.plain(data, values)
		if err == nil {
			r.feed(part, nil)
		}
		return err
	case parquet.Encodings.PlainDict, parquet.Encodings.RLEDict:
		if values == 0 {
			return nil
		}
		if len(data) == 0 {
			return errors.New("a page of indexes is empty")
		}
		return countHybrid(data[1:], int(data[0]), values, r.uses)
	}
	return errNotPlain
}

// plain reads n values of a plain page.
func (r *pageReader) plain(data []byte, n int) (plain, error) {
	t := r.p.field.Type
	size := n
	switch t := t.(type) {
	case *arrow.StringType, *arrow.BinaryType:
		return plain{texts: data, n: n}, checkTexts(data, n)
	case *arrow.BooleanType:
		size = (n + 7) / 8
	case arrow.FixedWidthDataType:
		size = n * t.Bytes()
	}
	if len(data) < size {
		return plain{}, fmt.Errorf("a page of %d values has %d bytes", n, len(data))
	}
	d := array.NewData(t, n, []*memory.Buffer{nil, memory.NewBufferBytes(data[:size])}, nil, 0, 0)
	defer d.Release()
	return plain{values: array.MakeFromData(d), n: n}, nil
}

// checkTexts makes sure that n lengths and texts fit into a page.
func checkTexts(data []byte, n int) error {
	for range n {
		if len(data) < 4 || int(binary.LittleEndian.Uint32(data)) > len(data)-4 {
			return errors.New("a text does not end in its page")
		}
		data = data[4+binary.LittleEndian.Uint32(data):]
	}
	return nil
}

func (r *pageReader) feed(v plain, weights []int64) {
	switch c := r.p.values.(type) {
	case uncounted:
	case *texts:
		c.addPlain(v.texts, v.n, weights)
	default:
		if v.values != nil {
			c.add(v.values, weights, r.buf)
		}
	}
}

// countHybrid counts how often each of n indexes comes, in Parquet's mix of runs and
// packed bits (RLE/bit-packing hybrid).
func countHybrid(data []byte, width, n int, uses []int64) error {
	if width < 0 || width > 32 {
		return fmt.Errorf("indexes of %d bits", width)
	}
	for n > 0 {
		head, k := binary.Uvarint(data)
		if k <= 0 || head>>1 == 0 {
			return errors.New("indexes of a page end early")
		}
		data = data[k:]
		if head&1 == 0 { // one index, repeated
			var v uint64
			bytes := (width + 7) / 8
			if len(data) < bytes {
				return errors.New("indexes of a page end early")
			}
			for i := range bytes {
				v |= uint64(data[i]) << (8 * i)
			}
			data = data[bytes:]
			run := min(uint64(n), head>>1)
			if v >= uint64(len(uses)) {
				return fmt.Errorf("index %d of %d values", v, len(uses))
			}
			uses[v] += int64(run)
			n -= int(run)
			continue
		}
		count := min(uint64(n), head>>1*8)
		bytes := head >> 1 * uint64(width)
		if uint64(len(data)) < (count*uint64(width)+7)/8 {
			return errors.New("indexes of a page end early")
		}
		packed := data[:min(bytes, uint64(len(data)))]
		data = data[len(packed):]
		if err := countPacked(packed, width, int(count), uses); err != nil {
			return err
		}
		n -= int(count)
	}
	return nil
}

// countPacked counts n indexes of width bits each.
func countPacked(data []byte, width, n int, uses []int64) error {
	mask := uint64(1)<<width - 1
	at := 0
	for i := range n {
		var word uint64
		if from := at >> 3; from+8 <= len(data) {
			word = binary.LittleEndian.Uint64(data[from:])
		} else {
			for k := len(data) - 1; k >= from; k-- {
				word = word<<8 | uint64(data[k])
			}
		}
		v := word >> (at & 7) & mask
		if v >= uint64(len(uses)) {
			return fmt.Errorf("index %d of %d values, at %d", v, len(uses), i)
		}
		uses[v]++
		at += width
	}
	return nil
}
