package capture_test

import (
	"database/sql"
	"fmt"
	"math"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/buildscope/buildscope/model"
)

// What is captured from a Parquet file is what exact SQL says about it, within the
// documented bounds where a column has more than 2,048 different values. The
// definitions are those of Hamilton (pandas) where it has the figure: count with
// nulls, sample deviation, quantiles by linear interpolation.
func TestFilesAgreeWithExactSQL(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, rows := range []int{0, 1, 2, 1500, 20_000} {
		rec := table(t, uint64(rows), rows)
		path := writeParquet(t, "t", rec)
		if _, err := db.Exec("CREATE OR REPLACE TABLE t AS FROM '" + path + "'"); err != nil {
			t.Fatal(err)
		}
		got, err := files(t.Context(), "t", []string{path}, full)
		if err != nil {
			t.Fatal(err)
		}
		if got.Rows != int64(rows) || got.Files != 1 || got.Bytes == 0 || len(got.Columns) != len(shapes()) {
			t.Fatalf("%d rows: table is %+v", rows, got)
		}
		for i, c := range got.Columns {
			t.Run(fmt.Sprint(c.Name, "/", rows), func(t *testing.T) {
				compare(t, exact{t, db, c.Name}, rec.Schema().Field(i).Type, c)
			})
		}
	}
}

// exact asks DuckDB about one column.
type exact struct {
	t   *testing.T
	db  *sql.DB
	col string
}

// number evaluates an aggregate over the column, called c; NULL is NaN.
func (e exact) number(expr string, args ...any) float64 {
	e.t.Helper()
	var v sql.NullFloat64
	query := fmt.Sprintf("SELECT (%s)::DOUBLE FROM (SELECT %q AS c FROM t)", expr, e.col)
	if err := e.db.QueryRow(query, args...).Scan(&v); err != nil {
		e.t.Fatal(err)
	}
	if !v.Valid {
		return math.NaN()
	}
	return v.Float64
}

