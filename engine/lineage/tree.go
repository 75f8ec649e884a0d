package lineage

import "encoding/json"

// queryNode is what of a query decides on its columns.
type queryNode struct {
	Type string `json:"type"`
	CTEs struct {
		Map []struct {
			Key   string `json:"key"`
			Value struct {
				Aliases []string `json:"aliases"`
				Query   struct {
					Node json.RawMessage `json:"node"`
				} `json:"query"`
			} `json:"value"`
		} `json:"map"`
	} `json:"cte_map"`

	Select []json.RawMessage `json:"select_list"`
	From   json.RawMessage   `json:"from_table"`

	Operation   string `json:"setop_type"`
	Left, Right json.RawMessage
	Children    []json.RawMessage `json:"children"`
	Name        string            `json:"cte_name"` // of a recursion, with its columns
	Aliases     []string          `json:"aliases"`
}

// tableNode is one of a FROM.
type tableNode struct {
	Type     string   `json:"type"`
	Alias    string   `json:"alias"`
	Table    string   `json:"table_name"`
	Names    []string `json:"column_name_alias"`
	Subquery struct {
		Node json.RawMessage `json:"node"`
	} `json:"subquery"`

	Left, Right json.RawMessage
	JoinType    string   `json:"join_type"`
	RefType     string   `json:"ref_type"`
	Using       []string `json:"using_columns"`

	Function json.RawMessage `json:"function"`
}

// expression is what of one decides on its sources.
type expression struct {
	Class    string   `json:"class"`
	Alias    string   `json:"alias"`
	Names    []string `json:"column_names"`
	Function string   `json:"function_name"`

	// Of a star.
	Relation  string   `json:"relation_name"`
	Columns   bool     `json:"columns"`
	Exclude   []string `json:"exclude_list"`
	Qualified []struct {
		Table  string `json:"table"`
		Column string `json:"column"`
	} `json:"qualified_exclude_list"`
	Replace []struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	} `json:"replace_list"`
	Rename []struct {
		Key struct {
			Column string `json:"column"`
		} `json:"key"`
		Value string `json:"value"`
	} `json:"rename_list"`

	// Of a lambda.
	Params json.RawMessage `json:"lhs"`
	Body   json.RawMessage `json:"expr"`

	Subquery struct {
		Node json.RawMessage `json:"node"`
	} `json:"subquery"`
	Kind  string          `json:"subquery_type"`
	Child json.RawMessage `json:"child"` // what an IN compares
}

// name is what the column of an expression is called; "" when only the engine knows.
func (e expression) name() string {
	switch {
	case e.Alias != "":
		return e.Alias
	case e.Class == "COLUMN_REF" && len(e.Names) > 0:
		return e.Names[len(e.Names)-1]
	}
	return ""
}
