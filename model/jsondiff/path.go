package jsondiff

import (
	"slices"
	"strconv"
	"strings"
)

// Step leads from a value into it: to a key of an object, to the element of an array
// with that text in its field Field, or to the one at an index.
type Step struct {
	Key   string
	Field string
	Index int
	Array bool
}

// Path leads from the whole value to a place in it.
type Path []Step

// with is a path that goes on; it shares nothing with p that either could change.
func (p Path) with(s Step) Path { return append(slices.Clip(p), s) }

// String writes the path in the way of jq, elements with names by these:
// .payload.nodes[extract].rows
func (p Path) String() string {
	if len(p) == 0 {
		return "."
	}
	var b strings.Builder
	for _, s := range p {
		switch {
		case s.Array && s.Field != "" && s.Key == "":
			b.WriteString("[]")
		case s.Array && s.Field != "":
			b.WriteString("[" + s.Key + "]")
		case s.Array:
			b.WriteString("[" + strconv.Itoa(s.Index) + "]")
		case s.Key == "" || strings.ContainsAny(s.Key, ".-/ []\""):
			b.WriteString("[" + strconv.Quote(s.Key) + "]")
		default:
			b.WriteString("." + s.Key)
		}
	}
	return b.String()
}
