package runview

// shape is a tree that windows are cut from: that of the DB, in the order of the
// plan, or a view, which is filtered or in another order.
type shape interface {
	branchOf(RowID) *branch        // nil when nothing is below the row
	parent(RowID) (RowID, bool)    // false when the shape does not have the row
	precedes(a, b RowID) bool      // the order of two siblings
	group(b *branch, id RowID) int // which group a row is in; 0 when there are none
}

// plain is the tree of the DB as a shape.
type plain struct{ *DB }

func (p plain) branchOf(id RowID) *branch { return p.below(id) }
func (p plain) precedes(a, b RowID) bool  { return p.comesBefore(a, b) }

func (p plain) parent(id RowID) (RowID, bool) {
	n := p.node(id)
	if n == nil {
		return 0, false
	}
	return n.parent, true
}

func (p plain) group(b *branch, id RowID) int {
	if b.groups == nil {
		return 0
	}
	return p.groupOf(b, id)
}

// Window is the part of the tree that a viewer shows. Its cost does not grow with
// the number of rows: it steps over closed branches and whole groups of siblings
// by their sums. With a filter, or in an order other than the plan's, it is cut
// from a view; see views.
func (db *DB) Window(q Query) Window {
	v, ok := db.view(q)
	db.mu.RLock()
	defer db.mu.RUnlock()
	if !ok {
		return Window{Pending: true, Version: db.header.Version}
	}
	s, f := db.prepare(v, q.Open)
	defer db.folds.put(f)
	top := f.top()
	root := s.branchOf(0)
	w := Window{Version: db.header.Version, Total: int(root.sum + top.inner.sum), Hidden: int(root.hidden + top.inner.hidden)}
	height := max(0, q.Height)
	w.Offset = max(0, min(q.Offset, w.Total-height))
	if height = min(height, w.Total-w.Offset); height == 0 {
		return w
	}
	w.Rows = make([]Row, 0, height)
	c := cutter{shape: s, folds: f, skip: w.Offset, left: height}
	c.emit = func(id RowID, depth int, open bool) {
		r := db.row(id)
		r.Depth, r.Open = depth, open
		if q.Self {
			w.Counting = !db.addSelf(&r, q.Now) || w.Counting
		}
		w.Rows = append(w.Rows, r)
	}
	c.branch(root, top, 0)
	return w
}

// prepare gives the shape for a view, or the DB's own, with a viewer's folds.
func (db *DB) prepare(v *view, open map[RowID]bool) (shape, *folds) {
	if v != nil {
		return v, db.folds.get(v, foldKey{view: v.id}, stamp{}, open)
	}
	return plain{db}, db.folds.get(plain{db}, foldKey{}, stamp{db.layout, db.data}, open)
}

// cutter walks the visible rows of a shape and emits those of a window.
type cutter struct {
	shape
	folds *folds
	skip  int // visible rows still to pass over
	left  int // rows still to emit
	emit  func(id RowID, depth int, open bool)
}

// branch walks what is below a row whose fold is f.
func (c *cutter) branch(b *branch, f *fold, depth int) {
	said := c.folds.below(f)
	if b.groups == nil {
		c.rows(b.kids, said, depth)
		return
	}
	for i := range b.groups {
		g := &b.groups[i]
		size, n := int(g.sum), 0
		for n < len(said) && int(said[n].group) == i {
			size += int(said[n].change.sum)
			n++
		}
		switch {
		case c.skip >= size:
			c.skip -= size
		case n == 0 && size == len(g.kids): // nothing is open in it
			kids := g.kids[c.skip:]
			c.skip = 0
			c.rows(kids, nil, depth)
		default:
			c.rows(g.kids, said[:n], depth)
		}
		said = said[n:]
		if c.left == 0 {
			return
		}
	}
}

// rows walks siblings, of which some have folds.
func (c *cutter) rows(ids []RowID, said []fold, depth int) {
	for _, id := range ids {
		var f *fold
		if len(said) > 0 && said[0].id == id {
			f, said = &said[0], said[1:]
		}
		b := c.branchOf(id)
		open := f.open(b)
		size := 1
		if open {
			size += int(b.sum + f.inside())
		}
		if c.skip >= size {
			c.skip -= size
			continue
		}
		if c.skip > 0 {
			c.skip--
		} else {
			c.emit(id, depth, open)
			c.left--
		}
		if open && c.left > 0 {
			c.branch(b, f, depth+1)
		}
		if c.left == 0 {
			return
		}
	}
}
