package receiver

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/buildscope/buildscope/model"
)

// Point is one data point of a metric.
type Point struct {
	Name  string
	Unit  string
	Kind  string // gauge, sum, histogram or summary
	Attrs []model.Attr
	Time  int64   // unix nanoseconds
	Value float64 // of a gauge or sum; the sum of a histogram or summary
	Count int64   // of a histogram or summary
	Delta bool    // since the point before, not since the start
}

// metrics takes over the data points of a request.
func (req *request) metrics(m pmetric.Metrics, keys *redactor) {
	for _, rm := range m.ResourceMetrics().All() {
		g := Group{Resource: keys.resource(rm.Resource().Attributes())}
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				g.Points = append(g.Points, points(m, keys)...)
			}
		}
		req.items += len(g.Points)
		req.groups = append(req.groups, g)
	}
}

func points(m pmetric.Metric, keys *redactor) (out []Point) {
	put := func(kind string, attrs pcommon.Map, t pcommon.Timestamp, v float64, count uint64, delta bool) {
		p := Point{Name: m.Name(), Unit: m.Unit(), Kind: kind, Time: int64(t), Value: v, Count: int64(count), Delta: delta}
		p.Attrs, _ = keys.attrs(attrs, make([]model.Attr, attrs.Len())) // kept for long, so not a part of a slab
		out = append(out, p)
	}
	number := func(kind string, list pmetric.NumberDataPointSlice, delta bool) {
		for _, p := range list.All() {
			v := p.DoubleValue()
			if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
				v = float64(p.IntValue())
			}
			put(kind, p.Attributes(), p.Timestamp(), v, 0, delta)
		}
	}
	const delta = pmetric.AggregationTemporalityDelta
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		number("gauge", m.Gauge().DataPoints(), false)
	case pmetric.MetricTypeSum:
		number("sum", m.Sum().DataPoints(), m.Sum().AggregationTemporality() == delta)
	case pmetric.MetricTypeHistogram:
		for _, p := range m.Histogram().DataPoints().All() {
			put("histogram", p.Attributes(), p.Timestamp(), p.Sum(), p.Count(), m.Histogram().AggregationTemporality() == delta)
		}
	case pmetric.MetricTypeExponentialHistogram:
		for _, p := range m.ExponentialHistogram().DataPoints().All() {
			put("histogram", p.Attributes(), p.Timestamp(), p.Sum(), p.Count(), m.ExponentialHistogram().AggregationTemporality() == delta)
		}
	case pmetric.MetricTypeSummary:
		for _, p := range m.Summary().DataPoints().All() {
			put("summary", p.Attributes(), p.Timestamp(), p.Sum(), p.Count(), false)
		}
	}
	return out
}

// Metric is the latest value of one series.
type Metric struct {
	Service, Instance string
	Point
}

// maxSeries bounds the series of a metricTable; points of further ones are counted.
const maxSeries = 10_000

// metricTable keeps the latest value of each series: metric, attributes, sender.
type metricTable struct {
	mu      sync.Mutex // guards all below
	series  map[string]*Metric
	dropped int64
}

func (t *metricTable) add(res Resource, list []Point) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var key strings.Builder
	for _, p := range list {
		slices.SortStableFunc(p.Attrs, func(a, b model.Attr) int { return strings.Compare(a.Key, b.Key) })
		key.Reset()
		fmt.Fprintf(&key, "%q %q %q", res.Service, res.Instance, p.Name)
		for _, a := range p.Attrs {
			fmt.Fprintf(&key, " %q=%q", a.Key, fmt.Sprint(a.Value))
		}
		m, ok := t.series[key.String()]
		switch {
		case ok && p.Delta:
			p.Value, p.Count, p.Time = p.Value+m.Value, p.Count+m.Count, max(p.Time, m.Time)
			m.Point = p
		case ok && p.Time >= m.Time: // requests may overtake each other
			m.Point = p
		case ok:
		case len(t.series) >= maxSeries:
			t.dropped++
		default:
			t.series[key.String()] = &Metric{Service: res.Service, Instance: res.Instance, Point: p}
		}
	}
}

// list gives the series by service and name.
func (t *metricTable) list() (out []Metric, dropped int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	keys := make([]string, 0, len(t.series))
	for k := range t.series {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		out = append(out, *t.series[k])
	}
	return out, t.dropped
}
