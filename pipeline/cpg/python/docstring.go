package python

import (
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

// docstring records the text that a block or module begins with and returns it.
func (x *extractor) docstring(block uint32, def evidence.Key, kind string) string {
	s := x.first(block)
	if s == 0 || x.nodes[s].Kind != kExprStmt {
		return ""
	}
	c := x.first(s)
	if c == 0 || x.nodes[c].Next != x.nodes[s].Next {
		return ""
	}
	text, ok := "", false
	switch x.nodes[c].Kind {
	case kString:
		text, ok = literal(x.name(c))
	case kConcat:
		for p := c + 1; p < x.nodes[c].Next; p = x.nodes[p].Next {
			part, plain := literal(x.name(p))
			if ok = plain; !ok {
				break
			}
			text += part
		}
	}
	text = cut(clean(text), maxDocstring)
	if !ok || text == "" {
		return ""
	}
	x.f.Docstrings = append(x.f.Docstrings, evidence.Docstring{Def: def, Kind: kind, Text: text, Span: x.span(c)})
	return text
}

// literal is the value of a string literal; ok is false for bytes, f-strings and
// broken literals.
func literal(s string) (text string, ok bool) {
	raw := false
	for len(s) > 0 && s[0] != '"' && s[0] != '\'' {
		switch s[0] {
		case 'r', 'R':
			raw = true
		case 'u', 'U':
		default:
			return "", false
		}
		s = s[1:]
	}
	quote := 1
	if len(s) >= 6 && s[0] == s[1] && s[1] == s[2] {
		quote = 3
	}
	if len(s) < 2*quote || s[:quote] != s[len(s)-quote:] {
		return "", false
	}
	s = s[quote : len(s)-quote]
	if raw || strings.IndexByte(s, '\\') < 0 {
		return s, true
	}
	return unescape(s), true
}

// unescape resolves escape sequences. Named characters and sequences that mean
// nothing stay as they are.
func unescape(s string) string {
	const simple = "abfnrtv\\'\"\n"
	const means = "\a\b\f\n\r\t\v\\'\""
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			break
		}
		b.WriteString(s[:i])
		c := s[i+1]
		s = s[i+2:]
		digits, base := 0, 16
		switch {
		case c == '\n':
			continue
		case strings.IndexByte(simple, c) >= 0:
			b.WriteByte(means[strings.IndexByte(simple, c)])
			continue
		case c == 'x':
			digits = 2
		case c == 'u':
			digits = 4
		case c == 'U':
			digits = 8
		case c >= '0' && c <= '7':
			s, base = string(c)+s, 8
			for digits < 3 && digits < len(s) && s[digits] >= '0' && s[digits] <= '7' {
				digits++
			}
		}
		if digits > 0 && digits <= len(s) {
			if v, err := strconv.ParseUint(s[:digits], base, 32); err == nil {
				b.WriteRune(rune(v))
				s = s[digits:]
				continue
			}
		}
		b.WriteByte('\\')
		if base == 16 {
			b.WriteByte(c)
		}
	}
	b.WriteString(s)
	return b.String()
}

// clean removes the indentation that a docstring has from its place in the code.
func clean(s string) string {
	if strings.IndexByte(s, '\n') < 0 {
		return strings.TrimSpace(s)
	}
	lines := strings.Split(s, "\n")
	indent := -1
	for _, l := range lines[1:] {
		if t := strings.TrimLeft(l, " \t"); strings.TrimSpace(t) != "" && (indent < 0 || len(l)-len(t) < indent) {
			indent = len(l) - len(t)
		}
	}
	lines[0] = strings.TrimSpace(lines[0])
	for i, l := range lines[1:] {
		lines[i+1] = strings.TrimRight(l[min(max(indent, 0), len(l)):], "\r")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
