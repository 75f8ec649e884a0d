package engine

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/engine/sqltree"
)

// alternatives are the conditions under which a query needs a row of a table, one
// for each place where it reads the table: a row that satisfies none of them is not
// needed. No alternatives: every row is.
type alternatives [][]listing.Filter

// conditions gives, by the place of a table in the text, the conditions that WHERE
// puts on its rows, of a SELECT_NODE. Only comparisons of a column with a constant are
// taken, and of them only such that are not true for NULL: a row that fails one is not
// needed even from the far side of an outer join, because what the join puts in its
// place fails too.
func conditions(t sqltree.Tree) map[uint64][]listing.Filter {
	from := t.Child("from_table")
	if from == nil || t.Child("where_clause") == nil || t["sample"] != nil {
		return nil // a sample is taken before WHERE
	}
	tables, plain := joined(from, nil)
	if !plain {
		return nil
	}
	out := make(map[uint64][]listing.Filter)
	for _, c := range comparisons(t.Child("where_clause"), nil) {
		var of []sqltree.Tree
		for _, table := range tables {
			if len(c.column) == 2 && !strings.EqualFold(c.column[0], sqltree.NameOf(table)) {
				continue
			}
			of = append(of, table)
		}
		name := c.column[len(c.column)-1]
		hidden := len(c.column) == 1 && slices.ContainsFunc(t.List("select_list"), func(v any) bool {
			return strings.EqualFold(sqltree.Object(v).Text("alias"), name)
		})
		if len(of) != 1 || hidden || of[0].Text("type") != "BASE_TABLE" || len(of[0].List("column_name_alias")) > 0 || of[0]["sample"] != nil {
			continue
		}
		if place, ok := of[0].Place(); ok {
			out[place] = append(out[place], listing.Filter{Column: name, Op: c.op, Value: c.value})
		}
	}
	return out
}

// joined lists what is joined. plain is false when a join looks at all rows of a side
// to choose one, as ASOF does: then taking rows away changes what is chosen.
func joined(from sqltree.Tree, to []sqltree.Tree) (tables []sqltree.Tree, plain bool) {
	if from.Text("type") != "JOIN" {
		return append(to, from), true
	}
	left, right, how := from.Child("left"), from.Child("right"), from.Text("ref_type")
	if left == nil || right == nil || how != "REGULAR" && how != "CROSS" ||
		!slices.Contains([]string{"INNER", "LEFT", "RIGHT", "OUTER", "FULL"}, from.Text("join_type")) {
		return nil, false
	}
	if to, plain = joined(left, to); !plain {
		return nil, false
	}
	return joined(right, to)
}

// comparison is a column, with its table where that is written, and a constant.
type comparison struct {
	column []string
	op     listing.Op
	value  any // nil for IS NOT NULL
}

var (
	compareOps = map[string]listing.Op{"COMPARE_EQUAL": listing.Eq, "COMPARE_LESSTHAN": listing.Lt, "COMPARE_LESSTHANOREQUALTO": listing.Le,
		"COMPARE_GREATERTHAN": listing.Gt, "COMPARE_GREATERTHANOREQUALTO": listing.Ge, "COMPARE_NOTEQUAL": listing.Ne}
	mirrored = map[listing.Op]listing.Op{listing.Eq: listing.Eq, listing.Ne: listing.Ne, listing.Lt: listing.Gt, listing.Le: listing.Ge, listing.Gt: listing.Lt, listing.Ge: listing.Le}
)

