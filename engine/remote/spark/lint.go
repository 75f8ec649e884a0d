package spark

import (
	"strings"

	"github.com/buildscope/buildscope/model/sqllex"
)

// Finding is a place of a statement that has no form in Spark SQL, as Sail 0.7 reads it.
type Finding struct {
	Offset int // byte of the statement
	Text   string
}

// words that no statement of Spark SQL has, with what says it instead. They are found
// where no name can stand.
var words = map[string]string{
	"qualify":    "QUALIFY is not in Spark SQL; filter a subquery that has the window as a column",
	"recursive":  "WITH RECURSIVE is not in Sail; write out the levels, or give the model a text of its own",
	"asof":       "ASOF joins are not in Spark SQL; join by a range and keep the nearest row",
	"positional": "POSITIONAL joins are not in Spark SQL; join by row_number()",
	"exclude":    "EXCLUDE is not in Spark SQL; name the columns",
}

// functions that Sail does not have, with one that does the same.
var functions = map[string]string{
	"list": "collect_list", "list_sort": "array_sort", "list_distinct": "array_distinct", "list_contains": "array_contains",
	"string_split": "split", "str_split": "split", "strftime": "date_format", "strptime": "to_timestamp", "struct_pack": "named_struct",
	"arg_max": "max_by, which takes rows of NULL too", "arg_min": "min_by, which takes rows of NULL too", "quantile_cont": "percentile", "approx_quantile": "approx_percentile",
	"epoch": "unix_timestamp", "to_microseconds": "an INTERVAL", "generate_series": "sequence", "list_sum": "aggregate",
	"columns": "the names of the columns", "read_parquet": "a source of the project",
	"read_csv": "a source of the project", "read_json": "a source of the project", "glob": "a source of the project",
}

// Lint finds what Translate leaves and Spark SQL does not know. It looks at tokens, so
// it does not find functions that it has not heard of; a server does.
func Lint(statement string) []Finding {
	var found []Finding
	list := significant(statement)
	for i, t := range list {
		before, next := at(list, i-1), at(list, i+1)
		report := func(text string) { found = append(found, Finding{t.offset, text}) }
		switch {
		case t.text == "[" && (before.kind == word && !before.is(keywords...) || before.kind == quoted || before.text == ")" || before.text == "]"):
			report("an index in brackets counts from 1 in DuckDB and from 0 in Spark SQL; use element_at, which counts from 1 in both")
		case t.text == "[":
			report("a list in brackets is not in Spark SQL; in a text of its own it is array(...)")
		case t.text == "{":
			report("a struct in braces is not in Spark SQL; in a text of its own it is named_struct(...)")
		case t.is("from") && (i == 0 || before.text == "(") && !insideCall(list, i):
			report("a query that begins with FROM is not in Spark SQL; begin it with SELECT * FROM")
		case t.is("distinct") && next.is("on"):
			report("DISTINCT ON is not in Spark SQL; keep the first row_number() of each group")
		case (t.is("group") || t.is("order")) && next.is("by") && at(list, i+2).is("all"):
			report(strings.ToUpper(t.text) + " BY ALL is not in Sail; name the columns")
		case t.is("using") && next.is("sample"), t.is("tablesample"):
			report("samples are not the same rows on two engines")
		case t.kind == word && words[strings.ToLower(t.text)] != "" && clause(t, before, next):
			report(words[strings.ToLower(t.text)])
		case t.kind == word && next.text == "(" && before.text != "." && functions[strings.ToLower(t.text)] != "":
			report("the function " + t.text + " is not in Spark SQL; there it is " + functions[strings.ToLower(t.text)])
		case t.kind == text && (t.text[0] == 'e' || t.text[0] == 'E') && strings.Contains(t.text, `\x`):
			report(`\x in a string is not in Spark SQL; write the character, or \u and four digits`)
		}
	}
	return found
}

// keywords that may stand before a list.
var keywords = []string{"select", "in", "from", "where", "and", "or", "on", "then", "else", "when", "values", "by", "as", "not", "distinct", "all", "any", "some", "between"}

// clause reports whether a word is no name there: none follows a point, AS or a comma,
// and no operator follows it.
func clause(t, before, next token) bool {
	switch {
	case before.text == "." || before.is("as") || next.text == "." || next.text == ",":
		return false
	case t.is("exclude"):
		return before.text == "*" && (next.text == "(" || next.kind == word || next.kind == quoted)
	case t.is("recursive"):
		return before.is("with")
	case t.is("asof", "positional"):
		return next.is("join", "left", "right", "inner", "full", "anti", "semi")
	}
	return next.kind == word || next.kind == quoted || next.text == "("
}

// insideCall reports whether the parenthesis before i is of a call, as in
// extract(year FROM d) with nothing before FROM.
func insideCall(list []token, i int) bool {
	return i >= 2 && list[i-1].text == "(" && list[i-2].kind == word && !list[i-2].is("in", "from", "join", "exists", "as", "any", "all", "union", "except", "intersect")
}

// significant are the tokens that are not blank, up to the end of the statement.
func significant(statement string) []token {
	var list []token
	for _, t := range tokens(sqllex.StatementOf(statement)) {
		if t.kind != blank {
			list = append(list, t)
		}
	}
	return list
}

func at(list []token, i int) token {
	if i < 0 || i >= len(list) {
		return token{}
	}
	return list[i]
}
