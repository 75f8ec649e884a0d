package sqlproject

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model/sqllex"
	"github.com/buildscope/buildscope/pipeline"
)

// key reads what stands after @key: the columns that tell rows apart.
func (h *Header) key(text string, line int) error {
	if h.Key != nil {
		return errors.New("@key is given twice; write all columns into one, as in @key order_id, line")
	}
	for _, column := range splitList(text) {
		if slices.ContainsFunc(h.Key, func(n Name) bool { return strings.EqualFold(n.Column, column) }) {
			return fmt.Errorf("@key names %s twice", column)
		}
		h.Key = append(h.Key, Name{column, line})
	}
	if h.Key == nil {
		return errors.New("@key names no column; write @key COLUMN, COLUMN")
	}
	return nil
}

// time reads what stands after @time: a column, and after a colon how much earlier
// than the latest a new row may be.
func (h *Header) time(text string, line int) error {
	if h.Time.Line > 0 {
		return errors.New("@time is given twice; one column says which rows are new")
	}
	column, late, lateGiven := strings.Cut(text, ":")
	columns := splitList(column)
	if len(columns) != 1 {
		return fmt.Errorf("@time is %q; it must be one column, as in @time ordered_at or @time ordered_at: 72h", text)
	}
	if lateGiven {
		var err error
		if h.Late, err = time.ParseDuration(strings.TrimSpace(late)); err != nil || h.Late <= 0 {
			return fmt.Errorf("@time %s: %q is no duration; it must be how late rows may come, as in @time %[1]s: 72h", columns[0], strings.TrimSpace(late))
		}
	}
	h.Time = Name{columns[0], line}
	return nil
}

// checkIncremental holds the directives against each other. line is that of
// @materialized.
func (h *Header) checkIncremental(line int) error {
	grows := h.Materialized == Incremental
	switch {
	case grows && h.Key == nil && h.Time.Line == 0:
		return fmt.Errorf("line %d: @materialized incremental needs @key COLUMN, COLUMN or @time COLUMN, or both", line)
	case !grows && h.Key != nil:
		return fmt.Errorf("line %d: @key is for a model with @materialized incremental", h.Key[0].Line)
	case !grows && h.Time.Line > 0:
		return fmt.Errorf("line %d: @time is for a model with @materialized incremental", h.Time.Line)
	}
	return nil
}

// newer stands in a text for the condition that an expression is not before the
// latest time of the model's table.
var newer = regexp.MustCompile(`(?s)\{\{\s*newer\s*\((.*?)\)\s*\}\}`)

// checkNewer refuses newer where there is no latest time.
func (m Model) checkNewer() error {
	for _, at := range newer.FindAllStringSubmatchIndex(m.SQL, -1) {
		fault := ""
		switch {
		case m.Time.Line == 0:
			fault = "newer is for a model with @materialized incremental and @time COLUMN"
		case strings.TrimSpace(m.SQL[at[2]:at[3]]) == "":
			fault = "newer needs an expression, as in {{ newer(" + m.Time.Column + ") }}"
		default:
			continue
		}
		line, column := sqllex.Place(m.SQL, at[0])
		return fmt.Errorf("%s:%d:%d: %s\n\n%s", m.Path, line, column, fault, sqllex.Excerpt(m.SQL, line, column))
	}
	return nil
}

// Whole is the text that computes the whole table. Rows for which newer has no value
// are in no text, so that a table does not depend on the way it came to be.
func (m Model) Whole() string {
	return newer.ReplaceAllString(m.SQL, "((${1}) IS NOT NULL)")
}

func (m Model) incremental() *pipeline.Incremental {
	inc := &pipeline.Incremental{Time: m.Time.Column, TimeAt: fmt.Sprintf("%s:%d", m.Path, m.Time.Line), Late: m.Late}
	for _, k := range m.Key {
		inc.Key, inc.KeyAt = append(inc.Key, k.Column), fmt.Sprintf("%s:%d", m.Path, k.Line)
	}
	if newer.MatchString(m.SQL) {
		inc.Text = func(since string) string {
			return newer.ReplaceAllString(m.SQL, "((${1}) >= "+strings.ReplaceAll(since, "$", "$$")+")")
		}
	}
	return inc
}
