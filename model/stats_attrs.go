package model

// Statistics travel as events of the span of the node they describe: one
// capture.table for a table, and after it one capture.column for each column.
// Screen, bundle and exporters all read these events. The attributes are flat:
//
//	capture.table      string   both events: name of the table
//	capture.node       string   node that produced it
//	capture.rows       int      rows of the table
//	capture.bytes      int      bytes of the files, or of the buffers
//	capture.files      int      files it was read from
//	capture.spent_ns   int      worker time that capture took
//	capture.reused     bool     of an earlier run
//	capture.column     string   name of the column; the rest is as in ColumnStats,
//	capture.<field>             under the name that the field has in JSON
//	capture.quantiles.q, .v          []float64  one element for each Quantile
//	capture.histogram.lo, .hi        []float64  one element for each Bin
//	capture.histogram.count          []int64
//	capture.top.value, .count        []string, []int64
//
// What does not apply to a column has no attribute.

const capturePrefix = "capture."

// captureField binds an attribute to the field that it carries.
type captureField struct {
	key string // without capturePrefix
	ptr any    // *string, *bool, *int, *int64, **int64, **float64
}

func (t *TableStats) captureFields() []captureField {
	return []captureField{{"table", &t.Table}, {"node", &t.Node}, {"rows", &t.Rows}, {"bytes", &t.Bytes}, {"files", &t.Files},
		{"spent_ns", &t.SpentNS}, {"reused", &t.Reused}}
}

func (c *ColumnStats) captureFields() []captureField {
	return []captureField{
		{"column", &c.Name}, {"pos", &c.Pos}, {"type", &c.Type}, {"family", &c.Family},
		{"count", &c.Count}, {"nulls", &c.Nulls}, {"nan", &c.NaN}, {"inf", &c.Inf}, {"zeros", &c.Zeros}, {"empty", &c.Empty},
		{"distinct", &c.Distinct}, {"distinct_exact", &c.DistinctExact},
		{"min", &c.Min}, {"max", &c.Max}, {"min_text", &c.MinText}, {"max_text", &c.MaxText}, {"mean", &c.Mean}, {"std", &c.Std},
		{"len_min", &c.LenMin}, {"len_max", &c.LenMax}, {"len_mean", &c.LenMean}, {"len_std", &c.LenStd},
		{"reason", &c.Reason}, {"truncated", &c.Truncated},
	}
}

// Events is the table as span events of the given moment (unix nanoseconds).
func (t TableStats) Events(at int64) []SpanEvent {
	events := make([]SpanEvent, 0, 1+len(t.Columns))
	events = append(events, SpanEvent{Name: EventCaptureTable, Time: at, Attrs: captureAttrs(t.captureFields())})
	for _, c := range t.Columns {
		attrs := append([]Attr{{Key: capturePrefix + "table", Value: t.Table}}, captureAttrs(c.captureFields())...)
		events = append(events, SpanEvent{Name: EventCaptureColumn, Time: at, Attrs: append(attrs, c.listAttrs()...)})
	}
	return events
}

// TableStatsFromEvents reads back what TableStats.Events wrote, but for slices
// that were empty, which come back nil. Other events, and attributes of an
// unexpected type, are passed over; so is a column without its table.
func TableStatsFromEvents(events []SpanEvent) []TableStats {
	var tables []TableStats
	for _, e := range events {
		switch e.Name {
		case EventCaptureTable:
			var t TableStats
			readCaptureAttrs(e.Attrs, t.captureFields())
			tables = append(tables, t)
		case EventCaptureColumn:
			var c ColumnStats
			var table string
			readCaptureAttrs(e.Attrs, append(c.captureFields(), captureField{"table", &table}))
			c.readLists(e.Attrs)
			for i := len(tables) - 1; i >= 0; i-- {
				if tables[i].Table == table {
					tables[i].Columns = append(tables[i].Columns, c)
					break
				}
			}
		}
	}
	return tables
}

