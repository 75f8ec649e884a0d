package spark

import (
	"slices"
	"sort"
	"strings"
)

// Text is a statement in Spark SQL.
type Text struct {
	SQL   string
	parts []part // in order
}

// part is a piece of the statement and where it was in the original.
type part struct {
	at     int // in SQL
	offset int // in the original
	same   bool
}

// Offset is the place in the original of a byte of SQL.
func (t Text) Offset(at int) int {
	i := sort.Search(len(t.parts), func(i int) bool { return t.parts[i].at > at }) - 1
	switch {
	case i < 0:
		return 0
	case t.parts[i].same:
		return t.parts[i].offset + at - t.parts[i].at
	}
	return t.parts[i].offset
}

// Translate writes one SELECT of DuckDB's dialect in Spark SQL:
//
//   - names in double quotes are put into backticks: in Spark SQL "a" is a string;
//   - strings get the escapes that Spark reads in them;
//   - a // b is a div b;
//   - in an ORDER BY that does not say where nulls go they go last, as in DuckDB,
//     in place of first;
//   - functions that only have another name are given Spark's;
//   - types of casts and literals are given Spark's names, of which TIMESTAMP is one
//     with a zone;
//   - (now() AT TIME ZONE 'UTC') is to_timestamp_ntz(now()).
//
// What has no such form is left as it is, and Lint tells of it.
func Translate(statement string) Text {
	w := writer{tokens: tokens(statement), frames: []frame{{}}}
	for w.i = 0; w.i < len(w.tokens); w.i++ {
		w.token(w.tokens[w.i])
	}
	w.endItem()
	w.flush()
	return Text{string(w.out), w.parts}
}

// frame is what is known of an open parenthesis.
type frame struct {
	cast  bool // of CAST or TRY_CAST
	order bool // inside an ORDER BY
	nulls bool // this item of it says where nulls go
	empty bool // this item has no token yet
}

type writer struct {
	tokens []token
	i      int // the token that is written
	out    []byte
	parts  []part
	frames []frame
	blank  token // read, and written with the next token
	before token // the last one that is not blank
}

func (w *writer) top() *frame { return &w.frames[len(w.frames)-1] }

// next is the n-th token after this one that is not blank, from 1 on.
func (w *writer) next(n int) token {
	for _, t := range w.tokens[min(w.i+1, len(w.tokens)):] {
		if t.kind == blank {
			continue
		}
		if n--; n == 0 {
			return t
		}
	}
	return token{}
}

// skip passes over the next n tokens that are not blank.
func (w *writer) skip(n int) {
	for ; n > 0; w.i++ {
		if w.tokens[w.i+1].kind != blank {
			n--
		}
	}
}

// write writes a token, in another form or as it is. A blank waits for what follows: an
// item of an ORDER BY goes on before it.
func (w *writer) write(t token, as string) {
	w.flush()
	if t.kind == blank {
		w.blank = t
		return
	}
	w.append(t.offset, as, as == t.text)
	w.before = t
	w.top().empty = false
}

func (w *writer) flush() {
	if w.blank.text != "" {
		w.append(w.blank.offset, w.blank.text, true)
		w.blank = token{}
	}
}

func (w *writer) append(offset int, text string, same bool) {
	w.parts = append(w.parts, part{len(w.out), offset, same})
	w.out = append(w.out, text...)
}

