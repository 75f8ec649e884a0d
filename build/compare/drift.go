package compare

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/buildscope/buildscope/model"
)

// driftShare is the relative change of a figure of a column from which on it is
// listed; distinct values are estimated, with an error of about that size.
const driftShare = 0.02

// Drift is a figure of a column that moved.
type Drift struct {
	Table  string `json:"table"`
	Column string `json:"column"` // "" for the table as a whole
	What   string `json:"what"`   // rows, looked at, column, type, null %, distinct, mean, min, max, mean length, values
	A      string `json:"a"`
	B      string `json:"b"`
	// Distance is how far the distributions are apart, 0 to 1; only of values.
	Distance float64 `json:"distance,omitempty"`
}

// drift compares the captured statistics; sides says in how many of the two runs
// there are any. Tables that only one of them has captured are left out.
func drift(a, b []model.TableStats) (out []Drift, sides int) {
	out = []Drift{}
	for _, t := range [][]model.TableStats{a, b} {
		if len(t) > 0 {
			sides++
		}
	}
	before := byKey(a, func(t model.TableStats) string { return t.Node + "\x00" + t.Table })
	for _, t := range b {
		if was, both := before[t.Node+"\x00"+t.Table]; both {
			out = append(out, tableDrift(was, t)...)
		}
	}
	return out, sides
}

func tableDrift(a, b model.TableStats) []Drift {
	var out []Drift
	add := func(column, what, x, y string) {
		out = append(out, Drift{Table: b.Table, Column: column, What: what, A: x, B: y})
	}
	if a.Rows != b.Rows {
		add("", "rows", strconv.FormatInt(a.Rows, 10), strconv.FormatInt(b.Rows, 10))
	}
	if x, y := sampled(a), sampled(b); x || y {
		words := map[bool]string{true: "a sample", false: "all rows"}
		add("", "looked at", words[x], words[y])
	}
	name := func(c model.ColumnStats) string { return c.Name }
	inA, inB := byKey(a.Columns, name), byKey(b.Columns, name)
	for _, c := range a.Columns {
		if _, both := inB[c.Name]; !both {
			add(c.Name, "column", c.Type, "removed")
		}
	}
	for _, y := range b.Columns {
		x, both := inA[y.Name]
		switch {
		case !both:
			add(y.Name, "column", "added", y.Type)
			continue
		case x.Type != y.Type:
			add(y.Name, "type", x.Type, y.Type)
			continue
		}
		if p, q := nullShare(x), nullShare(y); math.Abs(p-q) >= 1 {
			add(y.Name, "null %", number(p), number(q))
		}
		for _, f := range []struct {
			what string
			x, y *float64
		}{{"distinct", float(x.Distinct), float(y.Distinct)}, {"mean", x.Mean, y.Mean}, {"min", x.Min, y.Min}, {"max", x.Max, y.Max}, {"mean length", x.LenMean, y.LenMean}} {
			if f.x != nil && f.y != nil && moved(*f.x, *f.y) {
				add(y.Name, f.what, number(*f.x), number(*f.y))
			}
		}
		if d, ok := distance(x, y); ok && d >= driftDistance {
			out = append(out, Drift{Table: b.Table, Column: y.Name, What: "values", A: shape(x), B: shape(y), Distance: d})
		}
	}
	return out
}

func sampled(t model.TableStats) bool {
	return slices.ContainsFunc(t.Columns, model.ColumnStats.Sampled)
}

func nullShare(c model.ColumnStats) float64 {
	if c.Count == 0 {
		return 0
	}
	return 100 * float64(c.Nulls) / float64(c.Count)
}

func float(n *int64) *float64 {
	if n == nil {
		return nil
	}
	f := float64(*n)
	return &f
}

func moved(a, b float64) bool {
	return math.Abs(a-b) > driftShare*max(math.Abs(a), math.Abs(b))
}

func number(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return fmt.Sprintf("%.0f", f)
	}
	return strconv.FormatFloat(f, 'g', 4, 64)
}
