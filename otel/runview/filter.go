package runview

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Filter narrows the tree. The zero value matches everything.
type Filter struct{ terms []term }

type term func(r *row, now int64) bool

// Empty reports whether the filter matches everything.
func (f Filter) Empty() bool { return len(f.terms) == 0 }

func (f Filter) match(r *row, now int64) bool {
	for _, t := range f.terms {
		if !t(r, now) {
			return false
		}
	}
	return true
}

// ParseFilter reads terms separated by spaces, all of which must hold: text,
// /regex, status:failed, kind:sql, dur>2s, rows>1e6, attr.key=value, and each of
// them with ! in front for the opposite.
func ParseFilter(text string) (Filter, error) {
	var f Filter
	for word := range strings.FieldsSeq(text) {
		not := strings.HasPrefix(word, "!")
		t, err := parseTerm(strings.TrimPrefix(word, "!"))
		if err != nil {
			return Filter{}, fmt.Errorf("filter %q: %w", word, err)
		}
		if not {
			inner := t
			t = func(r *row, now int64) bool { return !inner(r, now) }
		}
		f.terms = append(f.terms, t)
	}
	return f, nil
}

func parseTerm(word string) (term, error) {
	if re, ok := strings.CutPrefix(word, "/"); ok {
		x, err := regexp.Compile("(?i)" + re)
		if err != nil {
			return nil, err
		}
		return func(r *row, _ int64) bool { return x.MatchString(r.Name) || x.MatchString(r.Subject) }, nil
	}
	if k, v, ok := strings.Cut(word, ":"); ok && (k == "status" || k == "kind") {
		return func(r *row, _ int64) bool {
			if k == "kind" {
				return r.Kind == v
			}
			return r.State.String() == v
		}, nil
	}
	if i := strings.IndexAny(word, "<>"); i > 0 {
		return compare(word[:i], word[i] == '>', word[i+1:])
	}
	if k, v, ok := strings.Cut(word, "="); ok && strings.HasPrefix(k, "attr.") {
		return func(r *row, _ int64) bool {
			for _, a := range r.rec.Attrs {
				if a.Key == strings.TrimPrefix(k, "attr.") && fmt.Sprint(a.Value) == v {
					return true
				}
			}
			return false
		}, nil
	}
	low := strings.ToLower(word)
	return func(r *row, _ int64) bool {
		return strings.Contains(strings.ToLower(r.Name), low) || strings.Contains(strings.ToLower(r.Subject), low)
	}, nil
}

func compare(field string, more bool, text string) (term, error) {
	var limit float64
	var value func(*row, int64) float64
	switch field {
	case "dur":
		d, err := time.ParseDuration(text)
		if err != nil {
			return nil, err
		}
		limit, value = float64(d), func(r *row, now int64) float64 { return float64(duration(r.Row, now)) }
	case "rows":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		limit, value = n, func(r *row, _ int64) float64 { return float64(r.Rows) }
	default:
		return nil, fmt.Errorf("%s cannot be compared; dur and rows can", field)
	}
	return func(r *row, now int64) bool {
		v := value(r, now)
		return more && v > limit || !more && v < limit
	}, nil
}
