package capture

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// Of lists of structs it is counted how long they are and which fields are set. The
// levels of a Parquet page say that; its values need not be looked at.

// listLevels reads the levels of one leaf below a list.
type listLevels struct {
	c     *lists
	p     *profile
	field int   // of the struct
	first bool  // counts the lists themselves, which every leaf tells again
	list  int16 // definition level from which a list has an item
	leaf  int16 // of a value
	inner int64 // items of the open list so far; -1: none is open

	reps, defs []uint8
}

// structLists reports whether a field is a list of structs of plain fields.
func structLists(fr *pqarrow.FileReader, p *profile) bool {
	c, ok := p.values.(*lists)
	if !ok {
		return false
	}
	f := &fr.Manifest.Fields[p.pos]
	if _, ok := c.items.(*structs); !ok || len(f.Children) != 1 || f.LevelInfo.RepLevel != 1 || f.LevelInfo.DefLevel > 2 {
		return false
	}
	for _, leaf := range f.Children[0].Children {
		if !leaf.IsLeaf() || leaf.LevelInfo.RepLevel != 1 {
			return false
		}
	}
	return len(f.Children[0].Children) > 0
}

// readLevels counts a column of lists of structs of one file. The lists themselves
// are read from the leaf that takes the least room; a leaf that has no null in a row
// group without too long lists has as many values as there are items, and is not read.
func readLevels(ctx context.Context, fr *pqarrow.FileReader, groups []int, p *profile) error {
	f := &fr.Manifest.Fields[p.pos]
	leaves := f.Children[0].Children
	c := p.values.(*lists)
	set := c.items.(*structs).set
	for _, g := range groups {
		group := fr.ParquetReader().RowGroup(g)
		least, size := 0, int64(math.MaxInt64)
		noNull := make([]bool, len(leaves))
		for i, leaf := range leaves {
			meta, err := group.MetaData().ColumnChunk(leaf.ColIndex)
			if err != nil {
				return err
			}
			stats, err := meta.Statistics()
			noNull[i] = err == nil && stats != nil && stats.HasNullCount() && stats.NullCount() == 0
			if n := meta.TotalCompressedSize(); n < size {
				least, size = i, n
			}
		}
		items, long := c.len.sum, c.long
		read := func(i int, first bool) error {
			r := &listLevels{c: c, p: p, field: i, first: first, list: f.LevelInfo.DefLevel, leaf: leaves[i].LevelInfo.DefLevel}
			pages, err := group.GetColumnPageReader(leaves[i].ColIndex)
			if err != nil {
				return err
			}
			return errors.Join(r.readChunk(ctx, pages), pages.Close())
		}
		if err := read(least, true); err != nil {
			return err
		}
		for i := range set {
			switch {
			case i == least:
			case noNull[i] && c.long == long:
				set[i] += c.len.sum - items
			default:
				if err := read(i, false); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *listLevels) readChunk(ctx context.Context, pages file.PageReader) error {
	r.inner = -1
	for pages.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		var reps, defs []byte
		var err error
		switch page := pages.Page().(type) {
		case *file.DataPageV1:
			var rest []byte
			if reps, rest, err = cutLevels(page.Data()); err != nil {
				return err
			}
			if defs, _, err = cutLevels(rest); err != nil {
				return err
			}
		case *file.DataPageV2:
			nr, nd := int(page.RepetitionLevelByteLen()), int(page.DefinitionLevelByteLen())
			if nr+nd > len(page.Data()) {
				return errors.New("the levels of a page do not end in it")
			}
			reps, defs = page.Data()[:nr], page.Data()[nr:nr+nd]
		default:
			continue // a dictionary
		}
		if err := r.add(reps, defs, int(pages.Page().NumValues())); err != nil {
			return err
		}
	}
	r.end()
	return pages.Err()
}

// add goes over the n levels of a page.
func (r *listLevels) add(reps, defs []byte, n int) (err error) {
	if r.reps, err = expandHybrid(r.reps[:0], reps, 1, n); err != nil {
		return err
	}
	if r.defs, err = expandHybrid(r.defs[:0], defs, bits.Len(uint(r.leaf)), n); err != nil {
		return err
	}
	set := r.c.items.(*structs).set
	found := int64(0)
	for i, rep := range r.reps {
		def := int16(r.defs[i])
		if rep == 0 {
			r.end()
			if r.first {
				r.p.count++
			}
			if def < r.list-1 {
				if r.first {
					r.p.nulls++
				}
				continue
			}
			r.inner = 0
		}
		if def >= r.list {
			if r.inner++; def == r.leaf && r.inner <= int64(r.c.limit) {
				found++
			}
		}
	}
	if r.field < len(set) {
		set[r.field] += found
	}
	return nil
}

// end closes the open list.
func (r *listLevels) end() {
	if r.first && r.inner >= 0 {
		r.c.addLength(r.inner, 1)
	}
	r.inner = -1
}

// expandHybrid appends n numbers of up to 8 bits, see countHybrid.
func expandHybrid(out []uint8, data []byte, width, n int) ([]uint8, error) {
	for n > 0 {
		head, k := binary.Uvarint(data)
		if k <= 0 || head>>1 == 0 || len(data) == k {
			return nil, errors.New("levels of a page end early")
		}
		data = data[k:]
		if head&1 == 0 {
			run := int(min(uint64(n), head>>1))
			for range run {
				out = append(out, data[0])
			}
			data = data[1:]
			n -= run
			continue
		}
		run := int(min(uint64(n), head>>1*8))
		if len(data) < (run*width+7)/8 {
			return nil, fmt.Errorf("%d levels in %d bytes", run, len(data))
		}
		for i := range run {
			at := i * width
			word := uint16(data[at>>3])
			if at>>3+1 < len(data) {
				word |= uint16(data[at>>3+1]) << 8
			}
			out = append(out, uint8(word>>(at&7))&(1<<width-1))
		}
		data = data[min(uint64(len(data)), head>>1*uint64(width)):]
		n -= run
	}
	return out, nil
}
