package jsondiff

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Text writes a value in one line of JSON.
func Text(v any) string {
	if v == nil {
		return "null"
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil { // values of Parse can all be written
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// Sides are the texts of a change in A and in B, "" where there is nothing. Of an
// array whose order changed they are the names in order.
func (c Change) Sides() (a, b string) {
	if c.Op != Added {
		a = Text(c.A)
	}
	if c.Op != Removed {
		b = Text(c.B)
	}
	return a, b
}

// Delta says by how much a number grew: "+98, +0.1 %"; "" for what is no number.
func (c Change) Delta() string {
	x, okX := c.A.(json.Number)
	y, okY := c.B.(json.Number)
	if c.Op != Changed || !okX || !okY {
		return ""
	}
	a, errA := x.Float64()
	b, errB := y.Float64()
	if errA != nil || errB != nil {
		return ""
	}
	s := strconv.FormatFloat(b-a, 'g', 6, 64)
	if d := b - a; d == math.Trunc(d) && math.Abs(d) < 1e15 {
		s = strconv.FormatFloat(d, 'f', 0, 64)
	}
	if b > a {
		s = "+" + s
	}
	if a != 0 {
		p := strconv.FormatFloat(100*(b-a)/a, 'f', 1, 64)
		if b > a && a > 0 {
			p = "+" + p
		}
		s += ", " + p + " %"
	}
	return s
}

// MarshalJSON writes what happened, where, and both values.
func (c Change) MarshalJSON() ([]byte, error) {
	side := func(there bool, v any) json.RawMessage {
		if !there {
			return nil
		}
		return json.RawMessage(Text(v))
	}
	return json.Marshal(struct {
		Op   Op              `json:"op"`
		Path string          `json:"path"`
		A    json.RawMessage `json:"a,omitempty"`
		B    json.RawMessage `json:"b,omitempty"`
	}{c.Op, c.Path.String(), side(c.Op != Added, c.A), side(c.Op != Removed, c.B)})
}
