package tui

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// sqlKeywords are those that queries are made of; a name that is one is quoted.
var sqlKeywords = []string{
	"ALL", "AND", "AS", "ASC", "BETWEEN", "BY", "CASE", "CAST", "DESC", "DESCRIBE", "DISTINCT", "ELSE", "END", "EXCEPT", "EXISTS", "FILTER", "FROM", "FULL",
	"GROUP", "HAVING", "ILIKE", "IN", "INNER", "INTERSECT", "INTO", "IS", "JOIN", "LEFT", "LIKE", "LIMIT", "NOT", "NULL", "OFFSET", "ON", "OR", "ORDER", "OUTER",
	"OVER", "PARTITION", "QUALIFY", "RIGHT", "SELECT", "SUMMARIZE", "THEN", "UNION", "USING", "VALUES", "WHEN", "WHERE", "WINDOW", "WITH",
}

// plainName is a name that needs no quotes.
var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// sqlName writes a name as a query has it.
func sqlName(name string) string {
	if plainName.MatchString(name) && !slices.Contains(sqlKeywords, strings.ToUpper(name)) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// wordBefore is the last word of a text, which the cursor stands behind.
func wordBefore(text string) string {
	i := strings.LastIndexFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if i < 0 {
		return text
	}
	return text[i+len(string([]rune(text[i:])[0])):]
}

// candidates are what a word before the cursor may become: after a dot columns, those
// of its table when it is one; after FROM and JOIN tables; else tables, columns and
// keywords. An empty word begins only what the place asks for.
func candidates(before string, tables []SQLTable) (word string, found []string) {
	word = wordBefore(before)
	rest := strings.TrimSuffix(before, word)
	add := func(name, text string) {
		if len(name) >= len(word) && strings.EqualFold(name[:len(word)], word) && !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	columns := func(of string) {
		for _, t := range tables {
			if of == "" || strings.EqualFold(t.Name, of) {
				for _, c := range t.Columns {
					add(c, sqlName(c))
				}
			}
		}
	}
	if strings.HasSuffix(rest, ".") {
		if columns(wordBefore(strings.TrimSuffix(rest, "."))); len(found) == 0 {
			columns("") // an alias
		}
		return word, found
	}
	for _, t := range tables {
		if len(t.Columns) > 0 {
			add(t.Name, sqlName(t.Name))
		}
	}
	last := strings.ToUpper(wordBefore(strings.TrimRight(rest, " \n")))
	if last == "FROM" || last == "JOIN" || word == "" {
		return word, found
	}
	columns("")
	for _, k := range sqlKeywords {
		if strings.ToUpper(word) != word {
			k = strings.ToLower(k)
		}
		add(k, k)
	}
	return word, found
}

// completeSQL goes on with the word before the cursor: as far as there is one way, then
// by a choice.
func (m *Model) completeSQL() tea.Cmd {
	c := &m.console
	word, found := candidates(c.edit.Before(), c.tables)
	n := len([]rune(word))
	if len(found) == 0 {
		return m.say("no table, column or keyword begins with " + word)
	}
	if text := commonPrefix(found); len(found) == 1 || len(text) > len(word) {
		c.edit.Insert(n, text)
		return nil
	}
	m.push(&chooser{head: "Go on with", options: found, pick: func(m *Model, i int) tea.Cmd {
		m.console.edit.Insert(n, found[i])
		return nil
	}})
	return nil
}
