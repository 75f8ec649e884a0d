package engine

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/engine/listing"
)

// alternatives are the conditions under which a query needs a row of a table, one
// for each place where it reads the table: a row that satisfies none of them is not
// needed. No alternatives: every row is.
type alternatives [][]listing.Filter

// selectTree is what decides on the rows that a SELECT needs of its tables.
type selectTree struct {
	List []struct {
		Alias string `json:"alias"`
	} `json:"select_list"`
	From   *fromTree       `json:"from_table"`
	Where  json.RawMessage `json:"where_clause"`
	Sample json.RawMessage `json:"sample"`
}

type fromTree struct {
	Type    string          `json:"type"`
	Alias   string          `json:"alias"`
	Table   string          `json:"table_name"`
	Schema  string          `json:"schema_name"`
	Offset  *uint64         `json:"query_location"`
	Sample  json.RawMessage `json:"sample"`
	Renamed []string        `json:"column_name_alias"`
	Join    string          `json:"join_type"`
	Ref     string          `json:"ref_type"`
	Left    *fromTree       `json:"left"`
	Right   *fromTree       `json:"right"`
}

// conditions gives, by the place of a table in the text, the conditions that WHERE
// puts on its rows. Only comparisons of a column with a constant are taken, and of
// them only such that are not true for NULL: a row that fails one is not needed even
// from the far side of an outer join, because what the join puts in its place fails
// too.
func (t selectTree) conditions() map[uint64][]listing.Filter {
	if t.From == nil || len(t.Where) == 0 || len(t.Sample) > 0 {
		return nil // a sample is taken before WHERE
	}
	tables, plain := t.From.tables(nil)
	if !plain {
		return nil
	}
	out := make(map[uint64][]listing.Filter)
	for _, c := range comparisons(t.Where, nil) {
		var of []*fromTree
		for _, table := range tables {
			if len(c.column) == 2 && !strings.EqualFold(c.column[0], table.name()) {
				continue
			}
			of = append(of, table)
		}
		name := c.column[len(c.column)-1]
		hidden := len(c.column) == 1 && slices.ContainsFunc(t.List, func(l struct {
			Alias string `json:"alias"`
		}) bool {
			return strings.EqualFold(l.Alias, name)
		})
		if len(of) != 1 || hidden || of[0].Type != "BASE_TABLE" || of[0].Offset == nil || len(of[0].Renamed) > 0 || len(of[0].Sample) > 0 {
			continue
		}
		out[*of[0].Offset] = append(out[*of[0].Offset], listing.Filter{Column: name, Op: c.op, Value: c.value})
	}
	return out
}

// tables lists what is joined. plain is false when a join looks at all rows of a side
// to choose one, as ASOF does: then taking rows away changes what is chosen.
func (f *fromTree) tables(to []*fromTree) (tables []*fromTree, plain bool) {
	if f.Type != "JOIN" {
		return append(to, f), true
	}
	if f.Left == nil || f.Right == nil || f.Ref != "REGULAR" && f.Ref != "CROSS" ||
		!slices.Contains([]string{"INNER", "LEFT", "RIGHT", "OUTER", "FULL"}, f.Join) {
		return nil, false
	}
	if to, plain = f.Left.tables(to); !plain {
		return nil, false
	}
	return f.Right.tables(to)
}

func (f *fromTree) name() string {
	if f.Alias != "" {
		return f.Alias
	}
	return f.Table
}

// comparison is a column, with its table where that is written, and a constant.
type comparison struct {
	column []string
	op     listing.Op
	value  any // nil for IS NOT NULL
}

// expression is a node of the tree of a condition.
type expression struct {
	Type     string            `json:"type"`
	Columns  []string          `json:"column_names"`
	Children []json.RawMessage `json:"children"`
	Left     json.RawMessage   `json:"left"`
	Right    json.RawMessage   `json:"right"`
	Input    json.RawMessage   `json:"input"`
	Lower    json.RawMessage   `json:"lower"`
	Upper    json.RawMessage   `json:"upper"`
	Child    json.RawMessage   `json:"child"`
	CastType struct {
		ID string `json:"id"`
	} `json:"cast_type"`
	TryCast bool `json:"try_cast"`
	Value   struct {
		Type struct {
			ID   string `json:"id"`
			Info struct {
				Scale int `json:"scale"`
			} `json:"type_info"`
		} `json:"type"`
		Null  bool            `json:"is_null"`
		Value json.RawMessage `json:"value"`
	} `json:"value"`
}

