package runview

import "path"

// matcher evaluates a filter over the rows of a DB. It remembers its answers for
// the names that many rows share.
type matcher struct {
	db    *DB
	terms []term
	now   int64
	keys  []uint32  // for each term: number of its attribute key, 0 when no row has it
	named [][]uint8 // for each term, by number of the name: 0 not known, 1 no, 2 yes
}

// prepare must run each time that the lock has been taken, before any row.
func (m *matcher) prepare() {
	if m.named == nil {
		m.keys, m.named = make([]uint32, len(m.terms)), make([][]uint8, len(m.terms))
	}
	for i, t := range m.terms {
		m.keys[i] = m.db.keyNames.ids[t.key]
		if more := len(m.db.names.list) - len(m.named[i]); more > 0 && (t.what == byText || t.what == byRegexp) {
			m.named[i] = append(m.named[i], make([]uint8, more)...)
		}
	}
}

func (m *matcher) match(id RowID, n *node) bool {
	for i := range m.terms {
		if m.term(i, id, n) == m.terms[i].not {
			return false
		}
	}
	return true
}

func (m *matcher) term(i int, id RowID, n *node) bool {
	t := &m.terms[i]
	switch t.what {
	case byText, byRegexp:
		return m.name(i, n)
	case byState:
		return n.state == t.state
	case byKind:
		return m.db.kind(id, n) == t.word
	case byAttr:
		return m.keys[i] != 0 && m.db.attrIs(n, m.keys[i], t.word)
	case byAttrSize:
		if m.keys[i] == 0 {
			return false
		}
		v, ok := m.db.attrNumber(n, m.keys[i])
		return ok && t.limits(v)
	case byDuration:
		return t.limits(float64(n.duration(m.now)))
	}
	return t.limits(m.number(t, id, n))
}

// number is what a term compares with its limit.
func (m *matcher) number(t *term, id RowID, n *node) float64 {
	switch t.what {
	case byRows:
		return float64(m.db.fact(id, n).rows)
	case byBytes:
		return float64(m.db.fact(id, n).bytes)
	}
	return float64(m.db.errors(id, n))
}

func (t *term) limits(v float64) bool {
	switch t.op {
	case "<":
		return v < t.limit
	case "<=":
		return v <= t.limit
	case ">":
		return v > t.limit
	}
	return v >= t.limit
}

// name matches the name and the subject. The name of a file is a part of its path.
func (m *matcher) name(i int, n *node) bool {
	t := &m.terms[i]
	switch {
	case n.is(aboutFile):
		return t.matchesFile(m.db.subject(n))
	case n.is(ownName):
		name, _ := m.db.title(n)
		return t.matches(name)
	}
	known := &m.named[i][n.name]
	if *known == 0 {
		*known = 1
		if t.matches(m.db.names.list[n.name]) {
			*known = 2
		}
	}
	return *known == 2
}

func (t *term) matches(s string) bool {
	if t.what == byText {
		return t.text.in(s)
	}
	return t.re.MatchString(s)
}

func (t *term) matchesFile(file []byte) bool {
	if t.what == byText {
		return contains(t.text, file)
	}
	for _, need := range t.needs { // a regular expression takes a microsecond
		if found, sure := look(need, file); !found && sure {
			return false
		}
	}
	return t.re.Match(file) || t.re.MatchString(path.Base(string(file)))
}
