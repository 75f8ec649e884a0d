package runview

// Locate is the index of a row among the visible rows of a query, false when it is
// folded away, or hidden by the filter. Offset and height do not matter.
func (db *DB) Locate(q Query, id RowID) (int, bool) {
	v, ok := db.view(q)
	if !ok {
		return 0, false
	}
	db.mu.RLock()
	defer db.mu.RUnlock()
	s, f := db.prepare(v, q.Open)
	defer db.folds.put(f)
	if p, ok := s.parent(id); !ok || id == 0 && p == 0 {
		return 0, false
	}
	var way []RowID // from the row up, without the row
	for at := id; at != 0; {
		at, _ = s.parent(at)
		way = append(way, at)
	}
	index := -1
	at := f.top()
	for i := len(way) - 1; i >= 0; i-- {
		b, next := s.branchOf(way[i]), id
		if i > 0 {
			next = way[i-1]
		}
		if way[i] != 0 && !at.open(b) {
			return 0, false
		}
		said := f.below(at)
		index += 1 + before(s, b, said, next)
		at = nil
		for j := range said {
			if said[j].id == next {
				at = &said[j]
			}
		}
	}
	return index, true
}

// before counts the visible rows of a branch that come before one of its kids.
func before(s shape, b *branch, said []fold, id RowID) int {
	count := 0
	kids := b.kids
	if b.groups != nil {
		at := s.group(b, id)
		for i := range b.groups[:at] {
			count += int(b.groups[i].sum)
		}
		for len(said) > 0 && int(said[0].group) < at {
			count += int(said[0].change.sum)
			said = said[1:]
		}
		kids = b.groups[at].kids
	}
	for _, kid := range kids {
		if kid == id {
			break
		}
		var f *fold
		if len(said) > 0 && said[0].id == kid {
			f, said = &said[0], said[1:]
		}
		count++
		if kb := s.branchOf(kid); f.open(kb) {
			count += int(kb.sum + f.inside())
		}
	}
	return count
}
