package runview

// Detail is everything known about a row.
func (db *DB) Detail(id RowID) (Detail, bool) {
	d, profile, ok := db.detail(id)
	if profile != "" { // without the lock: it may be long
		d.Query.Profile, d.Query.Cut = db.profiles.read(profile)
	}
	if q := d.Query.Profile; q != nil {
		if q.SQL != "" {
			d.Query.SQL = q.SQL
		}
		if d.Query.FilesListed == 0 {
			d.Query.FilesListed, d.Query.FilesRead = int64(q.FilesListed), int64(q.FilesRead)
		}
	}
	return d, ok
}

func (db *DB) detail(id RowID) (d Detail, profile string, ok bool) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	n := db.node(id)
	if n == nil {
		return d, "", false
	}
	f := db.fact(id, n)
	d = Detail{Row: db.row(id), Trace: *db.traces.at(int(n.trace)), Span: n.span, Sampled: n.is(sampled), Status: n.status,
		Message: db.message(id, n), Tables: db.tables[id]}
	d.Row.Depth = db.depth(id)
	if n.is(inPlan) {
		plan := f.plan
		d.Plan = &plan
	}
	if d.Message == "" && f.blockedBy != "" {
		d.Message = "needs " + f.blockedBy
	}
	db.decode(n, &d)
	d.Parents = make([]string, d.Row.Depth)
	for p, i := n.parent, d.Row.Depth-1; p != 0; p, i = db.nodes.at(int(p)).parent, i-1 {
		d.Parents[i], _ = db.title(db.nodes.at(int(p)))
	}
	d.Query, profile = db.statement(id, f, d.Attrs)
	return d, profile, true
}
