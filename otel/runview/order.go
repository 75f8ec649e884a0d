package runview

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// sortItem is a row with its keys beside it: to look them up in each comparison
// takes twice as long.
type sortItem struct {
	key, start int64
	id         RowID
}

// order sorts siblings. Items is room that is used again.
func (s *scan) order(kids []RowID, items []sortItem) []sortItem {
	if s.key == nil && slices.IsSortedFunc(kids, func(a, b RowID) int { return cmp.Compare(s.start[a], s.start[b]) }) {
		return items // they are in the order of their ids
	}
	items = items[:0]
	for _, id := range kids {
		it := sortItem{start: s.start[id], id: id}
		if s.key != nil {
			it.key = s.key[id]
		}
		items = append(items, it)
	}
	slices.SortFunc(items, func(a, b sortItem) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		if s.label != nil {
			if c := strings.Compare(s.label[a.id], s.label[b.id]); c != 0 {
				if s.back {
					c = -c
				}
				return c
			}
		}
		if a.start != b.start {
			return cmp.Compare(a.start, b.start)
		}
		return cmp.Compare(a.id, b.id)
	})
	for i := range items {
		kids[i] = items[i].id
	}
	return items
}

// prefix orders most names without a look at them.
func prefix(s string) int64 {
	var b [8]byte
	copy(b[:], s)
	return int64(binary.BigEndian.Uint64(b[:]) ^ 1<<63)
}
