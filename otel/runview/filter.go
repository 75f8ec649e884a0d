package runview

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
)

// Filter narrows the tree. The zero value matches everything.
type Filter struct {
	terms []term
	text  string // the terms as they were written: equal texts match the same rows
}

// term is one condition.
type term struct {
	what  termKind
	not   bool           // the opposite
	text  needle         // of byText
	re    *regexp.Regexp // of byRegexp
	needs []needle       // of byRegexp: what every match contains
	word  string         // of byState, byKind, byAttr: the value
	key   string         // of byAttr
	more  bool           // of byDuration and byRows: more than the limit, else less
	limit float64
}

type termKind uint8

const (
	byText termKind = iota
	byRegexp
	byState
	byKind
	byAttr
	byDuration
	byRows
)

// Empty reports whether the filter matches everything.
func (f Filter) Empty() bool { return len(f.terms) == 0 }

// timed reports whether what matches depends on the time of the query.
func (f Filter) timed() bool {
	for _, t := range f.terms {
		if t.what == byDuration {
			return true
		}
	}
	return false
}

// ParseFilter reads terms separated by spaces, all of which must hold: text,
// /regex, status:failed, kind:sql, dur>2s, rows>1e6, attr.key=value, and each of
// them with ! in front for the opposite.
func ParseFilter(text string) (Filter, error) {
	f := Filter{text: strings.Join(strings.Fields(text), " ")}
	for word := range strings.FieldsSeq(text) {
		t, err := parseTerm(strings.TrimPrefix(word, "!"))
		if err != nil {
			return Filter{}, fmt.Errorf("filter %q: %w", word, err)
		}
		t.not = strings.HasPrefix(word, "!")
		f.terms = append(f.terms, t)
	}
	return f, nil
}

func parseTerm(word string) (term, error) {
	if re, ok := strings.CutPrefix(word, "/"); ok {
		x, err := regexp.Compile("(?i)" + re)
		if err != nil {
			return term{}, err
		}
		tree, err := syntax.Parse("(?i)"+re, syntax.Perl)
		if err != nil {
			return term{}, err
		}
		return term{what: byRegexp, re: x, needs: required(tree)}, nil
	}
	if k, v, ok := strings.Cut(word, ":"); ok && k == "status" {
		return term{what: byState, word: v}, nil
	} else if ok && k == "kind" {
		return term{what: byKind, word: v}, nil
	}
	if i := strings.IndexAny(word, "<>"); i > 0 {
		return parseLimit(word[:i], word[i] == '>', word[i+1:])
	}
	if k, v, ok := strings.Cut(word, "="); ok && strings.HasPrefix(k, "attr.") {
		return term{what: byAttr, key: strings.TrimPrefix(k, "attr."), word: v}, nil
	}
	return term{what: byText, text: newNeedle(word)}, nil
}

func parseLimit(field string, more bool, text string) (term, error) {
	switch field {
	case "dur":
		d, err := time.ParseDuration(text)
		return term{what: byDuration, more: more, limit: float64(d)}, err
	case "rows":
		n, err := strconv.ParseFloat(text, 64)
		return term{what: byRows, more: more, limit: n}, err
	}
	return term{}, fmt.Errorf("%s cannot be compared; dur and rows can", field)
}

// required are texts that every match of a regular expression contains, apart from
// the case of letters.
func required(re *syntax.Regexp) []needle {
	switch re.Op {
	case syntax.OpLiteral:
		return []needle{newNeedle(string(re.Rune))}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpConcat:
		var all []needle
		for _, sub := range re.Sub {
			all = append(all, required(sub)...)
		}
		return all
	}
	return nil
}
