package sqlproject

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
)

// Values of Header.Materialized.
const (
	Table       = "table"       // an output of the build
	View        = "view"        // only for the models that read it
	Incremental = "incremental" // an output that a build adds to
)

// Header is what the comment at the top of a model says. Lines that start with @
// are directives, the others describe the model.
type Header struct {
	Doc          string
	Materialized string        // Table, View or Incremental
	Key          []Name        // of an incremental model: columns of which a new row replaces the one with the same values
	Time         Name          // of an incremental model: column by which rows are new
	Late         time.Duration // how much earlier than the latest Time a new row may be
	Tags         []string
	Columns      []Column // that the header describes
	Tests        []Test
	Severity     string // of a test of its own SQL; "" when it is not given
}

// Name is a column that a directive names, and the line of the directive.
type Name struct {
	Column string
	Line   int
}

// Column is the description of a column.
type Column struct{ Name, Doc string }

// directives are the words that may follow @ in a header.
var directives = []string{"materialized", "key", "time", "tags", "column", "test", "severity"}

// ParseHeader reads the leading -- comments of a model. An error names the line.
func ParseHeader(text string) (Header, error) {
	h := Header{Materialized: Table}
	var doc []string
	number, materialized := 0, 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		comment, ok := strings.CutPrefix(line, "--")
		if !ok && line != "" {
			break
		}
		comment = strings.TrimSpace(comment)
		directive, ok := strings.CutPrefix(comment, "@")
		if !ok {
			if comment != "" {
				doc = append(doc, comment)
			}
			continue
		}
		if err := h.directive(directive, number); err != nil {
			return h, fmt.Errorf("line %d: %w", number, err)
		}
		if word, _ := cutWord(directive); word == "materialized" {
			materialized = number
		}
	}
	if err := h.checkIncremental(materialized); err != nil {
		return h, err
	}
	h.Doc = strings.Join(doc, " ")
	return h, nil
}

func (h *Header) directive(text string, line int) error {
	word, rest := cutWord(text)
	if rest == "" && slices.Contains(directives, word) {
		return fmt.Errorf("@%s says nothing", word)
	}
	switch word {
	case "materialized":
		if rest != Table && rest != View && rest != Incremental {
			return fmt.Errorf("@materialized is %q; it must be %s, %s or %s", rest, Table, View, Incremental)
		}
		h.Materialized = rest
	case "key":
		return h.key(rest, line)
	case "time":
		return h.time(rest, line)
	case "tags":
		for _, tag := range splitList(rest) {
			if !slices.Contains(h.Tags, tag) {
				h.Tags = append(h.Tags, tag)
			}
		}
	case "column":
		name, doc := cutWord(rest)
		if slices.ContainsFunc(h.Columns, func(c Column) bool { return strings.EqualFold(c.Name, name) }) {
			return fmt.Errorf("@column describes %s twice", name)
		}
		h.Columns = append(h.Columns, Column{name, doc})
	case "test":
		test, err := ParseTest(rest)
		if err != nil {
			return err
		}
		test.line = line
		h.Tests = append(h.Tests, test)
	case "severity":
		h.Severity = rest
		return checkSeverity(rest)
	default:
		hint := "; there are @" + strings.Join(directives, ", @")
		if near := model.Nearest(word, directives); near != "" {
			hint = "; did you mean @" + near + "?"
		}
		return fmt.Errorf("unknown directive @%s%s", word, hint)
	}
	return nil
}

// cutWord takes the first word off a text.
func cutWord(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		return text[:i], strings.TrimSpace(text[i:])
	}
	return text, ""
}

// splitList splits at commas and leaves out what is empty.
func splitList(text string) []string {
	var out []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}