func compare(t *testing.T, e exact, typ arrow.DataType, c model.ColumnStats) {
	same := func(what string, got, want float64) {
		t.Helper()
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	value := func(p *float64) float64 {
		if p == nil {
			return math.NaN()
		}
		return *p
	}
	count := func(p *int64) float64 {
		if p == nil {
			return math.NaN()
		}
		return float64(*p)
	}
	same("count", float64(c.Count), e.number("count(*)"))
	same("nulls", float64(c.Nulls), e.number("count(*) - count(c)"))
	switch distinct := e.number("count(DISTINCT c)"); {
	case distinct <= 2048:
		same("distinct", count(c.Distinct), distinct)
		if !c.DistinctExact {
			t.Error("distinct does not say that it is exact")
		}
	case !near(count(c.Distinct), distinct, 0.04) || c.DistinctExact: // five standard errors
		t.Errorf("distinct is %v, exact %v; want %v", count(c.Distinct), c.DistinctExact, distinct)
	}
	switch c.Family {
	case "string", "binary":
		length := "strlen(c)"
		if c.Family == "binary" {
			length = "octet_length(c)"
		}
		same("empty", count(c.Empty), e.number("count(*) FILTER ("+length+" = 0)"))
		same("shortest", count(c.LenMin), e.number("min("+length+")"))
		same("longest", count(c.LenMax), e.number("max("+length+")"))
		if got, want := value(c.LenMean), e.number("avg("+length+")"); !near(got, want, 1e-12) {
			same("mean length", got, want)
		}
		if got, want := value(c.LenStd), e.number("stddev_samp("+length+")"); !near(got, want, 1e-9) {
			same("deviation of lengths", got, want)
		}
	case "boolean":
		same("zeros", count(c.Zeros), e.number("count(*) FILTER (NOT c)"))
	case "numeric", "temporal":
		x := "c"
		switch typ.ID() {
		case arrow.TIMESTAMP:
			x = "epoch_us(c)"
		case arrow.DATE32:
			x = "(c - DATE '1970-01-01')"
		}
		same("zeros", count(c.Zeros), e.number("count(*) FILTER ("+x+" = 0)"))
		same("min", value(c.Min), e.number("min("+x+")"))
		same("max", value(c.Max), e.number("max("+x+")"))
		if got, want := value(c.Mean), e.number("avg("+x+"::DOUBLE)"); !near(got, want, 1e-9) && math.Abs(got-want) > 1e-9 {
			same("mean", got, want)
		}
		if got, want := value(c.Std), e.number("stddev_samp("+x+"::DOUBLE)"); !near(got, want, 1e-9) && math.Abs(got-want) > 1e-9 {
			same("std", got, want)
		}
		compareSpread(t, e, x, c)
	}
	if c.Family == "string" || c.Family == "numeric" && c.DistinctExact {
		compareTop(t, e, c)
	}
	if c.Family == "string" {
		var lo, hi sql.NullString
		if err := e.db.QueryRow(fmt.Sprintf("SELECT min(%q), max(%[1]q) FROM t", e.col)).Scan(&lo, &hi); err != nil {
			t.Fatal(err)
		}
		if c.MinText != lo.String || c.MaxText != hi.String {
			t.Errorf("texts run from %q to %q, want %q to %q", c.MinText, c.MaxText, lo.String, hi.String)
		}
	}
}

func compareSpread(t *testing.T, e exact, x string, c model.ColumnStats) {
	if c.Count == c.Nulls {
		if c.Quantiles != nil || c.Histogram != nil {
			t.Errorf("no value, but quantiles %v and histogram %v", c.Quantiles, c.Histogram)
		}
		return
	}
	for _, q := range c.Quantiles {
		want := e.number(fmt.Sprintf("quantile_cont(%s::DOUBLE, %v)", x, q.Q))
		bound := 1e-9 * math.Abs(want)
		if !c.DistinctExact {
			bound = bound + min((*c.Max-*c.Min)/2047, max(math.Abs(want)/64, 1))
		}
		if math.Abs(q.V-want) > bound {
			t.Errorf("quantile %v is %v, want %v ± %v", q.Q, q.V, want, bound)
		}
	}
	total := int64(0)
	for i, b := range c.Histogram {
		end := "<"
		if i == len(c.Histogram)-1 {
			end = "<="
		}
		want := e.number(fmt.Sprintf("count(*) FILTER (%s::DOUBLE >= ? AND %[1]s::DOUBLE %s ?)", x, end), b.Lo, b.Hi)
		slack := 0.0
		if !c.DistinctExact {
			// What lies within a bin of the grid of either edge.
			w := (*c.Max - *c.Min) / 2047
			slack = e.number(fmt.Sprintf("count(*) FILTER (abs(%s::DOUBLE - ?) <= ? OR abs(%[1]s::DOUBLE - ?) <= ?)", x), b.Lo, w, b.Hi, w)
		}
		if math.Abs(float64(b.Count)-want) > slack {
			t.Errorf("bin %v..%v has %d, want %v ± %v", b.Lo, b.Hi, b.Count, want, slack)
		}
		total += b.Count
	}
	if len(c.Quantiles) != 5 || total != c.Count-c.Nulls {
		t.Errorf("%d quantiles; the histogram has %d of %d values", len(c.Quantiles), total, c.Count-c.Nulls)
	}
}

// compareTop checks the listed values: exactly, or as lower bounds within 1/1024 of
// the rows where rare values were forgotten.
func compareTop(t *testing.T, e exact, c model.ColumnStats) {
	last := int64(math.MaxInt64)
	for _, v := range c.Top {
		want := e.number("count(*) FILTER (c::VARCHAR = ? OR try_cast(c::VARCHAR AS DOUBLE) = try_cast(? AS DOUBLE))", v.Value, v.Value)
		if c.Family == "string" {
			want = e.number("count(*) FILTER (c = ?)", v.Value)
		}
		slack := 0.0
		if !c.DistinctExact {
			slack = float64(c.Count) / 512
		}
		if float64(v.Count) > want || float64(v.Count) < want-slack || v.Count > last {
			t.Errorf("value %q is there %d times, want %v - %v, after %d", v.Value, v.Count, want, slack, last)
		}
		last = v.Count
	}
}
