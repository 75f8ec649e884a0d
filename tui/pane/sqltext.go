package pane

import (
	"strings"
	"unicode"

	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// sqlWords are the words of SQL that are marked; functions and types are names like
// any other.
var sqlWords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`all and anti any array as asc asof between by case cast cross cube desc distinct else end escape except
		exclude exists false filter following for from full group grouping having ilike in inner intersect interval is join
		lateral left like limit materialized natural not null nulls offset on or order outer over partition pivot positional
		preceding qualify range recursive replace right rollup rows select semi sets similar some table tablesample then to
		true try_cast unbounded union unnest unpivot using values when where window with within`) {
		m[w] = true
	}
	return m
}()

// sqlLine adds one line of clean SQL to a line in colours: words of the language,
// texts, comments. A comment or text over several lines is marked in its first one
// only, for a line is drawn without those above it.
func sqlLine(line *ui.Line, th *theme.Theme, s string) {
	for len(s) > 0 {
		n, paint := sqlToken(th, s)
		line.Add(paint, s[:n])
		s = s[n:]
	}
}

// sqlToken is the length and paint of the first token.
func sqlToken(th *theme.Theme, s string) (int, theme.Paint) {
	switch {
	case strings.HasPrefix(s, "--"):
		return len(s), th.Dim
	case strings.HasPrefix(s, "/*"):
		if end := strings.Index(s, "*/"); end >= 0 {
			return end + 2, th.Dim
		}
		return len(s), th.Dim
	case s[0] == '\'' || s[0] == '"':
		n := len(s)
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			n = end + 2
		}
		if s[0] == '"' {
			return n, th.Text
		}
		return n, th.Good
	}
	word := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	n := strings.IndexFunc(s, func(r rune) bool { return !word(r) })
	switch {
	case n < 0:
		n = len(s)
	case n == 0: // what is between words, up to one, a text or a comment
		if n = strings.IndexFunc(s, func(r rune) bool { return word(r) || r == '\'' || r == '"' }); n < 0 {
			n = len(s)
		}
		for _, c := range []string{"--", "/*"} {
			if at := strings.Index(s, c); at > 0 {
				n = min(n, at)
			}
		}
		return n, th.Text
	}
	if sqlWords[strings.ToLower(s[:n])] {
		return n, th.Accent
	}
	if unicode.IsDigit(rune(s[0])) {
		return n, th.Info
	}
	return n, th.Text
}
