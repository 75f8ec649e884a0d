package runview

import "strings"

// Bounds of what is kept once for all rows that have it. Beyond them a text is
// kept with its row.
const (
	maxNames  = 1 << 16
	maxKeys   = 1 << 14
	maxValues = 128 // for each attribute key
	maxValue  = 64  // bytes of a value
)

// interner numbers texts that many rows share. Number 0 is the empty text.
type interner struct {
	ids  map[string]uint32
	list []string
}

func newInterner() *interner { return &interner{ids: map[string]uint32{"": 0}, list: []string{""}} }

// id numbers a text, if it is known or there is room for it.
func (n *interner) id(s string, limit int) (uint32, bool) {
	id, ok := n.ids[s]
	if ok || len(n.list) >= limit {
		return id, ok
	}
	s = strings.Clone(s) // s may be a part of something large
	id = uint32(len(n.list))
	n.list = append(n.list, s)
	n.ids[s] = id
	return id, true
}
