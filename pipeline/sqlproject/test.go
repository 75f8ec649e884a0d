package sqlproject

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/sqllex"
	"github.com/buildscope/buildscope/pipeline"
)

// Test is one thing that should hold for a table.
type Test struct {
	Kind     string   // one of testKinds
	Columns  []string // that are tested; none for rows
	Values   []string // of accepted_values
	Table    string   // of relationships
	Key      string   // column of Table
	Min, Max int64    // of rows; Max -1 means no limit
	Age      time.Duration
	Severity string
	Text     string // as it was written

	line int // in the model
}

var testKinds = []string{"not_null", "unique", "accepted_values", "relationships", "rows", "freshness"}

// ParseTest reads what stands after @test: a kind, columns, and what the kind needs
// after a colon, with severity=warn at the end.
func ParseTest(text string) (Test, error) {
	t := Test{Severity: model.SeverityError, Text: strings.TrimSpace(text)}
	if rest, severity, ok := cutLast(t.Text, "severity="); ok {
		if severity != model.SeverityError && severity != model.SeverityWarn {
			return t, fmt.Errorf("severity is %q; it must be error or warn", severity)
		}
		t.Severity, t.Text = severity, rest
	}
	kind, rest := cutWord(t.Text)
	t.Kind = kind
	subject, detail, _ := strings.Cut(rest, ":")
	detail = strings.TrimSpace(detail)
	if kind != "rows" {
		t.Columns = splitList(subject)
	}
	var err error
	switch kind {
	case "not_null", "unique":
	case "accepted_values":
		if t.Values = splitList(detail); t.Values == nil {
			err = errors.New("it needs values, as in accepted_values status: new, paid")
		}
	case "relationships":
		var ok bool
		if t.Table, t.Key, ok = strings.Cut(detail, "."); !ok || t.Table == "" || t.Key == "" {
			err = errors.New("it needs a table and its column, as in relationships customer_id: customers.id")
		}
	case "rows":
		t.Min, t.Max, err = parseRange(rest)
	case "freshness":
		if t.Age, err = time.ParseDuration(detail); err != nil || t.Age <= 0 {
			err = errors.New("it needs the highest age, as in freshness updated_at: 24h")
		}
	default:
		if near := model.Nearest(kind, testKinds); near != "" {
			return t, fmt.Errorf("unknown test %s; did you mean %s?", kind, near)
		}
		return t, fmt.Errorf("unknown test %s; there are %s", kind, strings.Join(testKinds, ", "))
	}
	if err != nil {
		return t, fmt.Errorf("test %s: %w", kind, err)
	}
	switch n := len(t.Columns); {
	case kind != "rows" && n == 0:
		return t, fmt.Errorf("test %s: it needs a column", kind)
	case kind != "unique" && n > 1:
		return t, fmt.Errorf("test %s: it takes one column; write a test for each", kind)
	}
	return t, nil
}

func cutLast(text, mark string) (before, after string, ok bool) {
	i := strings.LastIndex(text, " "+mark)
	if i < 0 {
		return text, "", false
	}
	return strings.TrimSpace(text[:i]), strings.TrimSpace(text[i+1+len(mark):]), true
}

// parseRange reads 1..1000, 1.. or ..1000.
func parseRange(text string) (low, high int64, err error) {
	from, to, ok := strings.Cut(strings.ReplaceAll(text, " ", ""), "..")
	high = -1
	if from != "" {
		low, err = strconv.ParseInt(from, 10, 64)
	}
	if to != "" && err == nil {
		high, err = strconv.ParseInt(to, 10, 64)
	}
	if !ok || err != nil || from == "" && to == "" || low < 0 || to != "" && high < low {
		return 0, 0, fmt.Errorf("%q is no range of rows; write 1..1000, 1.. or ..1000", text)
	}
	return low, high, nil
}

// sql selects the rows of a table that should not be there.
func (t Test) sql(table string) string {
	quoted := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		quoted[i] = sqllex.QuoteName(c)
	}
	column, table := strings.Join(quoted, ", "), sqllex.QuoteName(table)
	switch t.Kind {
	case "not_null":
		return fmt.Sprintf("SELECT * FROM %s WHERE %s IS NULL", table, column)
	case "unique":
		return fmt.Sprintf("SELECT %s, count(*) AS rows FROM %s GROUP BY %s HAVING count(*) > 1", column, table, column)
	case "accepted_values":
		values := make([]string, len(t.Values))
		for i, v := range t.Values {
			values[i] = sqllex.QuoteText(v)
		}
		return fmt.Sprintf("SELECT %[1]s, count(*) AS rows FROM %[2]s WHERE %[1]s IS NOT NULL AND %[1]s::VARCHAR NOT IN (%[3]s) GROUP BY %[1]s",
			column, table, strings.Join(values, ", "))
	case "relationships":
		key := sqllex.QuoteName(t.Key)
		return fmt.Sprintf("SELECT %[1]s, count(*) AS rows FROM %[2]s WHERE %[1]s IS NOT NULL AND %[1]s NOT IN (SELECT %[3]s FROM %[4]s WHERE %[3]s IS NOT NULL) GROUP BY %[1]s",
			column, table, key, sqllex.QuoteName(t.Table))
	case "rows":
		over := ""
		if t.Max >= 0 {
			over = fmt.Sprintf(" OR count(*) > %d", t.Max)
		}
		return fmt.Sprintf("SELECT count(*) AS rows FROM %s HAVING count(*) < %d%s", table, t.Min, over)
	}
	// now() is a time in the zone of the session, and tables have theirs in UTC.
	return fmt.Sprintf("SELECT max(%[1]s) AS newest FROM %[2]s HAVING max(%[1]s) IS NULL OR max(%[1]s)::TIMESTAMP < (now() AT TIME ZONE 'UTC') - INTERVAL '%[3]d seconds'",
		column, table, int64(t.Age.Seconds()))
}

// node tests a table. taken are the names of nodes that are there already.
func (t Test) node(table, where string, taken map[string]bool) *pipeline.Node {
	name := "test_" + t.Kind + "_" + table
	for _, c := range t.Columns {
		name += "_" + strings.Map(func(r rune) rune {
			if validName.MatchString("_" + string(r)) {
				return r
			}
			return '_'
		}, c)
	}
	for base, n := name, 2; taken[name]; n++ {
		name = fmt.Sprintf("%s_%d", base, n)
	}
	taken[name] = true
	return testNode(name, t.sql(table), where, "Tests "+t.Text+" of "+table+".", model.DataTest{Table: table, Check: t.Text, Severity: t.Severity})
}

func testNode(name, sql, where, doc string, test model.DataTest) *pipeline.Node {
	return pipeline.SQL(pipeline.Spec{Name: name, Kind: model.KindSQL, Doc: doc, NoCache: isVolatile(sql), Test: &test}, sql, where)
}

// checkSeverity is for the @severity of a test of its own SQL.
func checkSeverity(s string) error {
	if !slices.Contains([]string{model.SeverityError, model.SeverityWarn}, s) {
		return fmt.Errorf("@severity is %q; it must be error or warn", s)
	}
	return nil
}
