package console

import (
	"context"
	"strings"

	"github.com/buildscope/buildscope/model/sqllex"
)

// plan is what EXPLAIN at the beginning of a text asks for: "" for nothing.
type plan string

const (
	planned  plan = "EXPLAIN "
	measured plan = "EXPLAIN ANALYZE " // runs the query, and throws its result away
)

// splitPlan takes EXPLAIN and EXPLAIN ANALYZE off a text. Blanks stand in their place,
// so that offsets stay what they are. EXPLAIN with options in parentheses is left as it
// is: it is no SELECT, and is refused as such.
func splitPlan(text string) (plan, string) {
	at := sqllex.SkipBlank(text)
	for at < len(text) && text[at] == ';' { // as before a SELECT
		text = text[:at] + " " + text[at+1:]
		at = sqllex.SkipBlank(text)
	}
	rest, ok := cutWord(text, "EXPLAIN")
	if !ok {
		return "", text
	}
	if analyzed, ok := cutWord(rest, "ANALYZE"); ok {
		return measured, analyzed
	}
	return planned, rest
}

// cutWord blanks the first word of a text if it is the one asked for.
func cutWord(text, word string) (string, bool) {
	at := sqllex.SkipBlank(text)
	end := at + len(word)
	if end >= len(text) || !strings.EqualFold(text[at:end], word) || strings.IndexByte(" \t\r\n\f\v/-", text[end]) < 0 {
		return text, false
	}
	return text[:at] + strings.Repeat(" ", len(word)) + text[end:], true
}

// explained is a query whose rows are the lines of the plan of another one.
func (s *Session) explained(ctx context.Context, p plan, typed string) (string, error) {
	rows, err := s.db.all(ctx, statement{before: string(p), typed: typed}, 2)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, r := range rows {
		for line := range strings.Lines(r[1].Text) {
			lines = append(lines, sqllex.QuoteText(strings.TrimRight(line, " \n")))
		}
	}
	return "SELECT unnest([" + strings.Join(lines, ", ") + "]) AS plan", nil
}
