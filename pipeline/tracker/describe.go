package tracker

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
)

// describe turns the statistics of a table into Hamilton's dagworks_describe,
// version 3. A kind of column that the UI does not know leaves its page blank, so
// whatever does not fit is "unhandled".
func describe(t model.TableStats) map[string]any {
	out := map[string]any{}
	for _, c := range t.Columns {
		out[c.Name] = describeColumn(c)
	}
	return out
}

func describeColumn(c model.ColumnStats) map[string]any {
	missing := c.Nulls
	if c.NaN != nil {
		missing += *c.NaN // Hamilton counts them as missing
	}
	d := map[string]any{"name": c.Name, "pos": c.Pos, "data_type": c.Type, "base_data_type": "unhandled", "count": c.Count, "missing": missing}
	unit, isDate := dateUnit(c.Type)
	switch {
	case c.Family == "numeric" || c.Family == "temporal" && !isDate:
		figures(d, "numeric", c, number, number)
	case c.Family == "temporal" && datable(c, unit):
		at := func(v float64) any { return dateText(v, unit) }
		length := func(v float64) any { return "PT" + strconv.FormatFloat(v*unit.Seconds(), 'f', -1, 64) + "S" }
		figures(d, "datetime", c, at, length)
	case c.Family == "boolean" && c.Zeros != nil:
		d["base_data_type"], d["zeros"] = "boolean", *c.Zeros
	case c.Family == "string" && c.LenMean != nil:
		d["base_data_type"], d["avg_str_len"], d["std_str_len"], d["empty"] = "str", *c.LenMean, orZero(c.LenStd), orZero(c.Empty)
	case c.Family == "category" && len(c.Top) > 0 && c.Distinct != nil:
		domain := map[string]int64{}
		for _, v := range c.Top {
			domain[v.Value] = v.Count
		}
		unique := *c.Distinct
		if c.Nulls > 0 {
			unique++ // Hamilton counts "missing" as a value
		}
		d["base_data_type"], d["empty"], d["domain"], d["unique"] = "category", orZero(c.Empty), domain, unique
		d["top_value"], d["top_freq"] = c.Top[0].Value, c.Top[0].Count
	}
	return d
}

func orZero[T int64 | float64](p *T) T {
	if p == nil {
		return 0
	}
	return *p
}

// figures fills what numbers and dates have in common.
func figures(d map[string]any, base string, c model.ColumnStats, value, length func(float64) any) {
	each := func(p *float64, f func(float64) any) any {
		if p == nil || math.IsNaN(*p) || math.IsInf(*p, 0) {
			return nil
		}
		return f(*p)
	}
	d["base_data_type"], d["zeros"] = base, orZero(c.Zeros)
	d["min"], d["max"], d["mean"], d["std"] = each(c.Min, value), each(c.Max, value), each(c.Mean, value), each(c.Std, length)
	quantiles, histogram := map[string]any{}, map[string]int64{}
	for _, q := range c.Quantiles {
		quantiles[strconv.FormatFloat(q.Q, 'g', -1, 64)] = each(&q.V, value)
	}
	for i, b := range c.Histogram {
		lo := b.Lo
		if i == 0 && base == "numeric" { // the first bin includes the minimum, which "(" would leave out
			lo -= (c.Histogram[len(c.Histogram)-1].Hi - b.Lo) / 1000
		}
		l, h := each(&lo, value), each(&b.Hi, value)
		if l != nil && h != nil {
			histogram["("+text(l)+", "+text(h)+"]"] += b.Count
		}
	}
	d["quantiles"], d["histogram"] = quantiles, histogram
}

func number(v float64) any { return v }

func text(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return v.(string)
}

// dateUnit is the unit in which the values of a date or a timestamp are counted.
func dateUnit(arrow string) (time.Duration, bool) {
	switch {
	case arrow == "date32":
		return 24 * time.Hour, true
	case arrow == "date64", strings.HasPrefix(arrow, "timestamp[ms"):
		return time.Millisecond, true
	case strings.HasPrefix(arrow, "timestamp[s"):
		return time.Second, true
	case strings.HasPrefix(arrow, "timestamp[us"):
		return time.Microsecond, true
	case strings.HasPrefix(arrow, "timestamp[ns"):
		return time.Nanosecond, true
	}
	return 0, false
}

// datable reports whether a browser can read the column's dates.
func datable(c model.ColumnStats, unit time.Duration) bool {
	for _, p := range []*float64{c.Min, c.Max} {
		if p == nil {
			continue
		}
		if s := *p * unit.Seconds(); !(s > -62e9 && s < 253e9) { // years 6 to 9987
			return false
		}
	}
	return true
}

func dateText(v float64, unit time.Duration) string {
	s := v * unit.Seconds()
	whole := math.Floor(s)
	return time.Unix(int64(whole), int64((s-whole)*1e9)).UTC().Format("2006-01-02T15:04:05.999Z07:00")
}
