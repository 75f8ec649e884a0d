package engine

import (
	"strings"
)

// StatementOf returns the first statement of a SQL text without the semicolons
// around it. Those in front become blanks, so that offsets stay what they are.
func StatementOf(text string) string {
	start := skipBlank(text)
	for start < len(text) && text[start] == ';' {
		text = text[:start] + " " + text[start+1:]
		start = skipBlank(text)
	}
	return text[:statementEnd(text)]
}

// statementEnd returns the offset of the first semicolon of a SQL text that is
// not inside a string, a quoted name or a comment, or the length of the text.
func statementEnd(text string) int {
	for i := 0; i < len(text); {
		if text[i] == ';' {
			return i
		}
		i += tokenLength(text[i:], i > 0 && isWord(text[i-1]))
	}
	return len(text)
}

// skipBlank returns the offset of the first byte that is neither blank nor
// part of a comment.
func skipBlank(text string) int {
	for i := 0; i < len(text); {
		switch {
		case strings.IndexByte(" \t\r\n\f\v", text[i]) >= 0:
			i++
		case strings.HasPrefix(text[i:], "--"), strings.HasPrefix(text[i:], "/*"):
			i += tokenLength(text[i:], false)
		default:
			return i
		}
	}
	return len(text)
}

// tokenLength is the length of the string, quoted name or comment that text
// starts with, or 1. Unterminated ones reach to the end. inWord says that a
// letter, digit or underscore stands before, so a dollar is part of a name.
func tokenLength(text string, inWord bool) int {
	switch {
	case text[0] == '\'', text[0] == '"':
		return quotedLength(text, 0, false)
	case (text[0] == 'e' || text[0] == 'E') && !inWord && strings.HasPrefix(text[1:], "'"):
		return quotedLength(text, 1, true)
	case strings.HasPrefix(text, "--"):
		if n := strings.IndexByte(text, '\n'); n >= 0 {
			return n + 1
		}
		return len(text)
	case strings.HasPrefix(text, "/*"):
		return commentLength(text)
	case text[0] == '$' && !inWord:
		return dollarLength(text)
	}
	return 1
}

// quotedLength reads a text quoted by the byte at open; a doubled quote stands
// for itself, and in E'...' strings a backslash escapes.
func quotedLength(text string, open int, escapes bool) int {
	quote := text[open]
	for i := open + 1; i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\':
			i++
		case text[i] == quote && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return len(text)
}

// commentLength reads a block comment; they nest.
func commentLength(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); {
		switch text[i : i+2] {
		case "/*":
			depth++
			i += 2
		case "*/":
			depth--
			i += 2
			if depth == 0 {
				return i
			}
		default:
			i++
		}
	}
	return len(text)
}

// dollarLength reads $tag$ ... $tag$; a dollar that starts no tag is a parameter.
func dollarLength(text string) int {
	end := 1
	for end < len(text) && isWord(text[end]) {
		end++
	}
	if end == len(text) || text[end] != '$' || (end > 1 && text[1] >= '0' && text[1] <= '9') {
		return 1
	}
	tag := text[:end+1]
	if n := strings.Index(text[len(tag):], tag); n >= 0 {
		return n + 2*len(tag)
	}
	return len(text)
}

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// QuoteName quotes an identifier.
func QuoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// QuoteText quotes a string literal.
func QuoteText(text string) string { return `'` + strings.ReplaceAll(text, `'`, `''`) + `'` }

// QuotePattern quotes a path for read_parquet, which takes globs: the
// characters that mean something in a glob are put into brackets.
func QuotePattern(path string) string {
	return QuoteText(globEscape.Replace(path))
}

var globEscape = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")
