package spark

import (
	"strings"

	"github.com/buildscope/buildscope/model/sqllex"
)

// token is a piece of a statement with what stands before it.
type token struct {
	kind   kind
	text   string
	offset int // in the statement
}

type kind int

const (
	blank  kind = iota // blanks and comments
	word               // a bare word: name, key word or number
	quoted             // a name in double quotes
	text               // a string in any form
	other              // an operator or a parenthesis
)

// operators of more than one byte that are read as one token.
var operators = []string{"::", "//", "||", "->>", "->", "<=", ">=", "<>", "!=", "=="}

// tokens cuts a statement; the texts of the tokens together are the statement.
func tokens(statement string) []token {
	var out []token
	for i := 0; i < len(statement); {
		t := token{offset: i}
		rest := statement[i:]
		if n := sqllex.SkipBlank(rest); n > 0 {
			t.kind, t.text = blank, rest[:n]
		} else if n := sqllex.TokenLength(rest); n > 1 {
			t.kind, t.text = text, rest[:n]
			if rest[0] == '"' {
				t.kind = quoted
			}
		} else if n := sqllex.WordLength(rest); n > 0 {
			t.kind, t.text = word, rest[:n]
		} else {
			t.kind, t.text = other, rest[:1]
			for _, op := range operators {
				if strings.HasPrefix(rest, op) {
					t.text = op
					break
				}
			}
		}
		i += len(t.text)
		out = append(out, t)
	}
	return out
}

// is reports whether a token is one of some key words.
func (t token) is(words ...string) bool {
	if t.kind != word {
		return false
	}
	for _, w := range words {
		if strings.EqualFold(t.text, w) {
			return true
		}
	}
	return false
}
