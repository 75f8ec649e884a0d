package pipeline

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/buildscope/buildscope/model"
)

// Incremental says how new rows of a SELECT meet those of its table of an earlier
// run. Key or Time is given, or both:
//
//   - Key alone: the text is run whole, and its rows replace those of the same key.
//   - Time alone: only the rows from the latest time on that is there are computed,
//     and they replace those that were there of that time.
//   - Both: only these rows are computed, and they replace those of the same key.
//
// Rows of no Time are computed each time.
type Incremental struct {
	Key   []string
	KeyAt string // file:line, for errors
	Time  string
	// Late is how much earlier than the latest a new row may be.
	Late   time.Duration
	TimeAt string
	// Text is the statement that gives at least the rows whose Time is not before a SQL
	// expression. Nil means the text of the node. The engine leaves out the others
	// anyway; a text may do so where it costs less.
	Text func(since string) string
}

// growth is what is known of an earlier result of an incremental node, as its run
// goes on.
type growth struct {
	inputs  string            // key of text, settings and inputs
	made    map[string]string // hash of all that is not data, by node: of this one and of those it reads
	base    *storedResult     // whose rows are kept; nil: the table is computed whole
	why     string            // it is computed whole
	refresh bool              // whatever is stored
}

// growthMeta is what the cache keeps of a growth with a result.
type growthMeta struct {
	Inputs string            `json:"inputs"`
	Made   map[string]string `json:"made"`
	Base   string            `json:"base,omitempty"` // key of the result whose rows it has; "" when it was computed whole
}

func (g *growth) meta() *growthMeta {
	m := &growthMeta{Inputs: g.inputs, Made: g.made}
	if g.base != nil {
		m.Base = g.base.key
	}
	return m
}

// key is that of the result. One that was computed whole depends on what every
// result does; another one also on the result whose rows it has. So equal keys mean
// equal tables, whichever way the inputs came to be what they are.
func (g *growth) key() string {
	switch {
	case g.base == nil:
		return g.inputs
	case g.base.meta.Growth.Inputs == g.inputs:
		return g.base.key // nothing has changed since
	}
	return hashed(g.inputs, g.base.key)
}

// part is what the key has beside text, settings and inputs.
func (g *growth) part() KeyPart {
	return KeyPart{"earlier result", g.meta().Base}
}

func (g *growth) forced() bool { return g != nil && g.refresh }

// growth finds the result that a run adds to: the latest of a build that succeeded,
// of the same text, settings and upstream texts. key and parts are of the result as
// if it was computed whole.
func (d *driver) growth(n *Node, key string, parts []KeyPart, cacheable bool) *growth {
	g := &growth{inputs: key, made: d.graph.made(n, d.opts.Cache), refresh: d.opts.FullRefresh}
	switch {
	case g.refresh:
		g.why = "build.full_refresh is set"
		return g
	case d.opts.Cache == nil:
		g.why = "the result cache is off"
		return g
	case !cacheable:
		g.why = "it depends on more than its inputs, so no result of it is kept"
		return g
	}
	results := d.opts.Cache.accepted(n.Name)
	for i, r := range results {
		if !maps.Equal(r.meta.Growth.Made, g.made) {
			continue
		}
		tables, ok := d.opts.Cache.open(n.Name, r.key, r.meta)
		if !ok || len(tables) != 1 {
			g.why = "its earlier rows are gone"
			return g
		}
		results[i].table, g.base = tables[0], &results[i]
		return g
	}
	switch {
	case len(results) > 0:
		g.why = changeOf(n.Name, results[0].meta, g.made, parts)
	case d.opts.Cache.grew(n.Name):
		g.why = "no earlier build of it succeeded"
	default:
		g.why = "first build"
	}
	return g
}

// changeOf names what is not as it was when an earlier result was made.
func changeOf(node string, before cacheMeta, made map[string]string, parts []KeyPart) string {
	if before.Growth.Made[node] != made[node] {
		for _, c := range changedParts(before.Parts, parts) {
			if c.Name == "text" || strings.HasPrefix(c.Name, "setting ") {
				return "its " + c.Name + " changed"
			}
		}
		return "it changed"
	}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		if before.Growth.Made[name] != made[name] {
			return name + ", which it reads, changed"
		}
	}
	return "it reads other tables than before"
}

// made hashes what makes the table of a node beside data: text, version and settings
// of it and of all that it reads, directly or not. Nodes that read from outside have
// their settings alone: what they produce is the data.
func (g *Graph) made(n *Node, c *Cache) map[string]string {
	made := map[string]string{}
	var visit func(i int)
	visit = func(i int) {
		n := g.nodes[i]
		if _, seen := made[n.Name]; seen {
			return
		}
		var parts []string
		if n.Kind != model.KindExtract {
			parts = append(parts, n.text, n.Version)
			parts = append(parts, c.engineOf(n)...)
			if c != nil && !n.IsSQL() {
				parts = append(parts, c.Code)
			}
		}
		for _, k := range slices.Sorted(maps.Keys(n.Settings)) {
			parts = append(parts, k+"="+n.Settings[k])
		}
		if inc := n.Incremental; inc != nil {
			parts = append(parts, strings.Join(inc.Key, "\x1e"), inc.Time, inc.Late.String())
		}
		made[n.Name] = hashed(parts...)
		for _, d := range g.deps[i] {
			visit(d)
		}
	}
	visit(g.index[n.Name])
	return made
}

func hashed(parts ...string) string {
	h := xxh3.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d\x1f%s", len(p), p)
	}
	sum := h.Sum128().Bytes()
	return hex.EncodeToString(sum[:])
}
