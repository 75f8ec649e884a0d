package model

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// Tables with every mix of set and unset fields come back exactly, whatever other
// events and attributes stand between theirs.
func TestTableStatsSurviveTheEvents(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var want []TableStats
		events := []SpanEvent{{Name: EventProgress}}
		for range r.IntN(3) {
			var table TableStats
			fillRandom(r, reflect.ValueOf(&table).Elem())
			want = append(want, table)
			for _, e := range table.Events(7) {
				if e.Time != 7 {
					t.Fatalf("event %+v has the wrong time", e)
				}
				r.Shuffle(len(e.Attrs), reflect.Swapper(e.Attrs))
				events = append(events, e, SpanEvent{Name: EventException})
			}
		}
		if got := TableStatsFromEvents(events); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n got %+v\nwant %+v", seed, got, want)
		}
	}
}

// fillRandom gives each field a value, or leaves it zero. It goes over all fields
// that there are, so that a new one cannot be forgotten in the events.
func fillRandom(r *rand.Rand, v reflect.Value) {
	if v.Kind() != reflect.Struct && r.IntN(4) == 0 {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" { // the sketch is no figure, and no event has it
				fillRandom(r, v.Field(i))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillRandom(r, v.Elem())
	case reflect.Slice:
		n := 1 + r.IntN(12)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fillRandom(r, v.Index(i))
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("%x é\x00", r.Uint32()))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64())
	case reflect.Float64:
		v.SetFloat(r.NormFloat64())
	default:
		panic("fillRandom cannot fill a " + v.Kind().String())
	}
}

// What another program, or a limit, did to the events costs only what it touched.
func TestDamagedCaptureEventsArePassedOver(t *testing.T) {
	one := int64(1)
	table := TableStats{Table: "t", Rows: 3, Columns: []ColumnStats{{Name: "a", Count: 3, Zeros: &one,
		Top: []TopValue{{"x", 2}, {"y", 1}}, Histogram: []Bin{{Lo: 0, Hi: 1, Count: 3}}}}}
	events := table.Events(0)
	column := &events[1]
	for i := range column.Attrs {
		switch column.Attrs[i].Key {
		case "capture.zeros":
			column.Attrs[i].Value = "one"
		case "capture.top.count":
			column.Attrs[i].Value = []int64{2}
		}
	}
	events = append([]SpanEvent{{Name: EventCaptureColumn, Attrs: []Attr{{"capture.table", "absent"}, {"capture.column", "b"}}}}, events...)
	want := []TableStats{{Table: "t", Rows: 3, Columns: []ColumnStats{{Name: "a", Count: 3, Histogram: table.Columns[0].Histogram}}}}
	if got := TableStatsFromEvents(events); !reflect.DeepEqual(got, want) {
		t.Errorf(" got %+v\nwant %+v", got, want)
	}
}
