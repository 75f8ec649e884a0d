// Package sqllex reads the tokens of SQL texts: where a statement ends, which words
// it has, how names are quoted, and where in a text a byte is.
package sqllex

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// StatementOf returns the first statement of a SQL text without the semicolons
// around it. Those in front become blanks, so that offsets stay what they are.
func StatementOf(text string) string {
	start := SkipBlank(text)
	for start < len(text) && text[start] == ';' {
		text = text[:start] + " " + text[start+1:]
		start = SkipBlank(text)
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

// SkipBlank returns the offset of the first byte that is neither blank nor
// part of a comment.
func SkipBlank(text string) int {
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

// TokenLength is the length of the string, quoted name or comment that a text starts
// with, or 1. The text starts where a token does.
func TokenLength(text string) int { return tokenLength(text, false) }

// WordLength is the length of the bare word that a text starts with: a name, a key
// word or a number.
func WordLength(text string) int {
	n := 0
	for n < len(text) && (isWord(text[n]) || n > 0 && text[n] == '$') {
		n++
	}
	return n
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

// Words calls f for every bare word of a SQL text that is not inside a string, a
// quoted name or a comment, with its byte offset, and whether a parenthesis follows.
func Words(text string, f func(word string, offset int, called bool)) {
	for i := 0; i < len(text); {
		if !isWord(text[i]) {
			i += tokenLength(text[i:], false)
			continue
		}
		if n := tokenLength(text[i:], false); n > 1 { // E'...'
			i += n
			continue
		}
		start := i
		i += WordLength(text[i:])
		next := i + SkipBlank(text[i:])
		f(text[start:i], start, next < len(text) && text[next] == '(')
	}
}

// Place is the 1-based line and column, in characters, of a byte offset.
func Place(text string, offset int) (line, column int) {
	before := text[:min(offset, len(text))]
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

// excerptWidth is how many characters of a line are shown on each side of the caret.
const excerptWidth = 60

// Excerpt is a line of a text, 1-based, and a line with a caret under a column of
// it, 1-based and in characters; "" when there is no such line.
func Excerpt(text string, number, column int) string {
	lines := strings.Split(text, "\n")
	if number < 1 || number > len(lines) {
		return ""
	}
	line := []rune(strings.TrimSuffix(lines[number-1], "\r"))
	at := min(column-1, len(line))
	prefix := fmt.Sprintf("%d | ", number)
	indent := []rune(strings.Repeat(" ", len(prefix)))
	if from := at - excerptWidth; from > 0 {
		line, at = line[from:], excerptWidth
		prefix, indent = prefix+"…", append(indent, ' ')
	}
	for _, r := range line[:at] {
		if r != '\t' { // a tab stays one, so that the caret lines up
			r = ' '
		}
		indent = append(indent, r)
	}
	tail := ""
	if len(line) > at+excerptWidth {
		line, tail = line[:at+excerptWidth], "…"
	}
	return prefix + string(line) + tail + "\n" + string(indent) + "^"
}