func (w *writer) token(t token) {
	top := w.top()
	switch {
	case t.kind == blank:
		w.write(t, t.text)
	case t.kind == quoted:
		w.write(t, QuoteName(strings.ReplaceAll(t.text[1:max(1, len(t.text)-1)], `""`, `"`)))
	case t.kind == text:
		w.write(t, quoteLiteral(t.text))
	case t.text == "//":
		w.write(t, " div ")
	case t.text == "(":
		cast := w.before.is("cast", "try_cast")
		w.write(t, t.text)
		w.frames = append(w.frames, frame{cast: cast})
	case t.text == ")":
		w.endItem()
		if len(w.frames) > 1 {
			w.frames = w.frames[:len(w.frames)-1]
		}
		w.write(t, t.text)
	case t.text == "," && top.order:
		w.endItem()
		w.write(t, t.text)
		*top = frame{cast: top.cast, order: true, empty: true}
	case t.text == ";":
		w.endItem()
		w.write(t, t.text)
	case t.is("order") && w.next(1).is("by"):
		by := w.next(1)
		w.write(t, t.text+" "+by.text)
		w.skip(1)
		*top = frame{cast: top.cast, order: true, empty: true, nulls: w.next(1).is("all")}
	case t.is("nulls") && top.order && w.next(1).is("first", "last"):
		top.nulls = true
		w.write(t, t.text)
	case top.order && w.endsOrder(t):
		w.endItem()
		w.write(t, t.text)
	case t.is("at") && w.next(1).is("time") && w.next(2).is("zone") && w.next(3).text == "'UTC'" && strings.EqualFold(string(w.out[max(0, len(w.out)-len(now)):]), now):
		w.out, w.blank = w.out[:len(w.out)-len("now()")], token{}
		w.parts = slices.DeleteFunc(w.parts, func(p part) bool { return p.at >= len(w.out) })
		w.append(t.offset, "to_timestamp_ntz(now())", false)
		w.skip(3)
	case t.kind == word && w.next(1).text == "(" && w.before.text != "." && renamed[strings.ToLower(t.text)] != "":
		w.write(t, renamed[strings.ToLower(t.text)])
	default:
		w.write(t, w.typeName(t))
	}
}

// now is what stands before AT TIME ZONE 'UTC' where that is put in another way.
const now = "(now()"

// endsOrder reports whether a word stands behind the items of an ORDER BY.
func (w *writer) endsOrder(t token) bool {
	if t.is("rows", "range", "groups") {
		next := w.next(1)
		return next.is("between", "unbounded", "current", "interval") || next.text != "" && next.text[0] >= '0' && next.text[0] <= '9'
	}
	return t.is("limit", "offset", "fetch", "union", "intersect", "except", "qualify")
}

// endItem says of an item of an ORDER BY where nulls go, if it does not, and ends the
// clause.
func (w *writer) endItem() {
	top := w.top()
	if top.order && !top.nulls && !top.empty {
		w.append(w.before.offset+len(w.before.text), " NULLS LAST", false)
	}
	top.order = false
}

// renamed are functions that do the same under another name.
var renamed = map[string]string{
	"starts_with": "startswith", "ends_with": "endswith", "suffix": "endswith", "prefix": "startswith",
	"regexp_matches": "regexp_like", "list_value": "array",
}

// types are Spark's names of DuckDB's types, where they differ.
var types = map[string]string{
	"varchar": "STRING", "text": "STRING", "string": "STRING", "bpchar": "STRING",
	"int8": "BIGINT", "int4": "INT", "int2": "SMALLINT", "int1": "TINYINT",
	"hugeint": "DECIMAL(38,0)", "float8": "DOUBLE", "float4": "FLOAT",
	"bool": "BOOLEAN", "blob": "BINARY", "bytea": "BINARY",
	"timestamp": "TIMESTAMP_NTZ", "timestamptz": "TIMESTAMP",
}

// typeName gives the name of a type where a word is one: behind :: and in a cast behind
// AS, and TIMESTAMP before a string. A type with a length keeps its name.
func (w *writer) typeName(t token) string {
	name, known := types[strings.ToLower(t.text)]
	if t.kind != word || !known || w.next(1).text == "(" {
		return t.text
	}
	behind := w.before.text == "::" || w.top().cast && w.before.is("as")
	literal := t.is("timestamp", "timestamptz") && w.next(1).kind == text
	if !behind && !literal {
		return t.text
	}
	return name
}

// QuoteName quotes an identifier of Spark SQL.
func QuoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// QuoteText quotes a string literal of Spark SQL.
func QuoteText(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

// quoteLiteral writes a string literal of DuckDB: plain, with escapes, or between
// dollars.
func quoteLiteral(literal string) string {
	switch {
	case literal[0] == '\'':
		return QuoteText(strings.ReplaceAll(strings.TrimSuffix(literal[1:], "'"), "''", "'"))
	case literal[0] == '$':
		tag := literal[:strings.IndexByte(literal[1:], '$')+2]
		return QuoteText(strings.TrimSuffix(literal[len(tag):], tag))
	}
	return "'" + strings.ReplaceAll(strings.TrimSuffix(literal[2:], "'"), "''", `\'`) + "'" // E'...' has Spark's escapes
}
