package runview

import (
	"encoding/json"
	"sync"

	"github.com/buildscope/buildscope/model"
)

// maxQueries bounds the rows below a node that are looked at for its queries. A node
// that queries does so before it has many other spans.
const maxQueries = 256

// statement tells what the engine told of a row, without the profile, and gives the
// text of that: it may be long, and is read without the lock.
func (db *DB) statement(id RowID, f *facts, attrs []model.Attr) (s Statement, profile string) {
	s.SQL, s.Profile = f.plan.SQL, f.query
	query := id
	if !db.named(id, model.SpanEngineQuery) {
		if query, s.Queries = db.longestQuery(id); query != 0 {
			var d Detail
			db.decode(db.nodes.at(int(query)), &d)
			attrs = d.Attrs
		}
	}
	for _, a := range attrs {
		switch text, _ := a.Value.(string); a.Key {
		case model.AttrEngineSQL:
			s.SQL = text
		case model.AttrEngineProfile:
			profile = text
		}
	}
	db.scanned(query, &s)
	return s, profile
}

// longestQuery is the query directly below a row that took longest, or runs still,
// and the number of all of them.
func (db *DB) longestQuery(id RowID) (longest RowID, queries int) {
	var took int64
	for _, kid := range db.firstKids(id) {
		if !db.named(kid, model.SpanEngineQuery) {
			continue
		}
		n := db.nodes.at(int(kid))
		queries++
		if t := n.end - n.start; longest == 0 || n.end == 0 || t > took {
			longest, took = kid, t
		}
	}
	return longest, queries
}

// scanned takes the files that the listing table listed and read for a query.
func (db *DB) scanned(query RowID, s *Statement) {
	if query == 0 {
		return
	}
	for _, kid := range db.firstKids(query) {
		if !db.named(kid, model.SpanEngineScan) {
			continue
		}
		var d Detail
		db.decode(db.nodes.at(int(kid)), &d)
		for _, a := range d.Attrs {
			switch n, _ := a.Value.(int64); a.Key {
			case model.AttrEngineFilesListed:
				s.FilesListed += n
			case model.AttrEngineFilesRead:
				s.FilesRead += n
			}
		}
	}
}

// firstKids are at most maxQueries rows directly below a row.
func (db *DB) firstKids(id RowID) []RowID {
	b := db.below(id)
	if b == nil {
		return nil
	}
	kids := b.kids
	if b.groups != nil {
		kids = b.groups[0].kids
	}
	return kids[:min(len(kids), maxQueries)]
}

func (db *DB) named(id RowID, name string) bool {
	n := db.nodes.at(int(id))
	return !n.is(ownName) && !n.is(inPlan) && db.names.list[n.name] == name
}

// profiles keeps the profile that was read last: viewers look at one row again and
// again, and reading one takes a millisecond.
type profiles struct {
	mu   sync.Mutex
	text string
	q    *model.QueryProfile // read-only
	err  string
}

// read gives the profile that a text holds. What an exporter has cut short, or what
// is of another shape, is told.
func (p *profiles) read(text string) (*model.QueryProfile, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if text != p.text {
		p.text, p.err = text, ""
		p.q = &model.QueryProfile{}
		if err := json.Unmarshal([]byte(text), p.q); err != nil {
			p.q, p.err = nil, err.Error()
		}
	}
	return p.q, p.err
}