// comparisons takes a condition apart at its ANDs; what it does not understand it
// leaves out, which asks for more rows and never for fewer.
func comparisons(e sqltree.Tree, to []comparison) []comparison {
	kind := e.Text("type")
	if op, ok := compareOps[kind]; ok {
		left, right := e.Child("left"), e.Child("right")
		if columnOf(right) != nil {
			left, right, op = right, left, mirrored[op]
		}
		if column, value := columnOf(left), constant(right); column != nil && value != nil {
			to = append(to, comparison{column, op, value})
		}
		return to
	}
	children := e.List("children")
	switch kind {
	case "CONJUNCTION_AND":
		for _, child := range children {
			to = comparisons(sqltree.Object(child), to)
		}
	case "COMPARE_BETWEEN":
		column := columnOf(e.Child("input"))
		if column == nil {
			break
		}
		if low := constant(e.Child("lower")); low != nil {
			to = append(to, comparison{column, listing.Ge, low})
		}
		if high := constant(e.Child("upper")); high != nil {
			to = append(to, comparison{column, listing.Le, high})
		}
	case "OPERATOR_IS_NOT_NULL":
		if len(children) == 1 {
			if column := columnOf(sqltree.Object(children[0])); column != nil {
				to = append(to, comparison{column, listing.IsNotNull, nil})
			}
		}
	case "COMPARE_IN":
		if c, ok := oneOf(children); ok {
			to = append(to, c)
		}
	}
	return to
}

// oneOf is IN with constants only: the column, then the values.
func oneOf(children []any) (comparison, bool) {
	if len(children) < 2 {
		return comparison{}, false
	}
	column := columnOf(sqltree.Object(children[0]))
	values := make([]any, 0, len(children)-1)
	for _, child := range children[1:] {
		if v := constant(sqltree.Object(child)); v != nil {
			values = append(values, v)
		}
	}
	return comparison{column, listing.In, values}, column != nil && len(values) == len(children)-1
}

// columnOf is a column, with its table where that is written; nil for all else.
func columnOf(e sqltree.Tree) []string {
	names := e.Texts("column_names")
	if e.Text("type") != "COLUMN_REF" || len(names) != 1 && len(names) != 2 {
		return nil
	}
	return names
}

// constant is a constant of a type that statistics bound; nil for all else.
func constant(e sqltree.Tree) any {
	if e.Text("type") == "OPERATOR_CAST" && !e.Is("try_cast") {
		text, ok := constant(e.Child("child")).(string)
		switch to := e.Child("cast_type").Text("id"); {
		case !ok:
		case to == "DATE":
			if day, ok := listing.ParseDate(text); ok {
				return day
			}
		case to == "BOOLEAN" && (text == "t" || text == "f"): // TRUE and FALSE, as DuckDB writes them
			return text == "t"
		case to == "VARCHAR":
			return text
		}
		return nil
	}
	value := e.Child("value")
	if e.Text("type") != "VALUE_CONSTANT" || value.Is("is_null") {
		return nil
	}
	switch v := value["value"].(type) {
	case string:
		if value.Child("type").Text("id") == "VARCHAR" {
			return v
		}
	case bool:
		return v
	case json.Number:
		return number(v, value.Child("type"))
	}
	return nil
}

func number(v json.Number, of sqltree.Tree) any {
	switch of.Text("id") {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT":
		if n, err := v.Int64(); err == nil {
			return n
		}
	case "DOUBLE":
		if f, err := v.Float64(); err == nil {
			return f
		}
	case "DECIMAL":
		// Both parts are exact as float64, so the quotient is what a cast gives.
		text, _ := of.Child("type_info")["scale"].(json.Number)
		scale, err := strconv.Atoi(cmp.Or(string(text), "0")) // left out where it is 0
		if n, e := v.Int64(); err == nil && e == nil && n > -1<<53 && n < 1<<53 && scale >= 0 && scale <= 22 {
			return float64(n) / math.Pow10(scale)
		}
	}
	return nil
}

// readsByName are the table functions that read files or make rows. Others may read a
// table whose name stands in a text, query_table for one.
var readsByName = map[string]bool{"unnest": true, "range": true, "generate_series": true, "repeat": true, "glob": true,
	"read_parquet": true, "parquet_scan": true, "read_csv": true, "read_csv_auto": true, "read_json": true, "read_json_auto": true,
	"read_json_objects": true, "read_ndjson": true, "read_text": true, "read_blob": true}
