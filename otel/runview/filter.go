package runview

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
)

// Filter narrows the tree. The zero value matches everything.
type Filter struct {
	terms []term
	text  string // the terms as they were written: equal texts match the same rows
}

// term is one condition.
type term struct {
	what  termKind
	not   bool            // the opposite
	text  needle          // of byText
	re    *regexp.Regexp  // of byRegexp
	needs []needle        // of byRegexp: what every match contains
	state model.NodeState // of byState
	word  string          // of byKind, byAttr: the value
	key   string          // of byAttr, byAttrSize
	op    string          // of those with a limit: <, >, <= or >=
	limit float64         // nanoseconds of byDuration
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
	byBytes
	byErrors
	byAttrSize
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
// /regex, status:failed, kind:sql, dur>2s, rows>1e6, bytes>10MiB, errors>0,
// attr.key=value, attr.key>5, and each of them with ! in front for the opposite.
// Text or a value in double quotes may hold spaces, and what else would have a
// meaning. An error names the term and what is allowed there.
func ParseFilter(text string) (Filter, error) {
	words, err := filterWords(text)
	if err != nil {
		return Filter{}, err
	}
	f := Filter{text: strings.Join(words, " ")}
	for _, word := range words {
		t, err := parseTerm(strings.TrimPrefix(word, "!"))
		if err != nil {
			return Filter{}, fmt.Errorf("filter %s: %w", word, err)
		}
		t.not = strings.HasPrefix(word, "!")
		f.terms = append(f.terms, t)
	}
	return f, nil
}

// filterWords splits a filter at the spaces outside of quotes. A quote opens at
// the beginning of a word or of a value, so that one within a word is text.
func filterWords(text string) (words []string, err error) {
	var word strings.Builder
	quoted := false
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '"' && quoted:
			quoted = false
		case c == '"':
			quoted = word.Len() == 0 || strings.IndexByte("!/:=", text[i-1]) >= 0
		case c <= ' ' && !quoted:
			if word.Len() > 0 {
				words = append(words, word.String())
				word.Reset()
			}
			continue
		}
		word.WriteByte(c)
	}
	if quoted {
		return nil, fmt.Errorf("filter %s: the quote is not closed", word.String())
	}
	if word.Len() > 0 {
		words = append(words, word.String())
	}
	return words, nil
}

// unquoted takes the quotes off a text.
func unquoted(s string) (string, bool) {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1], true
	}
	return s, false
}

func parseTerm(word string) (term, error) {
	if word == "" {
		return term{}, errors.New("the ! stands before a term")
	}
	if text, ok := unquoted(word); ok {
		return term{what: byText, text: newNeedle(text)}, nil
	}
	if re, ok := strings.CutPrefix(word, "/"); ok {
		re, _ = unquoted(re)
		return parseRegexp(re)
	}
	if k, v, ok := strings.Cut(word, ":"); ok {
		v, _ = unquoted(v)
		switch k {
		case "status", "state":
			return parseState(v)
		case "kind":
			if v == "" {
				return term{}, errors.New("a kind must follow, like sql or " + spanKind)
			}
			return term{what: byKind, word: v}, nil
		}
	}
	at := strings.IndexAny(word, "<>=")
	if at > 0 && (word[at] != '=' || strings.HasPrefix(word, "attr.")) {
		return parseComparison(word, at)
	}
	if strings.HasPrefix(word, "attr.") {
		return term{}, errors.New("=VALUE must follow, or < or > and a number")
	}
	return term{what: byText, text: newNeedle(word)}, nil
}

func parseRegexp(text string) (term, error) {
	x, err := regexp.Compile("(?i)" + text)
	if err != nil {
		return term{}, regexpError(err)
	}
	tree, err := syntax.Parse("(?i)"+text, syntax.Perl)
	if err != nil {
		return term{}, regexpError(err)
	}
	return term{what: byRegexp, re: x, needs: required(tree)}, nil
}

// regexpError says what is wrong without the flag that the user did not write.
func regexpError(err error) error {
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		return fmt.Errorf("%s: %s", e.Code, strings.TrimPrefix(e.Expr, "(?i)"))
	}
	return err
}

func parseState(text string) (term, error) {
	if strings.EqualFold(text, "ok") { // so do screens spell it
		return term{what: byState, state: model.NodeSucceeded}, nil
	}
	if s, ok := model.ParseNodeState(strings.ToLower(text)); ok {
		return term{what: byState, state: s}, nil
	}
	var all []string
	for i := range len(Header{}.States) {
		all = append(all, model.NodeState(i).String())
	}
	return term{}, fmt.Errorf("%q is no status; it is one of %s", text, strings.Join(all, ", "))
}

// parseComparison reads field, operator and limit; the operator begins at a place.
func parseComparison(word string, at int) (term, error) {
	field, op, value := word[:at], word[at:at+1], word[at+1:]
	if op != "=" && strings.HasPrefix(value, "=") {
		op, value = op+"=", value[1:]
	}
	key, isAttr := strings.CutPrefix(field, "attr.")
	if isAttr && key == "" {
		return term{}, errors.New("attr. stands before the name of an attribute")
	}
	if isAttr && op == "=" {
		value, _ = unquoted(value)
		return term{what: byAttr, key: key, word: value}, nil
	}
	t := term{op: op, key: key}
	var err error
	switch {
	case isAttr:
		t.what = byAttrSize
		t.limit, err = parseCount(value)
	case field == "dur":
		t.what, t.key = byDuration, ""
		d, bad := time.ParseDuration(value)
		if bad != nil {
			return term{}, fmt.Errorf("%q is no length of time; write it with its unit, like 2s or 150ms", value)
		}
		t.limit = float64(d)
	case field == "rows", field == "bytes", field == "errors":
		t.what, t.key = map[string]termKind{"rows": byRows, "bytes": byBytes, "errors": byErrors}[field], ""
		t.limit, err = parseCount(value)
	default:
		err = fmt.Errorf("%s cannot be compared; dur, rows, bytes, errors and attr.KEY can. Text with < or > goes into quotes", field)
	}
	return t, err
}

// countUnits are endings of numbers, the longer ones first.
var countUnits = []struct {
	name string
	size float64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"k", 1e3}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}}

func parseCount(text string) (float64, error) {
	number, size := text, 1.0
	for _, u := range countUnits {
		if n, ok := strings.CutSuffix(text, u.name); ok {
			number, size = n, u.size
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, fmt.Errorf("%q is no number; write it like 1000, 1e6, 2.5M or 10MiB", text)
	}
	return n * size, nil
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
