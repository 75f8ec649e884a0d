package spark

import "strings"

// Names reports whether a statement may have a common table expression of a name.
func Names(statement, name string) bool {
	var before [2]token // not blank
	for _, t := range tokens(statement) {
		if t.kind == blank {
			continue
		}
		if before[1].is("as") && (t.text == "(" || t.is("materialized", "not")) {
			called := strings.Trim(before[0].text, "`\"")
			if strings.EqualFold(called, name) || before[0].text == ")" && columnsOf(statement, name) {
				return true
			}
		}
		before[0], before[1] = before[1], t
	}
	return false
}

// Ordered reports whether the rows of a statement come in an order: whether it has an
// ORDER BY that is in no parentheses.
func Ordered(statement string) bool {
	depth := 0
	var before token
	for _, t := range tokens(statement) {
		switch {
		case t.kind == blank:
			continue
		case t.text == "(":
			depth++
		case t.text == ")":
			depth--
		case depth == 0 && t.is("by") && before.is("order"):
			return true
		}
		before = t
	}
	return false
}

// columnsOf reports whether a name is followed by a list in parentheses, as that of a
// common table expression which names its columns.
func columnsOf(statement, name string) bool {
	var before token
	for _, t := range tokens(statement) {
		if t.kind == blank {
			continue
		}
		if t.text == "(" && strings.EqualFold(strings.Trim(before.text, "`\""), name) {
			return true
		}
		before = t
	}
	return false
}