func parseExpression(raw json.RawMessage) (e expression) {
	// A field of another type than expected belongs to an expression that is not
	// understood, and has no type that is.
	if json.Unmarshal(raw, &e) != nil {
		return expression{}
	}
	return e
}

var (
	compareOps = map[string]listing.Op{"COMPARE_EQUAL": listing.Eq, "COMPARE_LESSTHAN": listing.Lt, "COMPARE_LESSTHANOREQUALTO": listing.Le,
		"COMPARE_GREATERTHAN": listing.Gt, "COMPARE_GREATERTHANOREQUALTO": listing.Ge, "COMPARE_NOTEQUAL": listing.Ne}
	mirrored = map[listing.Op]listing.Op{listing.Eq: listing.Eq, listing.Ne: listing.Ne, listing.Lt: listing.Gt, listing.Le: listing.Ge, listing.Gt: listing.Lt, listing.Ge: listing.Le}
)

// comparisons takes a condition apart at its ANDs; what it does not understand it
// leaves out, which asks for more rows and never for fewer.
func comparisons(raw json.RawMessage, to []comparison) []comparison {
	e := parseExpression(raw)
	if op, ok := compareOps[e.Type]; ok {
		left, right := parseExpression(e.Left), parseExpression(e.Right)
		if right.isColumn() {
			left, right, op = right, left, mirrored[op]
		}
		if value := right.constant(); value != nil && left.isColumn() {
			to = append(to, comparison{left.Columns, op, value})
		}
		return to
	}
	switch e.Type {
	case "CONJUNCTION_AND":
		for _, child := range e.Children {
			to = comparisons(child, to)
		}
	case "COMPARE_BETWEEN":
		input := parseExpression(e.Input)
		if !input.isColumn() {
			break
		}
		if low := parseExpression(e.Lower); low.constant() != nil {
			to = append(to, comparison{input.Columns, listing.Ge, low.constant()})
		}
		if high := parseExpression(e.Upper); high.constant() != nil {
			to = append(to, comparison{input.Columns, listing.Le, high.constant()})
		}
	case "OPERATOR_IS_NOT_NULL":
		if len(e.Children) == 1 {
			if column := parseExpression(e.Children[0]); column.isColumn() {
				to = append(to, comparison{column.Columns, listing.IsNotNull, nil})
			}
		}
	case "COMPARE_IN":
		if c, ok := oneOf(e); ok {
			to = append(to, c)
		}
	}
	return to
}

// oneOf is IN with constants only.
func oneOf(e expression) (comparison, bool) {
	if len(e.Children) < 2 {
		return comparison{}, false
	}
	column := parseExpression(e.Children[0])
	values := make([]any, 0, len(e.Children)-1)
	for _, child := range e.Children[1:] {
		item := parseExpression(child)
		if v := item.constant(); v != nil {
			values = append(values, v)
		}
	}
	return comparison{column.Columns, listing.In, values}, column.isColumn() && len(values) == len(e.Children)-1
}

func (e *expression) isColumn() bool {
	return e.Type == "COLUMN_REF" && (len(e.Columns) == 1 || len(e.Columns) == 2)
}

// constant is a constant of a type that statistics bound; nil for all else.
func (e *expression) constant() any {
	if e.Type == "OPERATOR_CAST" && !e.TryCast {
		inner := parseExpression(e.Child)
		text, ok := inner.constant().(string)
		switch {
		case !ok:
		case e.CastType.ID == "DATE":
			if day, ok := listing.ParseDate(text); ok {
				return day
			}
		case e.CastType.ID == "BOOLEAN" && (text == "t" || text == "f"): // TRUE and FALSE, as DuckDB writes them
			return text == "t"
		case e.CastType.ID == "VARCHAR":
			return text
		}
		return nil
	}
	if e.Type != "VALUE_CONSTANT" || e.Value.Null {
		return nil
	}
	decode := json.NewDecoder(bytes.NewReader(e.Value.Value))
	decode.UseNumber()
	var value any
	if decode.Decode(&value) != nil {
		return nil
	}
	switch v := value.(type) {
	case string:
		if e.Value.Type.ID == "VARCHAR" {
			return v
		}
	case bool:
		return v
	case json.Number:
		return e.number(v)
	}
	return nil
}

func (e *expression) number(v json.Number) any {
	switch e.Value.Type.ID {
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
		scale := e.Value.Type.Info.Scale
		if n, err := v.Int64(); err == nil && n > -1<<53 && n < 1<<53 && scale >= 0 && scale <= 22 {
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
