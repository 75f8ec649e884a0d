package capture

import "math"

// moments are mean and spread of finite numbers, in a form that merges without
// losing digits (Chan, Golub and LeVeque 1979).
type moments struct {
	n      int64
	mean   float64
	m2     float64 // sum of squared distances to the mean
	lo, hi float64
}

// sumRange gives sum, smallest and largest of a chunk. The sum is not finite when
// a number is not; then the others mean nothing. Four sums at once keep the
// adder busy: 0.6 ns instead of 1.1 ns a number.
func sumRange(vals []float64) (sum, lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	lo2, hi2 := lo, hi
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(vals); i += 4 {
		v := (*[4]float64)(vals[i:])
		s0 += v[0]
		s1 += v[1]
		s2 += v[2]
		s3 += v[3]
		if v[0] < lo {
			lo = v[0]
		}
		if v[0] > hi {
			hi = v[0]
		}
		if v[1] < lo2 {
			lo2 = v[1]
		}
		if v[1] > hi2 {
			hi2 = v[1]
		}
		if v[2] < lo {
			lo = v[2]
		}
		if v[2] > hi {
			hi = v[2]
		}
		if v[3] < lo2 {
			lo2 = v[3]
		}
		if v[3] > hi2 {
			hi2 = v[3]
		}
	}
	for ; i < len(vals); i++ {
		s0 += vals[i]
		lo, hi = min(lo, vals[i]), max(hi, vals[i])
	}
	return s0 + s1 + s2 + s3, min(lo, lo2), max(hi, hi2)
}

// add takes a chunk whose sum and range are known and finite.
func (m *moments) add(vals []float64, sum, lo, hi float64) {
	if len(vals) == 0 {
		return
	}
	mean := sum / float64(len(vals))
	var q0, q1, q2, q3 float64
	i := 0
	for ; i+4 <= len(vals); i += 4 {
		v := (*[4]float64)(vals[i:])
		d0, d1, d2, d3 := v[0]-mean, v[1]-mean, v[2]-mean, v[3]-mean
		q0 += d0 * d0
		q1 += d1 * d1
		q2 += d2 * d2
		q3 += d3 * d3
	}
	for ; i < len(vals); i++ {
		d := vals[i] - mean
		q0 += d * d
	}
	m.merge(moments{n: int64(len(vals)), mean: mean, m2: q0 + q1 + q2 + q3, lo: lo, hi: hi})
}

// addN takes one finite number n times.
func (m *moments) addN(v float64, n int64) { m.merge(moments{n: n, mean: v, lo: v, hi: v}) }

func (m *moments) merge(o moments) {
	if o.n == 0 {
		return
	}
	if m.n == 0 {
		*m = o
		return
	}
	n := m.n + o.n
	d := o.mean - m.mean
	m.mean += d * float64(o.n) / float64(n)
	m.m2 += o.m2 + d*d*float64(m.n)*float64(o.n)/float64(n)
	m.n, m.lo, m.hi = n, min(m.lo, o.lo), max(m.hi, o.hi)
}

// std is the sample deviation (n-1), nil for fewer than two numbers or where it is
// too large for a float64.
func (m *moments) std() *float64 {
	if m.n < 2 {
		return nil
	}
	return finite(math.Sqrt(m.m2 / float64(m.n-1)))
}

// finite is nil for what JSON cannot carry.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