func captureAttrs(fields []captureField) []Attr {
	attrs := make([]Attr, 0, len(fields))
	put := func(key string, v any) { attrs = append(attrs, Attr{Key: capturePrefix + key, Value: v}) }
	for _, f := range fields {
		switch p := f.ptr.(type) {
		case *string:
			if *p != "" {
				put(f.key, *p)
			}
		case *bool:
			if *p {
				put(f.key, true)
			}
		case *int:
			put(f.key, int64(*p))
		case *int64:
			put(f.key, *p)
		case **int64:
			if *p != nil {
				put(f.key, **p)
			}
		case **float64:
			if *p != nil {
				put(f.key, **p)
			}
		}
	}
	return attrs
}

func readCaptureAttrs(attrs []Attr, fields []captureField) {
	for _, f := range fields {
		switch p := f.ptr.(type) {
		case *string:
			*p, _ = captureValue[string](attrs, f.key)
		case *bool:
			*p, _ = captureValue[bool](attrs, f.key)
		case *int:
			v, _ := captureValue[int64](attrs, f.key)
			*p = int(v)
		case *int64:
			*p, _ = captureValue[int64](attrs, f.key)
		case **int64:
			if v, ok := captureValue[int64](attrs, f.key); ok {
				*p = &v
			}
		case **float64:
			if v, ok := captureValue[float64](attrs, f.key); ok {
				*p = &v
			} else if n, ok := captureValue[int64](attrs, f.key); ok { // it went through JSON, where 3.0 is 3
				v = float64(n)
				*p = &v
			}
		}
	}
}

func captureValue[T any](attrs []Attr, key string) (v T, ok bool) {
	for _, a := range attrs {
		if a.Key == capturePrefix+key {
			v, ok = a.Value.(T)
			return v, ok
		}
	}
	return v, false
}

// captureFloats reads a list of numbers, which are whole ones after they went
// through JSON if none had a fraction.
func captureFloats(attrs []Attr, key string) []float64 {
	if v, ok := captureValue[[]float64](attrs, key); ok {
		return v
	}
	n, _ := captureValue[[]int64](attrs, key)
	return each(n, func(v int64) float64 { return float64(v) })
}

// listAttrs writes the lists as one attribute for each field of their elements.
func (c *ColumnStats) listAttrs() []Attr {
	var attrs []Attr
	put := func(key string, v any) { attrs = append(attrs, Attr{Key: capturePrefix + key, Value: v}) }
	if len(c.Quantiles) > 0 {
		put("quantiles.q", each(c.Quantiles, func(q Quantile) float64 { return q.Q }))
		put("quantiles.v", each(c.Quantiles, func(q Quantile) float64 { return q.V }))
	}
	if len(c.Histogram) > 0 {
		put("histogram.lo", each(c.Histogram, func(b Bin) float64 { return b.Lo }))
		put("histogram.hi", each(c.Histogram, func(b Bin) float64 { return b.Hi }))
		put("histogram.count", each(c.Histogram, func(b Bin) int64 { return b.Count }))
	}
	if len(c.Top) > 0 {
		put("top.value", each(c.Top, func(v TopValue) string { return v.Value }))
		put("top.count", each(c.Top, func(v TopValue) int64 { return v.Count }))
	}
	return attrs
}

// readLists is the inverse of listAttrs. Lists that do not fit together, as after
// a limit on attributes, are left out.
func (c *ColumnStats) readLists(attrs []Attr) {
	q := captureFloats(attrs, "quantiles.q")
	if v := captureFloats(attrs, "quantiles.v"); len(v) == len(q) {
		for i := range q {
			c.Quantiles = append(c.Quantiles, Quantile{Q: q[i], V: v[i]})
		}
	}
	lo, hi := captureFloats(attrs, "histogram.lo"), captureFloats(attrs, "histogram.hi")
	if n, _ := captureValue[[]int64](attrs, "histogram.count"); len(n) == len(lo) && len(n) == len(hi) {
		for i := range n {
			c.Histogram = append(c.Histogram, Bin{Lo: lo[i], Hi: hi[i], Count: n[i]})
		}
	}
	values, _ := captureValue[[]string](attrs, "top.value")
	if n, _ := captureValue[[]int64](attrs, "top.count"); len(n) == len(values) {
		for i := range n {
			c.Top = append(c.Top, TopValue{Value: values[i], Count: n[i]})
		}
	}
}

func each[T, V any](list []T, f func(T) V) []V {
	out := make([]V, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}
